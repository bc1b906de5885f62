//! What each request is answered with.

use std::time::Duration;

use inference::{Constraint, Error, Message, Prompt, Role, Sampling};
use serde_json::json;

use super::*;

#[tokio::test]
async fn each_request_has_its_status_and_code() {
    let world = World::new(ScriptedModel::saying("Hello there.").with_context(8)).await;
    let messages = |messages: &str| Ask::post(CHAT, &format!(r#"{{"model": "scripted", "messages": {messages}}}"#));
    let table = [
        ("plain", Ask::post(CHAT, HELLO), "200"),
        ("null is absent", chat_with(r#""tools": null, "n": null, "stop": null, "stream": null"#), "200"),
        ("labels", chat_with(r#""user": "me", "metadata": {"a": "b"}, "store": false, "service_tier": "auto""#), "200"),
        (
            "defaults",
            chat_with(r#""presence_penalty": 0, "logprobs": false, "response_format": {"type": "text"}, "top_k": -1"#),
            "200",
        ),
        ("every bound", chat_with(r#""temperature": 2, "top_p": 0, "seed": -1, "max_completion_tokens": 1"#), "200"),
        ("stops", chat_with(r#""stop": ["a", "b", "c", "d"]"#), "200"),
        ("parts", messages(r#"[{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]"#), "200"),
        ("developer", messages(r#"[{"role": "developer", "content": "Hi"}]"#), "200"),
        ("no JSON", Ask::post(CHAT, "{"), "400 invalid_json"),
        ("no body", Ask::post(CHAT, ""), "400 invalid_json"),
        ("a list", Ask::post(CHAT, "[]"), "400 invalid_json"),
        ("too deep", Ask::post(CHAT, &"[".repeat(100_000)), "400 invalid_json"),
        ("no messages", Ask::post(CHAT, r#"{"model": "scripted"}"#), "400 missing_required_parameter messages"),
        ("no model", Ask::post(CHAT, &HELLO.replace("model", "user")), "400 missing_required_parameter model"),
        ("another model", Ask::post(CHAT, &HELLO.replace("scripted", "gpt-4o")), "404 model_not_found model"),
        ("a number as model", Ask::post(CHAT, &HELLO.replace("\"scripted\"", "4")), "400 invalid_type model"),
        ("no message", messages("[]"), "400 empty_array messages"),
        ("messages as text", messages("\"Hi\""), "400 invalid_type messages"),
        ("message as text", messages("[\"Hi\"]"), "400 invalid_type messages[0]"),
        ("no role", messages(r#"[{"content": "Hi"}]"#), "400 missing_required_parameter messages[0].role"),
        ("odd role", messages(r#"[{"role": "robot", "content": "Hi"}]"#), "400 invalid_value messages[0].role"),
        ("no content", messages(r#"[{"role": "user"}]"#), "400 missing_required_parameter messages[0].content"),
        (
            "content of a number",
            messages(r#"[{"role": "user", "content": 1}]"#),
            "400 invalid_type messages[0].content",
        ),
        (
            "an image",
            messages(r#"[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]"#),
            "400 unsupported_value messages[0].content[0].type",
        ),
        (
            "a name",
            messages(r#"[{"role": "user", "content": "Hi"}, {"role": "user", "name": "Eve", "content": "Hi"}]"#),
            "400 unsupported_parameter messages[1].name",
        ),
        ("hot", chat_with(r#""temperature": "hot""#), "400 invalid_type temperature"),
        ("too hot", chat_with(r#""temperature": 2.1"#), "400 decimal_above_max_value temperature"),
        ("below zero", chat_with(r#""top_p": -0.1"#), "400 decimal_below_min_value top_p"),
        ("no tokens", chat_with(r#""max_tokens": 0"#), "400 integer_below_min_value max_tokens"),
        ("half a token", chat_with(r#""max_tokens": 1.5"#), "400 invalid_type max_tokens"),
        (
            "two bounds",
            chat_with(r#""max_tokens": 1, "max_completion_tokens": 1"#),
            "400 invalid_parameter_combination max_tokens",
        ),
        ("none asked for", chat_with(r#""n": 0"#), "400 integer_below_min_value n"),
        ("too many", chat_with(r#""n": 17"#), "400 integer_above_max_value n"),
        ("seed as text", chat_with(r#""seed": "7""#), "400 invalid_type seed"),
        ("biased by a word", chat_with(r#""logit_bias": {"Hi": 1}"#), "400 invalid_value logit_bias"),
        ("biased too much", chat_with(r#""logit_bias": {"1": 101}"#), "400 invalid_value logit_bias"),
        ("biased by nothing", chat_with(r#""logit_bias": {"1": null}"#), "400 invalid_type logit_bias.1"),
        ("a bonus", chat_with(r#""frequency_penalty": -2.1"#), "400 decimal_below_min_value frequency_penalty"),
        ("a fine", chat_with(r#""presence_penalty": 3"#), "400 decimal_above_max_value presence_penalty"),
        ("no repetition", chat_with(r#""repetition_penalty": 0"#), "400 decimal_below_min_value repetition_penalty"),
        ("none to choose from", chat_with(r#""top_k": -2"#), "400 integer_below_min_value top_k"),
        ("a share of two", chat_with(r#""min_p": 2"#), "400 decimal_above_max_value min_p"),
        (
            "21 likeliest",
            chat_with(r#""logprobs": true, "top_logprobs": 21"#),
            "400 integer_above_max_value top_logprobs",
        ),
        (
            "likeliest without logprobs",
            chat_with(r#""top_logprobs": 2"#),
            "400 invalid_parameter_combination top_logprobs",
        ),
        ("functions", chat_with(r#""functions": [{"name": "a"}]"#), "400 unsupported_parameter functions"),
        ("an effort", chat_with(r#""reasoning_effort": "low""#), "400 unsupported_parameter reasoning_effort"),
        ("five stops", chat_with(r#""stop": ["a", "b", "c", "d", "e"]"#), "400 array_above_max_length stop"),
        ("stop at nothing", chat_with(r#""stop": """#), "400 invalid_value stop"),
        ("stream as text", chat_with(r#""stream": "yes""#), "400 invalid_type stream"),
        (
            "usage without stream",
            chat_with(r#""stream_options": {"include_usage": true}"#),
            "400 invalid_parameter_combination stream_options",
        ),
        (
            "odd stream option",
            chat_with(r#""stream": true, "stream_options": {"speed": 2}"#),
            "400 unsupported_parameter stream_options.speed",
        ),
        ("a typing mistake", chat_with(r#""temprature": 1"#), "400 unknown_parameter temprature"),
        (
            "too long a prompt",
            messages(r#"[{"role": "user", "content": "one two three four five six seven eight nine"}]"#),
            "400 context_length_exceeded messages",
        ),
        (
            "too long a prompt for a stream",
            Ask::post(CHAT, &HELLO.replace("Hi\"}]", "1 2 3 4 5 6 7 8 9\"}], \"stream\": true")),
            "400 context_length_exceeded messages",
        ),
        ("no such thing", Ask::get("/v1/audio"), "404 unknown_url"),
        ("a read of the chat", Ask::get(CHAT), "405 method_not_allowed"),
        ("Azure", Ask::post(AZURE_CHAT, HELLO), "200"),
        ("Azure without model", Ask::post(AZURE_CHAT, &HELLO.replace("\"model\": \"scripted\",", "")), "200"),
        ("another deployment", Ask::post(&AZURE_CHAT.replace("scripted", "gpt"), HELLO), "404 DeploymentNotFound"),
        (
            "no version",
            Ask::post(AZURE_CHAT.split('?').next().unwrap(), HELLO),
            "400 missing_required_parameter api-version",
        ),
    ];
    for (what, ask, expected) in table {
        assert_eq!(world.send(&ask).await.verdict(), expected, "{what}: {}", ask.body);
    }
}

#[tokio::test]
async fn an_answer_is_one_object() {
    let world = World::new(ScriptedModel::saying("Hello there.")).await;
    let answer = world.send(&Ask::post(CHAT, HELLO)).await;
    assert!(answer.head.contains("x-request-id: req_"), "{}", answer.head);
    insta::assert_snapshot!(answer.stable_body(), @r#"{"id":"chatcmpl-1","object":"chat.completion","created":0,"model":"scripted","choices":[{"index":0,"message":{"role":"assistant","content":"Hello there.","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}"#);
}

#[tokio::test]
async fn a_stream_is_exactly_these_bytes() {
    let world = World::new(ScriptedModel::saying("Hello there.")).await;
    let answer = world.send(&chat_with(r#""stream": true"#)).await;
    assert!(answer.head.contains("content-type: text/event-stream; charset=utf-8"), "{}", answer.head);
    assert!(answer.body.ends_with("\n\ndata: [DONE]\n\n"));
    insta::assert_snapshot!(answer.stable_body(), @r#"
    data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":0,"model":"scripted","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]}

    data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":0,"model":"scripted","choices":[{"index":0,"delta":{"content":"Hello"},"logprobs":null,"finish_reason":null}]}

    data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":0,"model":"scripted","choices":[{"index":0,"delta":{"content":" there."},"logprobs":null,"finish_reason":null}]}

    data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":0,"model":"scripted","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}

    data: [DONE]
    "#);
}

#[tokio::test]
async fn a_stream_tells_its_usage_when_asked() {
    let world = World::new(ScriptedModel::saying("Hello there.")).await;
    let answer =
        world.send(&chat_with(r#""stream": true, "max_tokens": 1, "stream_options": {"include_usage": true}"#)).await;
    insta::assert_snapshot!(answer.stable_body(), @r#"
    data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":0,"model":"scripted","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null}

    data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":0,"model":"scripted","choices":[{"index":0,"delta":{"content":"Hello"},"logprobs":null,"finish_reason":null}],"usage":null}

    data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":0,"model":"scripted","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"length"}],"usage":null}

    data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":0,"model":"scripted","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}

    data: [DONE]
    "#);
}

#[tokio::test]
async fn a_fault_in_mid_stream_is_an_event() {
    let error = Error::Model { message: "out of memory".into() };
    let world = World::new(ScriptedModel::saying("Hello there.").failing_after(1, error)).await;
    let answer = world.send(&chat_with(r#""stream": true"#)).await;
    assert_eq!(answer.status, 200);
    insta::assert_snapshot!(answer.body.trim_end().lines().last().unwrap(), @r#"data: {"error":{"message":"The model failed: out of memory. Try again; if it fails once more, run `groundwork doctor`.","type":"server_error","param":null,"code":"model_failed"}}"#);
    assert_eq!(world.send(&Ask::post(CHAT, HELLO)).await.verdict(), "500 model_failed");
}

#[tokio::test]
async fn the_model_is_asked_what_the_client_asked() {
    let world = World::new(ScriptedModel::saying("One. Two. Three.")).await;
    let body = json!({
        "model": "scripted",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
            {"role": "assistant", "content": "c", "refusal": null, "annotations": []},
        ],
        "max_completion_tokens": 9, "temperature": 0.5, "top_p": 0.25, "seed": 42, "stop": " Three",
        "frequency_penalty": 1, "presence_penalty": -1, "logit_bias": {"7": -100, "8": 0.5},
        "top_k": 40, "min_p": 0.125, "repetition_penalty": 1.5, "guided_regex": "[a-z]+",
    });
    let answer = world.send(&Ask::post(CHAT, &body.to_string())).await.json();
    assert_eq!(answer["choices"][0]["message"]["content"], "One. Two.");
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    let said = |role, content: &str| Message::new(role, content);
    let asked = inference::Request {
        max_tokens: Some(9),
        sampling: Sampling {
            bias: vec![(7, -100.0), (8, 0.5)],
            repetition_penalty: 1.5,
            frequency_penalty: 1.0,
            presence_penalty: -1.0,
            temperature: 0.5,
            top_k: Some(40),
            top_p: 0.25,
            min_p: 0.125,
            seed: Some(42),
        },
        constraint: Some(Constraint::Regex("[a-z]+".into())),
        stop: vec![" Three".into()],
        ..inference::Request::greedy(Prompt::chat(vec![
            said(Role::System, "Be brief."),
            said(Role::User, "a\nb"),
            said(Role::Assistant, "c"),
        ]))
    };
    assert_eq!(world.model.requests(), [asked]);
}

#[tokio::test]
async fn too_long_a_prompt_is_told_both_counts() {
    let world = World::new(ScriptedModel::saying("Hello.").with_context(3)).await;
    let answer = world.send(&Ask::post(CHAT, &HELLO.replace("Hi", "one two three four"))).await.json();
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains("to 4 tokens") && message.contains("reads 3 tokens"), "{message}");
}

#[tokio::test]
async fn a_base_url_without_its_path_is_told_so() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    let answer = world.send(&Ask::post("/chat/completions", HELLO)).await;
    assert_eq!(answer.verdict(), "404 unknown_url");
    assert!(answer.body.contains("The base URL must end in /v1."), "{}", answer.body);
    let answer = world.send(&Ask::get("/v1/audio")).await;
    assert!(answer.body.contains("/v1/chat/completions, /v1/completions"), "{}", answer.body);
    let answer = world.send(&Ask::get(CHAT)).await;
    assert!(answer.head.contains("\r\nallow: post"), "{}", answer.head);
}

#[tokio::test]
async fn tokens_leave_as_they_come() {
    let world = World::new(ScriptedModel::saying("one two").slowly(Duration::from_millis(300))).await;
    let mut stream = world.open(&chat_with(r#""stream": true"#)).await;
    let mut seen = String::new();
    while !seen.contains("one") {
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes).await.unwrap();
        seen += std::str::from_utf8(&bytes[..count]).unwrap();
    }
    assert!(!seen.contains("two"), "{seen}");
}
