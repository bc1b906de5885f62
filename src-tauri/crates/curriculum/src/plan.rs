//! The ordered days of a pack: phases, and the labs that fill them.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error};

use crate::{Problem, document::Document, nearest};

/// The order in which a pack is worth doing.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// How many days it takes.
    pub days: u32,
    pub phases: Vec<Phase>,
    /// In the order in which they are worth doing. Labs that the pack does not have yet may be among them.
    pub labs: Vec<PlannedLab>,
}

/// A stretch of the plan.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    pub id: String,
    pub title: String,
    pub summary: String,
    /// First and last day, counting from 1.
    #[serde(deserialize_with = "first_and_last")]
    pub days: [u32; 2],
}

/// A lab's place in the plan.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlannedLab {
    /// The lab's folder.
    pub slug: String,
    pub title: String,
    /// What the learner ends with.
    pub summary: String,
    /// First and last day, counting from 1. Two labs may share a day where one ends and the next begins.
    #[serde(deserialize_with = "first_and_last")]
    pub days: [u32; 2],
}

impl Plan {
    /// Those of a list of slugs, found in a document at a path, that are no lab's.
    pub(crate) fn unknown(&self, document: &Document, code: &'static str, at: &str, slugs: &[String]) -> Vec<Problem> {
        let unknown =
            |(index, slug): (usize, &String)| self.unknown_lab(document, code, &format!("{at}[{index}]"), slug);
        slugs.iter().enumerate().filter_map(unknown).collect()
    }

    /// A slug, found in a document at a path, that is no lab's.
    pub(crate) fn unknown_lab(&self, document: &Document, code: &'static str, at: &str, slug: &str) -> Option<Problem> {
        let planned = || self.labs.iter().map(|lab| lab.slug.as_str());
        if planned().any(|known| known == slug) {
            return None;
        }
        let next_step = match nearest(slug, planned()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => "Name a lab of the plan.".to_owned(),
        };
        Some(document.problem(code, at, format!("no lab of the plan is called `{slug}`"), next_step))
    }

    pub(crate) fn problems(&self, document: &Document) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut ids = BTreeSet::new();
        let mut last = 0;
        for (index, phase) in self.phases.iter().enumerate() {
            let at = format!("plan.phases[{index}]");
            problems.extend(document.unfit_id(&format!("{at}.id"), &phase.id));
            problems.extend(document.repeated(&format!("{at}.id"), &phase.id, &mut ids));
            if let Some(problem) = self.unfit_days(document, &at, phase.days) {
                problems.push(problem);
                continue;
            }
            if phase.days[0] <= last {
                problems.push(document.problem(
                    "curriculum.days",
                    &format!("{at}.days"),
                    format!("the phase `{}` begins on day {}, within the phase before it", phase.id, phase.days[0]),
                    format!("Begin it on day {} or later.", last + 1),
                ));
            }
            last = phase.days[1];
        }
        let mut slugs = BTreeSet::new();
        let mut last = 1;
        for (index, lab) in self.labs.iter().enumerate() {
            let at = format!("plan.labs[{index}]");
            problems.extend(document.unfit_id(&format!("{at}.slug"), &lab.slug));
            problems.extend(document.repeated(&format!("{at}.slug"), &lab.slug, &mut slugs));
            if let Some(problem) = self.unfit_days(document, &at, lab.days) {
                problems.push(problem);
                continue;
            }
            let inside = |phase: &Phase| phase.days[0] <= lab.days[0] && lab.days[1] <= phase.days[1];
            if !self.phases.iter().any(inside) {
                problems.push(document.problem(
                    "curriculum.days",
                    &format!("{at}.days"),
                    format!("the days of the lab `{}` lie in no single phase", lab.slug),
                    "Change its days, or the phase's.",
                ));
            }
            if lab.days[0] < last {
                problems.push(document.problem(
                    "curriculum.days",
                    &format!("{at}.days"),
                    format!("the lab `{}` begins on day {}, before the lab above it ends", lab.slug, lab.days[0]),
                    format!("Begin it on day {last} or later, or move it up."),
                ));
            }
            last = lab.days[1].max(last);
        }
        problems
    }

    fn unfit_days(&self, document: &Document, at: &str, [from, to]: [u32; 2]) -> Option<Problem> {
        let wrong = 1 > from || from > to || to > self.days;
        wrong.then(|| {
            document.problem(
                "curriculum.days",
                &format!("{at}.days"),
                format!("the days {from} to {to} do not fit a plan of {} days", self.days),
                format!("Write [first, last] with 1 <= first <= last <= {}.", self.days),
            )
        })
    }
}

/// The reader takes a longer list for a pair and drops the rest; an author should hear of it.
fn first_and_last<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u32; 2], D::Error> {
    let days = Vec::<u32>::deserialize(deserializer)?;
    let count = days.len();
    days.try_into().map_err(|_| D::Error::custom(format!("days are two numbers, not {count}; write [first, last]")))
}
