//! What a service answers, and every way in which it does not.

use std::time::Duration;

use checks::{Answer, ServiceState};
use testkit::memory_probe::MemoryProbe;

use crate::world::table;

#[tokio::test]
async fn http_outcomes() {
    table("http", vec![
        (
            "answers",
            r#"service = "web"
path = "/health"
assert = [{ at = "status", equals = "ok" }]"#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer_json("GET", "http://127.0.0.1:4321/health", 200, "{\"status\": \"ok\"}"),
            "passed: GET /health answered 200 in 12 ms.
measured: status 200, time 12 ms",
        ),
        (
            "a created thing",
            r#"service = "web"
path = "/health"
method = "POST"
json = { name = "x" }
status = 201"#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer_json("POST", "http://127.0.0.1:4321/health", 201, "{}"),
            "passed: POST /health answered 201 in 12 ms.
measured: status 201, time 12 ms",
        ),
        (
            "refused",
            r#"service = "web"
path = "/health""#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }),
            "failed: Nothing listens where GET /health was sent.
expected: an answer with status 200
actual: connection refused
at: http://127.0.0.1:4321/health
next: See that the service still runs, and listens on 127.0.0.1 and the port in the variable PORT.",
        ),
        (
            "timed out",
            r#"service = "web"
path = "/health"
timeout_ms = 1500"#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer("GET", "http://127.0.0.1:4321/health", Answer::TimedOut { after: Duration::from_millis(1500) }),
            "failed: GET /health got no answer in time.
expected: an answer with status 200
actual: no answer within 1500 ms
at: http://127.0.0.1:4321/health
next: Look for what the handler waits for; a call that blocks holds up an async handler.",
        ),
        (
            "reset",
            r#"service = "web"
path = "/health""#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer("GET", "http://127.0.0.1:4321/health", Answer::Reset),
            "failed: The connection broke before GET /health was answered.
expected: an answer with status 200
actual: the connection was closed early
at: http://127.0.0.1:4321/health
next: Read the service's log: the handler or the whole program probably stopped.",
        ),
        (
            "not HTTP",
            r#"service = "web"
path = "/health""#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer("GET", "http://127.0.0.1:4321/health", Answer::NotHttp { detail: "the first bytes are 15 03 01".to_owned() }),
            "failed: What answered GET /health does not speak HTTP.
expected: an answer with status 200
actual: the first bytes are 15 03 01
at: http://127.0.0.1:4321/health
next: See that the service's own program listens on the port, with plain HTTP and not TLS.",
        ),
        (
            "the service stopped with a traceback",
            r#"service = "web"
path = "/health""#,
            MemoryProbe::new().service("web", ServiceState::Failed { summary: "it ended with exit code 1".to_owned(), log: vec!["Traceback (most recent call last):".to_owned(), "  File \"main.py\", line 7, in <module>".to_owned(), "NameError: name 'fastapi' is not defined".to_owned()] }).file("main.py", ""),
            r#"failed: The service `web` stopped at line 7 of `main.py`: NameError: name 'fastapi' is not defined.
expected: the service `web` answers
actual: Traceback (most recent call last):
  File "main.py", line 7, in <module>
NameError: name 'fastapi' is not defined
at: main.py:7
next: Check the spelling of the name, and that it is defined above."#,
        ),
        (
            "the service listens on its own port",
            r#"service = "web"
path = "/health""#,
            MemoryProbe::new().service("web", ServiceState::Failed { summary: "it did not answer within 10 s".to_owned(), log: vec!["INFO:     Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)".to_owned()] }),
            "failed: The service `web` does not run: it did not answer within 10 s.
expected: the service `web` answers
actual: INFO:     Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)
next: Its log names port 8000: listen on 127.0.0.1 and on the port in the variable PORT, which changes from run to run.",
        ),
        (
            "the port is taken",
            r#"service = "web"
path = "/health""#,
            MemoryProbe::new().service("web", ServiceState::Failed { summary: "it ended with exit code 1".to_owned(), log: vec!["[Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address already in use".to_owned()] }),
            "failed: The service `web` does not run: it ended with exit code 1.
expected: the service `web` answers
actual: [Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address already in use
next: Listen on the port in the variable PORT; the one it chose is taken.",
        ),
        (
            "the service says nothing",
            r#"service = "web"
path = "/health""#,
            MemoryProbe::new().service("web", ServiceState::Failed { summary: "it ended with exit code 0".to_owned(), log: vec![] }),
            "failed: The service `web` does not run: it ended with exit code 0.
expected: the service `web` answers
actual: its log is empty
next: Read the service's log, and run its command by hand.",
        ),
        (
            "no such route",
            r#"service = "web"
path = "/health""#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer_json("GET", "http://127.0.0.1:4321/health", 404, "{\"detail\":\"Not Found\"}"),
            r#"failed: GET /health answers 404, not 200.
expected: status 200
actual: status 404
{"detail":"Not Found"}
at: http://127.0.0.1:4321/health
next: Add a route for /health, spelled exactly so, and see that the service restarted."#,
        ),
        (
            "other method",
            r#"service = "web"
path = "/health""#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer_json("GET", "http://127.0.0.1:4321/health", 405, "{\"detail\":\"Method Not Allowed\"}"),
            r#"failed: GET /health answers 405, not 200.
expected: status 200
actual: status 405
{"detail":"Method Not Allowed"}
at: http://127.0.0.1:4321/health
next: The route is there for other methods: let it take GET."#,
        ),
        (
            "a slash at the end",
            r#"service = "web"
path = "/health""#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer("GET", "http://127.0.0.1:4321/health", Answer::Response { status: 307, headers: vec![("location".to_owned(), "http://127.0.0.1:4321/health/".to_owned())], body: "".into(), elapsed: Duration::from_millis(12) }),
            "failed: GET /health answers 307, not 200.
expected: status 200
actual: status 307
at: http://127.0.0.1:4321/health
next: It sends the client on to http://127.0.0.1:4321/health/: answer at /health itself. The paths differ in the slash at the end.",
        ),
        (
            "a validation error",
            r#"service = "web"
path = "/health"
method = "POST"
json = { nme = "x" }"#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer_json("POST", "http://127.0.0.1:4321/health", 422, "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"name\"],\"msg\":\"Field required\"}]}"),
            "failed: POST /health answers 422, not 200.
expected: status 200
actual: status 422
body.name: Field required
at: http://127.0.0.1:4321/health
next: The service does not take the request: compare the fields it wants with those in the message.",
        ),
        (
            "a failing handler",
            r#"service = "web"
path = "/health""#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer("GET", "http://127.0.0.1:4321/health", Answer::Response { status: 500, headers: vec![("content-type".to_owned(), "text/plain".to_owned())], body: "Internal Server Error".into(), elapsed: Duration::from_millis(12) }),
            "failed: GET /health answers 500, not 200.
expected: status 200
actual: status 500
Internal Server Error
at: http://127.0.0.1:4321/health
next: The handler failed: its traceback is in the service's log.",
        ),
        (
            "should refuse but does not",
            r#"service = "web"
path = "/health"
status = 401"#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer_json("GET", "http://127.0.0.1:4321/health", 200, "{}"),
            "failed: GET /health answers 200, not 401.
expected: status 401
actual: status 200
{}
at: http://127.0.0.1:4321/health
next: Answer with status 401.",
        ),
        (
            "another content type",
            r#"service = "web"
path = "/health"
content_type = "application/json""#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer("GET", "http://127.0.0.1:4321/health", Answer::Response { status: 200, headers: vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())], body: "<p>".into(), elapsed: Duration::from_millis(12) }),
            "failed: /health answers with the wrong content type.
expected: application/json
actual: text/html; charset=utf-8
at: http://127.0.0.1:4321/health
next: Set the header `content-type` of the answer.",
        ),
        (
            "the content type with a charset",
            r#"service = "web"
path = "/health"
content_type = "application/json""#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer("GET", "http://127.0.0.1:4321/health", Answer::Response { status: 200, headers: vec![("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned())], body: "{}".into(), elapsed: Duration::from_millis(12) }),
            "passed: GET /health answered 200 in 12 ms.
measured: status 200, time 12 ms",
        ),
        (
            "a header missing",
            r#"service = "web"
path = "/health"
response_headers = { x-request-id = "^[0-9a-f]+$" }"#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer_json("GET", "http://127.0.0.1:4321/health", 200, "{}"),
            "failed: The header `x-request-id` of the answer is missing.
expected: text that matches `^[0-9a-f]+$`
actual: no such header
at: http://127.0.0.1:4321/health
next: Set the header `x-request-id` of the answer.",
        ),
        (
            "a header with another value",
            r#"service = "web"
path = "/health"
response_headers = { x-request-id = "^[0-9a-f]+$" }"#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer("GET", "http://127.0.0.1:4321/health", Answer::Response { status: 200, headers: vec![("X-Request-Id".to_owned(), "none".to_owned())], body: "".into(), elapsed: Duration::from_millis(12) }),
            "failed: The header `x-request-id` of the answer has another value.
expected: text that matches `^[0-9a-f]+$`
actual: none
at: http://127.0.0.1:4321/health
next: Set the header `x-request-id` of the answer.",
        ),
        (
            "HTML for JSON",
            r#"service = "web"
path = "/health"
assert = [{ at = "status" }]"#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer("GET", "http://127.0.0.1:4321/health", Answer::Response { status: 200, headers: vec![], body: "<!doctype html>".into(), elapsed: Duration::from_millis(12) }),
            "failed: /health answers with HTML.
expected: a body in JSON
actual: <!doctype html>
at: http://127.0.0.1:4321/health
next: Return a dictionary or a model, so that the answer is JSON.",
        ),
        (
            "text for JSON",
            r#"service = "web"
path = "/health"
assert = [{ at = "status" }]"#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer("GET", "http://127.0.0.1:4321/health", Answer::Response { status: 200, headers: vec![], body: "ok".into(), elapsed: Duration::from_millis(12) }),
            "failed: /health answers with text that is not JSON from line 1, column 1.
expected: a body in JSON
actual: ok
at: http://127.0.0.1:4321/health
next: Return a dictionary or a model, so that the answer is JSON.",
        ),
        (
            "nothing for JSON",
            r#"service = "web"
path = "/health"
assert = [{ at = "status" }]"#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer("GET", "http://127.0.0.1:4321/health", Answer::Response { status: 200, headers: vec![], body: "".into(), elapsed: Duration::from_millis(12) }),
            "failed: /health answers with an empty body.
expected: a body in JSON
actual: nothing
at: http://127.0.0.1:4321/health
next: Return a dictionary or a model, so that the answer is JSON.",
        ),
        (
            "the first differing path",
            r#"service = "web"
path = "/health"
assert = [{ at = "", equals = { status = "ok", checks = [{ name = "db", up = true }] } }]"#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer_json("GET", "http://127.0.0.1:4321/health", 200, "{\"status\": \"ok\", \"checks\": [{\"name\": \"db\", \"up\": \"true\"}]}"),
            r#"failed: `checks[0].up` is the text "true", not true; the value is right, its type is not.
expected: true
actual: the text "true"
at: http://127.0.0.1:4321/health
next: Take the quotation marks away."#,
        ),
        (
            "a similar key",
            r#"service = "web"
path = "/health"
assert = [{ at = "status", equals = "ok" }]"#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer_json("GET", "http://127.0.0.1:4321/health", 200, "{\"Status\": \"ok\"}"),
            "failed: The answer has no `status`, but `Status`.
expected: `status`
actual: `Status`
at: http://127.0.0.1:4321/health
next: Rename `Status` to `status`.",
        ),
        (
            "a list for a table",
            r#"service = "web"
path = "/health"
assert = [{ at = "status", equals = "ok" }]"#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer_json("GET", "http://127.0.0.1:4321/health", 200, "[]"),
            "failed: The answer is a list, not a table of keys.
expected: `status`
actual: []
at: http://127.0.0.1:4321/health
next: Make it a table of keys.",
        ),
        (
            "too slow",
            r#"service = "web"
path = "/health"
within_ms = 10"#,
            MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() }).answer_json("GET", "http://127.0.0.1:4321/health", 200, "{}"),
            "failed: /health answers rightly, but too slowly.
expected: at most 10 ms
actual: 12 ms
at: http://127.0.0.1:4321/health
next: Measure which part of the answer takes the time.",
        ),
    ])
    .await;
}
