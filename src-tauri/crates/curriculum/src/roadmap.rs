//! What lies beyond a plan's days: the milestones of years, the skills with the labs that raise them, what to learn first,
//! and one thing's names on two clouds and on this machine. A pack may have none.

use std::{collections::BTreeSet, path::Path};

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::{Plan, Problem, document::Document};

const FILE: &str = "roadmap.toml";

/// `roadmap.toml`, beside `pack.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roadmap {
    #[serde(rename = "format")]
    _format: u32,
    pub years: Vec<Year>,
    pub skills: Vec<Skill>,
    /// The most wanted first.
    #[serde(default)]
    pub priorities: Vec<Priority>,
    #[serde(default)]
    pub atlas: Vec<AtlasRow>,
}

/// Who one is at the end of a year, and what shows it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Year {
    pub year: u32,
    pub title: String,
    pub focus: String,
    pub ethics: String,
    pub capability: String,
    pub milestones: Vec<Milestone>,
}

/// Met when all its labs are done. One without labs is proved at work.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    pub id: String,
    pub title: String,
    pub proof: String,
    #[serde(default)]
    pub labs: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Skill {
    pub id: String,
    pub title: String,
    pub side: Side,
    /// The year in which it comes in; 0 is what a learner brings along.
    pub year: u32,
    #[serde(default)]
    pub labs: Vec<String>,
}

/// Something to learn before what stands below it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Priority {
    pub title: String,
    pub why: String,
    /// What there is to learn of it.
    pub takes: Vec<String>,
    #[serde(default)]
    pub labs: Vec<String>,
}

/// One thing, by what it is called on two clouds and on this machine.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AtlasRow {
    /// Rows of one topic are shown together.
    pub topic: String,
    pub concept: String,
    pub here: String,
    pub azure: String,
    pub aws: String,
    /// Where it is met.
    pub lab: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Technical,
    Ethical,
}

/// The roadmap of the pack in `folder`, if it has one, and what is wrong with it.
pub(crate) fn read(folder: &Path, plan: &Plan) -> (Option<Roadmap>, Vec<Problem>) {
    if !folder.join(FILE).exists() {
        return (None, Vec::new());
    }
    let read = || {
        let document = Document::read(folder, Path::new(FILE))?;
        let roadmap: Roadmap = document.get()?;
        Ok((document, roadmap))
    };
    match read() {
        Ok((document, roadmap)) => {
            let problems = roadmap.problems(&document, plan);
            (Some(roadmap), problems)
        }
        Err(problem) => (None, vec![problem]),
    }
}

impl Roadmap {
    fn problems(&self, document: &Document, plan: &Plan) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut ids = BTreeSet::new();
        for (number, year) in self.years.iter().enumerate() {
            for (index, milestone) in year.milestones.iter().enumerate() {
                let at = format!("years[{number}].milestones[{index}]");
                problems.extend(document.unfit_id(&format!("{at}.id"), &milestone.id));
                problems.extend(document.repeated(&format!("{at}.id"), &milestone.id, &mut ids));
                problems.extend(plan.unknown(document, "curriculum.roadmap", &format!("{at}.labs"), &milestone.labs));
            }
        }
        let mut ids = BTreeSet::new();
        for (index, skill) in self.skills.iter().enumerate() {
            let at = format!("skills[{index}]");
            problems.extend(document.unfit_id(&format!("{at}.id"), &skill.id));
            problems.extend(document.repeated(&format!("{at}.id"), &skill.id, &mut ids));
            problems.extend(plan.unknown(document, "curriculum.roadmap", &format!("{at}.labs"), &skill.labs));
        }
        let mut titles = BTreeSet::new();
        for (index, priority) in self.priorities.iter().enumerate() {
            let at = format!("priorities[{index}]");
            problems.extend(blank(document, &at, &[("title", &priority.title), ("why", &priority.why)]));
            problems.extend(document.repeated(&format!("{at}.title"), &priority.title, &mut titles));
            problems.extend(plan.unknown(document, "curriculum.roadmap", &format!("{at}.labs"), &priority.labs));
        }
        let mut concepts = BTreeSet::new();
        for (index, AtlasRow { topic, concept, here, azure, aws, lab }) in self.atlas.iter().enumerate() {
            let at = format!("atlas[{index}]");
            let texts = [("topic", topic), ("concept", concept), ("here", here), ("azure", azure), ("aws", aws)];
            problems.extend(blank(document, &at, &texts));
            problems.extend(document.repeated(&format!("{at}.concept"), concept, &mut concepts));
            problems.extend(plan.unknown_lab(document, "curriculum.roadmap", &format!("{at}.lab"), lab));
        }
        problems
    }
}

/// Those of a row's texts that say nothing.
fn blank(document: &Document, at: &str, texts: &[(&str, &String)]) -> Vec<Problem> {
    let empty = texts.iter().filter(|(_, text)| text.trim().is_empty());
    empty
        .map(|(key, _)| {
            let (at, message) = (format!("{at}.{key}"), format!("`{key}` says nothing"));
            document.problem("curriculum.roadmap", &at, message, "Say it, or why there is no such thing.")
        })
        .collect()
}
