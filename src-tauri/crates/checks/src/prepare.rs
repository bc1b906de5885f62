//! Turns a lab's checks into ones that can run, in an order in which each comes after what it waits for.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use curriculum::{Check, Injection, Lab, Problem, nearest};
use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use crate::{
    finding::{Judge, Sources},
    registry::{Kind, kinds},
};

/// A check whose settings are read and hold.
#[derive(Debug, Clone)]
pub struct Prepared {
    id: String,
    after: Vec<String>,
    /// Titles of the lab's checks by id, to name the one that is waited for.
    pub(crate) titles: Arc<BTreeMap<String, String>>,
    pub(crate) judge: Arc<dyn Judge>,
    /// In force while the judge looks.
    pub(crate) faults: Vec<Injection>,
    sources: Sources,
    globs: GlobSet,
    /// The lab's own: none of them is another one misspelt.
    known: Arc<BTreeSet<String>>,
}

impl Prepared {
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Ids of the checks that must pass first.
    pub fn after(&self) -> &[String] {
        &self.after
    }

    /// The program of the pack's choice that it starts, as one would type it.
    pub fn runs(&self) -> Option<String> {
        self.judge.runs()
    }

    /// The lab's services that the check calls.
    pub(crate) fn services<'a>(&self, lab: &'a Lab) -> impl Iterator<Item = &'a curriculum::Service> {
        lab.services.iter().filter(|service| self.sources.services.contains(&service.name))
    }

    /// Whether a save of `path` can change the outcome. A file that is named almost like one that the check reads
    /// counts too, unless the lab knows it: its outcome tells of the near miss.
    pub fn concerns(&self, path: &str) -> bool {
        let misspelt = |own: &String| !self.known.contains(path) && stem(own) == stem(path);
        self.globs.is_match(path) || self.sources.files.iter().any(|own| own == path || misspelt(own))
    }

    /// Whether a call through the gateway can change the outcome.
    pub fn concerns_calls(&self) -> bool {
        self.sources.calls
    }

    /// Whether spans of the learner's programs can change the outcome.
    pub fn concerns_spans(&self) -> bool {
        self.sources.spans
    }

    /// Whether an answer of the learner's can change the outcome.
    pub fn concerns_answers(&self) -> bool {
        self.sources.answers
    }

    /// Whether an entry in the learner's journal can change the outcome.
    pub fn concerns_entries(&self) -> bool {
        self.sources.entries
    }
}

/// `docs/Notes.md.txt` and `notes.md` both: `notes`.
fn stem(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let end = name.char_indices().skip(1).find(|(_, c)| *c == '.').map_or(name.len(), |(at, _)| at);
    name[..end].to_lowercase()
}

/// Every problem of the lab's checks: unknown kinds, settings that do not fit.
pub fn lint(lab: &Lab) -> Vec<Problem> {
    prepare(lab).err().unwrap_or_default()
}

/// The lab's checks, each after those it waits for, otherwise in the order in which they are written.
pub fn prepare(lab: &Lab) -> Result<Vec<Prepared>, Vec<Problem>> {
    let titles =
        lab.steps.iter().flat_map(|step| &step.checks).map(|check| (check.id.clone(), check.title.clone())).collect();
    let titles = Arc::new(titles);
    let known = Arc::new(lab.files.iter().map(|file| file.path.clone()).collect());
    let mut problems = Vec::new();
    let mut waiting = Vec::new();
    for check in lab.steps.iter().flat_map(|step| &step.checks) {
        match prepare_one(check, lab, &titles, &known) {
            Ok(prepared) => waiting.push(prepared),
            Err(wrong) => problems.extend(wrong),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut done = BTreeSet::new();
    let mut ordered = Vec::new();
    while let Some(next) = waiting.iter().position(|check| check.after.iter().all(|id| done.contains(id))) {
        let check = waiting.remove(next);
        done.insert(check.id.clone());
        ordered.push(check);
    }
    // A circle by `after` alone is found when the pack is read; one that closes through another check's outcome is not.
    let stuck = |check: &Prepared| Problem {
        code: "checks.circle",
        message: format!("check `{}` waits for a check that waits for it", check.id),
        place: place(lab, &check.id),
        next_step: "Take one of `after` and `during` out of the circle.".to_owned(),
    };
    if waiting.is_empty() { Ok(ordered) } else { Err(waiting.iter().map(stuck).collect()) }
}

fn place(lab: &Lab, id: &str) -> curriculum::Place {
    let check = lab.steps.iter().flat_map(|step| &step.checks).find(|check| check.id == id);
    let nowhere = || curriculum::Place { file: lab.folder.join("lab.toml"), line: 1, column: 1 };
    check.map_or_else(nowhere, |check| check.place.clone())
}

fn prepare_one(
    check: &Check,
    lab: &Lab,
    titles: &Arc<BTreeMap<String, String>>,
    known: &Arc<BTreeSet<String>>,
) -> Result<Prepared, Vec<Problem>> {
    let kind = find(check).map_err(|problem| vec![problem])?;
    let judge = (kind.read)(check, lab)?;
    if !check.faults.is_empty() && !judge.runs_code() {
        return Err(vec![Problem {
            code: "checks.faults",
            message: format!("check `{}`: the kind `{}` runs no program that could meet faults", check.id, check.kind),
            place: check.place_of("faults").clone(),
            next_step: "Move `faults` to the check that makes the program run.".to_owned(),
        }]);
    }
    let sources = judge.sources();
    let mut globs = GlobSetBuilder::new();
    let restarts = lab.services.iter().filter(|service| sources.services.contains(&service.name));
    for glob in check.watches.iter().chain(&sources.globs).chain(restarts.flat_map(|service| &service.restart_on)) {
        let glob = glob_of(glob).map_err(|error| {
            vec![Problem {
                code: "checks.watches",
                message: format!("check `{}`: the pattern `{glob}` cannot be used: {}", check.id, error.kind()),
                place: check.place_of("watches").clone(),
                next_step: "Write a pattern for paths of the workspace, such as \"src/**/*.py\".".to_owned(),
            }]
        })?;
        globs.add(glob);
    }
    let mut after = check.after.clone();
    after.extend(judge.reads_outcome_of().filter(|id| !check.after.iter().any(|other| other == id)).map(str::to_owned));
    let globs = globs.build().unwrap_or_else(|_| GlobSet::empty());
    Ok(Prepared {
        id: check.id.clone(),
        after,
        titles: Arc::clone(titles),
        judge,
        faults: check.faults.clone(),
        sources,
        globs,
        known: Arc::clone(known),
    })
}

/// A pattern for paths of the workspace. `*` stays within a folder, `**` goes through folders.
pub fn glob_of(pattern: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(pattern).literal_separator(true).build()
}

fn find(check: &Check) -> Result<&'static Kind, Problem> {
    kinds().iter().find(|kind| kind.name == check.kind).ok_or_else(|| {
        let names = || kinds().iter().map(|kind| kind.name);
        Problem {
            code: "checks.kind",
            message: format!("check `{}`: there is no kind of check called `{}`", check.id, check.kind),
            place: check.place_of("kind").clone(),
            next_step: match nearest(&check.kind, names()) {
                Some(near) => format!("Did you mean `{near}`?"),
                None => format!("Use one of {}.", names().collect::<Vec<_>>().join(", ")),
            },
        }
    })
}

/// Indices of the checks that a save of `path` concerns, and of all that come after them, in order.
pub fn concerned(checks: &[Prepared], path: &str) -> Vec<usize> {
    let mut touched: BTreeSet<&str> = BTreeSet::new();
    let mut indices = Vec::new();
    for (index, check) in checks.iter().enumerate() {
        if check.concerns(path) || check.after.iter().any(|id| touched.contains(id.as_str())) {
            touched.insert(&check.id);
            indices.push(index);
        }
    }
    indices
}
