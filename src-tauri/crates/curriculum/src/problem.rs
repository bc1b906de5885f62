//! What is wrong with a pack, and where.

use std::{fmt, path::PathBuf};

use task::Fault;

/// A position in a file of a pack. Line and column count from 1, the column in characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Relative to the pack's folder.
    pub file: PathBuf,
    pub line: u32,
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}

/// One thing that is wrong with a pack: `orientation/lab.toml:12:3: the key `title` is missing`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct Problem {
    pub code: &'static str,
    pub message: String,
    pub place: Place,
    pub next_step: String,
}

impl Fault for Problem {
    fn code(&self) -> &'static str {
        self.code
    }

    fn next_step(&self) -> String {
        self.next_step.clone()
    }
}

/// By file and line, each told once.
pub fn in_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by(|a, b| (&a.place, &a.message).cmp(&(&b.place, &b.message)));
    problems.dedup();
    problems
}
