//! Asking a session for outcomes: of all checks, of one, of those that something concerns.

use std::collections::BTreeSet;

use checks::{Outcome, Prepared};
use curriculum::Role;
use tokio::sync::oneshot;

use super::{
    Session,
    due::{Ask, Waiting, with_followers},
};
use crate::Problem;

impl Session {
    /// Runs every check and waits for the outcomes, in the lab's order; those of before where the run is stopped.
    pub async fn check_all(&self) -> Result<Vec<Outcome>, Problem> {
        self.check((0..self.prepared.len()).collect()).await
    }

    /// Runs one check and what comes after it, and answers with that one's outcome, whatever else is still to run.
    pub async fn check_one(&self, id: &str) -> Result<Outcome, Problem> {
        let due = with_followers(&self.prepared, id);
        let own = due.iter().copied().collect();
        let outcomes = self.ask(due, Some(own)).await?;
        let found = outcomes.into_iter().find(|outcome| outcome.check == id);
        let next_step = "Run the checks again.";
        found.ok_or_else(|| Problem::new("check.stopped", "The run was stopped before this check ran.", next_step))
    }

    /// Runs the checks that read the journal's entries and what comes after them; answers with the outcomes of these.
    pub async fn check_entries(&self) -> Result<Vec<Outcome>, Problem> {
        let reading = self.prepared.iter().filter(|check| check.concerns_entries());
        self.check_these(reading.flat_map(|check| with_followers(&self.prepared, check.id())).collect()).await
    }

    /// Runs the checks that a save of these files would run, with all that those wait for; `entries` where the journal changed
    /// as well. Answers with their outcomes.
    pub async fn check_saved(&self, paths: &[String], entries: bool) -> Result<Vec<Outcome>, Problem> {
        let saved = paths.iter().flat_map(|path| checks::concerned(&self.prepared, path));
        let heard = self.prepared.iter().enumerate().filter(|(_, check)| {
            check.concerns_calls() || check.concerns_spans() || (entries && check.concerns_entries())
        });
        let told =
            heard.flat_map(|(index, check)| std::iter::once(index).chain(with_followers(&self.prepared, check.id())));
        self.check_these(self.with_needed(saved.chain(told).collect())).await
    }

    /// Runs the checks of these ids and answers with their outcomes, taking what they wait for as passed. Those that read calls,
    /// spans or files that programs make read what the checks before them left, and so run with all that they wait for, whose
    /// outcomes come too.
    pub async fn check_named(&self, ids: &[String]) -> Result<Vec<Outcome>, Problem> {
        let named = self.prepared.iter().enumerate().filter(|(_, check)| ids.iter().any(|id| id == check.id()));
        let named: BTreeSet<usize> = named.map(|(index, _)| index).collect();
        let made = |check: &Prepared| {
            let made = self.lab.files.iter().filter(|file| file.role == Role::Watch);
            made.map(|file| &file.path).any(|path| check.concerns(path))
        };
        let inherits = |check: &Prepared| check.concerns_calls() || check.concerns_spans() || made(check);
        if named.iter().any(|index| inherits(&self.prepared[*index])) {
            return self.check_these(self.with_needed(named)).await;
        }
        for index in self.with_needed(named.clone()).difference(&named) {
            let id = self.prepared[*index].id();
            self.state().latest.insert(id.to_owned(), Outcome::begun(id));
        }
        self.check_these(named).await
    }

    /// These, and all that they wait for.
    fn with_needed(&self, mut due: BTreeSet<usize>) -> BTreeSet<usize> {
        let mut waiting: Vec<usize> = due.iter().copied().collect();
        while let Some(index) = waiting.pop() {
            for needed in self.prepared[index].after() {
                let found = self.prepared.iter().position(|check| check.id() == needed);
                waiting.extend(found.filter(|needed| due.insert(*needed)));
            }
        }
        due
    }

    /// Runs these and answers with no other's outcome.
    async fn check_these(&self, due: BTreeSet<usize>) -> Result<Vec<Outcome>, Problem> {
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let mut outcomes = self.check(due.iter().copied().collect()).await?;
        outcomes.retain(|outcome| due.iter().any(|index| self.prepared[*index].id() == outcome.check));
        Ok(outcomes)
    }

    /// Runs these and waits until nothing runs.
    async fn check(&self, due: Vec<usize>) -> Result<Vec<Outcome>, Problem> {
        self.ask(due, None).await
    }

    async fn ask(&self, due: Vec<usize>, checks: Option<BTreeSet<usize>>) -> Result<Vec<Outcome>, Problem> {
        let (sender, receiver) = oneshot::channel();
        let gone = || Problem::broken("The lab was closed while its checks ran.");
        self.asks.send(Ask::Run(due, Some(Waiting { checks, sender }))).map_err(|_| gone())?;
        receiver.await.map_err(|_| gone())
    }
}
