//! A request that gets no answer, and why, in the shape that OpenAI's clients read:
//! `{"error": {message, type, param, code}}`.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use inference::Error;
use serde_json::{Value, json};
use task::Fault;

/// Clients read a status below 500 as theirs to mend, and try 408, 429 and above again by themselves.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub status: StatusCode,
    pub code: &'static str,
    pub param: Option<String>,
    pub message: String,
}

/// The code of the [`Refusal`] that made a response, for its record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Code(pub &'static str);

/// How long a client is asked to wait when the model is busy.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl Refusal {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, param: None, message: message.into() }
    }

    /// A request that must be changed, and the parameter to change: `messages[2].content`.
    pub fn of(param: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { param: Some(param.into()), ..Self::new(StatusCode::BAD_REQUEST, code, message) }
    }

    pub fn busy() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limit_exceeded",
            "The model has as many requests waiting as it takes. Wait a second and try again.",
        )
    }

    /// Seldom read by anybody: it is how a hang-up is recorded.
    pub fn hung_up() -> Self {
        let status = StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST);
        Self::new(status, "client_closed_request", "The client broke off before the exchange was whole.")
    }

    pub fn stopping() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "shutting_down", "Groundwork is stopping. Start it and try again.")
    }

    pub fn no_model(name: &str, served: &str) -> Self {
        let message = format!("There is no model {name:?} here. This gateway serves {served:?}.");
        Self { param: Some("model".into()), ..Self::new(StatusCode::NOT_FOUND, "model_not_found", message) }
    }

    pub fn body(&self) -> Value {
        let kind = match self.status.as_u16() {
            429 => "rate_limit_error",
            500.. => "server_error",
            _ => "invalid_request_error",
        };
        json!({"error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}})
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Busy { .. } => Self::busy(),
            Error::ContextOverflow { prompt, context } => Self::of(
                "messages",
                "context_length_exceeded",
                format!(
                    "The messages are {prompt} tokens long, and this model reads {context} tokens in all. \
                     Shorten them or leave out the oldest."
                ),
            ),
            other => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "model_failed",
                sentence(&format!("{other}. {}", other.next_step())),
            ),
        }
    }
}

/// Errors begin in lower case, to stand within a line.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body())).into_response();
        let headers = response.headers_mut();
        match self.status {
            StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(header::RETRY_AFTER, RETRY_AFTER.as_secs().into());
                headers.insert("retry-after-ms", (RETRY_AFTER.as_millis() as u64).into());
            }
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response.extensions_mut().insert(Code(self.code));
        response
    }
}
