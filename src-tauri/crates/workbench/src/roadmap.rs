//! The years beyond the plan, with where the learner stands. A milestone is met by labs that are done, never by a tick.

use std::{collections::BTreeMap, fs, path::Path};

use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    Problem, Workbench, plan,
    view::{self, LabCard, LabState, MilestoneStanding},
};

/// Below the folder of resources; a file for each year.
const LIBRARIES: &str = "assets/resources";

impl Workbench {
    /// Milestones, skills and resources; all empty where the open pack has no roadmap.
    pub fn roadmap(&self) -> Result<view::Roadmap, Problem> {
        let pack = self.pack()?;
        let Some(roadmap) = &pack.roadmap else { return Ok(view::Roadmap::default()) };
        let phases = plan::view(&pack, &self.journal, Timestamp::now())?.phases;
        let cards = phases.iter().flat_map(|phase| &phase.labs).map(|card| (card.slug.as_str(), card));
        let cards: BTreeMap<&str, &LabCard> = cards.collect();
        let of = |slugs: &[String]| -> Vec<&LabCard> {
            slugs.iter().filter_map(|slug| cards.get(slug.as_str()).copied()).collect()
        };
        let years = roadmap.years.iter().map(|year| view::RoadmapYear {
            year: year.year,
            title: year.title.clone(),
            focus: year.focus.clone(),
            ethics: year.ethics.clone(),
            capability: year.capability.clone(),
            milestones: year
                .milestones
                .iter()
                .map(|milestone| {
                    let labs = of(&milestone.labs);
                    view::RoadmapMilestone {
                        id: milestone.id.clone(),
                        title: milestone.title.clone(),
                        proof: milestone.proof.clone(),
                        standing: standing(&labs),
                        labs: labs.into_iter().map(lab).collect(),
                    }
                })
                .collect(),
        });
        let skills = roadmap.skills.iter().map(|skill| {
            let labs = of(&skill.labs);
            view::RoadmapSkill {
                id: skill.id.clone(),
                title: skill.title.clone(),
                side: skill.side,
                year: skill.year,
                passed: labs.iter().map(|card| card.passed).sum(),
                checks: labs.iter().map(|card| card.checks).sum(),
                labs: labs.into_iter().map(lab).collect(),
            }
        });
        let resources = libraries(&self.options.resources.join(LIBRARIES))?;
        Ok(view::Roadmap { years: years.collect(), skills: skills.collect(), resources })
    }
}

fn standing(labs: &[&LabCard]) -> MilestoneStanding {
    let done = |card: &&&LabCard| card.state == LabState::Done;
    match labs.iter().filter(done).count() {
        _ if labs.is_empty() => MilestoneStanding::Outside,
        all if all == labs.len() => MilestoneStanding::Met,
        0 if labs.iter().all(|card| card.passed == 0) => MilestoneStanding::Open,
        _ => MilestoneStanding::Begun,
    }
}

fn lab(card: &LabCard) -> view::RoadmapLab {
    view::RoadmapLab { slug: card.slug.clone(), title: card.title.clone(), state: card.state }
}

#[derive(Deserialize)]
struct Library {
    resources: Vec<view::Resource>,
}

/// The resources of every year, in the order of the years and of their files.
fn libraries(folder: &Path) -> Result<Vec<view::Resource>, Problem> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let read = fs::read_to_string(&file).map_err(|error| error.to_string());
        let library: Library =
            read.and_then(|text| toml::from_str(&text).map_err(|error| error.to_string())).map_err(|detail| {
                let message = format!("The library of resources {} cannot be read: {detail}", file.display());
                Problem::new("roadmap.library", message, "Install Groundwork again, or mend the file.")
            })?;
        all.extend(library.resources);
    }
    Ok(all)
}
