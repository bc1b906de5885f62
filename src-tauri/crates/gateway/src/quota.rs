//! Quotas of deployments: tokens and requests a minute, shared by all keys and really enforced.
//!
//! As Azure documents it (learn.microsoft.com, "Manage Azure OpenAI quota"): what a request may take at most is estimated
//! when it comes, from its prompt and `max_tokens`, and counts at once; requests are to come evenly, and are counted over a
//! part of the minute. Three choices are ours. The minute slides, so that no wait is longer than it need be. What a request
//! really took replaces its estimate at its end. And a request that is refused, whether by the quota or for what it
//! asks, costs nothing.
//!
//! A prompt is taken to have a token for each four bytes, and an answer without `max_tokens` to be [`USUAL_ANSWER`] long.
//! Well-known limiters count units that cost the same; they know no cost that changes afterwards.

mod window;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, HeaderValue};
use inference::{Input, Prompt};

use crate::{refusal::Refusal, request::choices::Asked};
use window::{Left, Refused, Window};

/// What a deployment may be asked for in a minute. `None` is without bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quota {
    /// Of prompts and answers together.
    pub tokens_per_minute: Option<u32>,
    pub requests_per_minute: Option<u32>,
}

/// Which of the two was used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    Requests,
    Tokens,
}

impl Measure {
    pub fn word(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Tokens => "tokens",
        }
    }
}

impl Quota {
    pub fn is_bounded(self) -> bool {
        self.tokens_per_minute.is_some() || self.requests_per_minute.is_some()
    }

    /// How many requests may come within which time: about ten seconds' worth, and one at least.
    pub fn pace(self) -> Option<(u32, Duration)> {
        let minute = self.requests_per_minute?.max(1);
        let at_once = (minute / 6).max(1);
        Some((at_once, Duration::from_secs(60) * at_once / minute))
    }

    /// How many requests may come within which times: the pace, and all of them in any minute, which the pace alone would
    /// let through a few too many of.
    fn paces(self) -> Vec<(u32, Duration)> {
        let minute = self.requests_per_minute.map(|most| (most, Duration::from_secs(60)));
        self.pace().into_iter().chain(minute).collect()
    }
}

/// What an answer without `max_tokens` is taken to be long.
const USUAL_ANSWER: u64 = 256;
/// Around each message: its role and its borders.
const OF_A_MESSAGE: u64 = 4;

/// Tokens that a request may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Estimate {
    pub prompt: u64,
    pub answer: u64,
}

impl Estimate {
    pub fn of(asked: &Asked) -> Self {
        let answer = asked.request.max_tokens.map_or(USUAL_ANSWER, u64::from);
        Self { prompt: asked.prompts.iter().map(of_prompt).sum(), answer: answer * asked.answers() as u64 }
    }

    pub fn of_inputs(inputs: &[Input]) -> Self {
        let of = |input: &Input| match input {
            Input::Text(text) => of_text(text),
            Input::Tokens(tokens) => tokens.len() as u64,
        };
        Self { prompt: inputs.iter().map(of).sum(), answer: 0 }
    }
}

fn of_prompt(prompt: &Prompt) -> u64 {
    match prompt {
        Prompt::Text(text) => of_text(text),
        Prompt::Tokens(tokens) => tokens.len() as u64,
        Prompt::Chat { messages, tools, .. } => {
            let called =
                |calls: &[inference::ToolCall]| -> u64 { calls.iter().map(|call| of_text(&call.arguments)).sum() };
            let messages = messages
                .iter()
                .map(|said| OF_A_MESSAGE + of_text(&said.content) + called(&said.tool_calls))
                .sum::<u64>();
            let tools = tools.iter().map(|tool| of_text(&tool.name) + of_text(&tool.parameters.to_string()));
            messages + tools.sum::<u64>()
        }
    }
}

fn of_text(text: &str) -> u64 {
    text.len().div_ceil(4) as u64
}

/// The meters of all deployments, by name. They outlive a change of the deployment's quota.
#[derive(Default)]
pub(crate) struct Meters(Mutex<HashMap<String, Arc<Meter>>>);

impl Meters {
    /// The meter of a deployment that has a quota.
    pub fn of(&self, deployment: &str, quota: Quota) -> Option<Metered> {
        quota.is_bounded().then(|| {
            let mut meters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Metered { quota, meter: meters.entry(deployment.into()).or_default().clone() }
        })
    }
}

struct Meter {
    since: Instant,
    window: Mutex<Window>,
}

impl Default for Meter {
    fn default() -> Self {
        Self { since: Instant::now(), window: Mutex::default() }
    }
}

impl Meter {
    /// What was admitted, and the time, which is read under the lock so that it never runs backwards.
    fn window(&self) -> (MutexGuard<'_, Window>, Duration) {
        let window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.since.elapsed();
        (window, now)
    }
}

/// A deployment's quota, and what is used of it.
#[derive(Clone)]
pub(crate) struct Metered {
    quota: Quota,
    meter: Arc<Meter>,
}

impl Metered {
    pub fn admit(&self, estimate: Estimate) -> Result<Grant, Refusal> {
        let tokens = estimate.prompt + estimate.answer;
        let (mut window, now) = self.meter.window();
        match window.admit(self.quota, tokens, now) {
            Ok(id) => Ok(Grant { meter: self.meter.clone(), id }),
            Err(Refused::Later { measure, after }) => Err(self.later(measure, after)),
            Err(Refused::Never) => Err(self.never(estimate)),
        }
    }

    fn later(&self, measure: Measure, after: Duration) -> Refusal {
        let why = match (measure, self.quota.pace()) {
            (Measure::Requests, Some((at_once, within))) => format!(
                "The deployment's quota of {} requests a minute, {at_once} within {} s, is used up.",
                self.quota.requests_per_minute.unwrap_or_default(),
                written(within.as_secs_f64()),
            ),
            _ => format!(
                "The deployment's quota of {} tokens a minute is used up.",
                self.quota.tokens_per_minute.unwrap_or_default()
            ),
        };
        Refusal { quota: Some(measure), ..Refusal::later(after, &why) }
    }

    /// Waiting is of no use, and clients are told so.
    fn never(&self, Estimate { prompt, answer }: Estimate) -> Refusal {
        let quota = self.quota.tokens_per_minute.unwrap_or_default();
        let message = format!(
            "This request may take {} tokens (its prompt about {prompt}, its answers up to {answer}), and the deployment \
             has {quota} a minute, so it can never be answered. Lower max_tokens, send less text, or raise the quota: \
             `groundwork deployment add` with more --tokens-per-minute.",
            prompt + answer
        );
        Refusal { quota: Some(Measure::Tokens), hopeless: true, ..Refusal::too_many(message) }
    }

    /// `x-ratelimit-limit-requests` and its like, as OpenAI names and writes them.
    pub fn tell(&self, headers: &mut HeaderMap) {
        let (window, now) = self.meter.window();
        let mut tell = |name: &'static str, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        };
        if let Some(limit) = self.quota.requests_per_minute {
            let Left { remaining, reset } = window.requests_left(self.quota, now);
            tell("x-ratelimit-limit-requests", limit.to_string());
            tell("x-ratelimit-remaining-requests", remaining.to_string());
            tell("x-ratelimit-reset-requests", duration(reset));
        }
        if let Some(limit) = self.quota.tokens_per_minute {
            let Left { remaining, reset } = window.tokens_left(self.quota, now);
            tell("x-ratelimit-limit-tokens", limit.to_string());
            tell("x-ratelimit-remaining-tokens", remaining.to_string());
            tell("x-ratelimit-reset-tokens", duration(reset));
        }
    }
}

/// A request that was admitted. Whoever has it settles it once.
pub(crate) struct Grant {
    meter: Arc<Meter>,
    id: u64,
}

impl Grant {
    /// What the request really took.
    pub fn settle(self, tokens: u64) {
        self.meter.window().0.settle(self.id, tokens);
    }

    /// The request was refused after all.
    pub fn cancel(self) {
        self.meter.window().0.forget(self.id);
    }
}

/// `1m0s`, `4.2s`, `17ms`
fn duration(time: Duration) -> String {
    match (time.as_millis(), time.as_secs()) {
        (millis @ 0..1000, _) => format!("{millis}ms"),
        (_, 0..60) => format!("{}s", written(time.as_secs_f64())),
        (_, seconds) => format!("{}m{}s", seconds / 60, seconds % 60),
    }
}

/// At most three decimals.
fn written(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').into()
}
