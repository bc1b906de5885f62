//! The years beyond the plan, with where the learner stands. A milestone is met by labs that are done, never by a tick.

use std::{collections::BTreeMap, fs, path::Path};

use curriculum::Lab;
use jiff::Timestamp;
use journal::{Journal, Standing, Workspace};
use serde::Deserialize;

use crate::{
    Problem, Workbench, entries,
    keeping::Definitions,
    plan,
    view::{self, LabCard, LabEvidence, LabState, MilestoneStanding},
    write_up,
};

/// Below the folder of resources; a file for each year.
const LIBRARIES: &str = "assets/resources";

impl Workbench {
    /// Milestones with their evidence, skills, priorities, atlas and resources; empty where the open pack has no roadmap.
    pub fn roadmap(&self) -> Result<view::Roadmap, Problem> {
        let pack = self.pack()?;
        let Some(roadmap) = &pack.roadmap else { return Ok(view::Roadmap::default()) };
        let phases = plan::view(&pack, &self.journal, Timestamp::now(), &self.options.time_zone)?.phases;
        let cards = phases.iter().flat_map(|phase| &phase.labs).map(|card| (card.slug.as_str(), card));
        let cards: BTreeMap<&str, &LabCard> = cards.collect();
        let of = |slugs: &[String]| -> Vec<&LabCard> {
            slugs.iter().filter_map(|slug| cards.get(slug.as_str()).copied()).collect()
        };
        let mut evidence = BTreeMap::new();
        let standings = self.journal.standings()?;
        for (lab, workspace) in write_up::begun(&pack, &self.journal)? {
            evidence.insert(lab.slug.as_str(), recorded(&self.journal, lab, &workspace, &standings)?);
        }
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
                        evidence: labs
                            .iter()
                            .filter_map(|card| evidence.get(card.slug.as_str()))
                            .filter(|found| !found.measurements.is_empty() || !found.entries.is_empty())
                            .cloned()
                            .collect(),
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
        let priorities = roadmap.priorities.iter().map(|priority| view::Priority {
            title: priority.title.clone(),
            why: priority.why.clone(),
            takes: priority.takes.clone(),
            labs: of(&priority.labs).into_iter().map(lab).collect(),
        });
        let atlas = roadmap.atlas.iter().filter_map(|row| {
            Some(view::AtlasRow {
                topic: row.topic.clone(),
                concept: row.concept.clone(),
                here: row.here.clone(),
                azure: row.azure.clone(),
                aws: row.aws.clone(),
                lab: cards.get(row.lab.as_str()).copied().map(lab)?,
            })
        });
        Ok(view::Roadmap {
            years: years.collect(),
            skills: skills.collect(),
            priorities: priorities.collect(),
            atlas: atlas.collect(),
            resources: self.resources()?,
            labs: phases.iter().flat_map(|phase| &phase.labs).map(lab).collect(),
        })
    }

    /// What the library has about a lab, in its order. It is an extra: a library that cannot be read keeps no lab shut.
    pub(crate) fn resources_about(&self, slug: &str) -> Vec<view::Resource> {
        let library = self.resources().unwrap_or_else(|problem| {
            tracing::warn!(%problem, "a lab is shown without what the library has about it");
            Vec::new()
        });
        library.into_iter().filter(|resource| resource.labs.iter().any(|lab| lab == slug)).collect()
    }

    fn resources(&self) -> Result<Vec<view::Resource>, Problem> {
        let mut all = self.every_resource()?.to_vec();
        // It means the shipped labs; those of an installed pack may be called like them.
        if self.opened()?.digest.is_some() {
            all.iter_mut().for_each(|resource| resource.labs.clear());
        }
        Ok(all)
    }

    /// The library belongs to the program, so it is read once. One that could not be read may have been mended.
    fn every_resource(&self) -> Result<&[view::Resource], Problem> {
        if let Some(known) = self.resources.get() {
            return Ok(known);
        }
        let read = libraries(&self.options.resources.join(LIBRARIES))?;
        Ok(self.resources.get_or_init(|| read))
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
    view::RoadmapLab {
        slug: card.slug.clone(),
        title: card.title.clone(),
        state: card.state,
        passed: card.passed,
        checks: card.checks,
    }
}

/// What a workspace's checks measured when they passed last, and what was written down of it.
fn recorded(
    journal: &Journal,
    lab: &Lab,
    workspace: &Workspace,
    standings: &[Standing],
) -> Result<LabEvidence, Problem> {
    let (mut kept, mut definitions) = (journal.evidence(workspace.id)?, Definitions::default());
    kept.retain(|kept| write_up::holds(kept, lab, workspace, standings, &mut definitions));
    let checks = lab.steps.iter().flat_map(|step| &step.checks);
    let measurements = checks.filter_map(|check| {
        let latest = &kept.iter().find(|kept| kept.check == check.id)?.latest;
        let measured = latest.measured.iter().map(|measured| view::Measured {
            name: measured.name.clone(),
            value: measured.value.clone(),
            unit: measured.unit.clone(),
        });
        let measured: Vec<view::Measured> = measured.collect();
        let (check, at) = (check.title.clone(), latest.at.to_string());
        (!measured.is_empty()).then_some(view::Measurement { check, at, measured })
    });
    let entries = journal.entries(workspace.id)?.into_iter().map(|entry| entries::shown(&lab.slug, entry));
    Ok(LabEvidence {
        lab: lab.slug.clone(),
        title: lab.title.clone(),
        measurements: measurements.collect(),
        entries: entries.collect(),
    })
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
