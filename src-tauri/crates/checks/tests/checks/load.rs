//! Many requests at once.

use std::time::Duration;

use checks::{Answer, ServiceState, Status, lint};
use testkit::memory_probe::MemoryProbe;

use crate::world::{one, outcome, render};

const URL: &str = "http://127.0.0.1:1/ask";

fn world() -> MemoryProbe {
    MemoryProbe::new().service("web", ServiceState::Ready { url: "http://127.0.0.1:1".to_owned() })
}

fn answered(status: u16, millis: u64, body: &str) -> Answer {
    let (body, elapsed) = (body.as_bytes().to_vec(), Duration::from_millis(millis));
    Answer::Response { status, headers: vec![], body, elapsed }
}

/// `GET /ask` answered so, in turn; the last for good.
fn in_turn(answers: Vec<Answer>) -> MemoryProbe {
    answers.into_iter().fold(world(), |world, answer| world.answer("GET", URL, answer))
}

async fn told(settings: &str, world: &MemoryProbe) -> String {
    let lab = one("load", &format!("service = \"web\"\npath = \"/ask\"\n{settings}"));
    render(&outcome(&lab, world, &std::collections::BTreeMap::new()).await)
}

#[tokio::test]
async fn figures_are_measured_over_all_requests() {
    let world = in_turn((1..=20).map(|number| answered(200, number * 10, "")).collect());
    let lab = one(
        "load",
        "service = \"web\"\npath = \"/ask\"\nrequests = 20\nconcurrency = 8\np50_ms = 100\np95_ms = 190\nper_second = 1",
    );
    let found = outcome(&lab, &world, &std::collections::BTreeMap::new()).await;
    assert_eq!((found.status, world.asked().requests.len()), (Status::Passed, 20), "{}", found.summary);
    assert_eq!(found.summary, "GET /ask answered 20 requests, 8 at once.");
    let figures: Vec<(&str, &str)> = found.measured.iter().map(|f| (f.name.as_str(), f.value.as_str())).collect();
    assert_eq!((figures[0], figures[1], figures[3]), (("p50", "100"), ("p95", "190"), ("errors", "0")));
    assert!(figures[2].0 == "rate" && figures[2].1.parse::<f64>().unwrap() > 1.0, "{figures:?}");
}

#[tokio::test]
async fn what_goes_wrong_is_told_with_its_most_frequent_error() {
    let broken = || in_turn(vec![answered(200, 10, ""), Answer::Reset, answered(500, 10, "Internal Server Error")]);
    for (name, settings, world, expected) in [
        (
            "errors",
            "requests = 10\nerrors = 1",
            broken(),
            "failed: 9 of 10 requests went wrong.
expected: at most 1 error
actual: 1 × connection closed early, 8 × status 500
Internal Server Error
at: http://127.0.0.1:1/ask
next: The handler fails under load: its traceback is in the service's log.",
        ),
        (
            "nobody there",
            "requests = 3",
            world(),
            "failed: 3 of 3 requests went wrong.
expected: at most 0 errors
actual: 3 × connection refused
at: http://127.0.0.1:1/ask
next: The service stopped or dropped connections: read its log.",
        ),
        (
            "blocked",
            "requests = 3\ntimeout_ms = 2000",
            in_turn(vec![Answer::TimedOut { after: Duration::from_secs(2) }]),
            "failed: 3 of 3 requests went wrong.
expected: at most 0 errors
actual: 3 × no answer within 2000 ms
at: http://127.0.0.1:1/ask
next: Requests wait for each other: look for a call that blocks an async handler.",
        ),
        (
            "slow for some",
            "requests = 20\np50_ms = 50\np95_ms = 500",
            in_turn([vec![answered(200, 900, ""); 2], vec![answered(200, 20, "")]].concat()),
            "failed: 95 in 100 requests should be answered sooner.
expected: p95 at most 500 ms
actual: p95 900 ms with 4 at once
at: http://127.0.0.1:1/ask
next: Look for what makes requests wait for each other: a call that blocks an async handler, a lock.",
        ),
    ] {
        assert_eq!(told(settings, &world).await, expected, "{name}");
    }
    let few = told("requests = 5\nper_second = 1e9", &in_turn(vec![answered(200, 1, "")])).await;
    assert!(few.starts_with("failed: The service answers too few requests a second."), "{few}");
}

#[test]
fn loads_without_measure_are_refused() {
    for (settings, expected) in [
        ("requests = 0", "0 is no sensible number of requests"),
        ("concurrency = 65", "65 is no sensible number of concurrency"),
        ("seconds = 301", "301 is no sensible number of seconds"),
    ] {
        let told = lint(&one("load", &format!("service = \"web\"\npath = \"/\"\n{settings}")));
        let told: Vec<String> = told.iter().map(ToString::to_string).collect();
        assert!(told.len() == 1 && told[0].contains(expected), "{settings}: {told:?}");
    }
}
