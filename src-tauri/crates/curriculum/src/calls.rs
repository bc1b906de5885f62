//! What the gateway recorded for the author of a lab while the evidence was made that lies in the solution: `calls.toml`
//! beside it, or beside the files of a mutant, whose calls then stand in place of the solution's.

use std::path::Path;

use serde::{Deserialize, Deserializer, de::Error};

use crate::{Lab, Problem, entries::beside};

/// The file; it is never laid into a workspace.
pub const CALLS: &str = "calls.toml";

/// One call of a program of the author's own.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedCall {
    /// With its offset: `2025-01-31T09:30:00.5Z`.
    #[serde(deserialize_with = "moment")]
    pub at: String,
    /// `/v1/chat/completions`
    pub path: String,
    /// `openai` or `azure`.
    pub dialect: String,
    pub status: u16,
    pub model: String,
    #[serde(default)]
    pub stream: bool,
    #[serde(default)]
    pub prompt_tokens: u32,
    #[serde(default)]
    pub completion_tokens: u32,
    /// Milliseconds from the request's arrival to the first generated token.
    pub first_token_ms: Option<f64>,
    pub millis: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallsFile {
    calls: Vec<RecordedCall>,
}

/// The calls in `folder` of a lab of the pack in the folder `pack`; `None` where it has no such file.
pub fn calls(pack: &Path, lab: &Lab, folder: &Path) -> Result<Option<Vec<RecordedCall>>, Problem> {
    Ok(beside(pack, lab, folder, CALLS)?.map(|CallsFile { calls }| calls))
}

fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let at = toml::value::Datetime::deserialize(deserializer)?;
    if at.date.is_some() && at.time.is_some() && at.offset.is_some() {
        return Ok(at.to_string());
    }
    Err(D::Error::custom(format!("`{at}` is not a moment; write it like 2025-01-31T09:30:00.5Z")))
}
