//! What a check found.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Passed,
    /// The learner's to fix.
    Failed,
    /// Waits for another check; `blocked_by` names it.
    Blocked,
    /// The check itself could not run. Never blamed on the learner.
    Error,
}

/// One check's result: what was expected, what was there, where, and what to do next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The check's id.
    pub check: String,
    pub status: Status,
    /// One sentence: what was found.
    pub summary: String,
    pub expected: Option<String>,
    pub actual: Option<String>,
    pub place: Option<Place>,
    pub next_step: Option<String>,
    pub blocked_by: Option<String>,
    /// What was measured, worth keeping when the check passed: name to value.
    pub measured: Vec<Measured>,
    pub started_at: Timestamp,
    pub millis: f64,
}

impl Outcome {
    /// A pass that begins now and has nothing to say.
    #[must_use]
    pub fn begun(check: &str) -> Self {
        Self {
            check: check.to_owned(),
            status: Status::Passed,
            summary: String::new(),
            expected: None,
            actual: None,
            place: None,
            next_step: None,
            blocked_by: None,
            measured: Vec::new(),
            started_at: Timestamp::now(),
            millis: 0.0,
        }
    }
}

/// A figure that a check read, with its unit: `("latency", 12.5, "ms")`, or a text in `value`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    pub name: String,
    pub value: String,
    /// Empty for counts and texts.
    pub unit: String,
}

/// Where to look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Place {
    /// A file of the workspace; `line` counts from 1.
    File {
        path: String,
        line: Option<u32>,
    },
    Url {
        url: String,
    },
    /// A program's own output.
    Command {
        command: String,
    },
    Quiz {
        check: String,
    },
}
