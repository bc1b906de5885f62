//! Reads `lab.toml` and the guide's pages into a [`Lab`].

use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::{Check, File, HintWhen, Injection, Lab, Requires, Service, Shared, Step, rules, shared};
use crate::{
    Problem,
    document::{Document, text},
    path::unfit,
    schema,
};

/// `lab.toml`: one lab of a pack.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Lab")]
pub(crate) struct LabFile {
    #[serde(rename = "format")]
    #[schemars(schema_with = "schema::format")]
    _format: u32,
    #[schemars(schema_with = "schema::id")]
    pub id: String,
    /// Counts content changes.
    version: u32,
    title: String,
    /// What the learner ends with.
    summary: String,
    /// Expected time at the keyboard.
    minutes: u32,
    /// Slugs of labs worth doing first.
    #[serde(default)]
    needs: Vec<String>,
    /// What doing the lab shows.
    #[serde(default)]
    skills: Vec<String>,
    /// The check that an untouched starter must fail on first.
    pub starter_fails_on: String,
    requires: Requires,
    /// Files of the workspace and who owns them.
    #[serde(default)]
    pub files: Vec<File>,
    /// Folders of the pack's `shared` that stand in the workspace as well.
    #[serde(default)]
    pub shared: Vec<Shared>,
    /// The learner's programs that listen on a port.
    #[serde(default)]
    pub services: Vec<Service>,
    pub steps: Vec<StepFile>,
}

/// A page of the guide and the checks that prove it done.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Step")]
pub(crate) struct StepFile {
    /// Lower-case words joined by hyphens; stable.
    pub id: String,
    title: String,
    /// A file of the lab's folder `guide`.
    guide: String,
    #[serde(default)]
    pub checks: Vec<CheckFile>,
}

/// What every check has. Its kind's settings stand beside these keys, so no key is unknown here.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Check")]
pub(crate) struct CheckFile {
    /// Unique within the lab and stable: outcomes belong to it.
    pub id: String,
    /// What holds when it passes.
    title: String,
    kind: String,
    /// Ids of checks that must pass first; until then this one is blocked.
    #[serde(default)]
    pub after: Vec<String>,
    /// Globs of files whose save concerns this check, beside those that its kind knows.
    #[serde(default)]
    pub watches: Vec<String>,
    /// Faults that the gateway shows this workspace's programs while the check runs.
    #[serde(default)]
    pub faults: Vec<Injection>,
    /// Written advice, the mildest first.
    #[serde(default)]
    hints: Vec<String>,
    /// Advice for wrong states that were seen.
    #[serde(default)]
    pub hint_when: Vec<HintWhen>,
}

/// The lab `slug` of the pack, as far as it can be read, and everything that is wrong with it.
pub(crate) fn read(pack: &Path, slug: &str, document: &Document) -> (Option<Lab>, Vec<Problem>) {
    let file: LabFile = match document.get() {
        Ok(file) => file,
        Err(problem) => return (None, vec![problem]),
    };
    let mut problems = rules::problems(&file, document);
    problems.extend(rules::folder_problems(pack, slug, &file, document));
    problems.extend(shared::problems(pack, slug, &file.shared, document));
    let mut steps = Vec::new();
    for (index, step) in file.steps.into_iter().enumerate() {
        let guide = read_guide(pack, slug, &step.guide, index, document).unwrap_or_else(|problem| {
            problems.push(problem);
            String::new()
        });
        let checks = step.checks.into_iter().enumerate().map(|(check, file)| finish(index, check, file, document));
        steps.push(Step { id: step.id, title: step.title, page: step.guide, guide, checks: checks.collect() });
    }
    let id = document.uuid("id", &file.id).unwrap_or_else(|problem| {
        problems.push(problem);
        Uuid::nil()
    });
    let lab = Lab {
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
        shared: file.shared,
        services: file.services,
        steps,
        starter_fails_on: file.starter_fails_on,
        folder: pack.join(slug),
    };
    (Some(lab), problems)
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
        faults: file.faults,
        hints: file.hints,
        hint_when: file.hint_when,
        settings,
        place: document.place(&at),
        setting_places: document.places_below(&at),
    }
}
