//! What lies beyond a plan's days: the milestones of years, and the skills with the labs that raise them. A pack may have
//! none.

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
        problems
    }
}
