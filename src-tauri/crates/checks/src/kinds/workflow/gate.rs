//! Builds that must be stopped: what is bad about each, and whether the workflow saw it.

use regex::NoExpand;
use serde::Deserialize;

use super::{
    job::{Broken, Changes, Conclusion},
    plan::Workflow,
    run::Report,
};
use crate::{
    Context, Place,
    data::path::DataPath,
    files,
    finding::{Failure, Halt, Wrong},
    registry::Setting,
    settings::{FilePath, Pattern},
};

pub const MUST_FAIL: Setting = Setting::new(
    "must_fail",
    "list of tables",
    "Builds that must be stopped: the same workflow on a copy of the workspace with something changed for the worse.",
)
.fields(&[
    Setting::required("because", "text", "What is bad about it, for the learner: `a model that answers worse`."),
    Setting::required("change", "list of tables", "What is changed, each in one of the ways below.").fields(&[
        Setting::required("file", "path", "The file that is changed in the copy."),
        Setting::new("text", "text", "Its new content."),
        Setting::new("from", "path", "The file of the workspace whose content it gets; let that one be `fixed`."),
        Setting::new("find", "pattern", "What is replaced in it by `put`, wherever it matches; it must match."),
        Setting::new("put", "text", "What stands there instead."),
        Setting::new("gone", "true or false", "Whether it is left out."),
    ]),
    Setting::new("at", "name", "The job that must fail. Any where left out."),
    Setting::new("not_run", "list of names", "Jobs that then must not run."),
]);

/// A build that must be stopped.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bad {
    because: String,
    change: Vec<Change>,
    at: Option<String>,
    #[serde(default)]
    not_run: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    file: FilePath,
    text: Option<String>,
    from: Option<FilePath>,
    find: Option<Pattern>,
    put: Option<String>,
    #[serde(default)]
    gone: bool,
}

impl Bad {
    /// Files of the workspace that stand for others.
    pub fn reads(&self) -> Vec<String> {
        self.change.iter().filter_map(|change| change.from.as_ref()).map(|path| path.0.clone()).collect()
    }

    /// The jobs that it names.
    pub fn jobs(&self) -> impl Iterator<Item = &String> {
        self.at.iter().chain(&self.not_run)
    }

    pub fn lint(&self, at: &str) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        if self.because.trim().is_empty() {
            wrong.push(Wrong::new(format!("{at}.because"), "it is empty", "Say what is bad about the build."));
        }
        if self.change.is_empty() {
            wrong.push(Wrong::new(format!("{at}.change"), "nothing is changed", "Change at least one file."));
        }
        for (index, change) in self.change.iter().enumerate() {
            let ways = [change.text.is_some(), change.from.is_some(), change.find.is_some(), change.gone];
            if ways.into_iter().filter(|way| *way).count() != 1 || change.find.is_some() != change.put.is_some() {
                let next = "Write one of `text`, `from`, `find` with `put`, and `gone`.";
                wrong.push(Wrong::new(
                    format!("{at}.change[{index}]"),
                    "it says in no or many ways what changes",
                    next,
                ));
            }
        }
        wrong
    }

    /// What the copy of the workspace differs by.
    pub async fn changes(&self, context: &Context<'_>) -> Result<Changes, Halt> {
        let mut changes = Changes::new();
        for Change { file, text, from, find, put, .. } in &self.change {
            let content = match (text, from, find, put) {
                (Some(text), ..) => Some(text.clone().into_bytes()),
                (_, Some(from), ..) => Some(files::bytes(context.probe, &from.0).await?),
                (.., Some(find), Some(put)) => {
                    let own = files::text(context.probe, &file.0).await?;
                    if !find.regex.is_match(&own) {
                        return Err(Failure::new(format!(
                            "`{}` has nothing that can be made worse to try the gate.",
                            file.0
                        ))
                        .expected(find.wish())
                        .at(Place::file(&file.0, None))
                        .next("Write it as the guide shows it.")
                        .into());
                    }
                    Some(find.regex.replace_all(&own, NoExpand(put)).into_owned().into_bytes())
                }
                _ => None,
            };
            changes.insert(file.0.clone(), content);
        }
        Ok(changes)
    }

    /// That the workflow does not even look at it.
    pub fn never_starts(&self, failure: Failure) -> Failure {
        let summary = format!("The gate lets a bad build through ({}): {}", self.because, failure.summary);
        Failure { summary, ..failure }
    }

    /// Whether a run was stopped where it must be.
    pub fn stopped(&self, workflow: &Workflow, report: &Report) -> Result<(), Halt> {
        let failed = |id: &str| {
            report.get(id).is_some_and(|ended| matches!(ended.conclusion, Conclusion::Failure | Conclusion::Cancelled))
        };
        let stopped_by = workflow.jobs.iter().map(|job| job.id.as_str()).find(|id| failed(id));
        let wrong = |at: DataPath, summary: String, next: String| {
            let failure = workflow.document.wrong(&at, summary).expected(self.wish());
            failure.actual(told(workflow, report)).next(next)
        };
        let jobs = DataPath::default().key("jobs");
        let at = self.at.as_deref();
        if stopped_by.is_none() || at.is_some_and(|at| !failed(at)) {
            if let Some(other) = stopped_by {
                let at = at.unwrap_or_default();
                let summary =
                    format!("A bad build ({}) stopped at `{other}`, before `{at}` could see it.", self.because);
                return Err(wrong(jobs.key(other), summary, format!("Let `{at}` be the one that finds it.")).into());
            }
            let tolerated = workflow.jobs.iter().filter_map(|job| report.get(&job.id)?.tolerated.as_ref()).next();
            let summary = format!("The gate lets a bad build through: {}.", self.because);
            if let Some(Broken { step, at, .. }) = tolerated {
                let next = format!("The step “{step}” failed, and `continue-on-error` let that pass. Take it out.");
                return Err(wrong(jobs, summary, next).at(at.clone()).into());
            }
            let place = at.map_or_else(|| jobs.clone(), |at| jobs.key(at));
            let next = "Let a step end with an exit code other than 0 when what it measures is under the bar.";
            return Err(wrong(place, summary, next.to_owned()).into());
        }
        let ran = |id: &&String| report.get(*id).is_some_and(|ended| ended.conclusion != Conclusion::Skipped);
        let Some(id) = self.not_run.iter().find(ran) else { return Ok(()) };
        let by = stopped_by.unwrap_or_default();
        let summary = format!("`{id}` ran although `{by}` had stopped a bad build: {}.", self.because);
        let place = workflow.job(id).filter(|job| job.body.contains_key("if")).map_or("needs", |_| "if");
        Err(wrong(jobs.key(id).key(place), summary, format!("Let `{id}` need `{by}`, without `always()` in its `if`."))
            .into())
    }

    fn wish(&self) -> String {
        let fails = self.at.as_ref().map_or_else(|| "a job fails".to_owned(), |at| format!("`{at}` fails"));
        let rest: Vec<String> = self.not_run.iter().map(|id| format!("`{id}` does not run")).collect();
        [&[fails][..], &rest].concat().join(", ")
    }
}

/// `test success, evaluate failure, publish skipped`
pub fn told(workflow: &Workflow, report: &Report) -> String {
    let each = workflow.jobs.iter().filter_map(|job| Some((&job.id, report.get(&job.id)?)));
    each.map(|(id, ended)| format!("{id} {}", ended.conclusion.word())).collect::<Vec<_>>().join(", ")
}
