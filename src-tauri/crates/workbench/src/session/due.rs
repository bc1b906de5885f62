//! What a session is asked to do, and what of it is still to do.

use std::collections::BTreeSet;

use checks::{Outcome, Prepared};
use tokio::sync::oneshot;
use workspaces::Saved;

use crate::traffic::Heard;

/// How many turns of outcomes run what comes after them before the learner saves or asks.
const TURNS: u32 = 8;

/// What a session is asked to do.
#[derive(Debug)]
pub enum Ask {
    Saved(Vec<Saved>),
    Heard(Heard),
    /// Run these checks, by index; the outcomes come back once nothing is due.
    Run(Vec<usize>, Option<oneshot::Sender<Vec<Outcome>>>),
    /// Serve no longer.
    End,
}

/// What is still to do, and who waits for it.
#[derive(Default)]
pub struct Due {
    pub checks: BTreeSet<usize>,
    pub waiting: Vec<oneshot::Sender<Vec<Outcome>>>,
    pub turns: u32,
    pub ended: bool,
}

impl Due {
    /// Drops everything: who still waits is told that the lab was closed.
    pub fn end(&mut self) {
        *self = Self { ended: true, ..Self::default() };
    }

    /// Makes due what comes after a check whose outcome turned, unless it is due already.
    pub fn follow(&mut self, followers: impl Iterator<Item = usize>, turned: bool) {
        let more: Vec<usize> = followers.filter(|index| !self.checks.contains(index)).collect();
        if turned && !more.is_empty() && self.turns < TURNS {
            self.turns += 1;
            self.checks.extend(more);
        }
    }
}

/// A check and every check that waits for it, directly or not. The checks are in an order in which each comes after
/// those it waits for, so one pass finds them all.
pub fn with_followers(prepared: &[Prepared], id: &str) -> Vec<usize> {
    let mut names = BTreeSet::from([id]);
    let mut found = Vec::new();
    for (index, check) in prepared.iter().enumerate() {
        if names.contains(check.id()) || check.after().iter().any(|waited| names.contains(waited.as_str())) {
            names.insert(check.id());
            found.push(index);
        }
    }
    found
}
