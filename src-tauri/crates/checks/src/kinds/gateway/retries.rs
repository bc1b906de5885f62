//! Whether the learner's code tries again after a fault that was laid on purpose, and how long it waits before.

use super::Gateway;
use crate::{Call, Place, excerpt::count, finding::Failure};

impl Gateway {
    /// What is wrong with the retries among the calls of the wanted path, oldest first.
    pub(super) fn wrong_retries(&self, calls: &[&Call]) -> Option<Failure> {
        let status = self.retries_after?;
        let wrong = |failure: Failure| Some(failure.at(Place::Url { url: self.wanted_path().to_owned() }));
        let refused: Vec<usize> =
            (0..calls.len()).filter(|index| calls[*index].injected && calls[*index].status == status).collect();
        let Some(last) = refused.last() else {
            let made = count(calls.len(), "call");
            let (actual, next) = match calls.len() {
                0 => (
                    "no calls".to_owned(),
                    "Run your program in the lab's environment, with the client's base URL from OPENAI_BASE_URL.",
                ),
                _ => (
                    format!("{made}, none of which met it"),
                    "See that the program makes its calls while the check runs, in the way that the lab asks for.",
                ),
            };
            let failure = Failure::new(format!("No call met {}, which was laid for it.", named(status)));
            return wrong(failure.expected(format!("a call that meets {}", named(status))).actual(actual).next(next));
        };
        if last + 1 == calls.len() {
            let tries = count(refused.len(), "call");
            return wrong(
                Failure::new(format!("The program gave up after {}.", named(status)))
                    .expected(format!("another call after {}", named(status)))
                    .actual(format!("{tries} and no more: {}", timeline(calls)))
                    .next(give_up_advice(status)),
            );
        }
        let least = self.min_wait_ms? as f64;
        let hasty = refused.iter().find(|index| wait(calls, **index) < least)?;
        let waited = wait(calls, *hasty);
        // All that were made in the same breath tell it best.
        let burst = calls[*hasty..].windows(2).take_while(|pair| gap(pair[0], pair[1]) < least).count() + 1;
        let span = millis_between(calls[*hasty], calls[hasty + burst - 1]);
        let asks_to_wait = matches!(status, 429 | 503);
        let next = if asks_to_wait {
            "Wait as long as the answer's Retry-After says before the next call, and longer each time."
        } else {
            "Wait before the next call, and longer each time."
        };
        wrong(
            Failure::new(format!("{} within {span:.0} ms: the client does not wait.", count(burst, "call")))
                .expected(format!("at least {least:.0} ms between {} and the next call", named(status)))
                .actual(format!("{waited:.0} ms: {}", timeline(calls)))
                .next(next),
        )
    }

    pub(super) fn too_many(&self, calls: &[&Call]) -> Option<Failure> {
        let most = self.at_most.filter(|most| calls.len() > *most)?;
        let refused = calls.iter().filter(|call| call.injected && call.status != 200).count();
        let next = match refused {
            0 => "Ask the model only as often as the work needs.",
            _ => "Stop trying after a few times: a provider that is down is not helped by more calls.",
        };
        Some(
            Failure::new(format!("The program made {}, more than it should.", count(calls.len(), "call")))
                .expected(format!("at most {}", count(most, "call")))
                .actual(format!("{}: {}", count(calls.len(), "call"), timeline(calls)))
                .at(Place::Url { url: self.wanted_path().to_owned() })
                .next(next),
        )
    }
}

/// Milliseconds from the end of a call's answer to the call after it.
fn wait(calls: &[&Call], index: usize) -> f64 {
    calls.get(index + 1).map_or(f64::INFINITY, |next| gap(calls[index], next))
}

fn gap(call: &Call, next: &Call) -> f64 {
    (millis_between(call, next) - call.millis).max(0.0)
}

fn millis_between(call: &Call, later: &Call) -> f64 {
    later.at.duration_since(call.at).as_secs_f64() * 1000.0
}

fn named(status: u16) -> String {
    match status {
        429 => "429 (too many requests)".to_owned(),
        502 => "a broken connection".to_owned(),
        other => format!("status {other}"),
    }
}

fn give_up_advice(status: u16) -> &'static str {
    match status {
        429 => "Catch openai.RateLimitError and call again, or set `max_retries` of the client above 0.",
        502 => "Catch openai.APIConnectionError, which a broken stream raises too, and ask again.",
        _ => "Catch openai.APIStatusError and call again, or set `max_retries` of the client above 0.",
    }
}

/// `429 at 0 ms, 429 at 12 ms, 200 at 40 ms`.
fn timeline(calls: &[&Call]) -> String {
    const SHOWN: usize = 8;
    let first = calls.first();
    let mut words: Vec<String> = calls
        .iter()
        .take(SHOWN)
        .map(|call| {
            let at = first.map_or(0.0, |first| millis_between(first, call));
            format!("{} at {at:.0} ms", call.status)
        })
        .collect();
    if calls.len() > SHOWN {
        words.push(format!("{} more", calls.len() - SHOWN));
    }
    words.join(", ")
}
