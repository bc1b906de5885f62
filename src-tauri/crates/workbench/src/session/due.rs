//! What a session is asked to do, and what of it is still to do.

use std::collections::{BTreeMap, BTreeSet};

use checks::{Outcome, Prepared, Status};
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
    /// Run these checks, by index.
    Run(Vec<usize>, Option<Waiting>),
    /// Run nothing of what is due.
    Stop,
    /// Serve no longer.
    End,
}

/// Who wants to know the outcomes once none of these checks is due, or none at all.
#[derive(Debug)]
pub struct Waiting {
    pub checks: Option<BTreeSet<usize>>,
    pub sender: oneshot::Sender<Vec<Outcome>>,
}

/// What is still to do, and who waits for it.
#[derive(Default)]
pub struct Due {
    pub checks: BTreeSet<usize>,
    /// What was due when somebody stopped the run.
    pub stopped: BTreeSet<usize>,
    pub waiting: Vec<Waiting>,
    pub turns: u32,
    pub ended: bool,
}

impl Due {
    /// Drops everything: who still waits is told that the lab was closed.
    pub fn end(&mut self) {
        *self = Self { ended: true, ..Self::default() };
    }

    /// Leaves what is still to do, `running` too, undone.
    pub fn stop(&mut self, running: Option<usize>) {
        self.stopped.append(&mut self.checks);
        self.stopped.extend(running);
    }

    /// What to run now.
    pub fn next(&mut self, prepared: &[Prepared], latest: &BTreeMap<String, Outcome>) -> Option<usize> {
        let failed =
            |check: usize| latest.get(prepared[check].id()).is_some_and(|outcome| outcome.status != Status::Passed);
        let waits = |check: usize, other: usize| prepared[check].after().iter().any(|id| id == prepared[other].id());
        let next = first(&self.checks, failed, waits)?;
        self.checks.remove(&next);
        Some(next)
    }

    /// Those whose checks have all run.
    pub fn served(&mut self) -> Vec<Waiting> {
        let Self { checks, waiting, .. } = self;
        let served =
            |waiting: &mut Waiting| waiting.checks.as_ref().map_or(checks.is_empty(), |own| own.is_disjoint(checks));
        waiting.extract_if(.., served).collect()
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

/// The first that failed, which is what the learner waits for, unless it waits for another that is due; else the first.
fn first(due: &BTreeSet<usize>, failed: impl Fn(usize) -> bool, waits: impl Fn(usize, usize) -> bool) -> Option<usize> {
    let ready = |check: &&usize| failed(**check) && !due.iter().any(|other| waits(**check, *other));
    due.iter().find(ready).or_else(|| due.first()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_comes_first_unless_it_waits() {
        let order = |due: &[usize], failed: &[usize]| {
            let mut due = BTreeSet::from_iter(due.iter().copied());
            // The third waits for the second.
            let next = |due: &mut BTreeSet<usize>| {
                let next = first(due, |check| failed.contains(&check), |check, other| (check, other) == (2, 1))?;
                due.remove(&next).then_some(next)
            };
            std::iter::from_fn(|| next(&mut due)).collect::<Vec<_>>()
        };
        assert_eq!(order(&[0, 1, 2, 3], &[]), [0, 1, 2, 3]);
        assert_eq!(order(&[0, 1, 3], &[3]), [3, 0, 1]);
        assert_eq!(order(&[0, 1, 2, 3], &[2, 3]), [3, 0, 1, 2], "the second is due, and the third waits for it");
        assert_eq!(order(&[0, 2, 3], &[2]), [2, 0, 3]);
    }
}
