//! Proves a pack: for each lab the starter, the solution and every mutant, each in a fresh workspace of its own.
//!
//! Several at once, as many as the machine has cores, but at most four: they share the one model.

use std::{path::Path, sync::Arc, time::Instant};

use curriculum::{Lab, Pack};
use futures::StreamExt as _;
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
}

impl Workbench {
    /// Begins to prove the pack in `folder`, or one lab of it. The receiver brings what was proved when the task ends.
    pub fn verify_pack(
        self: &Arc<Self>,
        folder: &Path,
        lab: Option<&str>,
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
            let proving = workbench.prove(pack, labs, handle);
            let verified = cancellation.run_until_cancelled(proving).await.ok_or_else(Problem::cancelled)??;
            let _ = sender.send(verified);
            Ok(())
        });
        Ok((task, receiver))
    }

    async fn prove(&self, pack: Arc<Pack>, labs: Vec<Arc<Lab>>, handle: Handle) -> Result<Verified, Problem> {
        let clock = Instant::now();
        let at_once = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_AT_ONCE);
        let mut proofs = Vec::new();
        let mut cases = Vec::new();
        for lab in labs {
            let clock = Instant::now();
            let python = self.environment(&lab, &handle, &handle.cancellation).await?;
            proofs.push(LabProof {
                lab: lab.slug.clone(),
                title: lab.title.clone(),
                environment_seconds: clock.elapsed().as_secs_f64(),
                cases: Vec::new(),
            });
            let ready = Arc::new(Ready { lab, python });
            let mutants = curriculum::mutants(&pack.folder, &ready.lab).0;
            let goals = [Goal::Starter, Goal::Solution].into_iter().chain(mutants.into_iter().map(Goal::Mutant));
            cases.extend(goals.map(|goal| (proofs.len() - 1, ready.clone(), goal)));
        }
        let total = cases.len() as u64;
        let mut running = futures::stream::iter(cases)
            .map(|(index, ready, goal)| {
                let pack = pack.clone();
                async move {
                    let case = proof::prove(self, pack, &ready.lab, ready.python.clone(), &goal).await?;
                    Ok::<_, Problem>((index, case))
                }
            })
            // In order: the report then reads as the pack is written.
            .buffered(at_once);
        let mut done = 0;
        let progress = |done, what: String| {
            handle.progress(Progress { what, done, total: Some(total), unit: Unit::Steps });
        };
        progress(0, "Making workspaces".into());
        while let Some(proved) = running.next().await {
            let (index, case) = proved?;
            done += 1;
            progress(done, format!("{}: {}", proofs[index].lab, case.name));
            // The report comes at the end; who waits for it hears of each case.
            let mark = if case.complaints.is_empty() { "proved" } else { "wrong" };
            handle.output(&format!("{mark} {:>6.1} s  {}: {}", case.seconds, proofs[index].lab, case.name));
            proofs[index].cases.push(case);
        }
        Ok(Verified { labs: proofs, seconds: clock.elapsed().as_secs_f64(), at_once })
    }
}
