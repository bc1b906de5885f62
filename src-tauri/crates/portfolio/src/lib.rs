//! Write-ups of what a learner has shown: plain data in, one document out, one module per format.
//!
//! A write-up claims only what it is given as passed, says who checked it, and lists what is missing; what the learner
//! tells stands in places of its own. Reads no journal, no clock and no file.

mod html;
mod markdown;
mod narrative;
mod page;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub use html::html;
pub use markdown::markdown;
pub use narrative::{introduction, reflection};
pub use page::{By, Part, parts};

/// Everything that a write-up tells. Texts are plain, and escaped on the page; `introduction` and `reflection` alone are
/// Markdown.
#[derive(Debug, Clone, PartialEq)]
pub struct Portfolio {
    pub title: String,
    /// What the learner tells of the whole; empty where they wrote nothing.
    pub introduction: String,
    /// Labs that were started, in the order of the plan.
    pub labs: Vec<Lab>,
    /// Labs in the whole plan.
    pub planned: u32,
    pub machine: Option<Machine>,
    pub product_version: String,
    pub generated_at: Timestamp,
}

/// Where Groundwork runs at the time of writing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// `AMD EPYC, 2 threads`
    pub device: String,
    /// The local model's name.
    pub model: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Lab {
    pub title: String,
    /// What the learner ends with.
    pub summary: String,
    /// The phase's title.
    pub phase: String,
    pub started_at: Timestamp,
    pub minutes_spent: f64,
    /// What the learner tells of the lab; empty where they wrote nothing.
    pub reflection: String,
    /// All of the lab's checks, passed or not, in its order.
    pub checks: Vec<Check>,
    /// Oldest first.
    pub entries: Vec<Entry>,
    /// Calls to the local model, model by model.
    pub usage: Vec<Usage>,
}

/// What the learner wrote down while they worked: a decision, an answer among people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub at: Timestamp,
    /// Lower-case words joined by hyphens: `first-answer`.
    pub sort: String,
    pub title: String,
    pub text: String,
    pub url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub title: String,
    /// The title of its step.
    pub step: String,
    /// `None` until it passes as the lab asks now.
    pub passed: Option<Passed>,
    /// When it last passed as the lab asked before.
    pub passed_before: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    pub first_at: Timestamp,
    pub latest_at: Timestamp,
    /// What the latest pass measured.
    pub measured: Vec<Measured>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    pub name: String,
    pub value: String,
    /// Empty for counts and texts.
    pub unit: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// `None` for calls that named no model.
    pub model: Option<String>,
    pub calls: u32,
    /// Calls that ended in an error, among `calls`.
    pub failed: u32,
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
}

impl Lab {
    fn passed(&self) -> impl Iterator<Item = (&Check, &Passed)> {
        self.checks.iter().filter_map(|check| Some((check, check.passed.as_ref()?)))
    }

    fn complete(&self) -> bool {
        !self.checks.is_empty() && self.checks.iter().all(|check| check.passed.is_some())
    }
}

/// A way to write a portfolio down.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// What `--format` takes.
    pub name: &'static str,
    /// Of the file it makes, without the dot.
    pub extension: &'static str,
    pub about: &'static str,
    pub write: fn(&Portfolio) -> String,
}

/// Every format, the default first.
pub fn formats() -> &'static [Format] {
    &[
        Format {
            name: "markdown",
            extension: "md",
            about: "One page for a repository or a gist: CommonMark with GitHub tables",
            write: markdown,
        },
        Format {
            name: "html",
            extension: "html",
            about: "One page for a browser, whole in one file, from which it prints as a PDF",
            write: html,
        },
    ]
}
