//! Proves a pack: for each lab the starter, the solution and every mutant, each in a fresh workspace of its own.
//!
//! Several at once, as many as the machine has cores, but at most four: they share the one model. The Python packages of a lab
//! are made ready while cases of the one before still run.

use std::{collections::VecDeque, path::Path, sync::Arc, time::Instant};

use curriculum::{Lab, Pack};
use futures::{TryStreamExt as _, stream::FuturesUnordered};
use serde::Serialize;
use task::{Progress, Reporter as _, Unit};
use tokio::sync::oneshot;
use workspaces::Environment;

use crate::{
    Problem, TaskId, Workbench,
    authoring::proof::{self, Goal},
    tasks::Handle,
};

/// More at once would make checks that wait for the model run into their limits.
const MOST_AT_ONCE: usize = 4;

/// What was proved, and where the time went.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verified {
    pub labs: Vec<LabProof>,
    pub seconds: f64,
    /// How many cases ran at once.
    pub at_once: usize,
    /// Whether of each mutant only the checks that it names were asked.
    pub quick: bool,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LabProof {
    pub lab: String,
    pub title: String,
    /// For the lab's Python packages.
    pub environment_seconds: f64,
    pub cases: Vec<Case>,
}

/// The starter, the solution or a mutant.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Case {
    /// `starter`, `solution`, `mutant fixed-port`.
    pub name: String,
    /// What it proved, in a few words.
    pub proved: String,
    /// Why it proves nothing; empty when all is well.
    pub complaints: Vec<String>,
    pub seconds: f64,
    pub spent: Vec<Spent>,
}

/// Time that went into one thing.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Spent {
    /// `check ask-answers`, `block 02-first-answer.md:27`, `services and folders`.
    pub on: String,
    pub times: u32,
    pub seconds: f64,
}

impl Verified {
    /// Whether everything was proved.
    pub fn holds(&self) -> bool {
        self.labs.iter().flat_map(|lab| &lab.cases).all(|case| case.complaints.is_empty())
    }

    /// What took the time of all cases, the most first.
    pub fn spent(&self) -> Vec<Spent> {
        let mut all: Vec<Spent> = Vec::new();
        for lab in &self.labs {
            let environment = Spent { on: "Python packages".into(), times: 1, seconds: lab.environment_seconds };
            for spent in lab.cases.iter().flat_map(|case| &case.spent).chain([&environment]) {
                let on = format!("{}: {}", lab.lab, spent.on);
                match all.iter_mut().find(|known| known.on == on) {
                    Some(known) => {
                        known.times += spent.times;
                        known.seconds += spent.seconds;
                    }
                    None => all.push(Spent { on, ..spent.clone() }),
                }
            }
        }
        all.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
        all
    }
}

/// A lab with what all its cases share.
struct Ready {
    lab: Arc<Lab>,
    python: Option<Environment>,
    /// That the packages took.
    seconds: f64,
}

impl LabProof {
    /// Nothing is proved yet.
    fn of(lab: &Lab) -> Self {
        Self { lab: lab.slug.clone(), title: lab.title.clone(), environment_seconds: 0.0, cases: Vec::new() }
    }
}

impl Workbench {
    /// Begins to prove the pack in `folder`, or one lab of it. A quick proof runs of each mutant the checks that it names:
    /// whether it fails others, too, stays open. The receiver brings what was proved when the task ends.
    pub fn verify_pack(
        self: &Arc<Self>,
        folder: &Path,
        lab: Option<&str>,
        quick: bool,
    ) -> Result<(TaskId, oneshot::Receiver<Verified>), Problem> {
        // Programs that run elsewhere are told of its files.
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let pack = Arc::new(super::sound(&folder)?);
        let labs = match lab {
            Some(slug) => vec![crate::pack::lab(&pack, slug)?],
            None => pack.labs.iter().cloned().map(Arc::new).collect(),
        };
        let (sender, receiver) = oneshot::channel();
        let workbench = self.clone();
        let task = self.tasks.start(&format!("Proving {}", pack.title), move |handle| async move {
            let cancellation = handle.cancellation.clone();
            let proving = workbench.prove(pack, labs, quick, handle);
            let verified = cancellation.run_until_cancelled(proving).await.ok_or_else(Problem::cancelled)??;
            let _ = sender.send(verified);
            Ok(())
        });
        Ok((task, receiver))
    }

    async fn prove(
        &self,
        pack: Arc<Pack>,
        labs: Vec<Arc<Lab>>,
        quick: bool,
        handle: Handle,
    ) -> Result<Verified, Problem> {
        let clock = Instant::now();
        let at_once = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_AT_ONCE);
        let mut proofs: Vec<LabProof> = labs.iter().map(|lab| LabProof::of(lab)).collect();
        let goals: Vec<Vec<Goal>> = labs.iter().map(|lab| goals(&pack, lab, quick)).collect();
        let names: Vec<Vec<String>> = goals.iter().map(|goals| goals.iter().map(Goal::name).collect()).collect();
        let total = names.iter().flatten().count() as u64;
        let mut packages = labs.into_iter().zip(goals).enumerate();
        let (mut cases, mut running) = (VecDeque::new(), FuturesUnordered::new());
        let (mut preparing, mut proving, mut done) = (false, 0, 0);
        let progress = |done, what: String| {
            handle.progress(Progress { what, done, total: Some(total), unit: Unit::Steps });
        };
        progress(0, "Making workspaces".into());
        loop {
            if !preparing
                && cases.len() < at_once
                && let Some((index, (lab, goals))) = packages.next()
            {
                preparing = true;
                running.push(self.work(&pack, &handle, Work::Packages(index, lab, goals)));
            }
            while proving < at_once
                && let Some(case) = cases.pop_front()
            {
                proving += 1;
                running.push(self.work(&pack, &handle, case));
            }
            match running.try_next().await? {
                None => break,
                Some(Worked::Ready(index, ready, goals)) => {
                    preparing = false;
                    proofs[index].environment_seconds = ready.seconds;
                    cases.extend(goals.into_iter().map(|goal| Work::Case(index, ready.clone(), goal)));
                }
                Some(Worked::Proved(index, case)) => {
                    proving -= 1;
                    done += 1;
                    let proof = &mut proofs[index];
                    progress(done, format!("{}: {}", proof.lab, case.name));
                    // The report comes at the end; who waits for it hears of each case.
                    let mark = if case.complaints.is_empty() { "proved" } else { "wrong" };
                    handle.output(&format!("{mark} {:>6.1} s  {}: {}", case.seconds, proof.lab, case.name));
                    proof.cases.push(case);
                }
            }
        }
        // They end as they please; the report reads as the pack is written.
        for (proof, names) in proofs.iter_mut().zip(&names) {
            proof.cases.sort_by_key(|case| names.iter().position(|name| *name == case.name));
        }
        Ok(Verified { labs: proofs, seconds: clock.elapsed().as_secs_f64(), at_once, quick })
    }

    async fn work(&self, pack: &Arc<Pack>, handle: &Handle, work: Work) -> Result<Worked, Problem> {
        match work {
            Work::Packages(index, lab, goals) => {
                let clock = Instant::now();
                let python = self.environment(&lab, handle, &handle.cancellation).await?;
                let ready = Ready { lab, python, seconds: clock.elapsed().as_secs_f64() };
                Ok(Worked::Ready(index, Arc::new(ready), goals))
            }
            Work::Case(index, ready, goal) => {
                let case = proof::prove(self, pack.clone(), &ready.lab, ready.python.clone(), &goal).await?;
                Ok(Worked::Proved(index, case))
            }
        }
    }
}

/// What is to be done for the lab of this number.
enum Work {
    Packages(usize, Arc<Lab>, Vec<Goal>),
    Case(usize, Arc<Ready>, Goal),
}

enum Worked {
    Ready(usize, Arc<Ready>, Vec<Goal>),
    Proved(usize, Case),
}

/// As the report names them.
fn goals(pack: &Pack, lab: &Lab, quick: bool) -> Vec<Goal> {
    let mutants = curriculum::mutants(&pack.folder, lab).0.into_iter();
    let mutants = mutants.map(|mutant| Goal::Mutant { mutant, quick });
    [Goal::Starter, Goal::Solution].into_iter().chain(mutants).collect()
}
