//! A folder of labs, read and judged as a whole.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    Lab, Place, Plan, Problem, Roadmap, document::Document, lab, nearest, order::circle, path::leaves,
    problem::in_order, roadmap, schema,
};

/// A pack that keeps every rule of the format.
#[derive(Debug, Clone)]
pub struct Pack {
    pub id: Uuid,
    /// Counts content changes.
    pub version: u32,
    pub title: String,
    pub authors: Vec<String>,
    pub licence: String,
    pub plan: Plan,
    pub roadmap: Option<Roadmap>,
    /// The labs that are in the pack, in the plan's order.
    pub labs: Vec<Lab>,
    pub folder: PathBuf,
}

impl Pack {
    pub fn lab(&self, slug: &str) -> Option<&Lab> {
        self.labs.iter().find(|lab| lab.slug == slug)
    }
}

/// `pack.toml`: who made a folder of labs, and their plan.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Pack")]
pub(crate) struct PackFile {
    #[serde(rename = "format")]
    #[schemars(schema_with = "schema::format")]
    _format: u32,
    #[schemars(schema_with = "schema::id")]
    id: String,
    /// Counts content changes.
    version: u32,
    title: String,
    authors: Vec<String>,
    /// An SPDX expression, such as Apache-2.0.
    licence: String,
    plan: Plan,
}

/// What there is of a pack, and everything that is wrong with it, sorted by file and line.
#[derive(Debug, Clone)]
pub struct Survey {
    /// With every lab that could be read, whether its rules are kept or not.
    pub pack: Option<Pack>,
    pub problems: Vec<Problem>,
}

/// Reads the pack in `folder`, or tells everything that is wrong with it, sorted by file and line.
pub fn load(folder: &Path) -> Result<Pack, Vec<Problem>> {
    let Survey { pack, problems } = survey(folder);
    pack.filter(|_| problems.is_empty()).ok_or(problems)
}

/// Reads what can be read of the pack in `folder`.
pub fn survey(folder: &Path) -> Survey {
    let read = || {
        let document = Document::read(folder, Path::new("pack.toml"))?;
        let file: PackFile = document.get()?;
        Ok((document, file))
    };
    let (document, file) = match read() {
        Ok(read) => read,
        Err(problem) => return Survey { pack: None, problems: vec![problem] },
    };
    let mut problems = file.plan.problems(&document);
    let id = document.uuid("id", &file.id).unwrap_or_else(|problem| {
        problems.push(problem);
        Uuid::nil()
    });
    let (roadmap, wrong) = roadmap::read(folder, &file.plan);
    problems.extend(wrong);
    let mut found = folders(folder, &file.plan, &mut problems);
    let mut labs = Vec::new();
    for planned in file.plan.labs.iter().filter(|planned| found.remove(&planned.slug)) {
        let (lab, wrong) = read_lab(folder, &planned.slug);
        labs.extend(lab);
        problems.extend(wrong);
    }
    problems.extend(same_ids(&labs));
    problems.extend(unmet_needs(&labs, &file.plan));
    let problems = in_order(problems);
    let pack = Pack {
        id,
        version: file.version,
        title: file.title,
        authors: file.authors,
        licence: file.licence,
        plan: file.plan,
        roadmap,
        labs: labs.into_iter().map(|(lab, _)| lab).collect(),
        folder: folder.to_owned(),
    };
    Survey { pack: Some(pack), problems }
}

/// The folders that hold planned labs. Every other folder is a problem, but for hidden ones.
fn folders(pack: &Path, plan: &Plan, problems: &mut Vec<Problem>) -> BTreeSet<String> {
    let entries = match fs::read_dir(pack) {
        Ok(entries) => entries,
        Err(error) => {
            problems.push(whole_file(
                Path::new("."),
                "curriculum.unreadable",
                format!("the folder cannot be listed: {error}"),
                "Give yourself the right to read it.".to_owned(),
            ));
            return BTreeSet::new();
        }
    };
    let slugs: BTreeSet<&str> = plan.labs.iter().map(|lab| lab.slug.as_str()).collect();
    let mut found = BTreeSet::new();
    let concerns = |path: &PathBuf| path.is_dir() || (path.is_symlink() && leaves(pack, path));
    for path in entries.flatten().map(|entry| entry.path()).filter(concerns) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with(['.', '_']) || (name == lab::SHARED && !leaves(pack, &path)) {
            continue;
        }
        if leaves(pack, &path) {
            problems.push(whole_file(
                Path::new(&name),
                "curriculum.path",
                "this link leads out of the pack".to_owned(),
                "Replace it by the folder itself.".to_owned(),
            ));
        } else if slugs.contains(name.as_str()) {
            found.insert(name);
        } else {
            problems.push(whole_file(
                Path::new(&name),
                "curriculum.unplanned",
                format!("the folder `{name}` is not in the plan"),
                match nearest(&name, slugs.iter().copied()) {
                    Some(slug) => format!("Rename it to `{slug}`, or add it to `plan.labs` in pack.toml."),
                    None => "Add it to `plan.labs` in pack.toml, or move it out of the pack.".to_owned(),
                },
            ));
        }
    }
    found
}

fn read_lab(pack: &Path, slug: &str) -> (Option<(Lab, Document)>, Vec<Problem>) {
    let document = match Document::read(pack, &Path::new(slug).join("lab.toml")) {
        Ok(document) => document,
        Err(problem) => return (None, vec![problem]),
    };
    let (lab, problems) = lab::read(pack, slug, &document);
    (lab.map(|lab| (lab, document)), problems)
}

fn same_ids(labs: &[(Lab, Document)]) -> Vec<Problem> {
    let mut owners: BTreeMap<Uuid, &str> = BTreeMap::new();
    let mut problems = Vec::new();
    for (lab, document) in labs.iter().filter(|(lab, _)| !lab.id.is_nil()) {
        if let Some(other) = owners.insert(lab.id, &lab.slug) {
            problems.push(document.problem(
                "curriculum.duplicate",
                "id",
                format!("the lab `{other}` has this id too"),
                "Give one of them a fresh UUID, or their progress is counted together.",
            ));
        }
    }
    problems
}

/// `needs` that name no lab of the plan, or wait for each other in a circle.
fn unmet_needs(labs: &[(Lab, Document)], plan: &Plan) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (lab, document) in labs {
        problems.extend(plan.unknown(document, "curriculum.needs", "needs", &lab.needs));
    }
    let waits = labs
        .iter()
        .map(|(lab, _)| (lab.slug.as_str(), lab.needs.iter().map(String::as_str).collect()))
        .collect::<BTreeMap<&str, Vec<&str>>>();
    if let Some(members) = circle(&waits)
        && let Some((_, document)) = labs.iter().find(|(lab, _)| members.first() == Some(&lab.slug.as_str()))
    {
        problems.push(document.circle("curriculum.needs", "needs", "needs", &members));
    }
    problems
}

fn whole_file(file: &Path, code: &'static str, message: String, next_step: String) -> Problem {
    Problem { code, message, place: Place { file: file.to_owned(), line: 1, column: 1 }, next_step }
}
