//! A request that gets no answer, and why. Each dialect has its own shape for it; OpenAI's is
//! `{"error": {message, type, param, code}}`.

use std::{borrow::Cow, time::Duration};

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use inference::Error;
use serde_json::{Value, json};
use task::Fault;

use crate::{quota::Measure, served::Served};

/// Clients read a status below 500 as theirs to mend, and try 408, 429 and above again by themselves.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub status: StatusCode,
    pub code: &'static str,
    pub param: Option<String>,
    pub message: String,
    /// When to come back, of one that is refused for now.
    pub retry_after: Option<Duration>,
    /// Which quota was used up, if one was.
    pub quota: Option<Measure>,
    /// What the dialect says in place of `code`, which is for records.
    pub dialect_code: Option<&'static str>,
    /// Clients that would try again by themselves are told not to.
    pub hopeless: bool,
}

/// The [`Refusal`] that made a response, which has no body yet: see [`Refusal::told`].
#[derive(Debug, Clone)]
struct Refused(Refusal);

/// How an interface names the parts of a request that a model may find wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts {
    /// `messages`
    pub prompt: &'static str,
    /// Where the schema came from: `response_format`.
    pub schema: &'static str,
}

impl Parts {
    /// The parameter that a model calls by one of its own words.
    fn param(self, part: &str) -> Option<&'static str> {
        Some(match part {
            "the prompt" | "the conversation" => self.prompt,
            "the schema" => self.schema,
            "the grammar" => "guided_grammar",
            "the regex" => "guided_regex",
            "the bias" => "logit_bias",
            "the tools" => "tools",
            "the tool choice" => "tool_choice",
            _ => return None,
        })
    }
}

/// How long a client is asked to wait for a place among the answers under way: about as long as a short answer takes.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl Refusal {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            param: None,
            message: message.into(),
            retry_after: None,
            quota: None,
            dialect_code: None,
            hopeless: false,
        }
    }

    /// A request that must be changed, and the parameter to change: `messages[2].content`.
    pub fn of(param: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { param: Some(param.into()), ..Self::new(StatusCode::BAD_REQUEST, code, message) }
    }

    /// Too many answers are under way.
    pub fn busy() -> Self {
        Self::later(RETRY_AFTER, "The model has as many requests waiting as it takes.")
    }

    /// A request that is too many for now. `why` is a sentence.
    pub fn later(after: Duration, why: &str) -> Self {
        let message = format!("{why} Try again in {} s.", seconds(after));
        Self { retry_after: Some(after), ..Self::too_many(message) }
    }

    pub fn too_many(message: impl Into<String>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded", message)
    }

    pub fn too_long(lifetime: Duration) -> Self {
        let message = format!(
            "The answer was not whole after {} seconds, and was stopped. Ask for less with max_tokens.",
            lifetime.as_secs()
        );
        Self::new(StatusCode::GATEWAY_TIMEOUT, "answer_timeout", message)
    }

    /// Seldom read by anybody: it is how a hang-up is recorded.
    pub fn hung_up() -> Self {
        let status = StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST);
        Self::new(status, "client_closed_request", "The client broke off before the exchange was whole.")
    }

    pub fn stopping() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "shutting_down", "Groundwork is stopping. Start it and try again.")
    }

    /// Something of ours broke.
    pub fn broken(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", message)
    }

    pub fn no_model(name: &str, served: &Served) -> Self {
        let message = format!("There is no model {name:?} here. {}", served.told());
        Self { param: Some("model".into()), ..Self::new(StatusCode::NOT_FOUND, "model_not_found", message) }
    }

    pub fn body(&self) -> Value {
        let kind = self.quota.map(Measure::word).unwrap_or(match self.status.as_u16() {
            429 => "rate_limit_error",
            500.. => "server_error",
            _ => "invalid_request_error",
        });
        let code = self.dialect_code.unwrap_or(self.code);
        let message = self.shown();
        let param = self.param.as_ref().map(|param| clip(param, MOST_PARAM));
        json!({"error": {"message": message, "type": kind, "param": param, "code": code}})
    }

    /// The message, clipped: it may quote a stranger's words, which can be as long as the body.
    pub fn shown(&self) -> Cow<'_, str> {
        clip(&self.message, MOST_MESSAGE)
    }

    /// The code of the refusal that made a response, for its record.
    pub fn code_of(response: &Response) -> Option<&'static str> {
        response.extensions().get::<Refused>().map(|refused| refused.0.code)
    }

    /// A response with its refusal, if it is one, told as `shape` writes it.
    pub fn told(mut response: Response, shape: fn(&Self) -> Value) -> Response {
        let Some(Refused(refusal)) = response.extensions_mut().remove() else { return response };
        let told = Json(shape(&refusal)).into_response();
        let (mut head, _) = response.into_parts();
        head.headers.extend(told.headers().clone());
        Response::from_parts(head, told.into_body())
    }
}

impl Refusal {
    /// What a model could not do, with the parameter to change where there is one.
    pub fn of_model(error: Error, parts: Parts) -> Self {
        let next_step = error.next_step();
        match error {
            Error::Busy { retry_after } => {
                Self::later(retry_after, "The model has as many requests waiting as it takes.")
            }
            Error::ContextOverflow { prompt, context } => {
                let message = format!(
                    "'{}' comes to {prompt} tokens, and this model reads {context} tokens in all. Send less text.",
                    parts.prompt
                );
                Self::of(parts.prompt, "context_length_exceeded", message)
            }
            Error::Invalid { part, .. } => Self {
                param: parts.param(part).map(Into::into),
                ..Self::new(StatusCode::BAD_REQUEST, "invalid_value", sentence(&format!("{error}. {next_step}")))
            },
            Error::Remote { .. } => {
                Self::new(StatusCode::BAD_GATEWAY, "upstream_failed", sentence(&format!("{error}. {next_step}")))
            }
            other => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "model_failed", sentence(&format!("{other}. {next_step}")))
            }
        }
    }
}

/// Whole seconds, rounded up, at least one: sooner is no later.
fn seconds(time: Duration) -> u64 {
    time.as_millis().div_ceil(1000).max(1) as u64
}

const MOST_MESSAGE: usize = 1000;
const MOST_PARAM: usize = 200;

/// At most so many characters of `text`.
fn clip(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", &text[..end]).into(),
        None => text.into(),
    }
}

/// Errors begin in lower case, to stand within a line.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        let headers = response.headers_mut();
        if let Some(after) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds(after).into());
            headers.insert("retry-after-ms", (after.as_millis().max(1) as u64).into());
        }
        if self.hopeless {
            headers.insert("x-should-retry", HeaderValue::from_static("false"));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(Refused(self));
        response
    }
}
