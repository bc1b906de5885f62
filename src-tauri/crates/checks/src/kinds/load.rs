//! `load`: many requests at once to a service of the lab, and how fast and how surely it answers them.
//!
//! Percentiles are by nearest rank: of n times in order, p is the one at place ceil(p / 100 * n), counted from 1.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use curriculum::Lab;
use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;

use crate::{
    Answer, Context, Obstacle, Place, Request,
    excerpt::{count, head},
    finding::{Failure, Halt, Judge, Passed, Sources, Wrong},
    kinds::http::asking::{Asking, METHOD, PATH, SERVICE},
    registry::{Kind, Setting, read},
    settings::{Literal, a_minute, get, ok},
};

pub const KIND: Kind = Kind {
    name: "load",
    doc: "A service of the lab answers many requests at once, fast enough and without errors.",
    settings: &[
        SERVICE,
        PATH,
        METHOD,
        Setting::new("headers", "table of texts", "Headers of each request."),
        Setting::new("json", "any value", "Each request's body, sent as JSON."),
        Setting::new("body", "text", "Each request's body as it is; not together with `json`."),
        Setting::new("status", "whole number", "The status that is right. 200 where left out."),
        Setting::new("requests", "whole number", "How many requests, at most 5000. 50 where left out."),
        Setting::new("concurrency", "whole number", "How many at once, at most 64. 4 where left out."),
        Setting::new("seconds", "whole number", "The most seconds for all of them, at most 300. 60 where left out."),
        Setting::new("errors", "whole number", "The most requests without the right status. 0 where left out."),
        Setting::new("p50_ms", "whole number", "The most milliseconds of the middle request, by nearest rank."),
        Setting::new("p95_ms", "whole number", "The most milliseconds of 95 in 100 requests, by nearest rank."),
        Setting::new("per_second", "number", "The fewest right answers a second."),
        Setting::new(
            "timeout_ms",
            "whole number",
            "Milliseconds to wait for each answer, at most 60000. 10000 where left out.",
        ),
    ],
    read: read::<Load>,
};

const MOST_REQUESTS: usize = 5000;
const MOST_AT_ONCE: usize = 64;
const LONGEST_S: u64 = 300;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Load {
    service: String,
    path: String,
    #[serde(default = "get")]
    method: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    json: Option<Literal>,
    body: Option<String>,
    #[serde(default = "ok")]
    status: u16,
    #[serde(default = "fifty")]
    requests: usize,
    #[serde(default = "four")]
    concurrency: usize,
    #[serde(default = "a_minute")]
    seconds: u64,
    #[serde(default)]
    errors: usize,
    p50_ms: Option<u64>,
    p95_ms: Option<u64>,
    per_second: Option<f64>,
    #[serde(default = "ten_seconds")]
    timeout_ms: u64,
}

fn fifty() -> usize {
    50
}

fn four() -> usize {
    4
}

fn ten_seconds() -> u64 {
    10_000
}

/// What came of all requests.
#[derive(Default)]
struct Found {
    /// Milliseconds of the right answers, in order.
    times: Vec<f64>,
    /// What went wrong, how often, and what the first of each kind said.
    errors: BTreeMap<String, (usize, String)>,
    /// Requests that were not sent because the time was over.
    unsent: usize,
    seconds: f64,
}

#[async_trait]
impl Judge for Load {
    fn sources(&self) -> Sources {
        Sources::of_service(&self.service)
    }

    fn runs_code(&self) -> bool {
        true
    }

    fn lint(&self, lab: &Lab) -> Vec<Wrong> {
        let mut wrong = self.asking().lint(lab);
        let mut bound = |name: &str, number: u64, most: u64| {
            if !(1..=most).contains(&number) {
                let message = format!("{number} is no sensible number of {name}");
                wrong.push(Wrong::new(name, message, format!("Write a number from 1 to {most}.")));
            }
        };
        bound("requests", self.requests as u64, MOST_REQUESTS as u64);
        bound("concurrency", self.concurrency as u64, MOST_AT_ONCE as u64);
        bound("seconds", self.seconds, LONGEST_S);
        wrong
    }

    async fn judge(&self, _: &str, context: &Context<'_>) -> Result<Passed, Halt> {
        let request = self.asking().request(context).await?;
        let found = self.run(&request, context).await?;
        match self.first_wrong(&found) {
            Some(wrong) => Err(wrong.at(Place::Url { url: request.url }).into()),
            None => Ok(self.passed(&found)),
        }
    }
}

impl Load {
    fn asking(&self) -> Asking<'_> {
        Asking {
            service: &self.service,
            method: &self.method,
            path: &self.path,
            headers: &self.headers,
            json: self.json.as_ref(),
            body: self.body.as_deref(),
            status: self.status,
            timeout_ms: self.timeout_ms,
        }
    }

    async fn run(&self, request: &Request, context: &Context<'_>) -> Result<Found, Obstacle> {
        let (clock, time) = (Instant::now(), Duration::from_secs(self.seconds));
        let one = |_| async move {
            let Some(left) = time.checked_sub(clock.elapsed()).filter(|left| !left.is_zero()) else { return Ok(None) };
            let request = Request { timeout: request.timeout.min(left), ..request.clone() };
            context.probe.http(&request).await.map(Some)
        };
        let answers: Vec<Option<Answer>> =
            stream::iter(0..self.requests).map(one).buffer_unordered(self.concurrency).try_collect().await?;
        let mut found = Found { seconds: clock.elapsed().as_secs_f64(), ..Found::default() };
        for answer in answers {
            match answer {
                None => found.unsent += 1,
                Some(Answer::Response { status, elapsed, .. }) if status == self.status => {
                    found.times.push(elapsed.as_secs_f64() * 1000.0);
                }
                Some(wrong) => {
                    let (what, said) = self.told(wrong);
                    found.errors.entry(what).or_insert((0, said)).0 += 1;
                }
            }
        }
        found.times.sort_by(f64::total_cmp);
        Ok(found)
    }

    fn told(&self, answer: Answer) -> (String, String) {
        match answer {
            Answer::Response { status, body, .. } => {
                (format!("status {status}"), head(String::from_utf8_lossy(&body).trim()))
            }
            Answer::Refused => ("connection refused".to_owned(), String::new()),
            Answer::TimedOut { .. } => (format!("no answer within {} ms", self.timeout_ms), String::new()),
            Answer::Reset => ("connection closed early".to_owned(), String::new()),
            Answer::NotHttp { detail } => ("no HTTP".to_owned(), detail),
        }
    }

    fn first_wrong(&self, found: &Found) -> Option<Failure> {
        let errors: usize = found.errors.values().map(|(times, _)| times).sum();
        if errors > self.errors {
            return Some(self.too_many_errors(found, errors));
        }
        if found.unsent > 0 {
            let answered = self.requests - found.unsent;
            let failure = Failure::new(format!("Only {answered} of {} requests fit in the time.", self.requests));
            let expected = format!("{} within {} s", count(self.requests, "request"), self.seconds);
            let next = "Let the service answer several requests at once, and faster.";
            return Some(failure.expected(expected).actual(format!("{answered} requests")).next(next));
        }
        let slow = |percent: u32, most: Option<u64>| {
            let (most, found) = (most?, percentile(&found.times, percent)?);
            if found <= most as f64 {
                return None;
            }
            let failure = Failure::new(format!("{percent} in 100 requests should be answered sooner."));
            let actual = format!("p{percent} {found:.0} ms with {} at once", self.concurrency);
            let next = "Look for what makes requests wait for each other: a call that blocks an async handler, a lock.";
            Some(failure.expected(format!("p{percent} at most {most} ms")).actual(actual).next(next))
        };
        slow(50, self.p50_ms).or_else(|| slow(95, self.p95_ms)).or_else(|| {
            let least = self.per_second.filter(|least| found.rate() < *least)?;
            let failure = Failure::new("The service answers too few requests a second.");
            let actual = format!("{:.1} a second with {} at once", found.rate(), self.concurrency);
            let next = "Let the service work on several requests at once, and do less for each.";
            Some(failure.expected(format!("at least {least} a second")).actual(actual).next(next))
        })
    }

    fn too_many_errors(&self, found: &Found, errors: usize) -> Failure {
        let listed: Vec<String> = found.errors.iter().map(|(what, (times, _))| format!("{times} × {what}")).collect();
        let most = found.errors.iter().max_by_key(|(_, (times, _))| *times);
        let (what, said) = most.map(|(what, (_, said))| (what.as_str(), said.as_str())).unwrap_or_default();
        let next = if what.starts_with("status 429") {
            "The service limits requests: allow as many as the lab asks for."
        } else if what.starts_with("status 5") {
            "The handler fails under load: its traceback is in the service's log."
        } else if what.starts_with("status") {
            "Send one such request by hand and compare."
        } else if what.starts_with("no answer") {
            "Requests wait for each other: look for a call that blocks an async handler."
        } else {
            "The service stopped or dropped connections: read its log."
        };
        let said = if said.is_empty() { String::new() } else { format!("\n{said}") };
        Failure::new(format!("{errors} of {} requests went wrong.", self.requests))
            .expected(format!("at most {}", count(self.errors, "error")))
            .actual(format!("{}{said}", listed.join(", ")))
            .next(next)
    }

    fn passed(&self, found: &Found) -> Passed {
        let millis = |percent| percentile(&found.times, percent).map_or("none".to_owned(), |time| format!("{time:.0}"));
        let errors: usize = found.errors.values().map(|(times, _)| times).sum();
        let requests = count(self.requests, "request");
        Passed::new(format!("{} {} answered {requests}, {} at once.", self.method, self.path, self.concurrency))
            .measured("p50", millis(50), "ms")
            .measured("p95", millis(95), "ms")
            .measured("rate", format!("{:.1}", found.rate()), "requests/s")
            .measured("errors", errors.to_string(), "")
    }
}

impl Found {
    fn rate(&self) -> f64 {
        self.times.len() as f64 / self.seconds.max(f64::EPSILON)
    }
}

/// By nearest rank, of times in order.
fn percentile(times: &[f64], percent: u32) -> Option<f64> {
    let rank = (f64::from(percent) / 100.0 * times.len() as f64).ceil() as usize;
    times.get(rank.max(1) - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::percentile;

    /// The worked example of the nearest-rank method: five ordered values.
    #[test]
    fn percentiles_are_by_nearest_rank() {
        let times = [15.0, 20.0, 35.0, 40.0, 50.0];
        for (percent, expected) in [(5, 15.0), (30, 20.0), (40, 20.0), (50, 35.0), (95, 50.0), (100, 50.0)] {
            assert_eq!(percentile(&times, percent), Some(expected), "p{percent}");
        }
        assert_eq!(percentile(&[], 50), None);
        assert_eq!(percentile(&[7.0], 95), Some(7.0));
    }
}
