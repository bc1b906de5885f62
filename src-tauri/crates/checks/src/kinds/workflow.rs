//! `workflow`: the learner's GitHub Actions file, judged by GitHub's rules and really run, without GitHub: the good build passes,
//! and the quality gate stops a bad one.

mod action;
mod contexts;
mod document;
mod expression;
mod gate;
mod job;
mod matrix;
mod places;
mod plan;
mod run;
mod said;
mod services;
mod trigger;

use std::collections::BTreeMap;

use async_trait::async_trait;
use curriculum::Lab;
use serde::Deserialize;

use crate::{
    Containers, Context,
    data::path::DataPath,
    excerpt::{count, tail},
    files,
    finding::{Failure, Halt, Judge, Passed, Sources, Wrong},
    registry::{Kind, Setting, read},
    settings::FilePath,
};
use gate::Bad;
use job::{Broken, Changes, Conclusion, Until};
use plan::Workflow;
use run::{Report, Run, first_broken};
use trigger::{Event, starts};

pub const KIND: Kind = Kind {
    name: "workflow",
    doc: "A GitHub Actions workflow is one that GitHub takes, its jobs really run, in containers and without GitHub, and bad \
          builds are stopped. Each job has a machine of its own, Debian with Python and without Docker, into which the \
          workspace is copied. The actions checkout, setup-python, upload-artifact, download-artifact and cache are here: \
          any tag or commit that `uses` names stands for the same one, and nothing says whether a commit is really theirs. \
          An action that lies in the workspace, as `uses: ./actions/build` names it, is run where it is a composite one. A job \
          may call a workflow of the folder `.github/workflows`, with its inputs, secrets and outputs, as \
          `uses: ./.github/workflows/build.yml` names it; those of other repositories are not here.",
    settings: &[
        Setting::new("file", "path", "The workflow. `.github/workflows/ci.yml` where left out."),
        Setting::new("event", "push, pull_request or workflow_dispatch", "What starts it. A push where left out."),
        Setting::new(
            "branch",
            "text",
            "The branch that is pushed to, or asked to take a change. `main` where left out.",
        ),
        Setting::new("jobs", "list of names", "Jobs that must be there and succeed. No job may fail in any case."),
        Setting::new("vars", "table of texts", "The repository's variables, as `vars`."),
        Setting::new(
            "secrets",
            "table of texts",
            "Its secrets, as `secrets`. Made-up ones: a pack is no place for others.",
        ),
        Setting::new(
            "gateway",
            "true or false",
            "Whether jobs are told where the gateway is, with the workspace's key.",
        ),
        Setting::new(
            "within_s",
            "whole number",
            "Seconds that one run of all jobs may take, at most 3600. 600 where left out.",
        ),
        gate::MUST_FAIL,
    ],
    read: read::<WorkflowCheck>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkflowCheck {
    #[serde(default = "ci")]
    file: FilePath,
    #[serde(default)]
    event: Trigger,
    #[serde(default = "main_branch")]
    branch: String,
    #[serde(default)]
    jobs: Vec<String>,
    #[serde(default)]
    vars: BTreeMap<String, String>,
    #[serde(default)]
    secrets: BTreeMap<String, String>,
    #[serde(default)]
    gateway: bool,
    #[serde(default = "ten_minutes")]
    within_s: u64,
    #[serde(default)]
    must_fail: Vec<Bad>,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Trigger {
    #[default]
    Push,
    PullRequest,
    WorkflowDispatch,
}

impl Trigger {
    fn name(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::PullRequest => "pull_request",
            Self::WorkflowDispatch => "workflow_dispatch",
        }
    }
}

fn ci() -> FilePath {
    FilePath(".github/workflows/ci.yml".to_owned())
}

fn main_branch() -> String {
    "main".to_owned()
}

fn ten_minutes() -> u64 {
    600
}

#[async_trait]
impl Judge for WorkflowCheck {
    fn sources(&self) -> Sources {
        // Jobs may read any file of the workspace.
        let files = self.must_fail.iter().flat_map(Bad::reads).chain([self.file.0.clone()]);
        Sources { files: files.collect(), globs: vec!["**".to_owned()], ..Sources::default() }
    }

    fn runs(&self) -> Option<String> {
        Some(format!("the jobs of {}, in containers", self.file.0))
    }

    fn lint(&self, _: &Lab) -> Vec<Wrong> {
        let mut wrong: Vec<Wrong> = self
            .must_fail
            .iter()
            .enumerate()
            .flat_map(|(index, bad)| bad.lint(&format!("must_fail[{index}]")))
            .collect();
        if !(1..=3600).contains(&self.within_s) {
            wrong.push(Wrong::new("within_s", "nobody waits so long", "Write a number of seconds from 1 to 3600."));
        }
        if self.branch.trim().is_empty() {
            wrong.push(Wrong::new("branch", "it is empty", "Name a branch, or leave it out for `main`."));
        }
        wrong
    }

    async fn judge(&self, _: &str, context: &Context<'_>) -> Result<Passed, Halt> {
        let text = files::text(context.probe, &self.file.0).await?;
        let called = plan::texts(context.probe, &text).await?;
        let workflow = Workflow::read(&self.file.0, text, &called)?;
        let named = self.jobs.iter().chain(self.must_fail.iter().flat_map(Bad::jobs));
        self.has_jobs(&workflow, named)?;
        if let Some(failure) = self.not_started(&workflow, None) {
            return Err(failure.into());
        }
        let containers = context.probe.containers().await?;
        let report = self.run(&workflow, None, &Changes::new(), containers.as_ref()).await?;
        self.good(&workflow, &report)?;
        for bad in &self.must_fail {
            let changes = bad.changes(context).await?;
            let changed: Vec<String> = changes.keys().cloned().collect();
            if let Some(failure) = self.not_started(&workflow, Some(&changed)) {
                return Err(bad.never_starts(failure).into());
            }
            let report = self.run(&workflow, Some(&changed), &changes, containers.as_ref()).await?;
            bad.stopped(&workflow, &report)?;
        }
        let ran = report.iter().filter(|(_, ended)| ended.conclusion == Conclusion::Success).count();
        let mut passed = Passed::new(format!("{} of `{}` succeeded.", count(ran, "job"), self.file.0));
        if !self.must_fail.is_empty() {
            passed.summary += &format!(" {} stopped.", were(self.must_fail.len()));
        }
        Ok(passed.measured("jobs", ran.to_string(), ""))
    }
}

fn were(builds: usize) -> String {
    format!("{} {}", count(builds, "bad build"), if builds == 1 { "was" } else { "were" })
}

impl WorkflowCheck {
    fn has_jobs<'a>(&self, workflow: &Workflow, mut named: impl Iterator<Item = &'a String>) -> Result<(), Halt> {
        let Some(missing) = named.find(|name| workflow.job(name).is_none()) else { return Ok(()) };
        let there: Vec<&str> = workflow.jobs.iter().map(|job| job.id.as_str()).collect();
        let failure =
            workflow.document.wrong(&DataPath::default().key("jobs"), format!("There is no job `{missing}`."));
        Err(failure
            .expected(format!("a job `{missing}`"))
            .actual(there.join(", "))
            .next(format!("Describe it under `jobs:` by the name `{missing}`."))
            .into())
    }

    fn event<'a>(&'a self, changed: Option<&'a [String]>) -> Event<'a> {
        Event { name: self.event.name(), branch: &self.branch, changed }
    }

    /// Why the event does not start the workflow.
    fn not_started(&self, workflow: &Workflow, changed: Option<&[String]>) -> Option<Failure> {
        let event = self.event(changed);
        let (key, reason) = starts(&workflow.document.tree["on"], event).err()?;
        let on = DataPath::default().key("on");
        let at = key.map_or_else(|| on.clone(), |key| on.key(event.name).key(key));
        let what = format!("{} to `{}`", event.name, event.branch);
        let failure = workflow.document.wrong(&at, format!("Nothing starts on a {what}: {reason}."));
        let next = format!("Let `on` name `{}` for that.", event.name);
        Some(failure.expected(format!("a run on each {what}")).next(next))
    }

    async fn run(
        &self,
        workflow: &Workflow,
        changed: Option<&[String]>,
        changes: &Changes,
        containers: &dyn Containers,
    ) -> Result<Report, Halt> {
        let run = Run {
            workflow,
            event: self.event(changed),
            changes,
            variables: &self.vars,
            secrets: &self.secrets,
            gateway: self.gateway,
            containers,
            until: Until::after(self.within_s),
        };
        run.run().await
    }

    /// The good build: nothing fails, and what must succeed has run.
    fn good(&self, workflow: &Workflow, report: &Report) -> Result<(), Halt> {
        if let Some(broken) = first_broken(workflow, report) {
            return Err(failed(broken).into());
        }
        let ran = |id: &&String| report.get(*id).is_some_and(|ended| ended.conclusion == Conclusion::Success);
        let Some(id) = self.jobs.iter().find(|id| !ran(id)) else { return Ok(()) };
        let at = DataPath::default().key("jobs").key(id).key("if");
        Err(workflow
            .document
            .wrong(&at, format!("The job `{id}` was skipped."))
            .expected(format!("`{id}` runs on a {} to `{}`, and succeeds", self.event.name(), self.branch))
            .actual(gate::told(workflow, report))
            .next("Look at its `if`, and at those of the jobs that it needs.")
            .into())
    }
}

fn failed(Broken { job, step, at, why, log }: &Broken) -> Failure {
    let said = if log.trim().is_empty() { why.clone() } else { format!("{why}\n{}", log.trim()) };
    Failure::new(format!("The job `{job}` failed at the step “{step}”."))
        .expected("every step ends with exit code 0")
        .actual(tail(&said))
        .at(at.clone())
        .next(
            "Its last words say why. Each job begins on an empty machine: what it needs, a step before it must bring.",
        )
}
