//! Reads `lab.toml` and the guide's pages into a [`Lab`].

use std::path::Path;

use serde::Deserialize;

use super::{Check, File, HintWhen, Lab, Requires, Service, Step, rules};
use crate::{
    Problem,
    document::{Document, text},
    path::unfit,
};

/// `lab.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LabFile {
    #[serde(rename = "format")]
    _format: u32,
    pub id: String,
    version: u32,
    title: String,
    summary: String,
    minutes: u32,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    skills: Vec<String>,
    pub starter_fails_on: String,
    requires: Requires,
    #[serde(default)]
    pub files: Vec<File>,
    #[serde(default)]
    pub services: Vec<Service>,
    pub steps: Vec<StepFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepFile {
    pub id: String,
    title: String,
    /// A file of the folder `guide`.
    guide: String,
    #[serde(default)]
    pub checks: Vec<CheckFile>,
}

/// What every check has. Its kind's settings stand beside these keys, so no key is unknown here.
#[derive(Deserialize)]
pub(super) struct CheckFile {
    pub id: String,
    title: String,
    kind: String,
    #[serde(default)]
    pub after: Vec<String>,
    #[serde(default)]
    pub watches: Vec<String>,
    #[serde(default)]
    hints: Vec<String>,
    #[serde(default)]
    pub hint_when: Vec<HintWhen>,
}

/// The lab `slug` of the pack, or everything that is wrong with it.
pub(crate) fn read(pack: &Path, slug: &str, document: &Document) -> Result<Lab, Vec<Problem>> {
    let file: LabFile = document.get().map_err(|problem| vec![problem])?;
    let mut problems = rules::problems(&file, document);
    problems.extend(rules::folder_problems(pack, slug, &file, document));
    let mut steps = Vec::new();
    for (index, step) in file.steps.into_iter().enumerate() {
        let guide = match read_guide(pack, slug, &step.guide, index, document) {
            Ok(guide) => guide,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        let checks = step.checks.into_iter().enumerate().map(|(check, file)| finish(index, check, file, document));
        steps.push(Step { id: step.id, title: step.title, guide, checks: checks.collect() });
    }
    let id = document.uuid("id", &file.id).map_err(|problem| problems.push(problem));
    let (Ok(id), true) = (id, problems.is_empty()) else { return Err(problems) };
    Ok(Lab {
        id,
        slug: slug.to_owned(),
        version: file.version,
        title: file.title,
        summary: file.summary,
        minutes: file.minutes,
        needs: file.needs,
        skills: file.skills,
        requires: file.requires,
        files: file.files,
        services: file.services,
        steps,
        starter_fails_on: file.starter_fails_on,
        folder: pack.join(slug),
    })
}

fn read_guide(pack: &Path, slug: &str, guide: &str, step: usize, document: &Document) -> Result<String, Problem> {
    let at = format!("steps[{step}].guide");
    if let Some(reason) = unfit(guide) {
        let next_step = "Name a file of the lab's `guide` folder, such as \"01.md\".";
        return Err(document.problem("curriculum.path", &at, format!("the path `{guide}` {reason}"), next_step));
    }
    let file = Path::new(slug).join("guide").join(guide);
    if !pack.join(&file).is_file() {
        let message = format!("the guide has no page `{guide}`");
        return Err(document.problem("curriculum.missing", &at, message, format!("Write {}.", file.display())));
    }
    text(pack, &file)
}

/// Adds to a check its settings and where they stand.
fn finish(step: usize, check: usize, file: CheckFile, document: &Document) -> Check {
    let at = format!("steps[{step}].checks[{check}]");
    let mut settings = document
        .table()
        .get("steps")
        .and_then(|steps| steps.get(step)?.get("checks")?.get(check)?.as_table())
        .cloned()
        .unwrap_or_default();
    settings.retain(|key, _| !Check::COMMON_KEYS.contains(&key));
    Check {
        id: file.id,
        title: file.title,
        kind: file.kind,
        after: file.after,
        watches: file.watches,
        hints: file.hints,
        hint_when: file.hint_when,
        settings,
        place: document.place(&at),
        setting_places: document.places_below(&at),
    }
}
