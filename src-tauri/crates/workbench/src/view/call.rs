//! A call of the gateway as a shell shows it.

use serde::Serialize;
use specta::Type;

/// One call that the gateway answered for this workspace's key.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Call {
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
