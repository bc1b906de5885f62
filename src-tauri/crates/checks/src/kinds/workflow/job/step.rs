//! One step: whether it runs, its script or its action, and what it leaves.

mod script;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Conclusion, Running};
use crate::{
    finding::Halt,
    kinds::workflow::{
        action::With,
        contexts::texts,
        expression::{Status, text, truth},
        plan::Step,
        said::masked,
    },
};

/// A step that failed.
#[derive(Debug, Clone)]
pub struct Broken {
    /// The job, with the values of its matrix.
    pub job: String,
    pub step: String,
    pub line: Option<u32>,
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
}

impl Worked {
    fn failed(reason: String) -> Self {
        Self { failed: Some(reason), ..Self::default() }
    }
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
        let worked = match step.action {
            Some(action) => match self.with(&step.form.with).await? {
                Ok(with) => match action.act(&with, self).await? {
                    Ok(done) => Worked { log: done.log, outputs: done.outputs, failed: None },
                    Err(reason) => Worked::failed(reason),
                },
                Err(reason) => Worked::failed(reason),
            },
            None => self.script(step, &own).await?.unwrap_or_else(Worked::failed),
        };
        if worked.failed.is_some() {
            return self.failed(step, worked).await;
        }
        let success = Conclusion::Success;
        Ok(Done { outcome: success, conclusion: success, outputs: worked.outputs, broken: None })
    }

    /// The context `env` of a step that has no variables of its own yet. Files may have changed since the step before.
    fn look_around(&mut self) {
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
        let at = step.at.key(if step.form.run.is_some() { "run" } else { "uses" });
        let broken = Broken {
            job: self.name.clone(),
            step: self.step_name(step).await?,
            line: self.document.line(&at),
            why: worked.failed.unwrap_or_default(),
            log: masked(&worked.log, &self.masks),
        };
        let conclusion = if passes { Conclusion::Success } else { Conclusion::Failure };
        Ok(Done { outcome: Conclusion::Failure, conclusion, outputs: worked.outputs, broken: Some(broken) })
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
