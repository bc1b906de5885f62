//! What a workflow says is to be done: its jobs in an order in which each comes after those that it needs, with their steps.

mod called;
mod manifest;

use std::collections::BTreeSet;

use curriculum::nearest;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    action::{self, Action},
    document::Document,
    places,
};
use crate::{
    data::path::DataPath,
    finding::{Failure, Halt},
};

pub use called::{Texts, texts, typed};
pub use manifest::Manifest;

#[derive(Debug)]
pub struct Workflow {
    pub document: Document,
    /// Each after those that it needs, otherwise as written.
    pub jobs: Vec<Job>,
}

#[derive(Debug)]
pub struct Job {
    pub id: String,
    pub at: DataPath,
    pub needs: Vec<String>,
    /// As it is written, with its expressions.
    pub body: Map<String, Value>,
    /// None where it calls a workflow.
    pub steps: Vec<Step>,
    pub called: Option<Workflow>,
}

#[derive(Debug)]
pub struct Step {
    pub at: DataPath,
    pub form: Form,
    pub work: Work,
}

/// What a step does.
#[derive(Debug)]
pub enum Work {
    Script,
    Action(Action),
    /// That of an action of the workspace's own, which lies in this folder.
    Own(String),
}

/// A step as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Form {
    pub id: Option<String>,
    pub name: Option<String>,
    pub r#if: Option<Value>,
    pub run: Option<String>,
    pub uses: Option<String>,
    pub with: Map<String, Value>,
    pub env: Value,
    pub shell: Option<String>,
    pub working_directory: Option<String>,
    pub continue_on_error: Value,
    pub timeout_minutes: Value,
}

/// Keys of the schema that nothing here knows how to try.
const UNTRIED_OF_JOB: &str = "snapshot";
const UNTRIED_OF_STEP: [&str; 5] = ["background", "wait", "wait-all", "cancel", "parallel"];

impl Workflow {
    /// Reads a workflow and those that it calls.
    pub fn read(path: &str, text: String, texts: &Texts) -> Result<Self, Halt> {
        Self::read_within(&[path], text, texts)
    }

    /// Reads the last of these workflows, each of which the one before it calls.
    fn read_within(paths: &[&str], text: String, texts: &Texts) -> Result<Self, Halt> {
        let document = Document::read(paths.last().copied().unwrap_or_default(), text)?;
        if let Some(wrong) = places::first_wrong(&document) {
            return Err(wrong.into());
        }
        let at = DataPath::default().key("jobs");
        let written = document.tree.get("jobs").and_then(Value::as_object);
        let mut jobs = Vec::new();
        for (id, body) in written.into_iter().flatten() {
            jobs.push(job(&document, id, at.key(id), body, paths, texts)?);
        }
        for job in &jobs {
            known_needs(&document, job, &jobs)?;
        }
        let jobs = ordered(&document, jobs)?;
        Ok(Self { document, jobs })
    }

    pub fn job(&self, id: &str) -> Option<&Job> {
        self.jobs.iter().find(|job| job.id == id)
    }
}

fn job(document: &Document, id: &str, at: DataPath, body: &Value, paths: &[&str], texts: &Texts) -> Result<Job, Halt> {
    let body = body.as_object().cloned().unwrap_or_default();
    if body.contains_key(UNTRIED_OF_JOB) {
        return Err(untried(document, &at.key(UNTRIED_OF_JOB), UNTRIED_OF_JOB).into());
    }
    let needs = match body.get("needs") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    let called = match body.get("uses") {
        Some(uses) => Some(called::read(document, &at, &body, uses, paths, texts)?),
        None => None,
    };
    let steps = steps(document, &at.key("steps"), body.get("steps"), id)?;
    if steps.is_empty() && called.is_none() {
        let failure = document.wrong(&at, format!("The job `{id}` has no steps."));
        return Err(failure
            .expected("`steps:` with at least one entry")
            .next("Write what it does under `steps:`.")
            .into());
    }
    Ok(Job { id: id.to_owned(), at, needs, body, steps, called })
}

/// The steps that are written at a place, of the job or the action of this name.
fn steps(document: &Document, at: &DataPath, written: Option<&Value>, name: &str) -> Result<Vec<Step>, Halt> {
    let (mut steps, mut ids) = (Vec::new(), BTreeSet::new());
    for (index, written) in written.and_then(Value::as_array).into_iter().flatten().enumerate() {
        let at = at.entry(index);
        if let Some(key) = UNTRIED_OF_STEP.iter().find(|key| written.get(**key).is_some()) {
            return Err(untried(document, &at.key(key), key).into());
        }
        let form: Form = serde_json::from_value(written.clone()).map_err(|error| {
            document.wrong(&at, format!("`{at}` cannot be read: {error}.")).next("Compare it with the other steps.")
        })?;
        if let Some(id) = &form.id
            && !ids.insert(id.clone())
        {
            let summary = format!("Two steps of `{name}` have the id `{id}`.");
            return Err(document.wrong(&at.key("id"), summary).next("Give each an id of its own.").into());
        }
        let work = match &form.uses {
            None => Work::Script,
            Some(uses) => match uses.strip_prefix("./") {
                Some(folder) => Work::Own(folder.trim_matches('/').to_owned()),
                None => Work::Action(action::find(uses).map_err(|refused| {
                    let failure = document.wrong(&at.key("uses"), refused.summary).expected(refused.expected);
                    failure.actual(uses.clone()).next(refused.next_step)
                })?),
            },
        };
        steps.push(Step { at, form, work });
    }
    Ok(steps)
}

fn untried(document: &Document, at: &DataPath, key: &str) -> Failure {
    document
        .wrong(at, format!("GitHub knows `{key}`; jobs that are tried here cannot have it."))
        .expected("jobs with steps of `run` and of the actions that are here")
        .actual(format!("`{key}`"))
        .next("Write its steps into the job itself.")
}

fn known_needs(document: &Document, job: &Job, jobs: &[Job]) -> Result<(), Halt> {
    let names = || jobs.iter().map(|other| other.id.as_str());
    let unknown = job.needs.iter().find(|need| !names().any(|name| name == *need));
    let Some(need) = unknown else { return Ok(()) };
    let failure =
        document.wrong(&job.at.key("needs"), format!("The job `{}` needs `{need}`, which is no job.", job.id));
    let next = match nearest(need, names()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => "Name a job by its key under `jobs:`.".to_owned(),
    };
    Err(failure.expected(names().collect::<Vec<_>>().join(", ")).actual(need.clone()).next(next).into())
}

fn ordered(document: &Document, mut waiting: Vec<Job>) -> Result<Vec<Job>, Halt> {
    let (mut done, mut ordered) = (BTreeSet::new(), Vec::new());
    while let Some(next) = waiting.iter().position(|job| job.needs.iter().all(|need| done.contains(need))) {
        let job = waiting.remove(next);
        done.insert(job.id.clone());
        ordered.push(job);
    }
    let Some(stuck) = waiting.iter().find(|job| in_circle(job, &waiting)) else { return Ok(ordered) };
    Err(document
        .wrong(&stuck.at.key("needs"), format!("The job `{}` waits for itself, by way of its `needs`.", stuck.id))
        .expected("jobs that wait in no circle")
        .actual(format!("{} needs {}", stuck.id, stuck.needs.join(", ")))
        .next("Take one of the `needs` out of the circle.")
        .into())
}

/// Whether a job is part of a circle, and not only behind one.
fn in_circle(job: &Job, jobs: &[Job]) -> bool {
    let (mut reached, mut open) = (BTreeSet::new(), job.needs.clone());
    while let Some(id) = open.pop() {
        if id == job.id {
            return true;
        }
        if reached.insert(id.clone()) {
            open.extend(jobs.iter().filter(|other| other.id == id).flat_map(|other| other.needs.clone()));
        }
    }
    false
}
