//! An action of the workspace's own: its steps run on the job's machine as a small job within the job, which has nothing of it but
//! its files, its variables and its time.

use std::{collections::BTreeMap, mem};

use serde_json::{Map, Value};

use super::{Time, Whose, Worked};
use crate::{
    finding::Halt,
    kinds::workflow::{
        expression::text,
        job::{Conclusion, Running, Until},
        plan::{Manifest, Step},
    },
};

/// How deep actions may use one another; GitHub's own limit.
const DEEPEST: usize = 10;

impl Running<'_> {
    pub(super) async fn composite(
        &mut self,
        folder: &str,
        step: &Step,
        own: &BTreeMap<String, String>,
        time: Time,
    ) -> Result<Worked, Halt> {
        if self.depth == DEEPEST {
            return Ok(Worked::failed(format!("actions use one another more than {DEEPEST} deep")));
        }
        let Some(manifest) = self.manifest(folder).await? else {
            let why = format!("there is no `action.yml` in `./{folder}`; `actions/checkout` has to run before it");
            return Ok(Worked::failed(why));
        };
        let inputs = match self.inputs(&manifest, step).await? {
            Ok(inputs) => inputs,
            Err(reason) => return Ok(Worked::failed(reason)),
        };
        let place = self.place(folder);
        let (mut contexts, mut variables) = (self.contexts.clone(), self.variables.clone());
        contexts.insert("inputs".to_owned(), Value::Object(inputs));
        if let Some(Value::Object(github)) = contexts.get_mut("github") {
            github.insert("action_path".to_owned(), place.clone().into());
        }
        variables.insert("GITHUB_ACTION_PATH".to_owned(), place);
        let mut environment = self.environment.clone();
        environment.extend(self.exported.clone());
        environment.extend(own.clone());
        let limit = match time.whose {
            Whose::Run => None,
            Whose::Job => self.limit,
            Whose::Step => Some(Until::within(time.left)),
        };
        let mut inner = Running {
            document: &manifest.document,
            job: &manifest.job,
            name: self.name.clone(),
            machine: self.machine,
            changes: self.changes,
            artifacts: &mut *self.artifacts,
            contexts,
            environment,
            variables,
            exported: BTreeMap::new(),
            paths: mem::take(&mut self.paths),
            masks: mem::take(&mut self.masks),
            hashes: BTreeMap::new(),
            until: self.until,
            limit,
            depth: self.depth + 1,
        };
        let ended = Box::pin(inner.run()).await?;
        let Running { exported, paths, masks, .. } = inner;
        self.exported.extend(exported);
        (self.paths, self.masks) = (paths, masks);
        let mut worked = match (ended.conclusion, &ended.broken) {
            (Conclusion::Cancelled, _) => self.stopped(step, time)?,
            (Conclusion::Failure, Some(broken)) => {
                Worked::failed(format!("at its step “{}”: {}", broken.step, broken.why))
            }
            _ => Worked::default(),
        };
        worked.log = ended.broken.map(|broken| broken.log).unwrap_or_default();
        worked.outputs = ended.outputs.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        Ok(worked)
    }

    async fn manifest(&self, folder: &str) -> Result<Option<Manifest>, Halt> {
        for name in ["action.yml", "action.yaml"] {
            let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            if let Some(text) = self.file(&path).await? {
                return Manifest::read(&path, text).map(Some);
            }
        }
        Ok(None)
    }

    /// Its inputs, as the step gives them or as they are where it does not.
    async fn inputs(&mut self, manifest: &Manifest, step: &Step) -> Result<Result<Map<String, Value>, String>, Halt> {
        let with = match self.with(&step.form.with).await? {
            Ok(with) => with,
            Err(reason) => return Ok(Err(reason)),
        };
        let mut inputs = Map::new();
        for (name, default) in &manifest.inputs {
            let value = match with.0.get(&name.to_lowercase()) {
                Some(given) => given.clone(),
                None => match self.filled(default).await? {
                    Ok(value) => value,
                    Err(reason) => return Ok(Err(format!("its input `{name}` has no value: {reason}"))),
                },
            };
            inputs.insert(name.clone(), text(&value).into());
        }
        Ok(Ok(inputs))
    }
}
