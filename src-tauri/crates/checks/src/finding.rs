//! What a kind tells about the world before it becomes an outcome, and the trait that every kind implements.

use std::fmt::Debug;

use async_trait::async_trait;
use curriculum::Lab;

use crate::{Context, Measured, Obstacle, Place};

/// A check's settings, read and able to judge.
#[async_trait]
pub trait Judge: Debug + Send + Sync {
    /// Looks at the world; the first thing that is wrong ends the look.
    async fn judge(&self, check: &str, context: &Context<'_>) -> Result<Passed, Halt>;

    /// What can change the outcome, beside the globs that the author wrote.
    fn sources(&self) -> Sources {
        Sources::default()
    }

    /// The program that looking starts, as one would type it.
    fn runs(&self) -> Option<String> {
        None
    }

    /// Whether looking makes the learner's code run, so that it can meet faults on purpose.
    fn runs_code(&self) -> bool {
        self.runs().is_some()
    }

    /// The check whose outcome this one reads, where there is one.
    fn reads_outcome_of(&self) -> Option<&str> {
        None
    }

    /// What is wrong with the settings beyond their types.
    fn lint(&self, _lab: &Lab) -> Vec<Wrong> {
        Vec::new()
    }
}

#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Files of the workspace.
    pub files: Vec<String>,
    /// Globs of files.
    pub globs: Vec<String>,
    /// Services of the lab: a save that restarts one counts.
    pub services: Vec<String>,
    /// Calls of the gateway.
    pub calls: bool,
    /// Spans that the learner's programs told the gateway.
    pub spans: bool,
    /// The learner's answers.
    pub answers: bool,
    /// The learner's journal entries.
    pub entries: bool,
}

impl Sources {
    /// What a service of the lab does.
    pub fn of_service(service: &str) -> Self {
        Self { services: vec![service.to_owned()], ..Self::default() }
    }
}

/// Something wrong with a setting.
#[derive(Debug)]
pub struct Wrong {
    /// The setting's path in the check's table: `assert[1].max`.
    pub at: String,
    pub message: String,
    pub next_step: String,
}

impl Wrong {
    pub fn new(at: impl Into<String>, message: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self { at: at.into(), message: message.into(), next_step: next_step.into() }
    }
}

#[derive(Debug, Default)]
pub struct Passed {
    pub summary: String,
    pub measured: Vec<Measured>,
}

impl Passed {
    pub fn new(summary: impl Into<String>) -> Self {
        Self { summary: summary.into(), measured: Vec::new() }
    }

    pub fn measured(mut self, name: &str, value: impl Into<String>, unit: &str) -> Self {
        self.measured.push(Measured { name: name.to_owned(), value: value.into(), unit: unit.to_owned() });
        self
    }
}

/// Why a look ended early: the learner's work is wrong, or the look itself could not be taken.
#[derive(Debug)]
pub enum Halt {
    Failed(Box<Failure>),
    Obstacle(Obstacle),
}

impl From<Obstacle> for Halt {
    fn from(obstacle: Obstacle) -> Self {
        Self::Obstacle(obstacle)
    }
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

/// The first wrong thing.
#[derive(Debug, Default)]
pub struct Failure {
    pub summary: String,
    pub expected: Option<String>,
    pub actual: Option<String>,
    pub place: Option<Place>,
    pub next_step: Option<String>,
}

impl Failure {
    pub fn new(summary: impl Into<String>) -> Self {
        Self { summary: summary.into(), ..Self::default() }
    }

    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    pub fn actual(mut self, actual: impl Into<String>) -> Self {
        self.actual = Some(actual.into());
        self
    }

    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    pub fn next(mut self, next_step: impl Into<String>) -> Self {
        self.next_step = Some(next_step.into());
        self
    }
}

impl Place {
    pub(crate) fn file(path: &str, line: Option<u32>) -> Self {
        Self::File { path: path.to_owned(), line }
    }
}
