//! One job on its machine: its steps in order, each with what the ones before it have left.

mod step;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde_json::{Map, Value, json};

use super::{
    action::{self, Artifacts},
    contexts::{FOLDER, texts},
    document::Document,
    expression::{Node, Scope, Status, Stop, condition, fill, text, truth},
    plan::Job,
};
use crate::{
    Exit, Machine, Obstacle, Program, Ran, Read,
    finding::{Failure, Halt},
};

pub use step::Broken;

/// Changes of the workspace's copy: a file's new content, or none where it is left out.
pub type Changes = BTreeMap<String, Option<Vec<u8>>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    Success,
    Failure,
    Cancelled,
    Skipped,
}

impl Conclusion {
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
        }
    }
}

/// A job under way.
pub struct Running<'a> {
    pub document: &'a Document,
    pub job: &'a Job,
    /// As it is called with the values of its matrix.
    pub name: String,
    pub machine: &'a dyn Machine,
    pub changes: &'a Changes,
    pub artifacts: &'a mut Artifacts,
    /// Each context that its steps know, beside `steps` and `env`.
    pub contexts: Map<String, Value>,
    /// Of the workflow and the job.
    pub environment: BTreeMap<String, String>,
    /// What GitHub's own variables are for it.
    pub variables: BTreeMap<String, String>,
    /// What steps have written to `$GITHUB_ENV`.
    pub exported: BTreeMap<String, String>,
    /// What they have written to `$GITHUB_PATH`, the latest first.
    pub paths: Vec<String>,
    pub masks: Vec<String>,
    pub hashes: BTreeMap<Vec<String>, String>,
    /// The time of the whole run.
    pub until: Until,
    /// The job's own, where it has one that is not over.
    pub limit: Option<Until>,
    /// Within how many actions its steps stand.
    pub depth: usize,
}

/// Until when a run or a job may go on, and how long that is.
#[derive(Debug, Clone, Copy)]
pub struct Until {
    at: Instant,
    pub whole: Duration,
}

impl Until {
    pub fn after(seconds: u64) -> Self {
        Self::within(Duration::from_secs(seconds))
    }

    pub fn within(whole: Duration) -> Self {
        Self { at: Instant::now() + whole, whole }
    }

    /// The time that is left; `None` where it is over.
    pub fn left(self) -> Option<Duration> {
        Some(self.at.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
    }

    /// That a run's is over, with what was under way.
    pub fn over(self, what: &str) -> Failure {
        let seconds = self.whole.as_secs();
        Failure::new(format!("The workflow was not done after {seconds} s; {what} was under way."))
            .expected(format!("at most {seconds} s for all jobs"))
            .actual("it was stopped")
            .next("Let it do less: smaller data, fewer combinations, nothing twice.")
    }
}

/// The time that a `timeout-minutes` gives; none where it is left out or 0. GitHub ends every job after 6 hours.
pub fn limit(minutes: &Value) -> Option<Duration> {
    let minutes = text(minutes).trim().parse::<f64>().ok().filter(|minutes| *minutes > 0.0)?;
    Duration::try_from_secs_f64(minutes.min(360.0) * 60.0).ok()
}

/// How a job ended.
#[derive(Debug)]
pub struct Ended {
    pub conclusion: Conclusion,
    pub outputs: Map<String, Value>,
    /// The first step that failed.
    pub broken: Option<Broken>,
    /// The first step that failed and was let pass.
    pub tolerated: Option<Broken>,
}

impl Running<'_> {
    /// Runs its steps. When its own time is over it is cancelled, as by GitHub; when the run's is, the look has failed.
    pub async fn run(&mut self) -> Result<Ended, Halt> {
        let mut ended = Ended { conclusion: Conclusion::Success, outputs: Map::new(), broken: None, tolerated: None };
        let mut steps = Map::new();
        let job = self.job;
        for step in &job.steps {
            let status = match ended.conclusion {
                Conclusion::Failure => Status::Failure,
                Conclusion::Cancelled => Status::Cancelled,
                Conclusion::Success | Conclusion::Skipped => Status::Success,
            };
            self.contexts.insert("steps".to_owned(), Value::Object(steps.clone()));
            if let (Some(Value::Object(own)), 0) = (self.contexts.get_mut("job"), self.depth) {
                own.insert("status".to_owned(), ended.conclusion.word().into());
            }
            let done = self.step(step, status).await?;
            if let Some(id) = &step.form.id {
                let told = json!({
                    "outputs": texts(&done.outputs),
                    "outcome": done.outcome.word(),
                    "conclusion": done.conclusion.word(),
                });
                steps.insert(id.clone(), told);
            }
            match done.conclusion {
                Conclusion::Success | Conclusion::Skipped => ended.tolerated = ended.tolerated.or(done.broken),
                Conclusion::Failure | Conclusion::Cancelled => {
                    // What is cancelled stays so; the steps that run all the same have the run's time.
                    if ended.conclusion != Conclusion::Cancelled {
                        ended.conclusion = done.conclusion;
                    }
                    ended.broken = ended.broken.or(done.broken);
                }
            }
            if ended.conclusion == Conclusion::Cancelled {
                self.limit = None;
            }
        }
        self.contexts.insert("steps".to_owned(), Value::Object(steps));
        self.look_around();
        let outputs = job.body.get("outputs").and_then(Value::as_object);
        for (name, value) in outputs.into_iter().flatten() {
            let at = job.at.key("outputs").key(name);
            let value = self.filled(value).await?.map_err(|reason| {
                self.document.wrong(&at, format!("The output `{name}` of `{}` has no value: {reason}.", self.name))
            })?;
            ended.outputs.insert(name.clone(), text(&value).into());
        }
        Ok(ended)
    }

    /// A value with its expressions replaced; the inner error is the end of a sentence.
    async fn filled(&mut self, value: &Value) -> Result<Result<Value, String>, Halt> {
        let Value::String(written) = value else { return Ok(Ok(value.clone())) };
        self.asked(Status::Success, |scope| fill(written, scope)).await
    }

    /// Whether a condition holds; without one, all must have gone well so far.
    async fn holds(&mut self, written: Option<&Value>, status: Status) -> Result<Result<bool, String>, Halt> {
        let node = match written {
            None => None,
            Some(written) => match condition(&text(written)) {
                Ok(node) => Some(node),
                Err(reason) => return Ok(Err(reason)),
            },
        };
        let asks = node.as_ref().is_some_and(Node::asks_status);
        if !asks && status != Status::Success {
            return Ok(Ok(false));
        }
        let Some(node) = node else { return Ok(Ok(true)) };
        Ok(self.asked(status, |scope| node.evaluate(scope)).await?.map(|value| truth(&value)))
    }

    /// Evaluates; files are hashed where that is asked for.
    async fn asked(
        &mut self,
        status: Status,
        ask: impl Fn(&Scope<'_>) -> Result<Value, Stop>,
    ) -> Result<Result<Value, String>, Halt> {
        loop {
            match ask(&Scope { contexts: &self.contexts, status, hashes: &self.hashes }) {
                Ok(value) => return Ok(Ok(value)),
                Err(Stop::Wrong(reason)) => return Ok(Err(reason)),
                Err(Stop::Hash(patterns)) => match action::hash(&patterns, self).await? {
                    Ok(hash) => drop(self.hashes.insert(patterns, hash)),
                    Err(reason) => return Ok(Err(reason)),
                },
            }
        }
    }

    /// A path of the job's folder, absolute.
    pub fn place(&self, path: &str) -> String {
        match path {
            "" | "." => FOLDER.to_owned(),
            path if path.starts_with('/') => path.to_owned(),
            path => format!("{FOLDER}/{path}"),
        }
    }

    /// A text file of the job's folder.
    pub async fn file(&self, path: &str) -> Result<Option<String>, Obstacle> {
        const MOST: u64 = 1 << 20;
        Ok(match self.machine.read(&self.place(path), MOST).await? {
            Read::File(content) => Some(String::from_utf8_lossy(&content).into_owned()),
            Read::Folder(_) | Read::Nothing | Read::TooLarge => None,
        })
    }

    /// Runs a program of an action's.
    pub async fn run_program(&self, argv: &[&str]) -> Result<Ran, Halt> {
        let what = format!("`{}` in `{}`", argv.join(" "), self.name);
        let within = self.until.left().ok_or_else(|| self.until.over(&what))?;
        let argv = argv.iter().map(|&word| word.to_owned()).collect();
        let ran = self.machine.run(&Program { argv, environment: BTreeMap::new(), within }).await?;
        if ran.exit == Exit::TimedOut { Err(self.until.over(&what).into()) } else { Ok(ran) }
    }
}
