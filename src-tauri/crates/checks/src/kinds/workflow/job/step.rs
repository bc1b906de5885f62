//! One step: whether it runs, its script or its action, and what it leaves.

mod composite;
mod script;

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Map, Value};

use super::{Conclusion, Running, limit};
use crate::{
    Place,
    finding::Halt,
    kinds::workflow::{
        action::{Action, With},
        contexts::texts,
        expression::{Status, text, truth},
        plan::{Step, Work},
        said::masked,
    },
};

/// A step that failed.
#[derive(Debug, Clone)]
pub struct Broken {
    /// The job, with the values of its matrix, behind those that call its workflow.
    pub job: String,
    pub step: String,
    pub at: Place,
    /// `exit code 1`
    pub why: String,
    /// The end of what it said.
    pub log: String,
}

/// How a step ended. The conclusion is what counts: a failure that is let pass has another one than outcome.
pub struct Done {
    pub outcome: Conclusion,
    pub conclusion: Conclusion,
    pub outputs: BTreeMap<String, String>,
    pub broken: Option<Broken>,
}

/// What a script or an action left.
#[derive(Default)]
struct Worked {
    log: String,
    outputs: BTreeMap<String, String>,
    /// Why it failed.
    failed: Option<String>,
    /// Whether that was because the job's time is over.
    cancelled: bool,
}

impl Worked {
    fn failed(reason: String) -> Self {
        Self { failed: Some(reason), ..Self::default() }
    }
}

/// The time that a step has.
#[derive(Debug, Clone, Copy)]
struct Time {
    left: Duration,
    whose: Whose,
}

/// What is over with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Step,
    Job,
    Run,
}

impl Running<'_> {
    pub(super) async fn step(&mut self, step: &Step, status: Status) -> Result<Done, Halt> {
        self.look_around();
        let own = match self.variables_of(&step.form.env).await? {
            Ok(own) => own,
            Err(reason) => return self.failed(step, Worked::failed(reason)).await,
        };
        match self.holds(step.form.r#if.as_ref(), status).await? {
            Ok(true) => {}
            Ok(false) => {
                let skipped = Conclusion::Skipped;
                return Ok(Done { outcome: skipped, conclusion: skipped, outputs: BTreeMap::new(), broken: None });
            }
            Err(reason) => return self.failed(step, Worked::failed(reason)).await,
        }
        let minutes = match self.filled(&step.form.timeout_minutes).await? {
            Ok(minutes) => minutes,
            Err(reason) => return self.failed(step, Worked::failed(reason)).await,
        };
        let time = self.time(step, limit(&minutes))?;
        let worked = match &step.work {
            _ if time.left.is_zero() => self.stopped(step, time)?,
            Work::Script => self.script(step, &own, time).await?.unwrap_or_else(Worked::failed),
            Work::Action(action) => self.act(*action, step, time).await?,
            Work::Own(folder) => self.composite(folder, step, &own, time).await?,
        };
        if worked.failed.is_some() {
            return self.failed(step, worked).await;
        }
        let success = Conclusion::Success;
        Ok(Done { outcome: success, conclusion: success, outputs: worked.outputs, broken: None })
    }

    /// Does what its action does.
    async fn act(&mut self, action: Action, step: &Step, time: Time) -> Result<Worked, Halt> {
        let with = match self.with(&step.form.with).await? {
            Ok(with) => with,
            Err(reason) => return Ok(Worked::failed(reason)),
        };
        let acting = action.act(&with, self);
        let done = match time.whose {
            // Each program of an action is held to the run's time already.
            Whose::Run => Ok(acting.await),
            Whose::Step | Whose::Job => tokio::time::timeout(time.left, acting).await,
        };
        let Ok(done) = done else { return self.stopped(step, time) };
        Ok(match done? {
            Ok(done) => Worked { log: done.log, outputs: done.outputs, ..Worked::default() },
            Err(reason) => Worked::failed(reason),
        })
    }

    /// The time that is left for a step, with its own limit; an error where the run's is over.
    fn time(&self, step: &Step, own: Option<Duration>) -> Result<Time, Halt> {
        let run = Time { left: self.until.left().unwrap_or_default(), whose: Whose::Run };
        if run.left.is_zero() {
            return Err(self.out_of_time(step));
        }
        let job = self.limit.map(|limit| Time { left: limit.left().unwrap_or_default(), whose: Whose::Job });
        let own = own.map(|left| Time { left, whose: Whose::Step });
        let shorter = |least: Time, one: Time| if one.left < least.left { one } else { least };
        Ok([job, own].into_iter().flatten().fold(run, shorter))
    }

    /// What a step leaves that was stopped when its time was over.
    fn stopped(&self, step: &Step, time: Time) -> Result<Worked, Halt> {
        let why = self.why_stopped(step, time)?;
        Ok(Worked { failed: Some(why), cancelled: time.whose == Whose::Job, ..Worked::default() })
    }

    fn why_stopped(&self, step: &Step, time: Time) -> Result<String, Halt> {
        let (what, whole) = match time.whose {
            Whose::Run => return Err(self.out_of_time(step)),
            Whose::Job => ("the job", self.limit.map_or(time.left, |limit| limit.whole)),
            Whose::Step => ("it", time.left),
        };
        Ok(format!("{what} was stopped after {} s, its `timeout-minutes`", whole.as_secs()))
    }

    fn out_of_time(&self, step: &Step) -> Halt {
        self.until.over(&format!("the job `{}`", self.name)).at(self.document.place(&step.at)).into()
    }

    /// The context `env` of a step that has no variables of its own yet. Files may have changed since the step before.
    pub(super) fn look_around(&mut self) {
        self.hashes.clear();
        let mut environment = self.environment.clone();
        environment.extend(self.exported.clone());
        self.contexts.insert("env".to_owned(), texts(&environment));
    }

    /// A step's own variables, which join the context `env`.
    async fn variables_of(&mut self, written: &Value) -> Result<Result<BTreeMap<String, String>, String>, Halt> {
        let mut own = BTreeMap::new();
        for (name, value) in written.as_object().into_iter().flatten() {
            match self.filled(value).await? {
                Ok(value) => own.insert(name.clone(), text(&value)),
                Err(reason) => return Ok(Err(reason)),
            };
        }
        if let Some(Value::Object(environment)) = self.contexts.get_mut("env") {
            environment.extend(own.iter().map(|(name, value)| (name.clone(), value.clone().into())));
        }
        Ok(Ok(own))
    }

    async fn with(&mut self, written: &Map<String, Value>) -> Result<Result<With, String>, Halt> {
        let mut with = With::default();
        for (name, value) in written {
            match self.filled(value).await? {
                Ok(value) => with.0.insert(name.to_lowercase(), value),
                Err(reason) => return Ok(Err(reason)),
            };
        }
        Ok(Ok(with))
    }

    async fn failed(&mut self, step: &Step, worked: Worked) -> Result<Done, Halt> {
        let passes = self.filled(&step.form.continue_on_error).await?.is_ok_and(|value| truth(&value));
        let outcome = if worked.cancelled { Conclusion::Cancelled } else { Conclusion::Failure };
        let at = step.at.key(if step.form.run.is_some() { "run" } else { "uses" });
        let broken = Broken {
            job: self.name.clone(),
            step: self.step_name(step).await?,
            at: self.document.place(&at),
            why: worked.failed.unwrap_or_default(),
            log: masked(&worked.log, &self.masks),
        };
        let conclusion = if passes && !worked.cancelled { Conclusion::Success } else { outcome };
        Ok(Done { outcome, conclusion, outputs: worked.outputs, broken: Some(broken) })
    }

    async fn step_name(&mut self, step: &Step) -> Result<String, Halt> {
        let form = &step.form;
        let what = || format!("Run {}", form.uses.as_deref().or(form.run.as_deref()).unwrap_or_default().trim_start());
        let written = form.name.clone().unwrap_or_else(what);
        let first = written.lines().next().unwrap_or_default().to_owned();
        let filled = self.filled(&Value::String(first.clone())).await?;
        Ok(filled.map_or(first, |value| text(&value)))
    }
}
