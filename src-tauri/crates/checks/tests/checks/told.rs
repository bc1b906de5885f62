//! A file that tells of calls, and what the gateway recorded of them.

use checks::Call;
use jiff::Timestamp;
use testkit::memory_probe::MemoryProbe;

use crate::world::table;

const SETTINGS: &str = r#"
dialect = "azure"
told = { path = "q.json", began = "began", ended = "ended", model = "deployment", statuses = { 200 = "answered", 429 = "refused" } }"#;
const EACH: &str = r#"told = { path = "m.json", began = "began", ended = "ended", each = "runs" }"#;

/// A call of the deployment `notes` at that second of the file's ten, by a program of the learner's own.
fn call(second: i64, status: u16) -> Call {
    Call {
        at: Timestamp::from_second(1_700_000_000 + second).unwrap(),
        method: "POST".to_owned(),
        path: "/openai/deployments/notes/chat/completions".to_owned(),
        dialect: "azure".to_owned(),
        status,
        model: Some("notes".to_owned()),
        stream: true,
        prompt_tokens: 30,
        completion_tokens: 11,
        finish_reason: None,
        first_token_ms: Some(40.04),
        millis: 240.0,
        error: None,
        injected: false,
        started: false,
    }
}

/// Of the world: two calls answered and one refused in the time that the file tells of, and others beside them.
fn world(quota: &str) -> MemoryProbe {
    let told = format!(
        "{{\n\"deployment\": \"notes\", \"began\": \"2023-11-14T22:13:21Z\",\n\"ended\": \"2023-11-14T22:13:30.5+00:00\",\n{quota}}}"
    );
    [
        call(0, 429),
        call(1, 200),
        call(2, 429),
        call(10, 200),
        call(11, 429),
        Call { started: true, ..call(3, 429) },
        Call { injected: true, ..call(4, 429) },
        Call { model: Some("other".to_owned()), ..call(5, 429) },
        Call { path: "/openai/deployments/notes/embeddings".to_owned(), ..call(6, 200) },
    ]
    .into_iter()
    .fold(MemoryProbe::new().file("q.json", told), MemoryProbe::call)
}

fn runs(runs: &str) -> MemoryProbe {
    let told =
        format!("{{\"began\": \"2023-11-14T22:13:20Z\", \"ended\": \"2023-11-14T22:13:30Z\", \"runs\": [\n{runs}\n]}}");
    MemoryProbe::new().file("m.json", told).call(call(1, 200)).call(Call { completion_tokens: 12, ..call(2, 200) })
}

#[tokio::test]
async fn figures_are_those_of_the_record() {
    let anew = "Let the program write the file anew, and leave its figures as they are.";
    let differs = |figure: &str, second: u32, actual: &str, place: &str| {
        format!(
            "failed: {figure} is not what the gateway recorded.
expected: what was recorded from 2023-11-14T22:13:{second}Z to 2023-11-14T22:13:30Z
actual: {actual} in the record
at: {place}
next: {anew}"
        )
    };
    table(
        "gateway",
        vec![
            (
                "as recorded",
                SETTINGS,
                world("\"answered\": 2, \"refused\": 1"),
                "passed: 2 calls of /openai/deployments/notes/chat/completions answered by notes.
measured: model notes, prompt tokens 30, completion tokens 11, first token 40 ms, speed 50.0 tokens/s",
            ),
            (
                "one figure typed",
                SETTINGS,
                world("\"answered\": 2,\n\"refused\": 9"),
                &differs("`refused` of `q.json`", 21, "9 in the file, 1 with status 429", "q.json:5"),
            ),
            (
                "a figure left out",
                SETTINGS,
                world("\"answered\": 2"),
                &differs("`refused` of `q.json`", 21, "nothing in the file, 1 with status 429", "q.json"),
            ),
            (
                "a time to come",
                SETTINGS,
                MemoryProbe::new()
                    .file("q.json", "{\"began\": \"2023-11-14T22:13:21Z\", \"ended\": \"2999-01-01T00:00:00Z\"}"),
                &format!(
                    "failed: `q.json` does not tell when its calls were made.
expected: at `ended`, a time that is over, such as 2025-01-31T09:30:00Z
actual: the text \"2999-01-01T00:00:00Z\"
at: q.json:1
next: {anew}"
                ),
            ),
            (
                "no time",
                SETTINGS,
                MemoryProbe::new().file("q.json", "{}"),
                &format!(
                    "failed: `q.json` does not tell when its calls were made.
expected: at `began`, a time that is over, such as 2025-01-31T09:30:00Z
actual: nothing
at: q.json
next: {anew}"
                ),
            ),
            (
                "no JSON",
                SETTINGS,
                MemoryProbe::new().file("q.json", "{'began': 1}"),
                &format!(
                    "failed: `q.json` is not JSON: line 1, column 2: a key must stand in double quotes.
expected: a file that reads as JSON
actual: {{'began': 1}}
at: q.json:1
next: {anew}"
                ),
            ),
            (
                "no file",
                SETTINGS,
                MemoryProbe::new(),
                "failed: There is no `q.json`.
expected: a file `q.json`
actual: no files there
at: q.json
next: Make the file `q.json`.",
            ),
            (
                "each as recorded",
                EACH,
                runs("{\"completion_tokens\": 11, \"first_token_ms\": 40.0}, {\"completion_tokens\": 12}"),
                "passed: 2 calls of /openai/deployments/notes/chat/completions answered by notes.
measured: model notes, prompt tokens 30, completion tokens 12, first token 40 ms, speed 55.0 tokens/s",
            ),
            (
                "pieces counted for tokens",
                EACH,
                runs("{\"completion_tokens\": 11},\n{\"completion_tokens\": 9}"),
                &differs("`runs[1].completion_tokens` of `m.json`", 20, "9 in the file, 12", "m.json:3"),
            ),
            (
                "sooner than the gateway had it",
                EACH,
                runs("{\"first_token_ms\": 12.5}, {}"),
                &differs("`runs[0].first_token_ms` of `m.json`", 20, "12.5 in the file, 40.0", "m.json:2"),
            ),
            (
                "more than were called",
                EACH,
                runs("{}, {}, {}"),
                &differs("`runs` of `m.json`", 20, "3 in the file, 2 answered", "m.json:1"),
            ),
        ],
    )
    .await;
}
