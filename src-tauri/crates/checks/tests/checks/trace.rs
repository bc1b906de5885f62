//! What the learner's program told of itself in spans.

use checks::{Span, SpanStatus, lint};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use testkit::memory_probe::MemoryProbe;

use crate::world::{one, table};

/// `id<parent name start+length` in milliseconds: `b<a chat 10+20`.
fn span(trace: &str, text: &str) -> Span {
    let words: Vec<&str> = text.split(' ').collect();
    let (id, parent) = words[0].split_once('<').unwrap_or((words[0], ""));
    let (start, millis) = words[words.len() - 1].split_once('+').unwrap();
    let start = SignedDuration::from_millis(start.parse().unwrap());
    Span {
        trace: trace.to_owned(),
        id: id.to_owned(),
        parent: Some(parent.to_owned()).filter(|parent| !parent.is_empty()),
        name: words[1..words.len() - 1].join(" "),
        start: Timestamp::from_second(1_700_000_000).unwrap() + start,
        millis: millis.parse().unwrap(),
        status: SpanStatus::Ok,
        attributes: Default::default(),
    }
}

fn chat(trace: &str, text: &str, attributes: serde_json::Value) -> Span {
    Span { attributes: attributes.as_object().cloned().unwrap(), ..span(trace, text) }
}

/// A request with retrieval and generation below it.
fn whole(trace: &str) -> Vec<Span> {
    vec![
        span(trace, "r<a retrieval docs 10+50"),
        chat(
            trace,
            "g<w chat smollm2 100+200",
            json!({"gen_ai.request.model": "smollm2", "gen_ai.usage.input_tokens": 7}),
        ),
        span(trace, "w<a answer 90+300"),
        span(trace, "a POST /ask 0+400"),
    ]
}

fn world(spans: Vec<Span>) -> MemoryProbe {
    spans.into_iter().fold(MemoryProbe::new(), MemoryProbe::span)
}

const WANTED: &str = "spans = [
    { id = \"request\", name = \"^POST /ask\" },
    { id = \"retrieval\", name = \"^retrieval\", under = \"request\", min_ms = 1.0 },
    { id = \"generation\", name = \"^chat \", under = \"request\", follows = \"retrieval\", status = \"ok\",
      attributes = { \"gen_ai.request.model\" = \".\", \"gen_ai.usage.input_tokens\" = \"^[1-9]\" } },
]";

#[tokio::test]
async fn traces_are_told_apart() {
    let change = |index: usize, with: Span| {
        let mut spans = whole("t");
        spans[index] = with;
        world(spans)
    };
    let good = json!({"gen_ai.request.model": "smollm2", "gen_ai.usage.input_tokens": 7});
    table(
        "trace",
        vec![
            (
                "as it should be",
                WANTED,
                world(whole("t")),
                "passed: One trace of 4 spans holds POST /ask, retrieval docs, chat smollm2.
measured: request 400 ms, retrieval 50 ms, generation 200 ms",
            ),
            (
                "one good trace among others",
                WANTED,
                world([vec![span("s", "x POST /ask 0+1")], whole("t"), vec![span("u", "y POST /ask 0+1")]].concat()),
                "passed: One trace of 4 spans holds POST /ask, retrieval docs, chat smollm2.
measured: request 400 ms, retrieval 50 ms, generation 200 ms",
            ),
            (
                "nothing",
                WANTED,
                world(vec![]),
                "failed: No span reached Groundwork.
expected: spans of the program, exported over OTLP
actual: no spans
next: Export with the OTLPSpanExporter of opentelemetry.exporter.otlp.proto.http, without an endpoint of your own: the lab's environment sets OTEL_EXPORTER_OTLP_ENDPOINT. Call provider.shutdown() before the program ends.",
            ),
            (
                "all dropped",
                WANTED,
                world(vec![]).dropped_spans(200),
                "failed: No span reached Groundwork.
expected: spans of the program, exported over OTLP
actual: none of this time; 200 older ones were dropped
next: Run the program again, and export fewer spans.",
            ),
            (
                "no parent",
                WANTED,
                change(0, span("t", "r retrieval docs 10+50")),
                "failed: The span `retrieval docs` does not lie below `POST /ask`.
expected: `retrieval docs` below `POST /ask`
actual: `retrieval docs` has no parent
next: Start it inside `with tracer.start_as_current_span(...)` of the outer work.",
            ),
            (
                "in a trace of its own",
                WANTED,
                change(0, span("other", "r retrieval docs 10+50")),
                "failed: The trace has no span for `retrieval`.
expected: text that matches `^retrieval`
actual: `retrieval docs`, in a trace of its own
next: Start it while the span of the request is the current one: a new thread or task, or a request to another program, needs the context handed on.",
            ),
            (
                "another name",
                WANTED,
                change(0, span("t", "r<a Retrieval 10+50")),
                "failed: The trace has no span for `retrieval`.
expected: text that matches `^retrieval`
actual: spans called POST /ask, Retrieval, answer, chat smollm2
next: Only upper and lower case differ in `Retrieval`.",
            ),
            (
                "a similar key",
                WANTED,
                change(1, chat("t", "g<w chat smollm2 100+200", json!({"gen_ai.request_model": "smollm2"}))),
                "failed: The span `chat smollm2` lacks the attribute `gen_ai.request.model`.
expected: `gen_ai.request.model`: text that matches `.`
actual: gen_ai.request_model
next: Is `gen_ai.request_model` meant? Name it as the semantic conventions do.",
            ),
            (
                "another value",
                WANTED,
                change(
                    1,
                    chat("t", "g<w chat x 100+200", json!({"gen_ai.request.model": "x", "gen_ai.usage.input_tokens": 0})),
                ),
                "failed: The attribute `gen_ai.usage.input_tokens` of the span `chat x` has another value.
expected: text that matches `^[1-9]`
actual: 0
next: Set the attribute from what was really asked and answered.",
            ),
            (
                "too early",
                WANTED,
                change(1, chat("t", "g<w chat x 20+200", good.clone())),
                "failed: The span `chat x` begins before `retrieval docs` has ended.
expected: `retrieval docs` ends, then `chat x` begins
actual: they overlap, or come the other way round
next: End the first span when its work is done, before the next begins.",
            ),
            (
                "an error",
                WANTED,
                change(1, Span { status: SpanStatus::Error, ..chat("t", "g<w chat x 100+200", good) }),
                "failed: The span `chat x` has another status.
expected: status ok
actual: status error
next: Set it with span.set_status; an exception that leaves the `with` block sets error by itself.",
            ),
            (
                "too short",
                WANTED,
                change(0, span("t", "r<a retrieval docs 10+0.2")),
                "failed: The span `retrieval docs` is too short to hold the work.
expected: at least 1 ms
actual: 0.2 ms
next: Put the work itself inside the span, not only its preparation.",
            ),
            (
                "parents in a circle",
                WANTED,
                world(vec![span("t", "a POST /ask 0+9"), span("t", "r<s retrieval 1+2"), span("t", "s<r x 1+2")]),
                "failed: The span `retrieval` does not lie below `POST /ask`.
expected: `retrieval` below `POST /ask`
actual: `retrieval` lies below another span
next: Start it inside `with tracer.start_as_current_span(...)` of the outer work.",
            ),
        ],
    )
    .await;
}

#[test]
fn settings_that_cannot_work() {
    for (settings, expected) in [
        ("spans = []", "no span is asked for"),
        ("spans = [{ id = \"a\", name = \"a\" }, { id = \"a\", name = \"b\" }]", "two spans are called `a`"),
        ("spans = [{ id = \"a\", name = \"a\", under = \"b\" }]", "no span before this one is called `b`"),
        ("spans = [{ id = \"a\", name = \"a\" }]\nduring = \"ask\"", "no check of this lab is called `ask`"),
    ] {
        let told: Vec<String> = lint(&one("trace", settings)).iter().map(ToString::to_string).collect();
        assert!(told.len() == 1 && told[0].contains(expected), "{settings}: {told:?}");
    }
}
