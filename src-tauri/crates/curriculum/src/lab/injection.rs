//! Faults that a check lays on the gateway while it runs, so that a lab can ask for a program that survives them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Problem, document::Document};

/// One fault. Each call of the model meets the first of the check's faults that is not used up; later calls are
/// answered as ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Injection {
    /// 429 with `Retry-After`.
    RateLimited {
        #[serde(default = "one")]
        times: u32,
        #[serde(default = "one")]
        retry_after_s: u32,
    },
    /// An error of the server's: 500, or 503 for a provider that is down.
    ServerError {
        #[serde(default = "one")]
        times: u32,
        #[serde(default = "internal")]
        status: u16,
    },
    /// A wait before the first byte of an answer that is then right.
    Latency {
        #[serde(default = "one")]
        times: u32,
        ms: u32,
    },
    /// A streamed answer whose connection breaks. Calls that are not streamed pass it by.
    CutStream {
        #[serde(default = "one")]
        times: u32,
        after_tokens: u32,
    },
    /// The connection is closed without any answer.
    HangUp {
        #[serde(default = "one")]
        times: u32,
    },
}

fn one() -> u32 {
    1
}

fn internal() -> u16 {
    500
}

/// The most faults that one check lays, and the most calls that one of them meets.
const MOST: u32 = 20;
const LONGEST_WAIT_S: u32 = 60;
const LONGEST_LATENCY_MS: u32 = 60_000;

/// What is wrong with the numbers of the faults written at `at`.
pub fn problems(faults: &[Injection], at: &str, document: &Document) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut bound = |index: usize, field: &str, number: u32, least: u32, most: u32| {
        if !(least..=most).contains(&number) {
            let message = format!("{number} is no sensible `{field}` of a fault");
            let next_step = format!("Write a number from {least} to {most}.");
            let at = format!("{at}[{index}].{field}");
            problems.push(document.problem("curriculum.range", &at, message, next_step));
        }
    };
    for (index, fault) in faults.iter().enumerate() {
        let times = match *fault {
            Injection::RateLimited { times, retry_after_s } => {
                bound(index, "retry_after_s", retry_after_s, 0, LONGEST_WAIT_S);
                times
            }
            Injection::ServerError { times, status } => {
                bound(index, "status", status.into(), 500, 599);
                times
            }
            Injection::Latency { times, ms } => {
                bound(index, "ms", ms, 1, LONGEST_LATENCY_MS);
                times
            }
            Injection::CutStream { times, after_tokens } => {
                bound(index, "after_tokens", after_tokens, 1, 1000);
                times
            }
            Injection::HangUp { times } => times,
        };
        bound(index, "times", times, 1, MOST);
    }
    if faults.len() > MOST as usize {
        let message = format!("{} faults are more than one check lays", faults.len());
        problems.push(document.problem("curriculum.range", at, message, format!("Write at most {MOST}.")));
    }
    problems
}
