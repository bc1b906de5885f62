//! A learner's notes.

use serde::Serialize;
use specta::Type;

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Notes {
    /// Markdown.
    pub text: String,
    /// When they were kept last; `None` where there are none.
    pub at: Option<String>,
}
