//! What a service tells Prometheus.

use checks::{Answer, ServiceState};
use testkit::memory_probe::MemoryProbe;

use crate::world::{Case, one, outcome, table};

const URL: &str = "http://127.0.0.1:4321/metrics";

fn web() -> MemoryProbe {
    MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:4321".to_owned() })
}

fn shows(text: &str) -> MemoryProbe {
    web().answer_text("GET", URL, 200, text)
}

const TEXT: &str = "# HELP http_requests_total Requests.\n# TYPE http_requests_total counter\n\
http_requests_total{method=\"GET\",route=\"/ask\",status=\"200\"} 3\nhttp_requests_total{method=\"POST\",route=\"/ask\",status=\"500\"} 1.0\n\
# TYPE queue_depth gauge\nqueue_depth 7\n# TYPE process_open_fds gauge\nprocess_open_fds 9\n\
# TYPE answer_seconds histogram\nanswer_seconds_bucket{le=\"0.1\"} 2\nanswer_seconds_bucket{le=\"1.0\"} 3\nanswer_seconds_bucket{le=\"+Inf\"} 4\n\
answer_seconds_sum 3.5\nanswer_seconds_count 4\n# TYPE idle_total counter\n";

/// What prometheus-client 0.21 wrote.
const PYTHON: &str = r#"# HELP http_requests_total Requests "x" \\ y\nz
# TYPE http_requests_total counter
http_requests_total{method="GET",route="/a\"b\\c\nd"} 1.0
# HELP http_requests_created Requests "x" \\ y\nz
# TYPE http_requests_created gauge
http_requests_created{method="GET",route="/a\"b\\c\nd"} 1.7954529546982915e+09
# HELP answer_seconds h
# TYPE answer_seconds histogram
answer_seconds_bucket{le="0.1",m="x"} 0.0
answer_seconds_bucket{le="0.5",m="x"} 1.0
answer_seconds_bucket{le="1.0",m="x"} 1.0
answer_seconds_bucket{le="+Inf",m="x"} 1.0
answer_seconds_count{m="x"} 1.0
answer_seconds_sum{m="x"} 0.3
# HELP s s
# TYPE s summary
s_count 1.0
s_sum 1.0
# HELP g g
# TYPE g gauge
g NaN
"#;

#[tokio::test]
async fn one_look() {
    let cases: Vec<Case> = vec![
        (
            "all there",
            r#"service = "web"
metrics = [
  { name = "http_requests_total", type = "counter", has_labels = ["method", "route"], labels = { method = "GET" }, min = 3, max = 3 },
  { name = "answer_seconds", type = "histogram", buckets = [0.1, 1], min = 4 },
  { name = "queue_depth", type = "gauge", max = 10 },
]"#,
            shows(TEXT),
            "passed: `http_requests_total`, `answer_seconds`, `queue_depth` are as they should be.",
        ),
        (
            "as the Python client writes it",
            r#"service = "web"
metrics = [
  { name = "http_requests_total", type = "counter", labels = { route = "/a\"b\\c\nd" }, min = 1 },
  { name = "answer_seconds", type = "histogram", labels = { m = "x" }, buckets = [0.1, 0.5, 1] },
  { name = "s", type = "summary", max = 1 },
]"#,
            shows(PYTHON),
            "passed: `http_requests_total`, `answer_seconds`, `s` are as they should be.",
        ),
        (
            "a name that comes close",
            "service = \"web\"\nmetrics = [{ name = \"http_request_total\" }]",
            shows(TEXT),
            r#"failed: There is no metric `http_request_total`, but there is `http_requests_total`.
expected: a metric `http_request_total`
actual: line 3: http_requests_total{method="GET",route="/ask",status="200"}
at: http://127.0.0.1:4321/metrics
next: Rename it to `http_request_total`."#,
        ),
        (
            "a name without its unit",
            "service = \"web\"\nmetrics = [{ name = \"answer\" }]",
            shows(TEXT),
            "failed: There is no metric `answer`, but there is `answer_seconds`.
expected: a metric `answer`
actual: answer_seconds
at: http://127.0.0.1:4321/metrics
next: Rename it to `answer`.",
        ),
        (
            "a name with a prefix",
            "service = \"web\"\nmetrics = [{ name = \"app_queue_depth\" }]",
            shows(TEXT),
            "failed: There is no metric `app_queue_depth`, but there is `queue_depth`.
expected: a metric `app_queue_depth`
actual: line 6: queue_depth
at: http://127.0.0.1:4321/metrics
next: Rename it to `app_queue_depth`.",
        ),
        (
            "no such metric",
            "service = \"web\"\nmetrics = [{ name = \"tokens_generated\" }]",
            shows(TEXT),
            "failed: There is no metric `tokens_generated`.
expected: a metric `tokens_generated`
actual: answer_seconds, http_requests_total, idle_total, queue_depth
at: http://127.0.0.1:4321/metrics
next: Make the metric `tokens_generated`.",
        ),
        (
            "nothing of its own",
            "service = \"web\"\nmetrics = [{ name = \"tokens_generated\" }]",
            shows("process_open_fds 9\n"),
            "failed: There is no metric `tokens_generated`.
expected: a metric `tokens_generated`
actual: no metrics of its own
at: http://127.0.0.1:4321/metrics
next: Make the metric `tokens_generated`.",
        ),
        (
            "no values yet",
            "service = \"web\"\nmetrics = [{ name = \"idle_total\" }]",
            shows(TEXT),
            "failed: `idle_total` has a TYPE line and no values.
expected: a metric `idle_total`
actual: no values
at: http://127.0.0.1:4321/metrics
next: A metric with labels shows its first series when it is first used: use it, then ask again.",
        ),
        (
            "another type",
            "service = \"web\"\nmetrics = [{ name = \"queue_depth\", type = \"counter\" }]",
            shows(TEXT),
            "failed: `queue_depth` is not a counter.
expected: a counter
actual: a gauge
at: http://127.0.0.1:4321/metrics
next: Make it with the client library's counter class.",
        ),
        (
            "no type",
            "service = \"web\"\nmetrics = [{ name = \"x\", type = \"counter\" }]",
            shows("x 1\n"),
            "failed: `x` is not a counter.
expected: a counter
actual: no TYPE line
at: http://127.0.0.1:4321/metrics
next: Make it with the client library's counter class.",
        ),
        (
            "a label that comes close",
            "service = \"web\"\nmetrics = [{ name = \"http_requests_total\", has_labels = [\"methods\"] }]",
            shows(TEXT),
            r#"failed: A series of `http_requests_total` has no label `methods`, but `method`.
expected: the label `methods`
actual: line 3: http_requests_total{method="GET",route="/ask",status="200"}
at: http://127.0.0.1:4321/metrics
next: Rename the label `method` to `methods`."#,
        ),
        (
            "no such label",
            "service = \"web\"\nmetrics = [{ name = \"http_requests_total\", labels = { tenant = \"a\" } }]",
            shows(TEXT),
            r#"failed: `http_requests_total` has no label `tenant`.
expected: http_requests_total{tenant="a"}
actual: line 3: http_requests_total{method="GET",route="/ask",status="200"}
line 4: http_requests_total{method="POST",route="/ask",status="500"}
at: http://127.0.0.1:4321/metrics
next: Give the metric the label `tenant`."#,
        ),
        (
            "no such value",
            "service = \"web\"\nmetrics = [{ name = \"http_requests_total\", labels = { method = \"get\" } }]",
            shows(TEXT),
            r#"failed: `http_requests_total` has no series whose `method` is `get`, but `GET`.
expected: http_requests_total{method="get"}
actual: line 3: http_requests_total{method="GET",route="/ask",status="200"}
line 4: http_requests_total{method="POST",route="/ask",status="500"}
at: http://127.0.0.1:4321/metrics
next: Give the label `method` the value `get` when this is counted."#,
        ),
        (
            "not these together",
            "service = \"web\"\nmetrics = [{ name = \"http_requests_total\", labels = { method = \"GET\", status = \"500\" } }]",
            shows(TEXT),
            r#"failed: `http_requests_total` has no series with these labels together, but 2 other series.
expected: http_requests_total{method="GET",status="500"}
actual: line 3: http_requests_total{method="GET",route="/ask",status="200"}
line 4: http_requests_total{method="POST",route="/ask",status="500"}
at: http://127.0.0.1:4321/metrics
next: See that each label is given its own value."#,
        ),
        (
            "too small",
            "service = \"web\"\nmetrics = [{ name = \"queue_depth\", min = 8 }]",
            shows(TEXT),
            "failed: `queue_depth` is too small: 7.
expected: at least 8
actual: line 6: queue_depth 7
at: http://127.0.0.1:4321/metrics
next: Look at where the code sets it.",
        ),
        (
            "too large",
            "service = \"web\"\nmetrics = [{ name = \"queue_depth\", max = 6.5 }]",
            shows(TEXT),
            "failed: `queue_depth` is too large: 7.
expected: at most 6.5
actual: line 6: queue_depth 7
at: http://127.0.0.1:4321/metrics
next: Look at where the code sets it.",
        ),
        (
            "no number",
            "service = \"web\"\nmetrics = [{ name = \"x\", max = 6 }]",
            shows("x NaN\n"),
            "failed: `x` is no number: NaN.
expected: at most 6
actual: line 1: x NaN
at: http://127.0.0.1:4321/metrics
next: Look at where the code sets it.",
        ),
        (
            "no such bucket",
            "service = \"web\"\nmetrics = [{ name = \"answer_seconds\", buckets = [0.1, 0.5] }]",
            shows(TEXT),
            r#"failed: The histogram `answer_seconds` has no bucket up to 0.5.
expected: a bucket with le="0.5"
actual: buckets up to 0.1, 1, +Inf
at: http://127.0.0.1:4321/metrics
next: Name the buckets where the histogram is made: Histogram(…, buckets=(…))."#,
        ),
        (
            "not cumulative",
            "service = \"web\"\nmetrics = [{ name = \"answer_seconds\" }]",
            shows(&TEXT.replace("le=\"1.0\"} 3", "le=\"1.0\"} 1")),
            r#"failed: The histogram `answer_seconds` has buckets that are not cumulative, in line 11.
expected: at least 2 in answer_seconds_bucket{le="1.0"}
actual: 1
at: http://127.0.0.1:4321/metrics
next: A bucket counts everything up to its bound, so it holds all that the smaller ones hold."#,
        ),
        (
            "no bucket up to infinity",
            "service = \"web\"\nmetrics = [{ name = \"answer_seconds\" }]",
            shows(&TEXT.replace("answer_seconds_bucket{le=\"+Inf\"} 4\n", "")),
            r#"failed: The histogram `answer_seconds` has no bucket up to +Inf.
expected: a bucket with le="+Inf"
actual: 0.1, 1
at: http://127.0.0.1:4321/metrics
next: Let the client library's Histogram count; it does not let this happen."#,
        ),
        (
            "no sum",
            "service = \"web\"\nmetrics = [{ name = \"answer_seconds\" }]",
            shows(&TEXT.replace("answer_seconds_sum 3.5\n", "")),
            "failed: The histogram `answer_seconds` has no `answer_seconds_sum`.
expected: `answer_seconds_sum`
actual: none
at: http://127.0.0.1:4321/metrics
next: Let the client library's Histogram count; it does not let this happen.",
        ),
        (
            "another count",
            "service = \"web\"\nmetrics = [{ name = \"answer_seconds\" }]",
            shows(&TEXT.replace("answer_seconds_count 4", "answer_seconds_count 5")),
            "failed: The histogram `answer_seconds` counts another number than its last bucket.
expected: 4 in answer_seconds_count
actual: 5
at: http://127.0.0.1:4321/metrics
next: Let the client library's Histogram count; it does not let this happen.",
        ),
        (
            "no buckets",
            "service = \"web\"\nmetrics = [{ name = \"queue_depth\", buckets = [1] }]",
            shows(TEXT),
            "failed: The histogram `queue_depth` has no buckets.
expected: series called `queue_depth_bucket` with the label `le`
actual: none
at: http://127.0.0.1:4321/metrics
next: Make it with the client library's Histogram and let it observe a value.",
        ),
    ];
    table("metrics", cases).await;
}

#[tokio::test]
async fn what_prometheus_would_not_read() {
    let any = "service = \"web\"\nmetrics = [{ name = \"x\" }]";
    let cases: Vec<Case> = vec![
        (
            "a value that is none",
            any,
            shows("a 1\nx one\n"),
            r#"failed: /metrics is not what Prometheus reads: line 2: `one` is no number.
expected: one `name{label="value"} number` a line
actual: x one
at: http://127.0.0.1:4321/metrics
next: Let the client library write it: generate_latest()."#,
        ),
        (
            "no value",
            any,
            shows("x{a=\"b\"}\n"),
            r#"failed: /metrics is not what Prometheus reads: line 1: `x` has no value.
expected: one `name{label="value"} number` a line
actual: x{a="b"}
at: http://127.0.0.1:4321/metrics
next: Let the client library write it: generate_latest()."#,
        ),
        (
            "a name with a hyphen",
            any,
            shows("x-y 1\n"),
            r#"failed: /metrics is not what Prometheus reads: line 1: `x-y` is no name of a metric: letters, digits, _ and :, no digit first.
expected: one `name{label="value"} number` a line
actual: x-y 1
at: http://127.0.0.1:4321/metrics
next: Let the client library write it: generate_latest()."#,
        ),
        (
            "no quotation marks",
            any,
            shows("x{a=b} 1\n"),
            r#"failed: /metrics is not what Prometheus reads: line 1: the value of the label `a` is not in quotation marks.
expected: one `name{label="value"} number` a line
actual: x{a=b} 1
at: http://127.0.0.1:4321/metrics
next: Let the client library write it: generate_latest()."#,
        ),
        (
            "braces left open",
            any,
            shows("x{a=\"b\", 1\n"),
            r#"failed: /metrics is not what Prometheus reads: line 1: `1` is no label: write name="value".
expected: one `name{label="value"} number` a line
actual: x{a="b", 1
at: http://127.0.0.1:4321/metrics
next: Let the client library write it: generate_latest()."#,
        ),
        (
            "a quotation mark left open",
            any,
            shows("x{a=\"b} 1\n"),
            r#"failed: /metrics is not what Prometheus reads: line 1: the value of the label `a` has no closing quotation mark.
expected: one `name{label="value"} number` a line
actual: x{a="b} 1
at: http://127.0.0.1:4321/metrics
next: Let the client library write it: generate_latest()."#,
        ),
        (
            "no comma",
            any,
            shows("x{a=\"b\" c=\"d\"} 1\n"),
            r#"failed: /metrics is not what Prometheus reads: line 1: after the label `a` there is neither a comma nor a closing brace.
expected: one `name{label="value"} number` a line
actual: x{a="b" c="d"} 1
at: http://127.0.0.1:4321/metrics
next: Let the client library write it: generate_latest()."#,
        ),
        (
            "an escape that stands for nothing",
            any,
            shows("x{a=\"\\d\"} 1\n"),
            r#"failed: /metrics is not what Prometheus reads: line 1: the value of the label `a` has `\d`, which stands for nothing.
expected: one `name{label="value"} number` a line
actual: x{a="\d"} 1
at: http://127.0.0.1:4321/metrics
next: Let the client library write it: generate_latest()."#,
        ),
        (
            "a label twice",
            any,
            shows("x{a=\"b\",a=\"c\"} 1\n"),
            r#"failed: /metrics is not what Prometheus reads: line 1: the label `a` is there twice.
expected: one `name{label="value"} number` a line
actual: x{a="b",a="c"} 1
at: http://127.0.0.1:4321/metrics
next: Let the client library write it: generate_latest()."#,
        ),
        (
            "a series twice",
            any,
            shows("x{a=\"b\"} 1\nx{ a=\"b\", } 2\n"),
            r#"failed: /metrics is not what Prometheus reads: line 2: the series x{a="b"} is there twice.
expected: one `name{label="value"} number` a line
actual: x{ a="b", } 2
at: http://127.0.0.1:4321/metrics
next: Let the client library write it: generate_latest()."#,
        ),
        (
            "a time that is none",
            any,
            shows("x 1 now\n"),
            r#"failed: /metrics is not what Prometheus reads: line 1: `now` after the value is no time in milliseconds.
expected: one `name{label="value"} number` a line
actual: x 1 now
at: http://127.0.0.1:4321/metrics
next: Let the client library write it: generate_latest()."#,
        ),
        (
            "an unknown type",
            any,
            shows("# TYPE x number\nx 1\n"),
            r#"failed: /metrics is not what Prometheus reads: line 1: `number` is no type; those are counter, gauge, histogram, summary, untyped.
expected: one `name{label="value"} number` a line
actual: # TYPE x number
at: http://127.0.0.1:4321/metrics
next: Let the client library write it: generate_latest()."#,
        ),
        (
            "the type too late",
            any,
            shows("x 1\n# TYPE x gauge\n"),
            r#"failed: /metrics is not what Prometheus reads: line 2: the TYPE of `x` stands after its first value.
expected: one `name{label="value"} number` a line
actual: # TYPE x gauge
at: http://127.0.0.1:4321/metrics
next: Let the client library write it: generate_latest()."#,
        ),
        (
            "two types",
            any,
            shows("# TYPE x gauge\n# TYPE x counter\nx 1\n"),
            r#"failed: /metrics is not what Prometheus reads: line 2: `x` has a second TYPE.
expected: one `name{label="value"} number` a line
actual: # TYPE x counter
at: http://127.0.0.1:4321/metrics
next: Let the client library write it: generate_latest()."#,
        ),
        (
            "carriage returns",
            any,
            shows("x 1\r\n"),
            r#"failed: /metrics is not what Prometheus reads: line 1: it ends in a carriage return; lines end in a line feed alone.
expected: one `name{label="value"} number` a line
actual: x 1
at: http://127.0.0.1:4321/metrics
next: Let the client library write it: generate_latest()."#,
        ),
        (
            "JSON",
            any,
            web().answer_json("GET", URL, 200, "{\"x\": 1}"),
            r#"failed: /metrics answers with JSON, not with Prometheus's text format.
expected: one `name{label="value"} number` a line
actual: {"x": 1}
at: http://127.0.0.1:4321/metrics
next: Return the client library's text as it is: generate_latest(), with its content type."#,
        ),
        (
            "HTML",
            any,
            shows("<!doctype html>"),
            r#"failed: /metrics answers with HTML, not with Prometheus's text format.
expected: one `name{label="value"} number` a line
actual: <!doctype html>
at: http://127.0.0.1:4321/metrics
next: Return the client library's text as it is: generate_latest(), with its content type."#,
        ),
        (
            "another status",
            any,
            web().answer_text("GET", URL, 404, "{\"detail\":\"Not Found\"}"),
            r#"failed: GET /metrics answers 404, not 200.
expected: status 200
actual: status 404
{"detail":"Not Found"}
at: http://127.0.0.1:4321/metrics
next: Add a route for /metrics, spelled exactly so, and see that the service restarted."#,
        ),
        (
            "nothing listens",
            any,
            web(),
            "failed: Nothing listens where GET /metrics was sent.
expected: an answer with status 200
actual: connection refused
at: http://127.0.0.1:4321/metrics
next: See that the service still runs, and listens on 127.0.0.1 and the port in the variable PORT.",
        ),
        (
            "the service stopped",
            any,
            MemoryProbe::new().service("web", ServiceState::Failed { summary: "it ended".into(), log: vec![] }),
            "failed: The service `web` does not run: it ended.
expected: the service `web` answers
actual: its log is empty
next: Read the service's log, and run its command by hand.",
        ),
        (
            "all that is allowed",
            any,
            shows(
                "# a comment\n#TYPE\n\n  \t\n# HELP x Words \\n and more.\n# TYPE x untyped\n x\t{ a = \"\\\\\\\"\\n}\" , b_1=\"ü\",} +Inf 1700000000000 \n:y -1e-3\n# EOF",
            ),
            "passed: `x` is as it should be.",
        ),
    ];
    table("metrics", cases).await;
}

const RISES: &str = r#"service = "web"
requests = [{ path = "/ask", times = 2 }, { path = "/ask", method = "POST", json = { q = 1 }, status = 200 }]
metrics = [{ name = "asked_total", rises_by = 3 }]"#;

#[tokio::test]
async fn two_looks() {
    let answers = || {
        web().answer_json("GET", "http://127.0.0.1:4321/ask", 500, "{}").answer_json(
            "POST",
            "http://127.0.0.1:4321/ask",
            200,
            "{}",
        )
    };
    let looks = |texts: &[&str]| texts.iter().fold(answers(), |probe, text| probe.answer_text("GET", URL, 200, text));
    let least = r#"service = "web"
metrics = [{ name = "asked_total", rises_at_least = 3, labels = { status = "200" } }]"#;
    let cases: Vec<Case> = vec![
        (
            "rises",
            RISES,
            looks(&["asked_total 4\n", "asked_total 7\n"]),
            "passed: `asked_total` is as it should be.
measured: asked_total +3",
        ),
        (
            "was not there before",
            RISES,
            looks(&["x 1\n", "asked_total{a=\"1\"} 2\nasked_total{a=\"2\"} 1\n"]),
            "passed: `asked_total` is as it should be.
measured: asked_total +3",
        ),
        (
            "counts a little late",
            RISES,
            looks(&["asked_total 4\n", "asked_total 6\n", "asked_total 7\n"]),
            "passed: `asked_total` is as it should be.
measured: asked_total +3",
        ),
        (
            "does not rise",
            RISES,
            looks(&["asked_total 4\n"]),
            "failed: `asked_total` did not rise.
expected: a rise by 3
actual: 4 before, 4 after
at: http://127.0.0.1:4321/metrics
next: Count where the work is done.",
        ),
        (
            "rises too little",
            RISES,
            looks(&["asked_total 4\n", "asked_total 5\n"]),
            "failed: `asked_total` rose by 1, not 3.
expected: a rise by 3
actual: 4 before, 5 after
at: http://127.0.0.1:4321/metrics
next: See which of the requests it does not count, such as those that fail.",
        ),
        (
            "counts twice",
            RISES,
            looks(&["asked_total 4\n", "asked_total 10\n"]),
            "failed: `asked_total` rose by 6, not 3.
expected: a rise by 3
actual: 4 before, 10 after
at: http://127.0.0.1:4321/metrics
next: It counts something twice, or more than it should: look at every place that counts.",
        ),
        (
            "falls",
            RISES,
            looks(&["asked_total 4\n", "asked_total 1\n"]),
            "failed: `asked_total` fell from 4 to 1.
expected: a rise by 3
actual: 4 before, 1 after
at: http://127.0.0.1:4321/metrics
next: A counter only rises: see that nothing sets it, and that one process alone serves the metrics.",
        ),
        (
            "is not there",
            RISES,
            looks(&["x 1\n"]),
            "failed: There is no metric `asked_total`.
expected: a metric `asked_total`
actual: x
at: http://127.0.0.1:4321/metrics
next: Make the metric `asked_total`.",
        ),
        (
            "rises enough in one series",
            least,
            looks(&[
                "asked_total{status=\"200\"} 1\nasked_total{status=\"500\"} 1\n",
                "asked_total{status=\"200\"} 9\nasked_total{status=\"500\"} 1\n",
            ]),
            "passed: `asked_total` is as it should be.
measured: asked_total +8",
        ),
        (
            "a histogram rises by its count",
            "service = \"web\"\nmetrics = [{ name = \"s\", rises_by = 1 }]",
            looks(&[
                "# TYPE s histogram\ns_bucket{le=\"+Inf\"} 1\ns_sum 9\ns_count 1\n",
                "# TYPE s histogram\ns_bucket{le=\"+Inf\"} 2\ns_sum 99\ns_count 2\n",
            ]),
            "passed: `s` is as it should be.
measured: s +1",
        ),
        (
            "a request with another status",
            RISES,
            web()
                .answer_text("GET", URL, 200, "asked_total 4\n")
                .answer_json("GET", "http://127.0.0.1:4321/ask", 500, "{}")
                .answer_json("POST", "http://127.0.0.1:4321/ask", 503, "{}"),
            "failed: POST /ask answers 503, not 200.
expected: status 200
actual: status 503
{}
at: http://127.0.0.1:4321/ask
next: The handler failed: its traceback is in the service's log.",
        ),
        (
            "a request with no answer",
            RISES,
            web().answer_text("GET", URL, 200, "asked_total 4\n").answer(
                "GET",
                "http://127.0.0.1:4321/ask",
                Answer::Reset,
            ),
            "failed: The connection broke before GET /ask was answered.
expected: an answer with status 200
actual: the connection was closed early
at: http://127.0.0.1:4321/ask
next: Read the service's log: the handler or the whole program probably stopped.",
        ),
    ];
    table("metrics", cases).await;
}

#[tokio::test]
async fn requests_come_between_the_looks() {
    let probe = web()
        .answer_text("GET", URL, 200, "asked_total 1\n")
        .answer_text("GET", URL, 200, "asked_total 4\n")
        .answer_json("GET", "http://127.0.0.1:4321/ask", 200, "{}")
        .answer_json("POST", "http://127.0.0.1:4321/ask", 200, "{}");
    outcome(&one("metrics", RISES), &probe, &std::collections::BTreeMap::new()).await;
    let asked: Vec<String> = probe
        .asked()
        .requests
        .iter()
        .map(|one| format!("{} {}", one.method, one.url.trim_start_matches("http://127.0.0.1:4321")))
        .collect();
    assert_eq!(asked, ["GET /metrics", "GET /ask", "GET /ask", "POST /ask", "GET /metrics"]);
    let headers = &probe.asked().requests[0].headers;
    assert!(headers.contains(&("accept".to_owned(), "text/plain;version=0.0.4".to_owned())), "{headers:?}");
}
