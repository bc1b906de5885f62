//! The one error that reaches a shell, made from every crate's own errors.

use task::Fault;

pub use crate::view::{Owner, Problem};

impl Problem {
    pub(crate) fn new(code: &str, message: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), next_step: next_step.into(), owner: Owner::Learner }
    }

    /// Something of ours broke.
    pub(crate) fn ours(code: &str, message: impl Into<String>) -> Self {
        let next_step = "Try again; if it happens again, report it with the log.";
        Self { owner: Owner::Product, ..Self::new(code, message, next_step) }
    }

    /// How a task's work says that it stopped because it was asked to.
    pub fn cancelled() -> Self {
        Self::new("task.cancelled", "Cancelled.", "Start it again when you want to.")
    }

    /// A promise between our own parts was not kept.
    pub fn broken(message: &str) -> Self {
        Self::ours("groundwork.broken", message)
    }

    pub fn not_started(lab: &str) -> Self {
        let next_step = format!("Press Start lab, or run `groundwork lab start {lab}`.");
        Self::new("lab.not_started", format!("The lab {lab} has no workspace yet."), next_step)
    }

    /// Both in one line.
    pub(crate) fn told(&self) -> String {
        format!("{}. {}", self.message.trim_end_matches('.'), self.next_step)
    }

    pub fn is_cancelled(&self) -> bool {
        self.code == "task.cancelled"
    }
}

/// A message as a sentence of its own.
pub(crate) fn sentence(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.message)
    }
}

impl std::error::Error for Problem {}

impl<F: Fault> From<F> for Problem {
    fn from(fault: F) -> Self {
        let owner = match fault.owner() {
            task::Owner::Learner => Owner::Learner,
            task::Owner::Product => Owner::Product,
        };
        Self { code: fault.code().into(), message: fault.to_string(), next_step: fault.next_step(), owner }
    }
}
