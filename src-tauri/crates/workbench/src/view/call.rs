//! A call of the gateway as a shell shows it, and what it sent and got.

use serde::Serialize;
use specta::Type;

/// One call that the gateway answered for this workspace's key.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// Names it in its lab.
    pub at: String,
    pub method: String,
    pub path: String,
    pub dialect: String,
    pub status: u16,
    pub model: Option<String>,
    pub stream: bool,
    pub prompt_tokens: u32,
    pub completion_tokens: u32,
    pub finish_reason: Option<String>,
    pub first_token_ms: Option<f64>,
    pub millis: f64,
    pub error: Option<String>,
    /// The fault that the call met on purpose: `429`, `latency`, `cut stream`, `hang-up`.
    pub injected: Option<String>,
}

/// The bodies of a call of late; they are kept in memory alone.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Exchange {
    pub request: ExchangeBody,
    pub response: ExchangeBody,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ExchangeBody {
    /// Of a stream the text of its events; `None` where it is no text.
    pub text: Option<String>,
    /// Bytes of the whole body, as far as it came.
    pub size: f64,
    /// Whether the text is the body's beginning alone.
    pub cut: bool,
    pub end: BodyEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum BodyEnd {
    /// It is still under way, or never began.
    Open,
    Whole,
    /// Nobody read, or sent, the rest.
    Broken,
}
