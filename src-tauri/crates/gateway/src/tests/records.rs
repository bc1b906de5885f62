//! One record of each call, however it ends.

use jiff::Timestamp;

use super::*;

#[tokio::test]
async fn every_call_with_a_key_is_recorded_once() {
    let table = [
        (Ask::post(CHAT, HELLO), "openai POST /v1/chat/completions 200 scripted false 1+2 stop -"),
        (chat_with(r#""stream": true"#), "openai POST /v1/chat/completions 200 scripted true 1+2 stop -"),
        (chat_with(r#""n": 2, "max_tokens": 1"#), "openai POST /v1/chat/completions 200 scripted false 1+2 length -"),
        (
            Ask::post(AZURE_CHAT, HELLO),
            "azure POST /openai/deployments/scripted/chat/completions 200 scripted false 1+2 stop -",
        ),
        (
            Ask::post(COMPLETIONS, r#"{"model": "scripted", "prompt": "a b"}"#),
            "openai POST /v1/completions 200 scripted false 2+2 stop -",
        ),
        (
            Ask::post(RESPONSES, r#"{"model": "scripted", "input": "a b", "stream": true}"#),
            "openai POST /v1/responses 200 scripted true 2+2 stop -",
        ),
        (
            Ask::post("/openai/responses?api-version=1", r#"{"model": "scripted", "input": "a b"}"#),
            "azure POST /openai/responses 200 scripted false 2+2 stop -",
        ),
        (
            Ask::post(EMBEDDINGS, r#"{"model": "scripted-embedder", "input": ["a b", "c"]}"#),
            "openai POST /v1/embeddings 200 scripted-embedder false 3+0 - -",
        ),
        (
            Ask::post(EMBEDDINGS, r#"{"model": "scripted", "input": "a"}"#),
            "openai POST /v1/embeddings 400 scripted false 0+0 - unsupported_model",
        ),
        (Ask::get("/v1/models"), "openai GET /v1/models 200 - false 0+0 - -"),
        (Ask::get("/v1/nothing?q=1"), "openai GET /v1/nothing 404 - false 0+0 - unknown_url"),
        (Ask::get(CHAT), "openai GET /v1/chat/completions 405 - false 0+0 - method_not_allowed"),
        (Ask::post(CHAT, "{"), "openai POST /v1/chat/completions 400 - false 0+0 - invalid_json"),
        (
            Ask::post(CHAT, &HELLO.replace("scripted", "gpt")),
            "openai POST /v1/chat/completions 404 gpt false 0+0 - model_not_found",
        ),
        (
            chat_with(r#""stream": true, "tools": [1]"#),
            "openai POST /v1/chat/completions 400 scripted true 0+0 - invalid_type",
        ),
        (
            Ask::post(&AZURE_CHAT.replace("scripted", "gpt"), HELLO),
            "azure POST /openai/deployments/gpt/chat/completions 404 gpt false 0+0 - DeploymentNotFound",
        ),
    ];
    for (ask, expected) in table {
        let world = World::new(ScriptedModel::saying("Hello there.")).await;
        let before = Timestamp::now();
        world.send(&ask).await;
        // The record is there as soon as the answer is.
        let calls = world.calls();
        assert_eq!(calls.iter().map(line).collect::<Vec<_>>(), [expected]);
        let call = &calls[0];
        assert!(before <= call.at && call.at <= Timestamp::now());
        assert_eq!(call.first_token_ms.is_some(), call.completion_tokens > 0);
        assert!(call.first_token_ms.unwrap_or_default() <= call.millis, "{call:?}");
        world.running.stop().await;
        assert_eq!(world.ledger.0.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_stops_the_model_and_is_recorded() {
    for (what, more, tokens) in [("stream", r#""stream": true"#, 3), ("whole", r#""stream": false"#, 0)] {
        let words = "one two three ".repeat(1000);
        let world = World::new(ScriptedModel::saying(&words).slowly(Duration::from_millis(20))).await;
        let mut stream = world.open(&chat_with(more)).await;
        while world.model.requests().is_empty() {
            sleep(Duration::from_millis(5)).await;
        }
        let mut seen = String::new();
        while tokens > 0 && !seen.contains("three") {
            let mut bytes = [0; 4096];
            let count = stream.read(&mut bytes).await.unwrap();
            seen += std::str::from_utf8(&bytes[..count]).unwrap();
        }
        drop(stream);
        timeout(Duration::from_secs(2), world.model.cancelled(1)).await.expect(what);
        let call = world.only_call().await;
        assert_eq!((call.status, call.error.as_deref()), (499, Some("client_closed_request")), "{what}");
        assert_eq!((call.finish_reason.as_deref(), call.prompt_tokens), (Some("cancelled"), 1), "{what}");
        assert!((tokens..100).contains(&call.completion_tokens), "{what}: {call:?}");
        // The next one is answered as ever.
        assert_eq!(world.send(&chat_with(r#""max_tokens": 1"#)).await.status, 200);
        assert_eq!(world.calls().len(), 2);
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_before_its_body_is_recorded() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    let mut half = Ask::post(CHAT, HELLO);
    half.body.truncate(10);
    let stream = world.open(&half).await;
    sleep(Duration::from_millis(100)).await;
    drop(stream);
    let call = world.only_call().await;
    assert_eq!((call.status, call.error.as_deref()), (499, Some("client_closed_request")));
}

/// A call without its times: dialect, method, path, status, model, stream, tokens, finish reason, error.
fn line(call: &Call) -> String {
    let or_dash = |word: &Option<String>| word.clone().unwrap_or_else(|| "-".into());
    format!(
        "{} {} {} {} {} {} {}+{} {} {}",
        call.dialect,
        call.method,
        call.path,
        call.status,
        or_dash(&call.model),
        call.stream,
        call.prompt_tokens,
        call.completion_tokens,
        or_dash(&call.finish_reason),
        or_dash(&call.error),
    )
}
