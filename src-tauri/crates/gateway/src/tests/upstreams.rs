//! Models on other servers: a gateway behind a gateway, and servers that do not do as they should.

use tokio::net::TcpListener;

use super::*;
use crate::Upstream;

const FORM: &str =
    r#""response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}}"#;
const TOOL: &str = r#""tools": [{"type": "function", "function": {"name": "look", "description": "Looks.", "parameters": {"type": "object", "properties": {}}}}]"#;
const HISTORY: &str = r#""messages": [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Look."},
    {"role": "assistant", "content": "", "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}]},
    {"role": "tool", "tool_call_id": "call_1", "content": "A tree."}]"#;

/// A gateway that has `far`'s models from there.
async fn before(far: &World) -> World {
    let base = format!("http://{}/v1", far.running.address);
    let upstream = |model| Upstream::new(&base, model, Some(KEY)).unwrap();
    let embedding = upstream(ScriptedEmbedder::ID).embedding(ScriptedEmbedder::DIMENSION);
    let models = [Model::Text(Arc::new(upstream(ScriptedModel::ID))), Model::Embedding(Arc::new(embedding))];
    behind(models.into_iter().fold(Served::default(), Served::with), far).await
}

async fn behind(served: Served, far: &World) -> World {
    let settings = Settings { address: any_port(), identity: "near".into(), wheels: None, limits: Limits::default() };
    let ledger = Arc::<Ledger>::default();
    let (running, _folder) = start(settings, served, &ledger).await.unwrap();
    World { model: far.model.clone(), embedder: far.embedder.clone(), ledger, running, _folder }
}

#[tokio::test]
async fn a_model_elsewhere_is_asked_and_answers_as_if_it_were_here() {
    let far = World::new(ScriptedModel::saying("one two three").calling(&[("look", r#"{"at": "it"}"#)])).await;
    let near = before(&far).await;
    let chats = [
        r#""stream": true, "stream_options": {"include_usage": true}"#,
        r#""stream": true, "logprobs": true, "top_logprobs": 2"#,
        r#""logprobs": true, "top_logprobs": 3"#,
        r#""max_tokens": 2"#,
        r#""stop": ["two", "x"]"#,
        r#""n": 2, "seed": 5"#,
        r#""temperature": 0.5, "top_p": 0.25, "seed": 7, "frequency_penalty": 0.5, "presence_penalty": 0.25"#,
        r#""temperature": 0, "logit_bias": {"5": -100, "7": 1.5}, "top_k": 3, "min_p": 0.125, "repetition_penalty": 1.5"#,
        r#""response_format": {"type": "json_object"}"#,
        FORM,
        TOOL,
        &format!(r#"{TOOL}, "tool_choice": "none""#),
        &format!(r#"{TOOL}, "tool_choice": "required", "stream": true"#),
        &format!(r#"{TOOL}, "tool_choice": {{"type": "function", "function": {{"name": "look"}}}}"#),
    ];
    let completions = [r#""logprobs": 2"#, r#""stream": true"#, r#""max_tokens": 1, "stop": "z""#];
    let prompts = [r#"{"model": "scripted", "prompt": "Hi you"}"#, r#"{"model": "scripted", "prompt": [5, 6, 7]}"#];
    let chats = chats.iter().map(|more| chat_with(more));
    let history = Ask::post(CHAT, &format!(r#"{{"model": "scripted", {HISTORY}}}"#));
    let completions = prompts.iter().flat_map(|prompt| completions.iter().map(|more| with(COMPLETIONS, prompt, more)));
    for ask in chats.chain([history]).chain(completions) {
        // The second time both know the prompt.
        far.send(&ask).await;
        let direct = far.send(&ask).await;
        let asked = far.model.requests();
        let through = near.send(&ask).await;
        assert_eq!(through.status, 200, "{}: {}", ask.body, through.body);
        let body = |answer: &Answer| answer.stable_body().replace("\"service_tier\":\"default\",", "");
        assert_eq!(body(&through), body(&direct), "{}", ask.body);
        let passed_on = far.model.requests().split_off(asked.len());
        let wanted = &asked[asked.len() - passed_on.len()..];
        for (passed_on, wanted) in passed_on.iter().zip(wanted) {
            let mut passed_on = passed_on.clone();
            // Where nobody names a seed, each draws one.
            passed_on.sampling.seed = wanted.sampling.seed.and(passed_on.sampling.seed);
            assert_eq!(passed_on, *wanted, "{}", ask.body);
        }
    }
    let [direct, through] = [&far, &near].map(|world| world.calls().last().cloned().unwrap());
    assert_eq!((through.prompt_tokens, through.completion_tokens), (direct.prompt_tokens, direct.completion_tokens));
    assert_eq!((through.cached_tokens, through.finish_reason), (direct.cached_tokens, direct.finish_reason));
    for input in [r#""Hi""#, r#"["a", "b c"]"#] {
        let ask = Ask::post(EMBEDDINGS, &format!(r#"{{"model": "scripted-embedder", "input": {input}}}"#));
        let (direct, through) = (far.send(&ask).await, near.send(&ask).await);
        assert_eq!((through.status, &through.body), (200, &direct.body), "{input}");
    }
}

#[tokio::test]
async fn what_the_other_server_cannot_do_is_told_as_the_clients_know_it() {
    let busy = World::new(ScriptedModel::saying("a").with_room(0)).await;
    let answer = before(&busy).await.send(&Ask::post(CHAT, HELLO)).await;
    assert_eq!((answer.verdict().as_str(), answer.header("retry-after")), ("429 rate_limit_exceeded", Some("2")));

    let narrow = World::new(ScriptedModel::saying("a").with_context(1)).await;
    let answer = before(&narrow).await.send(&Ask::post(CHAT, HELLO)).await;
    assert_eq!(answer.verdict(), "400 context_length_exceeded messages");
    assert!(answer.body.contains("comes to 1 tokens, and this model reads 1 tokens"), "{}", answer.body);

    let error = inference::Error::Model { message: "it is tired".into() };
    let failing = World::new(ScriptedModel::saying("a b c").failing_after(1, error)).await;
    let near = before(&failing).await;
    for more in [r#""stream": false"#, r#""stream": true"#] {
        let answer = near.send(&chat_with(more)).await;
        assert!(answer.body.contains("upstream_failed") && answer.body.contains("it is tired"), "{}", answer.body);
    }

    let far = World::new(ScriptedModel::saying("a")).await;
    let near = before(&far).await;
    for (part, word) in [("guided_regex", "a+"), ("guided_grammar", "start: /a/")] {
        let answer = near.send(&chat_with(&format!(r#""{part}": "{word}""#))).await;
        assert_eq!(answer.verdict(), format!("400 invalid_value {part}"));
    }
    assert_eq!(far.model.requests(), []);
}

#[tokio::test]
async fn a_client_that_hangs_up_frees_the_place_elsewhere() {
    let far = World::new(ScriptedModel::saying(&"word ".repeat(500)).slowly(Duration::from_millis(20))).await;
    let near = before(&far).await;
    for more in [r#""stream": true"#, r#""stream": false"#] {
        let before = far.model.requests().len();
        let stream = near.open(&chat_with(more)).await;
        while far.model.requests().len() == before {
            sleep(Duration::from_millis(5)).await;
        }
        drop(stream);
        far.model.cancelled(before + 1).await;
    }
    assert_eq!(far.model.active(), 0);
}

#[tokio::test]
async fn a_server_that_does_not_do_as_it_should_is_told_of() {
    let stream = |body: &str| {
        format!("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    let plain = |status: &str, body: &str| {
        format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    let said = r#"data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":null}]}"#;
    let ended = r#"data: {"choices":[{"delta":{},"finish_reason":"stop"}]}"#;
    let table = [
        // Carriage returns, comments and other fields are allowed; the count of tokens may be missing.
        (stream(&format!(": hello\r\nevent: x\r\n{said}\r\n\r\n{ended}\r\n\r\ndata: [DONE]\r\n\r\n")), "200", "\"Hi\""),
        (stream(&format!("{said}\n\n{ended}\n\n")), "200", "\"completion_tokens\":1"),
        (stream(&format!("{said}\n\n")), "502 upstream_failed", "broke off"),
        (stream("data: {\n\n"), "502 upstream_failed", "cannot be read"),
        (
            stream(r#"data: {"error": {"message": "Out of memory.", "code": 500}}"#),
            "502 upstream_failed",
            "Out of memory",
        ),
        (stream(&format!("data: {}", "a".repeat(5 << 20))), "502 upstream_failed", "max line length"),
        (
            format!("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 999\r\n\r\n{said}\n\n"),
            "502 upstream_failed",
            "broke off",
        ),
        (plain("200 OK", "{}"), "502 upstream_failed", "not with a stream"),
        (plain("302 Found", ""), "502 upstream_failed", "302"),
        (plain("401 Unauthorized", r#"{"error": "no"}"#), "502 upstream_failed", "refuses the deployment's key"),
        (plain("404 Not Found", r#"{"detail": "Not here"}"#), "502 upstream_failed", "(Not here)"),
        (
            plain("400 Bad Request", r#"{"object": "error", "message": "Too long.", "code": 400}"#),
            "400 invalid_value",
            "Too long",
        ),
        (
            plain(
                "400 Bad Request",
                r#"{"object": "error", "message": "This model's maximum context length is 2048 tokens. However, you requested 6031 tokens.", "code": 400}"#,
            ),
            "400 context_length_exceeded messages",
            "comes to 6031 tokens, and this model reads 2048 tokens",
        ),
        (
            plain(
                "400 Bad Request",
                r#"{"error": {"code": 400, "message": "too large", "type": "exceed_context_size_error", "n_prompt_tokens": 6031, "n_ctx": 2048}}"#,
            ),
            "400 context_length_exceeded messages",
            "comes to 6031 tokens, and this model reads 2048 tokens",
        ),
        (
            plain("400 Bad Request", r#"{"error": {"code": "context_length_exceeded", "message": "No."}}"#),
            "400 invalid_value",
            "No",
        ),
        (plain("500 Internal Server Error", "<h1>Oops</h1>"), "502 upstream_failed", "Oops"),
        (plain("429 Too Many Requests", ""), "429 rate_limit_exceeded", "Try again in 1 s"),
        ("not HTTP".into(), "502 upstream_failed", ""),
        (String::new(), "502 upstream_failed", ""),
    ];
    let far = World::new(ScriptedModel::saying("")).await;
    for (bytes, verdict, told) in table {
        let listener = TcpListener::bind(any_port()).await.unwrap();
        let base = format!("http://{}/v1/", listener.local_addr().unwrap());
        let upstream = Upstream::new(&base, "scripted", Some("secret-key")).unwrap();
        let near = behind(Served::default().with(Model::Text(Arc::new(upstream))), &far).await;
        let server = tokio::spawn(async move {
            let (mut client, _) = listener.accept().await.unwrap();
            let mut asked = vec![0; 4096];
            let read = client.read(&mut asked).await.unwrap();
            // Whoever was refused may be gone before all is written.
            let _ = client.write_all(bytes.as_bytes()).await;
            let _ = client.shutdown().await;
            String::from_utf8_lossy(&asked[..read]).into_owned()
        });
        let answer = near.send(&Ask::post(CHAT, HELLO)).await;
        let asked = server.await.unwrap();
        assert!(asked.starts_with("POST /v1/chat/completions "), "{asked}");
        assert!(asked.contains("Bearer secret-key"), "{asked}");
        assert_eq!(answer.verdict(), verdict, "{}", answer.body);
        assert!(answer.body.contains(told) && !answer.body.contains("secret-key"), "{told}: {}", answer.body);
    }
    // Nobody listens.
    let free = TcpListener::bind(any_port()).await.unwrap().local_addr().unwrap();
    let upstream = Upstream::new(&format!("http://{free}/v1"), "scripted", None).unwrap();
    assert!(upstream.look(Duration::from_secs(5)).await.unwrap_err().contains("cannot be reached"));
    let near = behind(Served::default().with(Model::Text(Arc::new(upstream))), &far).await;
    let answer = near.send(&Ask::post(CHAT, HELLO)).await;
    assert_eq!(answer.verdict(), "502 upstream_failed");
    assert!(answer.body.contains("cannot be reached"), "{}", answer.body);
}

#[tokio::test]
async fn an_embedding_server_is_held_to_what_the_deployment_says() {
    let table = [
        (
            r#"{"data": [{"index": 0, "embedding": [1.0, 2.0]}]}"#,
            "its vectors have 2 values, and the deployment says 4",
        ),
        (r#"{"data": []}"#, "it sent 0 vectors for 1 texts"),
        (r#"{"data": [{"index": 1, "embedding": []}]}"#, "it sent 1 vectors for 1 texts"),
        ("[]", "cannot be read"),
    ];
    let far = World::new(ScriptedModel::saying("")).await;
    for (body, told) in table {
        let listener = TcpListener::bind(any_port()).await.unwrap();
        let base = format!("http://{}/v1", listener.local_addr().unwrap());
        let embedding = Upstream::new(&base, "e", None).unwrap().embedding(4);
        let near = behind(Served::default().with(Model::Embedding(Arc::new(embedding))), &far).await;
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        tokio::spawn(async move {
            let (mut client, _) = listener.accept().await.unwrap();
            let _ = client.read(&mut [0; 4096]).await;
            let _ = client.write_all(answer.as_bytes()).await;
        });
        let answer = near.send(&Ask::post(EMBEDDINGS, r#"{"model": "e", "input": "Hi"}"#)).await;
        assert_eq!(answer.verdict(), "502 upstream_failed");
        assert!(answer.body.contains(told), "{told}: {}", answer.body);
    }
}

#[tokio::test]
async fn addresses_and_keys_are_looked_at_before_they_are_used() {
    for wrong in ["", "gpu-1:8000", "ftp://gpu-1/v1", "http://", "http://me:secret@gpu-1/v1", "http://gpu-1/v1?a=b"] {
        let error = Upstream::new(wrong, "a", None).unwrap_err();
        assert!(!error.is_empty() && !error.contains("secret"), "{error}");
    }
    for wrong in ["", "a b", "a\nb", "ä"] {
        assert!(Upstream::new("http://gpu-1/v1", "a", Some(wrong)).is_err(), "{wrong:?}");
    }
    for (base, leads) in [
        ("http://127.0.0.1:11435/v1", true),
        ("http://localhost:11435", true),
        ("http://[::1]:11435/v1", true),
        ("http://0.0.0.0:11435/v1", true),
        ("http://127.0.0.1:8000/v1", false),
        ("http://gpu-1:11435/v1", false),
        ("http://localhost/v1", false),
    ] {
        assert_eq!(Upstream::new(base, "a", None).unwrap().leads_to(11435), leads, "{base}");
    }
    let far = World::new(ScriptedModel::saying("a")).await;
    let look = |model, key| {
        let upstream = Upstream::new(&format!("http://{}/v1", far.running.address), model, Some(key)).unwrap();
        async move { upstream.look(Duration::from_secs(5)).await }
    };
    assert_eq!(look("scripted", KEY).await, Ok(()));
    assert!(look("other", KEY).await.unwrap_err().contains("it has scripted, scripted-embedder"));
    assert!(look("scripted", "gw-wrong").await.unwrap_err().contains("refuses"));
}
