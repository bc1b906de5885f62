//! Answers that arrive piece by piece.

use checks::{Call, ServiceState, StreamEnd, StreamEnd::*, lint};
use jiff::{SignedDuration, Timestamp};
use testkit::memory_probe::MemoryProbe;

use crate::world::{one, table};

const BASE: &str = "service = \"web\"\npath = \"/ask\"\n";
const URL: (&str, &str) = ("GET", "http://127.0.0.1:1/ask");
const EVENTS: (u16, &str) = (200, "text/event-stream; charset=utf-8");

fn world() -> MemoryProbe {
    MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:1".to_owned() })
}

fn streams(pieces: &[(u64, &str)], end: StreamEnd) -> MemoryProbe {
    world().stream(URL, EVENTS, pieces, end)
}

/// A call of the model that began after the check did.
fn called(status: u16) -> Call {
    Call {
        at: Timestamp::now() + SignedDuration::from_secs(60),
        method: "POST".to_owned(),
        path: "/v1/chat/completions".to_owned(),
        dialect: "openai".to_owned(),
        status,
        model: None,
        stream: true,
        prompt_tokens: 1,
        completion_tokens: 480,
        finish_reason: None,
        first_token_ms: None,
        millis: 1.0,
        error: None,
        injected: false,
        started: true,
    }
}

const GOOD: &[(u64, &str)] = &[
    (100, "data: {\"text\": \"Hel"),
    (140, "lo\"}\r\n\r\n: ping\n\n"),
    (300, "data: {\"text\": \" there\"}\n\n"),
    (310, "data: [DONE]\n\n"),
];
const ALL: &str = "min_events = 2\nspread_ms = 100\nfirst_within_ms = 200\nlongest_gap_ms = 200\n\
                   last = '^\\[DONE\\]$'\nassert = [{ at = \"text\", min_length = 1 }]";

#[tokio::test]
async fn streams_are_told_apart() {
    let cases = vec![
        (
            "as it should be",
            ALL,
            streams(GOOD, Whole),
            "passed: GET /ask streamed 3 events, the first after 140 ms.
measured: events 3, first event 140 ms, longest gap 160 ms, last event 310 ms",
        ),
        (
            "one JSON",
            "",
            world().stream(URL, (200, "application/json"), &[(50, "{\"text\": \"Hello there\"}")], Whole),
            "failed: /ask does not stream: it answers with one piece of JSON.
expected: events, each `data: ...` and a blank line
actual: application/json
{\"text\": \"Hello there\"}
at: http://127.0.0.1:1/ask
next: Return a StreamingResponse with media_type=\"text/event-stream\" that yields every piece as it comes.",
        ),
        (
            "JSON called a stream",
            "",
            streams(&[(50, "{\"text\": \"Hello\"}")], Whole),
            "failed: /ask does not stream: it answers with one piece of JSON.
expected: events, each `data: ...` and a blank line
actual: text/event-stream; charset=utf-8
{\"text\": \"Hello\"}
at: http://127.0.0.1:1/ask
next: Return a StreamingResponse with media_type=\"text/event-stream\" that yields every piece as it comes.",
        ),
        (
            "the wrong type",
            "",
            world().stream(URL, (200, "text/plain"), &[(50, "data: a\n\n")], Whole),
            "failed: /ask streams with the wrong content type.
expected: text/event-stream
actual: text/plain
at: http://127.0.0.1:1/ask
next: Set media_type=\"text/event-stream\" of the streamed answer.",
        ),
        (
            "no prefix",
            "",
            streams(&[(50, "Hello\n\n"), (60, "there\n\n")], Whole),
            "failed: A line of the stream does not begin with `data:`.
expected: events, each `data: ...` and a blank line
actual: Hello
at: http://127.0.0.1:1/ask
next: Yield f\"data: {piece}\\n\\n\": a client drops every line that names no field.",
        ),
        (
            "one line feed short everywhere",
            "",
            streams(&[(50, "data: {\"a\": 1}\n"), (60, "data: {\"a\": 2}\n")], Whole),
            "failed: The stream ends without a blank line, so a client drops what it says.
expected: events, each `data: ...` and a blank line
actual: data: {\"a\": 2}
at: http://127.0.0.1:1/ask
next: End each event with two line feeds: f\"data: {piece}\\n\\n\".",
        ),
        (
            "glued to the end",
            "",
            streams(&[(50, "data: {\"a\": 1}\n"), (60, "data: {\"a\": 2}\ndata: [DONE]\n\n")], Whole),
            "failed: 3 pieces arrive as one event: no blank line parts them.
expected: events, each `data: ...` and a blank line
actual: {\"a\": 1}
{\"a\": 2}
[DONE]
at: http://127.0.0.1:1/ask
next: End each event with two line feeds: f\"data: {piece}\\n\\n\".",
        ),
        (
            "buffered",
            "spread_ms = 50",
            streams(&[(900, "data: a\n\ndata: b\n\n"), (902, "data: c\n\n")], Whole),
            "failed: All 3 events came at once: something buffers the stream.
expected: at least 50 ms from the first event to the last
actual: 2 ms, the first after 900 ms
at: http://127.0.0.1:1/ask
next: Yield each piece when the model makes it, with stream=True, instead of collecting them first.",
        ),
        (
            "cut",
            "",
            streams(&[(50, "data: a\n\n"), (60, "data: b\n\nda")], Broken),
            "failed: The stream broke off after 2 events.
expected: a stream that ends by itself
actual: 2 events, the last b, then the connection was closed
at: http://127.0.0.1:1/ask
next: Read the service's log: an exception inside the generator ends the answer like this.",
        ),
        (
            "endless",
            "timeout_ms = 500",
            streams(&[(50, "data: a\n\n")], TimedOut),
            "failed: The stream was still open after 500 ms.
expected: a stream that ends by itself
actual: 1 event, the last a, and no end
at: http://127.0.0.1:1/ask
next: Let the generator return after its last event; look for what it still waits for.",
        ),
        (
            "empty",
            "",
            streams(&[], Whole),
            "failed: The stream ended without an event.
expected: events, each `data: ...` and a blank line
actual: an empty body
at: http://127.0.0.1:1/ask
next: Yield f\"data: {piece}\\n\\n\" for every piece, and see that there are pieces.",
        ),
        (
            "no end mark",
            "last = '^\\[DONE\\]$'",
            streams(&GOOD[..3], Whole),
            "failed: The last event is not the one that says that the stream is over.
expected: text that matches `^\\[DONE\\]$`
actual: {\"text\": \" there\"}
at: http://127.0.0.1:1/ask
next: Yield that event after the last piece, and nothing after it.",
        ),
        (
            "too few",
            "min_events = 3\nlast = '^\\[DONE\\]$'",
            streams(GOOD, Whole),
            "failed: The stream has only 2 events.
expected: at least 3 events
actual: 2 events
at: http://127.0.0.1:1/ask
next: Yield every piece as the model makes it, not the whole text as one.",
        ),
        (
            "not JSON",
            "assert = [{ at = \"text\", type = \"string\" }]",
            streams(&[(50, "data: {\"text\": \"a\"}\n\n"), (60, "data: {'text': 'b'}\n\n")], Whole),
            "failed: The data of event 2 is not JSON.
expected: JSON
actual: {'text': 'b'}
at: http://127.0.0.1:1/ask
next: Yield json.dumps(...) of each piece: str() of a dict is no JSON.",
        ),
        (
            "late",
            "first_within_ms = 100",
            streams(&[(150, "data: a\n\n")], Whole),
            "failed: The first event comes too late.
expected: at most 100 ms
actual: 150 ms
at: http://127.0.0.1:1/ask
next: Send the first piece as soon as it is there; look for work that is done before it.",
        ),
        (
            "a pause",
            "longest_gap_ms = 100",
            streams(&[(50, "data: a\n\n"), (1050, "data: b\n\n")], Whole),
            "failed: The stream pauses too long between two events.
expected: at most 100 ms
actual: 1000 ms
at: http://127.0.0.1:1/ask
next: Look for what blocks between the pieces; send a comment line to keep a slow stream alive.",
        ),
        (
            "nothing there",
            "",
            world(),
            "failed: Nothing listens where GET /ask was sent.
expected: an answer with status 200
actual: connection refused
at: http://127.0.0.1:1/ask
next: See that the service still runs, and listens on 127.0.0.1 and the port in the variable PORT.",
        ),
        (
            "an error",
            "",
            world().stream(URL, (500, "text/plain"), &[(5, "Internal Server Error")], Whole),
            "failed: GET /ask answers 500, not 200.
expected: status 200
actual: status 500
Internal Server Error
at: http://127.0.0.1:1/ask
next: The handler failed: its traceback is in the service's log.",
        ),
    ];
    let settings: Vec<String> = cases.iter().map(|(_, settings, ..)| format!("{BASE}{settings}")).collect();
    let cases = cases.into_iter().zip(&settings);
    table("stream", cases.map(|((name, _, world, told), settings)| (name, settings.as_str(), world, told)).collect())
        .await;
}

const CANCEL: &str = "service = \"web\"\npath = \"/ask\"\ncancel_after = 2\nfirst_within_ms = 500";

#[tokio::test]
async fn a_client_that_hangs_up() {
    table(
        "stream",
        vec![
            (
                "is noticed",
                CANCEL,
                streams(GOOD, Whole).call(called(499)).call(called(499)),
                "passed: GET /ask streamed 2 events, the first after 140 ms. It let go when the client hung up.
measured: events 2, first event 140 ms, longest gap 160 ms, last event 300 ms",
            ),
            (
                "is not noticed",
                CANCEL,
                streams(GOOD, Whole).call(called(200)),
                "failed: The service let the model work on after its client had hung up.
expected: the call of the model ends early, with status 499
actual: status 200, 480 tokens
at: http://127.0.0.1:1/ask
next: End the call of the model when the client is gone: stream it inside `with`, and let the handler's generator be closed.",
            ),
            (
                "is noticed by one of two calls",
                CANCEL,
                streams(GOOD, Whole).call(called(499)),
                "failed: The service let the model work on after its client had hung up.
expected: the call of the model ends early, with status 499
actual: 5 s later, a call of the model is still under way
at: http://127.0.0.1:1/ask
next: End the call of the model when the client is gone: stream it inside `with`, and let the handler's generator be closed.",
            ),
            (
                "holds up the next",
                CANCEL,
                streams(GOOD, Whole).stream(URL, EVENTS, &[(4000, "data: a\n\n")], Whole),
                "failed: After a client had hung up, the service did not answer the next one as it should.
expected: the next request is answered within 500 ms
actual: the first piece after 4000 ms
at: http://127.0.0.1:1/ask
next: Look for what still works for the client that left: the handler must end with the connection.",
            ),
            (
                "is too late",
                CANCEL,
                streams(&[(50, "data: a\n\n")], Whole),
                "failed: The stream ended before the client could hang up, after 1 event.
expected: at least 2 events and more to come
actual: 1 event
at: http://127.0.0.1:1/ask
next: Stream the answer piece by piece, as the model makes it.",
            ),
        ],
    )
    .await;
}

#[test]
fn settings_that_cannot_work() {
    for (settings, expected) in [
        ("cancel_after = 0", "nothing is read before we hang up"),
        ("cancel_after = 1\nlast = \"x\"", "a stream that we leave half-way has no last event"),
        ("timeout_ms = 0", "0 ms are no sensible limit"),
    ] {
        let told: Vec<String> =
            lint(&one("stream", &format!("{BASE}{settings}"))).iter().map(|p| p.to_string()).collect();
        assert!(told.len() == 1 && told[0].contains(expected), "{settings}: {told:?}");
    }
}
