//! A whole run of a workflow: each job after those that it needs, once for each combination of its matrix, on a machine of its own.

mod call;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::{Map, Value, json};

use super::{
    action::Artifacts,
    contexts::{COMMANDS, FOLDER, TEMP, github, inputs, runner, texts, variables},
    expression::{Node, Scope, Status, Stop, condition, fill, text, truth},
    job::{Broken, Changes, Conclusion, Ended, Running, Until, limit},
    matrix::combinations,
    plan::{Job, Workflow},
    services::{container, runs_here, service},
    trigger::Event,
};
use crate::{
    Containers, Exit, Files, Machine, MachineRun, Place, Program,
    data::path::DataPath,
    excerpt::tail,
    finding::{Failure, Halt},
    kinds::image::told,
};

/// A run that is to be tried.
pub struct Run<'a> {
    pub workflow: &'a Workflow,
    pub event: Event<'a>,
    pub changes: &'a Changes,
    pub variables: &'a BTreeMap<String, String>,
    pub secrets: &'a BTreeMap<String, String>,
    pub gateway: bool,
    pub containers: &'a dyn Containers,
    pub until: Until,
}

/// How each job of a run ended, by its id.
pub type Report = BTreeMap<String, Ended>;

/// Services that are not well after this time are told as such.
const WELL_WITHIN: Duration = Duration::from_secs(120);

impl Run<'_> {
    pub async fn run(&self) -> Result<Report, Halt> {
        let tree = &self.workflow.document.tree;
        let name = tree.get("name").map_or_else(|| self.workflow.document.path.clone(), text);
        let mut contexts = Map::new();
        let inputs = inputs(&tree["on"], self.event.name);
        let path = &self.workflow.document.path;
        contexts.insert("github".to_owned(), github(&name, path, self.event, &inputs));
        contexts.insert("vars".to_owned(), texts(self.variables));
        contexts.insert("secrets".to_owned(), texts(self.secrets));
        contexts.insert("inputs".to_owned(), inputs);
        contexts.insert("runner".to_owned(), runner());
        self.jobs(contexts, &mut Artifacts::new()).await
    }

    /// Runs its jobs, which know these contexts and those that come of them.
    async fn jobs(&self, mut contexts: Map<String, Value>, artifacts: &mut Artifacts) -> Result<Report, Halt> {
        let at = DataPath::default().key("env");
        let environment = self.environment(self.workflow.document.tree.get("env"), &at, &contexts)?;
        let mut report = Report::new();
        for job in &self.workflow.jobs {
            let needs = job.needs.iter().filter_map(|id| Some((id.clone(), shown(report.get(id)?))));
            contexts.insert("needs".to_owned(), Value::Object(needs.collect()));
            let ended = if self.is_wanted(job, &contexts, &report)? {
                self.all_of(job, &contexts, &environment, artifacts).await?
            } else {
                ended(Conclusion::Skipped)
            };
            report.insert(job.id.clone(), ended);
        }
        Ok(report)
    }

    /// Whether a job's `if` lets it run; without one, all before it must have gone well.
    fn is_wanted(&self, job: &Job, contexts: &Map<String, Value>, report: &Report) -> Result<bool, Halt> {
        let status = self.status_before(job, report);
        let Some(written) = job.body.get("if") else { return Ok(status == Status::Success) };
        let at = job.at.key("if");
        let wrong = |reason: String| self.unusable(&at, &reason);
        let node = condition(&text(written)).map_err(wrong)?;
        if !Node::asks_status(&node) && status != Status::Success {
            return Ok(false);
        }
        let scope = Scope { contexts, status, hashes: &BTreeMap::new() };
        node.evaluate(&scope).map(|value| truth(&value)).map_err(|stop| wrong(reason(stop)).into())
    }

    /// How all went that a job waits for, by whatever way.
    fn status_before(&self, job: &Job, report: &Report) -> Status {
        let (mut before, mut open) = (BTreeSet::new(), job.needs.clone());
        while let Some(id) = open.pop() {
            if before.insert(id.clone()) {
                open.extend(self.workflow.job(&id).into_iter().flat_map(|job| job.needs.clone()));
            }
        }
        let any = |wanted| before.iter().filter_map(|id| report.get(id)).any(|ended| ended.conclusion == wanted);
        if any(Conclusion::Failure) {
            Status::Failure
        } else if any(Conclusion::Cancelled) || any(Conclusion::Skipped) {
            // `cancelled()` asks about the whole run, and only jobs are cancelled here, each by its own time.
            Status::Skipped
        } else {
            Status::Success
        }
    }

    /// Runs a job once, or once for each combination of its matrix. With `fail-fast` the others are cancelled after a failure.
    async fn all_of(
        &self,
        job: &Job,
        contexts: &Map<String, Value>,
        environment: &BTreeMap<String, String>,
        artifacts: &mut Artifacts,
    ) -> Result<Ended, Halt> {
        let at = job.at.key("strategy");
        let strategy = self.filled(job.body.get("strategy"), &at, contexts)?;
        let all = match strategy.get("matrix") {
            None => vec![Map::new()],
            Some(Value::Object(matrix)) => {
                combinations(matrix).map_err(|reason| self.unusable(&at.key("matrix"), &reason))?
            }
            Some(_) => return Err(self.unusable(&at.key("matrix"), "it is no mapping of lists").into()),
        };
        let fail_fast = strategy.get("fail-fast").is_none_or(|value| truth(value) && text(value) != "false");
        let mut whole = ended(Conclusion::Success);
        for (index, combination) in all.iter().enumerate() {
            if whole.conclusion == Conclusion::Failure && fail_fast {
                break;
            }
            let mut contexts = contexts.clone();
            contexts.insert("matrix".to_owned(), Value::Object(combination.clone()));
            let told = json!({ "fail-fast": fail_fast, "job-index": index, "job-total": all.len(), "max-parallel": all.len() });
            contexts.insert("strategy".to_owned(), told);
            let name = name(job, combination);
            let one = match &job.called {
                Some(called) => self.call(job, called, &name, &contexts, artifacts).await?,
                None => self.one(job, name, contexts, environment, artifacts).await?,
            };
            whole.outputs.extend(one.outputs.into_iter().filter(|(_, value)| value != ""));
            if one.conclusion == Conclusion::Failure || whole.conclusion == Conclusion::Success {
                whole.conclusion = one.conclusion;
            }
            whole.broken = whole.broken.or(one.broken);
            whole.tolerated = whole.tolerated.or(one.tolerated);
        }
        Ok(whole)
    }

    async fn one(
        &self,
        job: &Job,
        name: String,
        mut contexts: Map<String, Value>,
        environment: &BTreeMap<String, String>,
        artifacts: &mut Artifacts,
    ) -> Result<Ended, Halt> {
        let document = &self.workflow.document;
        let filled = |key: &str| self.filled(job.body.get(key), &job.at.key(key), &contexts);
        runs_here(document, &job.at.key("runs-on"), &filled("runs-on")?)?;
        let passes = truth(&filled("continue-on-error")?);
        let limit = limit(&filled("timeout-minutes")?);
        let mut own = environment.clone();
        own.extend(self.environment(job.body.get("env"), &job.at.key("env"), &contexts)?);
        contexts.insert("env".to_owned(), texts(&own));
        if let Some(Value::Object(github)) = contexts.get_mut("github") {
            github.insert("job".to_owned(), job.id.clone().into());
        }
        let wanted = self.wanted(job, &contexts)?;
        let ports = wanted.services.iter().map(|service| {
            let ports = service.ports.iter().map(|(outer, inner)| (inner.to_string(), outer.to_string().into()));
            (service.name.clone(), json!({ "ports": ports.collect::<Map<_, _>>() }))
        });
        let of_job = json!({ "status": "success", "services": ports.collect::<Map<_, _>>() });
        contexts.insert("job".to_owned(), of_job);
        let machine = match self.containers.machine(&wanted).await? {
            Ok(machine) => machine,
            Err(trouble) => {
                let part = if wanted.services.is_empty() { "container" } else { "services" };
                return Err(told(trouble, document.place(&job.at.key(part))));
            }
        };
        let mut running = Running {
            document,
            job,
            name,
            machine: machine.as_ref(),
            changes: self.changes,
            artifacts,
            environment: own,
            variables: variables(&contexts["github"]),
            contexts,
            exported: BTreeMap::new(),
            paths: Vec::new(),
            masks: self.secrets.values().cloned().collect(),
            hashes: BTreeMap::new(),
            until: self.until,
            limit: limit.map(Until::within),
            depth: 0,
        };
        let at = document.place(&job.at.key("container"));
        let ended = match prepare(machine.as_ref(), &running.contexts["github"]["event"], self.until, at).await {
            Ok(()) => running.run().await,
            Err(halt) => Err(halt),
        };
        machine.end().await?;
        let mut ended = ended?;
        // GitHub lets a failure pass, but not that the job's time was over.
        if passes && ended.conclusion == Conclusion::Failure {
            ended.conclusion = Conclusion::Success;
            ended.tolerated = ended.broken.take().or(ended.tolerated);
        }
        Ok(ended)
    }

    fn wanted(&self, job: &Job, contexts: &Map<String, Value>) -> Result<MachineRun, Halt> {
        let document = &self.workflow.document;
        let at = job.at.key("container");
        let (image, environment) = container(document, &at, &self.filled(job.body.get("container"), &at, contexts)?)?;
        let at = job.at.key("services");
        let mut beside = Vec::new();
        if let Value::Object(services) = self.filled(job.body.get("services"), &at, contexts)? {
            for (name, written) in &services {
                beside.extend(service(document, &at.key(name), name, written)?);
            }
        }
        Ok(MachineRun { image, environment, gateway: self.gateway, services: beside, within: WELL_WITHIN })
    }

    /// A part of the file with every expression in it replaced.
    fn filled(&self, written: Option<&Value>, at: &DataPath, contexts: &Map<String, Value>) -> Result<Value, Halt> {
        let scope = Scope { contexts, status: Status::Success, hashes: &BTreeMap::new() };
        Ok(match written {
            None => Value::Null,
            Some(Value::String(written)) => fill(written, &scope).map_err(|stop| self.unusable(at, &reason(stop)))?,
            Some(Value::Array(items)) => {
                let each =
                    items.iter().enumerate().map(|(index, item)| self.filled(Some(item), &at.entry(index), contexts));
                each.collect::<Result<_, _>>()?
            }
            Some(Value::Object(object)) => {
                let each = object
                    .iter()
                    .map(|(key, value)| Ok((key.clone(), self.filled(Some(value), &at.key(key), contexts)?)));
                Value::Object(each.collect::<Result<_, Halt>>()?)
            }
            Some(other) => other.clone(),
        })
    }

    fn environment(
        &self,
        written: Option<&Value>,
        at: &DataPath,
        contexts: &Map<String, Value>,
    ) -> Result<BTreeMap<String, String>, Halt> {
        let filled = self.filled(written, at, contexts)?;
        Ok(filled.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect())
    }

    fn unusable(&self, at: &DataPath, reason: &str) -> Failure {
        let failure = self.workflow.document.wrong(at, format!("`{at}` cannot be used: {reason}."));
        failure.expected("a value that GitHub can use").next("Look at what it is made from.")
    }
}

/// Makes the folders that a job begins with, and the file that tells of the event.
async fn prepare(machine: &dyn Machine, event: &Value, until: Until, at: Place) -> Result<(), Halt> {
    let argv = ["mkdir", "-p", FOLDER, TEMP, COMMANDS].map(str::to_owned).to_vec();
    let within = until.left().ok_or_else(|| until.over("a job"))?;
    let made = machine.run(&Program { argv, environment: BTreeMap::new(), within }).await?;
    match made.exit {
        Exit::Code(0) => {}
        Exit::TimedOut => return Err(until.over("a job").into()),
        _ => {
            return Err(Failure::new("The job's machine cannot make the folders that a job begins with.")
                .expected("an image with a shell and `mkdir`")
                .actual(tail(made.stdout.trim()))
                .at(at)
                .next("Name another image, or take `container` out.")
                .into());
        }
    }
    let written = serde_json::to_vec_pretty(event).unwrap_or_default();
    machine.write(&Files::from([(format!("{TEMP}/event.json"), written)])).await?;
    Ok(())
}

fn ended(conclusion: Conclusion) -> Ended {
    Ended { conclusion, outputs: Map::new(), broken: None, tolerated: None }
}

/// A job in the contexts of others.
fn shown(ended: &Ended) -> Value {
    json!({ "result": ended.conclusion.word(), "outputs": ended.outputs })
}

/// As GitHub lists a job: `test (3.11, linux)`.
fn name(job: &Job, combination: &Map<String, Value>) -> String {
    let values: Vec<String> = combination.values().map(text).collect();
    if values.is_empty() { job.id.clone() } else { format!("{} ({})", job.id, values.join(", ")) }
}

fn reason(stop: Stop) -> String {
    match stop {
        Stop::Wrong(reason) => reason,
        Stop::Hash(_) => "`hashFiles` can be called in steps only".to_owned(),
    }
}

/// The first step of a run that failed, in the order of its jobs.
pub fn first_broken<'a>(workflow: &Workflow, report: &'a Report) -> Option<&'a Broken> {
    workflow.jobs.iter().find_map(|job| report.get(&job.id)?.broken.as_ref())
}

#[cfg(test)]
mod tests;
