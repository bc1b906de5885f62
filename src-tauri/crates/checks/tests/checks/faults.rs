//! Faults that a check lays, and how it tells whether the learner's code survived them.

use std::collections::BTreeMap;

use checks::{Call, Context, Status, lint, prepare, run};
use curriculum::Injection;
use jiff::{SignedDuration, Timestamp};
use task::Fault;
use testkit::memory_probe::MemoryProbe;

use crate::world::{one, outcome, table};

const FAULTS: &str =
    "run = [\"ask\"]\nfaults = [{ kind = \"rate_limited\", times = 2 }, { kind = \"cut_stream\", after_tokens = 5 }]";

#[tokio::test]
async fn faults_are_in_force_while_the_check_looks_and_no_longer() {
    let lab = one("command", FAULTS);
    let checks = prepare(&lab).unwrap();
    let earlier = BTreeMap::new();
    let world = MemoryProbe::new().prints(&["ask"], 0, "", "");
    let found = run(&checks[0], &Context { probe: &world, earlier: &earlier }).await;
    assert_eq!(found.status, Status::Passed);
    let faults =
        [Injection::RateLimited { times: 2, retry_after_s: 1 }, Injection::CutStream { times: 1, after_tokens: 5 }];
    assert_eq!((world.asked().faults, world.in_force()), (vec![faults.to_vec()], 0));

    // A check that is stopped half-way takes its faults with it.
    let world = MemoryProbe::new().never_ends(&["ask"]);
    let context = Context { probe: &world, earlier: &earlier };
    let mut running = Box::pin(run(&checks[0], &context));
    tokio::select! {
        _ = &mut running => panic!("the program never ends"),
        () = tokio::time::sleep(std::time::Duration::from_millis(20)) => assert_eq!(world.in_force(), 1),
    }
    drop(running);
    assert_eq!(world.in_force(), 0);
}

#[tokio::test]
async fn faults_that_cannot_be_laid_are_no_fault_of_the_learners() {
    let world = MemoryProbe::new().obstacle("The gateway does not run.", "Start it.");
    let found = outcome(&one("command", FAULTS), &world, &BTreeMap::new()).await;
    assert_eq!((found.status, found.summary.as_str()), (Status::Error, "The gateway does not run."));
    assert!(world.asked().commands.is_empty(), "the program ran without the faults");
}

#[test]
fn only_checks_that_run_code_lay_faults() {
    for (kind, settings, expected) in [
        ("file", "path = \"a\"", "the kind `file` runs no program that could meet faults"),
        ("gateway", "", "the kind `gateway` runs no program that could meet faults"),
        ("command", "run = [\"x\"]", ""),
        ("http", "service = \"web\"\npath = \"/\"", ""),
    ] {
        let told = lint(&one(kind, &format!("{settings}\nfaults = [{{ kind = \"hang_up\" }}]")));
        let told: Vec<String> = told.iter().map(|problem| format!("{problem} {}", problem.next_step())).collect();
        assert!(told.join("").contains(expected) && told.is_empty() == expected.is_empty(), "{kind}: {told:?}");
    }
}

/// Calls of the chat, each with its status, whether a fault made it so, and its milliseconds from the first; each took 10.
fn calls(made: &[(u16, bool, i64)]) -> MemoryProbe {
    made.iter().fold(MemoryProbe::new(), |world, (status, injected, millis)| {
        world.call(Call {
            at: Timestamp::from_second(1_700_000_000).unwrap() + SignedDuration::from_millis(*millis),
            method: "POST".to_owned(),
            path: "/v1/chat/completions".to_owned(),
            dialect: "openai".to_owned(),
            status: *status,
            model: Some("smollm2".to_owned()),
            stream: false,
            prompt_tokens: 1000,
            completion_tokens: 200,
            finish_reason: None,
            first_token_ms: None,
            millis: 10.0,
            error: None,
            injected: *injected,
            started: true,
        })
    })
}

const WAITS: &str = "retries_after = 429\nmin_wait_ms = 1000";

#[tokio::test]
async fn retries() {
    table(
        "gateway",
        vec![
            (
                "waits as it should",
                WAITS,
                calls(&[(429, true, 0), (429, true, 1020), (200, false, 2040)]),
                "passed: 1 call of /v1/chat/completions answered by smollm2.
measured: model smollm2, prompt tokens 1000, completion tokens 200",
            ),
            (
                "does not wait",
                WAITS,
                calls(&[(429, true, 0), (429, true, 15), (200, false, 30)]),
                "failed: 3 calls within 30 ms: the client does not wait.
expected: at least 1000 ms between 429 (too many requests) and the next call
actual: 5 ms: 429 at 0 ms, 429 at 15 ms, 200 at 30 ms
at: /v1/chat/completions
next: Wait as long as the answer's Retry-After says before the next call, and longer each time.",
            ),
            (
                "waits once",
                WAITS,
                calls(&[(429, true, 0), (429, true, 1100), (200, false, 1130)]),
                "failed: 2 calls within 30 ms: the client does not wait.
expected: at least 1000 ms between 429 (too many requests) and the next call
actual: 20 ms: 429 at 0 ms, 429 at 1100 ms, 200 at 1130 ms
at: /v1/chat/completions
next: Wait as long as the answer's Retry-After says before the next call, and longer each time.",
            ),
            (
                "gives up",
                WAITS,
                calls(&[(429, true, 0)]),
                "failed: The program gave up after 429 (too many requests).
expected: another call after 429 (too many requests)
actual: 1 call and no more: 429 at 0 ms
at: /v1/chat/completions
next: Catch openai.RateLimitError and call again, or set `max_retries` of the client above 0.",
            ),
            (
                "a real limit is none that was laid",
                "retries_after = 429",
                calls(&[(429, false, 0), (200, false, 20)]),
                "failed: No call met 429 (too many requests), which was laid for it.
expected: a call that meets 429 (too many requests)
actual: 2 calls, none of which met it
at: /v1/chat/completions
next: See that the program makes its calls while the check runs, in the way that the lab asks for.",
            ),
            (
                "no call",
                "retries_after = 502",
                MemoryProbe::new(),
                "failed: No call met a broken connection, which was laid for it.
expected: a call that meets a broken connection
actual: no calls
at: /v1/chat/completions
next: Run your program in the lab's environment, with the client's base URL from OPENAI_BASE_URL.",
            ),
            (
                "hammers",
                "at_most = 2",
                calls(&[(500, true, 0), (500, true, 20), (200, false, 40)]),
                "failed: The program made 3 calls, more than it should.
expected: at most 2 calls
actual: 3 calls: 500 at 0 ms, 500 at 20 ms, 200 at 40 ms
at: /v1/chat/completions
next: Stop trying after a few times: a provider that is down is not helped by more calls.",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn spending() {
    const PRICED: &str = "price = { prompt = 2.5, completion = 10.0 }";
    let two = || calls(&[(200, false, 0), (200, false, 20)]);
    table(
        "gateway",
        vec![
            (
                "priced",
                PRICED,
                two(),
                "passed: 2 calls of /v1/chat/completions answered by smollm2.
measured: model smollm2, prompt tokens 1000, completion tokens 200, cost 0.009000 USD",
            ),
            (
                "too dear",
                "price = { prompt = 2.5, completion = 10.0, currency = \"EUR\" }\nmax_cost = 0.005",
                two(),
                "failed: The calls together cost too much.
expected: at most 0.005 EUR
actual: 0.009000 EUR for 2000 prompt and 400 completion tokens
at: /v1/chat/completions
next: Make fewer calls, send less with each, or ask for less with max_tokens.",
            ),
            (
                "too long a prompt",
                "max_prompt_tokens = 1999\nmax_completion_tokens = 1",
                two(),
                "failed: The calls together took too many prompt tokens.
expected: at most 1999
actual: 2000
at: /v1/chat/completions
next: Send less with each call: fewer or shorter messages.",
            ),
            (
                "too long an answer",
                "max_completion_tokens = 399",
                two(),
                "failed: The calls together took too many completion tokens.
expected: at most 399
actual: 400
at: /v1/chat/completions
next: Ask for less with max_tokens.",
            ),
        ],
    )
    .await;
}

#[test]
fn settings_of_retries_and_money_that_cannot_work() {
    for (settings, expected) in [
        ("at_least = 3\nat_most = 2", "fewer calls are allowed than asked for"),
        ("min_wait_ms = 5", "nothing is waited for"),
        ("max_cost = 1.0", "a cost cannot be told without a price"),
        ("price = { prompt = -1.0, completion = 1.0 }", "a price is below zero or no number"),
    ] {
        let told: Vec<String> = lint(&one("gateway", settings)).iter().map(ToString::to_string).collect();
        assert!(told.len() == 1 && told[0].contains(expected), "{settings}: {told:?}");
    }
}
