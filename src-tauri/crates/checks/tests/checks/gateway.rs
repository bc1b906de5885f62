//! What the learner's code called.

use checks::Call;
use jiff::Timestamp;
use testkit::memory_probe::MemoryProbe;

use crate::world::table;

fn second(number: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + number).unwrap()
}

/// Eleven tokens, the first after 40 ms, all after 240 ms.
fn call() -> Call {
    Call {
        at: second(0),
        method: "POST".to_owned(),
        path: String::new(),
        dialect: String::new(),
        status: 200,
        model: None,
        stream: false,
        prompt_tokens: 30,
        completion_tokens: 11,
        finish_reason: Some("stop".to_owned()),
        first_token_ms: Some(40.0),
        millis: 240.0,
        error: None,
        injected: false,
        started: true,
    }
}

#[tokio::test]
async fn gateway_outcomes() {
    table(
        "gateway",
        vec![
            (
                "one call",
                "",
                MemoryProbe::new().call(Call {
                    at: second(1),
                    path: "/v1/chat/completions".to_owned(),
                    dialect: "openai".to_owned(),
                    status: 200,
                    model: Some("smollm2-135m".to_owned()),
                    stream: false,
                    completion_tokens: 11,
                    error: None,
                    ..call()
                }),
                "passed: 1 call of /v1/chat/completions answered by smollm2-135m.
measured: model smollm2-135m, prompt tokens 30, completion tokens 11, first token 40 ms, speed 50.0 tokens/s",
            ),
            (
                "no call",
                "",
                MemoryProbe::new(),
                "failed: No call reached the gateway.
expected: 1 call of /v1/chat/completions
actual: no calls
at: /v1/chat/completions
next: Run your program in the lab's environment, with the client's base URL from OPENAI_BASE_URL.",
            ),
            (
                "too few",
                "at_least = 3",
                MemoryProbe::new()
                    .call(Call {
                        at: second(1),
                        path: "/v1/chat/completions".to_owned(),
                        dialect: "openai".to_owned(),
                        status: 200,
                        model: Some("smollm2-135m".to_owned()),
                        stream: false,
                        completion_tokens: 11,
                        error: None,
                        ..call()
                    })
                    .call(Call {
                        at: second(1),
                        path: "/v1/chat/completions".to_owned(),
                        dialect: "openai".to_owned(),
                        status: 200,
                        model: Some("smollm2-135m".to_owned()),
                        stream: false,
                        completion_tokens: 11,
                        error: None,
                        ..call()
                    }),
                "failed: Only 2 calls reached the gateway as it should.
expected: at least 3 calls
actual: 2 calls
at: /v1/chat/completions
next: Make 1 call more.",
            ),
            (
                "refused",
                "",
                MemoryProbe::new().call(Call {
                    at: second(1),
                    path: "/v1/chat/completions".to_owned(),
                    dialect: "openai".to_owned(),
                    status: 401,
                    model: None,
                    stream: false,
                    completion_tokens: 11,
                    error: Some("invalid_api_key".to_owned()),
                    ..call()
                }),
                "failed: The gateway answered the call with 401 (invalid_api_key).
expected: status 200
actual: status 401 (invalid_api_key)
at: /v1/chat/completions
next: Use the key in the variable OPENAI_API_KEY.",
            ),
            (
                "refused, then right",
                "",
                MemoryProbe::new()
                    .call(Call {
                        at: second(1),
                        path: "/v1/chat/completions".to_owned(),
                        dialect: "openai".to_owned(),
                        status: 401,
                        model: Some("smollm2-135m".to_owned()),
                        stream: false,
                        completion_tokens: 11,
                        error: None,
                        ..call()
                    })
                    .call(Call {
                        at: second(2),
                        path: "/v1/chat/completions".to_owned(),
                        dialect: "openai".to_owned(),
                        status: 200,
                        model: Some("smollm2-135m".to_owned()),
                        stream: false,
                        completion_tokens: 11,
                        error: None,
                        ..call()
                    }),
                "passed: 1 call of /v1/chat/completions answered by smollm2-135m.
measured: model smollm2-135m, prompt tokens 30, completion tokens 11, first token 40 ms, speed 50.0 tokens/s",
            ),
            (
                "a doubled base",
                "",
                MemoryProbe::new().call(Call {
                    at: second(1),
                    path: "/v1/v1/chat/completions".to_owned(),
                    dialect: "openai".to_owned(),
                    status: 404,
                    model: Some("smollm2-135m".to_owned()),
                    stream: false,
                    completion_tokens: 11,
                    error: None,
                    ..call()
                }),
                "failed: The gateway saw POST /v1/v1/chat/completions.
expected: a call of /v1/chat/completions
actual: POST /v1/v1/chat/completions, status 404
at: /v1/v1/chat/completions
next: The base URL has `/v1` already: add nothing to OPENAI_BASE_URL.",
            ),
            (
                "a base without v1",
                "",
                MemoryProbe::new().call(Call {
                    at: second(1),
                    path: "/chat/completions".to_owned(),
                    dialect: "openai".to_owned(),
                    status: 404,
                    model: Some("smollm2-135m".to_owned()),
                    stream: false,
                    completion_tokens: 11,
                    error: None,
                    ..call()
                }),
                "failed: The gateway saw POST /chat/completions.
expected: a call of /v1/chat/completions
actual: POST /chat/completions, status 404
at: /chat/completions
next: The base URL lacks `/v1`: use OPENAI_BASE_URL unchanged.",
            ),
            (
                "another route",
                "",
                MemoryProbe::new().call(Call {
                    at: second(1),
                    path: "/v1/models".to_owned(),
                    dialect: "openai".to_owned(),
                    status: 200,
                    model: Some("smollm2-135m".to_owned()),
                    stream: false,
                    completion_tokens: 11,
                    error: None,
                    ..call()
                }),
                "failed: The gateway saw POST /v1/models.
expected: a call of /v1/chat/completions
actual: POST /v1/models, status 200
at: /v1/models
next: Use the client's method for it, with OPENAI_BASE_URL unchanged.",
            ),
            (
                "not streamed",
                "stream = true",
                MemoryProbe::new().call(Call {
                    at: second(1),
                    path: "/v1/chat/completions".to_owned(),
                    dialect: "openai".to_owned(),
                    status: 200,
                    model: Some("smollm2-135m".to_owned()),
                    stream: false,
                    completion_tokens: 11,
                    error: None,
                    ..call()
                }),
                "failed: The gateway saw a call that is not streamed.
expected: a streamed call
actual: stream = false
at: /v1/chat/completions
next: Pass stream=True to the call.",
            ),
            (
                "streamed",
                "stream = true",
                MemoryProbe::new().call(Call {
                    at: second(1),
                    path: "/v1/chat/completions".to_owned(),
                    dialect: "openai".to_owned(),
                    status: 200,
                    model: Some("smollm2-135m".to_owned()),
                    stream: true,
                    completion_tokens: 11,
                    error: None,
                    ..call()
                }),
                "passed: 1 call of /v1/chat/completions answered by smollm2-135m.
measured: model smollm2-135m, prompt tokens 30, completion tokens 11, first token 40 ms, speed 50.0 tokens/s",
            ),
            (
                "another model",
                r#"model = "smollm2-135m""#,
                MemoryProbe::new().call(Call {
                    at: second(1),
                    path: "/v1/chat/completions".to_owned(),
                    dialect: "openai".to_owned(),
                    status: 404,
                    model: Some("gpt-4o".to_owned()),
                    stream: false,
                    completion_tokens: 11,
                    error: Some("model_not_found".to_owned()),
                    ..call()
                }),
                "failed: The gateway answered the call with 404 (model_not_found).
expected: status 200
actual: status 404 (model_not_found)
at: /v1/chat/completions
next: Use a model that GET /v1/models lists.",
            ),
            (
                "another model, answered",
                r#"model = "small""#,
                MemoryProbe::new().call(Call {
                    at: second(1),
                    path: "/v1/chat/completions".to_owned(),
                    dialect: "openai".to_owned(),
                    status: 200,
                    model: Some("smollm2-135m".to_owned()),
                    stream: false,
                    completion_tokens: 11,
                    error: None,
                    ..call()
                }),
                r#"failed: The call named the model `smollm2-135m`.
expected: the model `small`
actual: the model `smollm2-135m`
at: /v1/chat/completions
next: Pass model="small" to the call."#,
            ),
            (
                "too short an answer",
                "min_completion_tokens = 20",
                MemoryProbe::new().call(Call {
                    at: second(1),
                    path: "/v1/chat/completions".to_owned(),
                    dialect: "openai".to_owned(),
                    status: 200,
                    model: Some("smollm2-135m".to_owned()),
                    stream: false,
                    completion_tokens: 11,
                    error: None,
                    ..call()
                }),
                "failed: The answer was too short.
expected: at least 20 tokens
actual: 11 tokens
at: /v1/chat/completions
next: Allow more with max_tokens, or ask for more.",
            ),
            (
                "the wrong interface",
                r#"dialect = "azure""#,
                MemoryProbe::new().call(Call {
                    at: second(1),
                    path: "/v1/chat/completions".to_owned(),
                    dialect: "openai".to_owned(),
                    status: 200,
                    model: Some("smollm2-135m".to_owned()),
                    stream: false,
                    completion_tokens: 11,
                    error: None,
                    ..call()
                }),
                "failed: The call came through the openai interface.
expected: the azure interface
actual: the openai interface
at: /v1/chat/completions
next: Use the other client class of the openai package: `OpenAI` or `AzureOpenAI`.",
            ),
            (
                "Azure's route",
                r#"dialect = "azure""#,
                MemoryProbe::new().call(Call {
                    at: second(1),
                    path: "/openai/deployments/chat/chat/completions".to_owned(),
                    dialect: "azure".to_owned(),
                    status: 200,
                    model: Some("smollm2-135m".to_owned()),
                    stream: false,
                    completion_tokens: 11,
                    error: None,
                    ..call()
                }),
                "passed: 1 call of /openai/deployments/chat/chat/completions answered by smollm2-135m.
measured: model smollm2-135m, prompt tokens 30, completion tokens 11, first token 40 ms, speed 50.0 tokens/s",
            ),
            (
                "either interface will do",
                "",
                MemoryProbe::new().call(Call {
                    at: second(1),
                    path: "/openai/deployments/chat/chat/completions".to_owned(),
                    dialect: "azure".to_owned(),
                    status: 200,
                    model: Some("smollm2-135m".to_owned()),
                    stream: false,
                    completion_tokens: 11,
                    error: None,
                    ..call()
                }),
                "passed: 1 call of /openai/deployments/chat/chat/completions answered by smollm2-135m.
measured: model smollm2-135m, prompt tokens 30, completion tokens 11, first token 40 ms, speed 50.0 tokens/s",
            ),
            (
                "the closest of several is told",
                "stream = true",
                MemoryProbe::new()
                    .call(Call {
                        at: second(1),
                        path: "/v1/models".to_owned(),
                        dialect: "openai".to_owned(),
                        status: 200,
                        model: Some("smollm2-135m".to_owned()),
                        stream: false,
                        completion_tokens: 11,
                        error: None,
                        ..call()
                    })
                    .call(Call {
                        at: second(1),
                        path: "/v1/chat/completions".to_owned(),
                        dialect: "openai".to_owned(),
                        status: 200,
                        model: Some("smollm2-135m".to_owned()),
                        stream: false,
                        completion_tokens: 11,
                        error: None,
                        ..call()
                    })
                    .call(Call {
                        at: second(1),
                        path: "/v1/chat/completions".to_owned(),
                        dialect: "openai".to_owned(),
                        status: 500,
                        model: Some("smollm2-135m".to_owned()),
                        stream: false,
                        completion_tokens: 11,
                        error: None,
                        ..call()
                    }),
                "failed: The gateway saw a call that is not streamed.
expected: a streamed call
actual: stream = false
at: /v1/chat/completions
next: Pass stream=True to the call.",
            ),
            (
                "waiting for a limit",
                "status = 429",
                MemoryProbe::new().call(Call {
                    at: second(1),
                    path: "/v1/chat/completions".to_owned(),
                    dialect: "openai".to_owned(),
                    status: 200,
                    model: Some("smollm2-135m".to_owned()),
                    stream: false,
                    completion_tokens: 11,
                    error: None,
                    ..call()
                }),
                "failed: The gateway answered the call with 200.
expected: status 429
actual: status 200
at: /v1/chat/completions
next: Make a call that gets the expected status.",
            ),
        ],
    )
    .await;
}
