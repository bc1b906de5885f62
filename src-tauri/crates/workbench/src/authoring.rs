//! An author's work on a pack of their own: judge it, look up the reference, prove it, pack it up.
//!
//! Needs no learner: nothing here reads or writes the journal or a learner's workspace.

mod archive;
mod overlay;
mod proof;
mod scaffold;
mod verify;

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Value, json};
use task::Fault as _;

pub use archive::{Archived, Installed, build};
pub use curriculum::PageStyle;
pub use scaffold::scaffold;
pub use verify::{Case, LabProof, Spent, Verified};

use crate::Problem;

/// Something to mend in a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Flaw {
    pub code: String,
    /// Inside the pack.
    pub file: PathBuf,
    /// Counts from 1, as the column does.
    pub line: u32,
    pub column: u32,
    pub message: String,
    pub next_step: String,
}

impl From<curriculum::Problem> for Flaw {
    fn from(problem: curriculum::Problem) -> Self {
        let curriculum::Problem { code, message, place, next_step } = problem;
        let curriculum::Place { file, line, column } = place;
        Self { code: code.into(), file, line, column, message, next_step }
    }
}

/// A pack as a linter saw it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Judged {
    pub labs: usize,
    pub checks: usize,
    /// Sorted by file and line.
    pub flaws: Vec<Flaw>,
}

/// Everything that is wrong with the pack in `folder`: its files, its checks, its guides, its mutants.
pub fn lint(folder: &Path) -> Judged {
    let (pack, problems) = judge(folder);
    let labs = || pack.iter().flat_map(|pack| &pack.labs);
    Judged {
        labs: labs().count(),
        checks: labs().flat_map(|lab| &lab.steps).map(|step| step.checks.len()).sum(),
        flaws: problems.into_iter().map(Flaw::from).collect(),
    }
}

/// How each page of a pack's guides reads, and what of that is out of bounds.
pub fn styles(folder: &Path) -> (Vec<PageStyle>, Vec<Flaw>) {
    let pack = curriculum::survey(folder).pack;
    let (pages, problems) = pack.map(|pack| curriculum::styles(&pack)).unwrap_or_default();
    (pages, problems.into_iter().map(Flaw::from).collect())
}

/// The pack in `folder`, when nothing is wrong with it.
fn sound(folder: &Path) -> Result<curriculum::Pack, Problem> {
    let (pack, problems) = judge(folder);
    pack.filter(|_| problems.is_empty()).ok_or_else(|| crate::pack::problem(problems))
}

fn judge(folder: &Path) -> (Option<curriculum::Pack>, Vec<curriculum::Problem>) {
    let curriculum::Survey { pack, mut problems } = curriculum::survey(folder);
    if let Some(pack) = &pack {
        problems.extend(curriculum::lint(pack));
        problems.extend(pack.labs.iter().flat_map(checks::lint));
        problems.extend(pack.labs.iter().filter_map(|lab| crate::pack::packages(lab).err()));
        problems.extend(packs::names(folder).iter().map(wrong_name));
    }
    (pack, curriculum::in_order(problems))
}

/// What no archive may hold, at the file whose name it is.
fn wrong_name(error: &packs::Error) -> curriculum::Problem {
    let (file, message) = match error {
        packs::Error::Name { name, reason } => (name.as_str(), format!("the name {reason}")),
        packs::Error::SameButCase { one, other } => {
            (other.as_str(), format!("`{one}` and `{other}` are one name where case does not count"))
        }
        other => (".", other.to_string()),
    };
    let place = curriculum::Place { file: file.into(), line: 1, column: 1 };
    curriculum::Problem { code: error.code(), message, place, next_step: error.next_step() }
}

/// The authors' reference of the check kinds, as Markdown.
pub fn kinds() -> String {
    checks::reference()
}

/// The same for programs: one value a kind.
pub fn kinds_for_programs() -> Vec<Value> {
    let kind = |kind: &checks::Kind| {
        let settings: Vec<Value> = kind.settings.iter().map(setting).collect();
        json!({ "name": kind.name, "doc": kind.doc, "settings": settings })
    };
    checks::kinds().iter().map(kind).collect()
}

fn setting(setting: &checks::Setting) -> Value {
    json!({
        "name": setting.name,
        "value": setting.value,
        "required": setting.required,
        "doc": setting.doc,
        "fields": setting.fields.iter().map(self::setting).collect::<Vec<_>>(),
    })
}

/// A file of a pack that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Described {
    Lab,
    Pack,
}

/// The JSON Schema by which an editor completes that file.
pub fn schema(described: Described) -> String {
    let schema = match described {
        Described::Lab => checks::lab_schema(),
        Described::Pack => curriculum::pack_schema(),
    };
    format!("{schema:#}\n")
}
