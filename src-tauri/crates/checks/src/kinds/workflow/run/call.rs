//! A job that calls a workflow: a run within the run, which has nothing of it but its event, its variables, its
//! artifacts and what the job gives.

use serde_json::{Map, Value};

use super::{Run, ended, shown};
use crate::{
    finding::Halt,
    kinds::workflow::{
        action::Artifacts,
        contexts::texts,
        expression::{property, text},
        job::{Broken, Conclusion, Ended},
        plan::{Job, Workflow, typed},
    },
};

impl Run<'_> {
    pub(super) async fn call(
        &self,
        job: &Job,
        called: &Workflow,
        name: &str,
        contexts: &Map<String, Value>,
        artifacts: &mut Artifacts,
    ) -> Result<Ended, Halt> {
        let secrets = match job.body.get("secrets") {
            Some(Value::String(_)) => self.secrets.clone(),
            written => self.environment(written, &job.at.key("secrets"), contexts)?,
        };
        let run = Run { workflow: called, secrets: &secrets, ..*self };
        let mut inner: Map<String, Value> = ["github", "vars", "runner"]
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), contexts.get(name)?.clone())))
            .collect();
        inner.insert("secrets".to_owned(), texts(&secrets));
        let inputs = self.inputs_for(job, &run, contexts, &inner)?;
        inner.insert("inputs".to_owned(), inputs);
        let mut report = Box::pin(run.jobs(inner.clone(), artifacts)).await?;

        let jobs = report.iter().map(|(id, ended)| (id.clone(), shown(ended)));
        inner.insert("jobs".to_owned(), Value::Object(jobs.collect()));
        let any = |wanted: &Conclusion| report.values().any(|ended| ended.conclusion == *wanted);
        let most = [Conclusion::Failure, Conclusion::Cancelled, Conclusion::Success].into_iter().find(any);
        let mut whole = ended(most.unwrap_or(Conclusion::Skipped));
        let at = Workflow::declared_at("outputs");
        for (id, output) in called.declares("outputs").into_iter().flatten() {
            let value = run.filled(output.get("value"), &at.key(id).key("value"), &inner)?;
            whole.outputs.insert(id.clone(), text(&value).into());
        }
        let behind = |broken: Broken| Broken { job: format!("{name} / {}", broken.job), ..broken };
        for ended in called.jobs.iter().filter_map(|job| report.remove(&job.id)) {
            whole.broken = whole.broken.or(ended.broken.map(behind));
            whole.tolerated = whole.tolerated.or(ended.tolerated.map(behind));
        }
        Ok(whole)
    }

    /// What a job gives to the workflow that it calls, and what that takes where nothing is given.
    fn inputs_for(
        &self,
        job: &Job,
        run: &Run<'_>,
        contexts: &Map<String, Value>,
        inner: &Map<String, Value>,
    ) -> Result<Value, Halt> {
        let at = job.at.key("with");
        let with = self.filled(job.body.get("with"), &at, contexts)?;
        let mut inputs = Map::new();
        let declared = Workflow::declared_at("inputs");
        for (id, input) in run.workflow.declares("inputs").into_iter().flatten() {
            let value = match with.as_object().and_then(|with| property(with, id)) {
                Some(value) => typed(input, value).map_err(|reason| self.unusable(&at.key(id), &reason))?,
                None => {
                    let at = declared.key(id).key("default");
                    let value = run.filled(input.get("default"), &at, inner)?;
                    typed(input, &value).map_err(|reason| run.unusable(&at, &reason))?
                }
            };
            inputs.insert(id.clone(), value);
        }
        Ok(Value::Object(inputs))
    }
}
