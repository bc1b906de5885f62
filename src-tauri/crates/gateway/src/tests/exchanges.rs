//! What calls sent and got, as it is kept for whoever wants to look.

use super::*;
use crate::{Body, End, Exchange};

/// What the latest call left.
fn latest(world: &World) -> Exchange {
    let call = world.calls().pop().unwrap();
    world.running.exchange(WORKSPACE, call.at).unwrap()
}

fn text(body: &Body) -> &str {
    std::str::from_utf8(&body.bytes).unwrap()
}

#[tokio::test]
async fn both_bodies_of_a_call_are_kept_as_they_passed_and_never_its_key() {
    let world = World::new(ScriptedModel::saying("Hello there.")).await;
    let unknown = HELLO.replace("scripted", "unknown");
    for (what, ask, said) in [
        ("plain", Ask::post(CHAT, HELLO), "Hello there."),
        ("streamed", chat_with(r#""stream": true"#), "data: [DONE]\n\n"),
        ("refused", Ask::post(CHAT, &unknown), "model_not_found"),
        ("of another dialect", Ask::post(AZURE_CHAT, HELLO).with("api-key", KEY), "Hello there."),
        ("without a body", Ask::get("/v1/models"), "scripted"),
    ] {
        let answer = world.send(&ask).await;
        let Exchange { request, response } = latest(&world);
        assert_eq!((text(&request), text(&response)), (ask.body.as_str(), answer.body.as_str()), "{what}");
        assert!(answer.body.contains(said), "{what}: {}", answer.body);
        assert_eq!((request.size, response.size), (ask.body.len() as u64, answer.body.len() as u64), "{what}");
        assert_eq!((request.end, response.end), (End::Whole, End::Whole), "{what}");
        assert!(!text(&request).contains(KEY) && !text(&response).contains(KEY), "{what}");
        // Looking changes nothing on the wire.
        let length = answer.body.len().to_string();
        assert_eq!(answer.header("content-length"), (what != "streamed").then_some(length.as_str()), "{what}");
    }
}

#[tokio::test]
async fn of_a_long_body_the_beginning_is_kept_and_the_rest_counted() {
    let long = "word ".repeat(15_000);
    let world = World::new(ScriptedModel::saying(&long).with_context(u32::MAX)).await;
    let ask = Ask::post(CHAT, &HELLO.replace("Hi", &long));
    let answer = world.send(&ask).await;
    let Exchange { request, response } = latest(&world);
    for (kept, whole) in [(request, ask.body), (response, answer.body)] {
        assert_eq!((kept.bytes.len(), kept.size, kept.end), (64 << 10, whole.len() as u64, End::Whole));
        assert!(whole.starts_with(text(&kept)));
    }
}

#[tokio::test]
async fn a_body_that_nobody_read_and_one_that_broke_off_say_so() {
    let long = "one two three ".repeat(1000);
    let world = World::new(ScriptedModel::saying(&long).slowly(Duration::from_millis(20))).await;
    world.send(&Ask::post("/v1/chat", HELLO)).await;
    let Exchange { request, response } = latest(&world);
    assert_eq!((request.size, request.end), (0, End::Broken), "what is not there reads nothing");
    assert!(text(&response).contains("unknown_url"));

    let mut stream = world.open(&chat_with(r#""stream": true"#)).await;
    let mut seen = String::new();
    while !seen.contains("three") {
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes).await.unwrap();
        seen += std::str::from_utf8(&bytes[..count]).unwrap();
    }
    drop(stream);
    for _ in 0..500 {
        if world.calls().len() == 2 && latest(&world).response.end != End::Open {
            break;
        }
        sleep(Duration::from_millis(10)).await;
    }
    let Exchange { request, response } = latest(&world);
    assert_eq!((request.end, response.end), (End::Whole, End::Broken));
    assert!(text(&response).contains("three") && !text(&response).contains("[DONE]"));
}

#[tokio::test]
async fn the_latest_hundred_calls_are_kept_each_by_a_moment_of_its_own() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    let ask = Ask::get("/v1/models");
    for _ in 0..5 {
        futures::future::join_all((0..21).map(|_| world.send(&ask))).await;
    }
    let calls = world.calls();
    let mut moments: Vec<_> = calls.iter().map(|call| call.at).collect();
    moments.sort();
    moments.dedup();
    assert_eq!((calls.len(), moments.len()), (105, 105));
    let kept = moments.iter().filter(|at| world.running.exchange(WORKSPACE, **at).is_some()).count();
    assert_eq!(kept, 100);
    assert_eq!(world.running.exchange(Uuid::from_u128(8), moments[104]), None, "another workspace's");
}
