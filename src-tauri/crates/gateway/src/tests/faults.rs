//! Faults on purpose: what a client meets, what the record says, and when they end.

use std::time::Instant;

use super::*;
use crate::{Injection, Injection::*, inject};

/// What the calls were, in order: status, error, whether a fault made it so.
fn told(calls: &[Call]) -> Vec<String> {
    calls
        .iter()
        .map(|call| {
            let mark = if call.injected { " injected" } else { "" };
            format!("{} {}{mark}", call.status, call.error.as_deref().unwrap_or("-"))
        })
        .collect()
}

#[tokio::test]
async fn each_call_meets_one_fault_and_then_all_is_well() {
    let world = World::new(ScriptedModel::saying("Hello there.")).await;
    let faults = [RateLimited { retry_after_s: 3 }, ServerError { status: 503 }, Latency { ms: 300 }];
    let laid = world.running.inject(WORKSPACE, &faults);
    let chat = Ask::post(CHAT, HELLO);
    assert_eq!(world.send(&Ask::get("/v1/models")).await.status, 200, "asking for models meets no fault");

    let limited = world.send(&chat).await;
    assert_eq!(limited.verdict(), "429 rate_limit_exceeded");
    assert!(limited.head.contains("\r\nretry-after: 3\r\n"), "{}", limited.head);
    assert!(limited.head.contains("\r\nretry-after-ms: 3000\r\n"), "{}", limited.head);
    assert_eq!(world.send(&chat).await.verdict(), "503 server_error");
    let began = Instant::now();
    assert_eq!(world.send(&chat).await.status, 200);
    assert!(began.elapsed() >= Duration::from_millis(300));
    assert_eq!(world.send(&chat).await.status, 200);
    assert_eq!(world.model.requests().len(), 2, "a refused call costs the model nothing");

    let calls = world.calls();
    assert_eq!(
        told(&calls),
        ["200 -", "429 rate_limit_exceeded injected", "503 server_error injected", "200 - injected", "200 -"]
    );
    assert!(calls[1..].iter().all(|call| call.model.as_deref() == Some("scripted")), "{calls:?}");
    drop(laid);
}

#[tokio::test]
async fn faults_end_with_what_laid_them_and_are_one_workspaces_own() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    let chat = Ask::post(CHAT, HELLO);
    let others = world.running.inject(Uuid::from_u128(8), &[HangUp]);
    assert_eq!(world.send(&chat).await.status, 200);

    let laid = world.running.inject(WORKSPACE, &[HangUp]);
    let by_hand = Ask::post(CHAT, HELLO).without("Authorization").with("Authorization", &format!("Bearer {BY_HAND}"));
    assert_eq!(world.send(&by_hand).await.status, 200, "what the learner runs by hand meets none");
    assert_eq!(world.calls().iter().map(|call| call.started).collect::<Vec<_>>(), [true, false]);
    drop(laid);

    let first = world.running.inject(WORKSPACE, &[ServerError { status: 500 }]);
    let second = world.running.inject(WORKSPACE, &[ServerError { status: 502 }, ServerError { status: 502 }]);
    drop(first);
    assert_eq!(world.send(&chat).await.status, 502, "the end of an earlier laying takes nothing from a later one");
    drop(second);
    assert_eq!(world.send(&chat).await.status, 200);
    drop(others);
}

#[tokio::test]
async fn a_stream_is_cut_in_the_middle_and_whole_answers_pass_by() {
    for (words, tokens, seen) in [("one two three four five six", 3, "three"), ("one", 50, "one")] {
        let world = World::new(ScriptedModel::saying(words)).await;
        let _laid = world.running.inject(WORKSPACE, &[CutStream { after_tokens: tokens }]);
        assert_eq!(world.send(&Ask::post(CHAT, HELLO)).await.status, 200);
        assert_eq!(world.send(&chat_with(r#""stream": true, "tools": [1]"#)).await.status, 400);

        let mut stream = world.open(&chat_with(r#""stream": true"#)).await;
        let mut bytes = Vec::new();
        let ended = timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes)).await.unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains(seen), "{ended:?} {text}");
        assert!(!text.contains("[DONE]") && !text.contains("five") && !text.ends_with("0\r\n\r\n"), "{text}");

        assert!(world.send(&chat_with(r#""stream": true"#)).await.body.ends_with("[DONE]\n\n"));
        let told = told(&world.calls());
        assert_eq!(told.iter().filter(|call| *call == "502 stream_cut injected").count(), 1, "{told:?}");
        assert_eq!(told.iter().filter(|call| call.contains("injected")).count(), 1, "{told:?}");
    }
}

#[tokio::test]
async fn a_connection_is_closed_without_an_answer() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    let _laid = world.running.inject(WORKSPACE, &[HangUp]);
    let mut stream = world.open(&Ask::post(CHAT, HELLO)).await;
    let mut bytes = Vec::new();
    let _ = timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes)).await.unwrap();
    assert!(bytes.is_empty(), "{:?}", String::from_utf8_lossy(&bytes));
    assert_eq!(told(&[world.only_call().await]), ["502 connection_dropped injected"]);
    assert_eq!(world.send(&Ask::post(CHAT, HELLO)).await.status, 200);
}

#[tokio::test]
async fn a_client_that_does_not_wait_for_a_slow_answer_is_recorded() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    let _laid = world.running.inject(WORKSPACE, &[Latency { ms: 60_000 }]);
    let stream = world.open(&Ask::post(CHAT, HELLO)).await;
    sleep(Duration::from_millis(100)).await;
    drop(stream);
    assert_eq!(told(&[world.only_call().await]), ["499 client_closed_request injected"]);
}

#[tokio::test]
async fn another_process_lays_faults_for_as_long_as_it_lives() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    let chat = Ask::post(CHAT, HELLO);
    let twenty = vec![ServerError { status: 500 }; 20];
    let laid = inject(world.running.address, KEY, &twenty).await.unwrap();
    assert_eq!(world.send(&chat).await.status, 500);
    drop(laid);
    let until = Instant::now() + Duration::from_secs(5);
    while world.send(&chat).await.status != 200 {
        assert!(Instant::now() < until, "the faults outlived the one who laid them");
    }
    // The laying itself is no call.
    assert!(world.calls().iter().all(|call| call.path == CHAT));

    let refused = inject(world.running.address, "gw-wrong", &twenty).await.unwrap_err();
    assert!(refused.to_string().contains("401"), "{refused}");
    let unknown = world.send(&Ask::post("/groundwork/faults", r#"{"faults": [{"kind": "earthquake"}]}"#)).await;
    assert_eq!(unknown.verdict(), "400 invalid_faults");
    let every: Vec<Injection> =
        vec![RateLimited { retry_after_s: 1 }, Latency { ms: 1 }, CutStream { after_tokens: 1 }, HangUp];
    drop(inject(world.running.address, KEY, &every).await.unwrap());
}
