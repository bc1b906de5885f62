//! The words that every crate shares about long work and about failure: a [`Reporter`] to tell progress to, a
//! [`Cancellation`] to stop on, and what an error owes its reader ([`Fault`]).
//!
//! Never does any work itself: no IO, no threads, no clock. Depends on none of our crates, so all of them may use it.

use serde::Serialize;

/// Asks long work to stop. Work that sees it set ends promptly and leaves nothing half done.
pub use tokio_util::sync::CancellationToken as Cancellation;

/// One step forward in a piece of long work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// What is being done now, as a phrase for people: `Installing openai`.
    pub what: String,
    /// Units finished so far.
    pub done: u64,
    /// Units in all, where that is known.
    pub total: Option<u64>,
    pub unit: Unit,
}

/// What [`Progress`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    Bytes,
    Steps,
}

/// How one of several things goes that a step is made of, side by side: a layer of an image.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// Tells it from the step's other parts: `a2abf6c4d29d`.
    pub name: String,
    /// What is done to it now: `Downloading`.
    pub what: String,
    /// How much of that is done, from 0 to 1.
    pub share: f64,
}

/// Hears how long work goes. A library reports; only a shell draws.
pub trait Reporter: Send + Sync {
    fn progress(&self, progress: Progress);
    /// A part of the step that was told last; the step's own progress is the sum of all. Few are shown part by part.
    fn part(&self, _: Part) {}
    /// One line that a program run on the learner's behalf printed.
    fn output(&self, line: &str);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Reporter for Silent {
    fn progress(&self, _: Progress) {}
    fn output(&self, _: &str) {}
}

/// Whose move it is after a failure. The command line exits with 1 for `Learner`, 2 for `Product`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    Learner,
    Product,
}

/// What every error of ours tells: a stable code, a message in the user's words (its `Display`), and a next step.
pub trait Fault: std::error::Error {
    /// Stable and dotted, the crate first: `model.altered`.
    fn code(&self) -> &'static str;
    /// One sentence that says what to do now.
    fn next_step(&self) -> String;
    fn owner(&self) -> Owner {
        Owner::Learner
    }
}
