//! What a hostile, a slow or an unlucky client can cost.

use std::time::Instant;

use inference::Error as ModelError;
use serde_json::json;
use task::Fault;

use super::*;
use crate::Error;

#[tokio::test]
async fn too_large_a_body_is_refused_and_the_refusal_arrives() {
    let limits = Limits { body_bytes: 1000, ..Limits::default() };
    let world = World::within(limits, ScriptedModel::saying("Hello.")).await;
    for (size, expected) in [(900, "200"), (2000, "413 request_too_large"), (15_000, "413 request_too_large")] {
        let ask = Ask::post(CHAT, &HELLO.replace("Hi", &"a".repeat(size - HELLO.len())));
        assert_eq!(world.send(&ask).await.verdict(), expected, "{size} bytes");
    }
}

#[tokio::test]
async fn texts_to_embed_may_be_as_long_as_vectors() {
    let limits = Limits { body_bytes: 1000, vector_body_bytes: 4000, ..Limits::default() };
    let world = World::within(limits, ScriptedModel::saying("Hello.")).await;
    let azure = "/openai/deployments/scripted-embedder/embeddings?api-version=2024-10-21";
    for path in [EMBEDDINGS, azure, "/openai/v1/embeddings"] {
        for (size, expected) in [(3900, "200"), (5000, "413 request_too_large")] {
            let ask = json!({"model": "scripted-embedder", "input": "a".repeat(size)}).to_string();
            assert_eq!(world.send(&Ask::post(path, &ask)).await.verdict(), expected, "{path} {size}");
        }
    }
}

#[tokio::test]
async fn a_client_that_dawdles_is_dropped() {
    let short = Duration::from_millis(200);
    let limits = Limits { header_timeout: short, body_timeout: short, ..Limits::default() };
    let world = World::within(limits, ScriptedModel::saying("Hello.")).await;
    for (what, sent) in [("silence", ""), ("half a head", "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0")] {
        let began = Instant::now();
        let mut stream = TcpStream::connect(world.running.address).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        let _ = timeout(Duration::from_secs(5), stream.read_to_end(&mut bytes)).await.expect(what);
        assert!(began.elapsed() >= short, "{what}");
    }
    let mut half = Ask::post(CHAT, HELLO);
    half.body.truncate(10);
    assert_eq!(world.send(&half).await.verdict(), "408 request_timeout");
    assert_eq!(world.only_call().await.error.as_deref(), Some("request_timeout"));
}

#[tokio::test]
async fn a_full_gateway_asks_to_come_back() {
    let limits = Limits { answers: 1, ..Limits::default() };
    let world = World::within(limits, ScriptedModel::saying("Hello.").slowly(Duration::from_secs(60))).await;
    let first = world.open(&Ask::post(CHAT, HELLO)).await;
    while world.model.requests().is_empty() {
        sleep(Duration::from_millis(5)).await;
    }
    let second = world.send(&Ask::post(CHAT, HELLO)).await;
    assert_eq!(second.verdict(), "429 rate_limit_exceeded");
    assert!(second.head.contains("\r\nretry-after: 1\r\n"), "{}", second.head);
    assert!(second.head.contains("\r\nretry-after-ms: 1000\r\n"), "{}", second.head);
    // The first one hangs up, and its place is free again.
    drop(first);
    world.model.cancelled(1).await;
}

#[tokio::test]
async fn a_busy_model_asks_to_come_back() {
    let world = World::new(
        ScriptedModel::saying("Hello.").failing_after(0, ModelError::Busy { retry_after: Duration::from_secs(1) }),
    )
    .await;
    for ask in [Ask::post(CHAT, HELLO), chat_with(r#""stream": true"#)] {
        let answer = world.send(&ask).await;
        assert_eq!(answer.verdict(), "429 rate_limit_exceeded");
        assert!(answer.head.contains("\r\nretry-after: 1\r\n"), "{}", answer.head);
    }
}

#[tokio::test]
async fn an_answer_has_a_longest_life() {
    let limits = Limits { lifetime: Duration::from_millis(200), ..Limits::default() };
    let world = World::within(limits, ScriptedModel::saying("Hello.").slowly(Duration::from_secs(60))).await;
    assert_eq!(world.send(&Ask::post(CHAT, HELLO)).await.verdict(), "504 answer_timeout");
    world.model.cancelled(1).await;
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_cut_off() {
    let limits = Limits { write_timeout: Duration::from_millis(200), ..Limits::default() };
    // More than the sockets' buffers hold.
    let words = "word ".repeat(200_000);
    let world = World::within(limits, ScriptedModel::saying(&words).with_context(u32::MAX)).await;
    let stream = world.open(&chat_with(r#""stream": true"#)).await;
    let call = world.only_call().await;
    assert_eq!((call.status, call.error.as_deref()), (499, Some("client_closed_request")));
    drop(stream);
}

#[tokio::test]
async fn a_client_that_reads_nothing_gives_its_place_back() {
    // The connection may wait long, the place may not.
    let limits = Limits {
        answers: 1,
        lifetime: Duration::from_millis(300),
        write_timeout: Duration::from_secs(60),
        ..Limits::default()
    };
    let words = "word ".repeat(200_000);
    let world = World::within(limits, ScriptedModel::saying(&words).with_context(u32::MAX)).await;
    let stream = world.open(&chat_with(r#""stream": true"#)).await;
    let call = world.only_call().await;
    assert_eq!((call.status, call.error.as_deref()), (504, Some("answer_timeout")));
    assert_eq!(world.send(&chat_with(r#""max_tokens": 1"#)).await.status, 200);
    drop(stream);
}

#[tokio::test]
async fn stopping_ends_answers_and_frees_the_port() {
    let world = World::new(ScriptedModel::saying("one two").slowly(Duration::from_secs(60))).await;
    let mut waiting = world.open(&Ask::post(CHAT, HELLO)).await;
    while world.model.requests().is_empty() {
        sleep(Duration::from_millis(5)).await;
    }
    let World { model, ledger, running, .. } = world;
    let address = running.address;
    running.stop().await;
    model.cancelled(1).await;
    let mut bytes = Vec::new();
    waiting.read_to_end(&mut bytes).await.unwrap();
    assert_eq!(Answer::parse(&bytes).verdict(), "503 shutting_down");
    assert_eq!(ledger.0.lock().unwrap().len(), 1);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_taken_port_names_its_holder() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    let address = world.running.address;
    let settings = |address| Settings { address, identity: "me".into(), wheels: None, limits: Limits::default() };
    let start = |address| start(settings(address), Served::default(), &world.ledger);
    let error = start(address).await.unwrap_err();
    assert_eq!(error.code(), "gateway.port_taken");
    let message = error.to_string();
    assert!(message.contains(&format!("port {} is already taken", address.port())), "{message}");
    if cfg!(target_os = "linux") {
        assert!(message.contains(&format!("(process {})", std::process::id())), "{message}");
    }
    let open = start("0.0.0.0:0".parse().unwrap()).await.unwrap_err();
    assert!(matches!(open, Error::NotLocal { .. }), "{open}");
}
