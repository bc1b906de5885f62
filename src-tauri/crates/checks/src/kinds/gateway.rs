//! `gateway`: what the learner's code really called, by the gateway's own record of this workspace's key.

mod retries;
mod spending;
mod told;

use std::time::Duration;

use async_trait::async_trait;
use curriculum::Lab;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::{
    Call, Context, Place, during,
    excerpt::count,
    finding::{Failure, Halt, Judge, Passed, Sources, Wrong},
    registry::{Kind, Setting, read},
    settings::{ok, one},
};
use spending::{PRICE, Price};
use told::{TOLD, Told};

/// A call is recorded when it has ended: one that was given up later than the check that it belongs to, since the gateway has
/// to notice first.
const LATE: SignedDuration = SignedDuration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(50);

pub const KIND: Kind = Kind {
    name: "gateway",
    doc: "The learner's code called the model through the gateway as it should have.",
    settings: &[
        Setting::new("path", "text", "The called path. /v1/chat/completions where left out."),
        Setting::new("dialect", "openai or azure", "The interface that was used. Any where left out."),
        Setting::new("at_least", "whole number", "How many such calls there must be. 1 where left out."),
        Setting::new("status", "whole number", "The status that they got. 200 where left out."),
        Setting::new("stream", "true or false", "Whether they were streamed. Either where left out."),
        Setting::new("model", "text", "The model that they named. Any where left out."),
        Setting::new("min_completion_tokens", "whole number", "The fewest tokens that each answer had."),
        Setting::new("at_most", "whole number", "How many calls of the path there may be, answered or not."),
        Setting::new(
            "retries_after",
            "whole number",
            "The status of a fault laid by `faults`, 502 for a broken connection, after which the program must call again.",
        ),
        Setting::new(
            "min_wait_ms",
            "whole number",
            "The fewest milliseconds from such a fault to the next call: its Retry-After.",
        ),
        Setting::new("max_prompt_tokens", "whole number", "The most prompt tokens of all calls together."),
        Setting::new("max_completion_tokens", "whole number", "The most completion tokens of all calls together."),
        PRICE,
        Setting::new("max_cost", "number", "The most that all calls together may cost at `price`."),
        Setting::new("during", "check id", "Counts only calls made while that check ran, which must have passed."),
        TOLD,
    ],
    read: read::<Gateway>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gateway {
    path: Option<String>,
    dialect: Option<Dialect>,
    #[serde(default = "one")]
    at_least: usize,
    #[serde(default = "ok")]
    status: u16,
    stream: Option<bool>,
    model: Option<String>,
    #[serde(default)]
    min_completion_tokens: u32,
    at_most: Option<usize>,
    retries_after: Option<u16>,
    min_wait_ms: Option<u32>,
    max_prompt_tokens: Option<u64>,
    max_completion_tokens: Option<u64>,
    price: Option<Price>,
    max_cost: Option<f64>,
    during: Option<String>,
    told: Option<Told>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Dialect {
    OpenAi,
    Azure,
}

impl Dialect {
    fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Azure => "azure",
        }
    }
}

#[async_trait]
impl Judge for Gateway {
    fn sources(&self) -> Sources {
        let files = self.told.iter().map(|told| told.path.0.clone()).collect();
        Sources { calls: true, files, ..Sources::default() }
    }

    fn reads_outcome_of(&self) -> Option<&str> {
        self.during.as_deref()
    }

    fn lint(&self, lab: &Lab) -> Vec<Wrong> {
        let mut wrong: Vec<Wrong> = during::lint(self.during.as_deref(), lab).into_iter().collect();
        if self.at_least == 0 {
            wrong.push(Wrong::new("at_least", "no call at all is asked for", "Write 1 or more."));
        }
        if self.at_most.is_some_and(|most| most < self.at_least) {
            wrong.push(Wrong::new("at_most", "fewer calls are allowed than asked for", "Write at least `at_least`."));
        }
        if self.min_wait_ms.is_some() && self.retries_after.is_none() {
            wrong.push(Wrong::new("min_wait_ms", "nothing is waited for", "Add `retries_after = 429`."));
        }
        if self.told.is_some() && self.during.is_some() {
            wrong.push(Wrong::new("told", "its own times say which calls count", "Take `during` out."));
        }
        wrong.extend(self.told.iter().flat_map(Told::lint));
        wrong.extend(self.wrong_prices());
        wrong
    }

    async fn judge(&self, _: &str, context: &Context<'_>) -> Result<Passed, Halt> {
        let account = match &self.told {
            Some(told) => Some(told.read(context.probe).await?),
            None => None,
        };
        let span = account.as_ref().map(|account| account.span);
        let (since, until) = span.unwrap_or_else(|| during::span(self.during.as_deref(), context));
        let patience = until.checked_add(LATE).unwrap_or(Timestamp::UNIX_EPOCH);
        loop {
            let mut calls = context.probe.calls(since, until).await?;
            calls.retain(|call| match &account {
                Some(account) => self.path_fits(call) && account.covers(call),
                // What the learner runs by hand meanwhile is no part of the other check.
                None => self.during.is_none() || call.started,
            });
            let untrue = account.as_ref().and_then(|account| account.wrong(&calls));
            match untrue.map_or_else(|| self.judged(&calls), |untrue| Err(untrue.into())) {
                Err(_) if Timestamp::now() < patience => tokio::time::sleep(PAUSE).await,
                judged => return judged,
            }
        }
    }
}

impl Gateway {
    fn judged(&self, calls: &[Call]) -> Result<Passed, Halt> {
        let tried: Vec<&Call> = calls.iter().filter(|call| self.path_fits(call)).collect();
        if let Some(wrong) = self.wrong_retries(&tried) {
            return Err(wrong.into());
        }
        let (right, wrong): (Vec<&Call>, Vec<&Call>) = calls.iter().partition(|call| self.first_wrong(call).is_none());
        let Some(call) = right.last().filter(|_| right.len() >= self.at_least) else {
            return Err(self.too_few(&right, &wrong).into());
        };
        if let Some(wrong) = self.too_many(&tried).or_else(|| self.over_budget(&right)) {
            return Err(wrong.into());
        }
        Ok(self.priced(self.passed(right.len(), call), &right))
    }

    fn wanted_path(&self) -> &str {
        self.path.as_deref().unwrap_or("/v1/chat/completions")
    }

    fn path_fits(&self, call: &Call) -> bool {
        // Azure's paths hold the deployment's name: without a path, any of its chat routes will do.
        let azure = matches!(self.dialect, None | Some(Dialect::Azure)) && call.dialect == Dialect::Azure.name();
        call.path == self.wanted_path() || (self.path.is_none() && azure && call.path.ends_with("/chat/completions"))
    }

    /// How many of the rules hold before the first that does not, and that one.
    fn first_wrong(&self, call: &Call) -> Option<(usize, Failure)> {
        let streamed = |stream: bool| if stream { "a streamed call" } else { "a call that is not streamed" };
        let model = call.model.as_deref().unwrap_or("none");
        let rules: [(bool, &dyn Fn() -> Failure); 6] = [
            (self.path_fits(call), &|| self.wrong_path(call)),
            (self.dialect.is_none_or(|dialect| dialect.name() == call.dialect), &|| {
                let wanted = self.dialect.map_or("", Dialect::name);
                Failure::new(format!("The call came through the {} interface.", call.dialect))
                    .expected(format!("the {wanted} interface"))
                    .actual(format!("the {} interface", call.dialect))
                    .next("Use the other client class of the openai package: `OpenAI` or `AzureOpenAI`.")
            }),
            (call.status == self.status, &|| self.wrong_status(call)),
            (self.stream.is_none_or(|stream| stream == call.stream), &|| {
                Failure::new(format!("The gateway saw {}.", streamed(call.stream)))
                    .expected(streamed(!call.stream))
                    .actual(format!("stream = {}", call.stream))
                    .next(format!("Pass stream={} to the call.", if call.stream { "False" } else { "True" }))
            }),
            (self.model.as_ref().is_none_or(|wanted| *wanted == model), &|| {
                let wanted = self.model.as_deref().unwrap_or_default();
                Failure::new(format!("The call named the model `{model}`."))
                    .expected(format!("the model `{wanted}`"))
                    .actual(format!("the model `{model}`"))
                    .next(format!("Pass model=\"{wanted}\" to the call."))
            }),
            (call.completion_tokens >= self.min_completion_tokens, &|| {
                Failure::new("The answer was too short.")
                    .expected(format!("at least {} tokens", self.min_completion_tokens))
                    .actual(count(call.completion_tokens as usize, "token"))
                    .next("Allow more with max_tokens, or ask for more.")
            }),
        ];
        rules
            .iter()
            .position(|(holds, _)| !holds)
            .map(|index| (index, rules[index].1().at(Place::Url { url: call.path.clone() })))
    }

    fn wrong_path(&self, call: &Call) -> Failure {
        let wanted = self.wanted_path();
        let (found, bare) = (call.path.as_str(), wanted.trim_start_matches("/v1"));
        let next = if found == format!("/v1{wanted}") {
            "The base URL has `/v1` already: add nothing to OPENAI_BASE_URL."
        } else if found == bare {
            "The base URL lacks `/v1`: use OPENAI_BASE_URL unchanged."
        } else {
            "Use the client's method for it, with OPENAI_BASE_URL unchanged."
        };
        Failure::new(format!("The gateway saw {} {found}.", call.method))
            .expected(format!("a call of {wanted}"))
            .actual(format!("{} {found}, status {}", call.method, call.status))
            .next(next)
    }

    fn wrong_status(&self, call: &Call) -> Failure {
        let error = call.error.as_ref().map(|error| format!(" ({error})")).unwrap_or_default();
        let next = match call.status {
            _ if self.status != 200 => "Make a call that gets the expected status.",
            400 | 422 => "Read the message of the exception: it names the parameter that the gateway does not take.",
            401 | 403 => "Use the key in the variable OPENAI_API_KEY.",
            404 => "Use a model that GET /v1/models lists.",
            429 => "Wait as long as Retry-After says, then call again.",
            499 => "The program hung up before the answer was whole: let it read to the end.",
            500..=599 => "Look at the Models screen: the model could not answer.",
            _ => "Look at the gateway's log.",
        };
        Failure::new(format!("The gateway answered the call with {}{error}.", call.status))
            .expected(format!("status {}", self.status))
            .actual(format!("status {}{error}", call.status))
            .next(next)
    }

    fn too_few(&self, right: &[&Call], wrong: &[&Call]) -> Failure {
        let asked = count(self.at_least, "call");
        // The latest of those that came closest tells most.
        let closest = wrong.iter().filter_map(|call| self.first_wrong(call)).max_by_key(|(holds, _)| *holds);
        match closest {
            Some((_, failure)) if right.is_empty() => failure,
            _ if right.is_empty() => Failure::new("No call reached the gateway.")
                .expected(format!("{asked} of {}", self.wanted_path()))
                .actual("no calls")
                .at(Place::Url { url: self.wanted_path().to_owned() })
                .next("Run your program in the lab's environment, with the client's base URL from OPENAI_BASE_URL."),
            _ => Failure::new(format!("Only {} reached the gateway as it should.", count(right.len(), "call")))
                .expected(format!("at least {asked}"))
                .actual(count(right.len(), "call"))
                .at(Place::Url { url: self.wanted_path().to_owned() })
                .next(format!("Make {} more.", count(self.at_least - right.len(), "call"))),
        }
    }

    fn passed(&self, calls: usize, call: &Call) -> Passed {
        let calls = format!("{} of {}", count(calls, "call"), call.path);
        // A collection answers without a model.
        let Some(model) = &call.model else { return Passed::new(format!("{calls} answered.")) };
        let mut passed = Passed::new(format!("{calls} answered by {model}."))
            .measured("model", model, "")
            .measured("prompt tokens", call.prompt_tokens.to_string(), "")
            .measured("completion tokens", call.completion_tokens.to_string(), "");
        if let Some(first) = call.first_token_ms {
            passed = passed.measured("first token", format!("{first:.0}"), "ms");
            let seconds = (call.millis - first) / 1000.0;
            if call.completion_tokens > 1 && seconds > 0.0 {
                let rate = f64::from(call.completion_tokens - 1) / seconds;
                passed = passed.measured("speed", format!("{rate:.1}"), "tokens/s");
            }
        }
        passed
    }
}
