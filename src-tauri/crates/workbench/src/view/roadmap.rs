//! The years beyond the plan: milestones with what proves them, skills with the labs that raise them, what to learn
//! first, names on two clouds and here, and what else to read.

use curriculum::Side;
use serde::{Deserialize, Serialize};
use specta::Type;

use super::{Entry, LabState, Measured};

/// Empty where the pack has no roadmap.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Roadmap {
    pub years: Vec<RoadmapYear>,
    pub skills: Vec<RoadmapSkill>,
    /// The most wanted first.
    pub priorities: Vec<Priority>,
    pub atlas: Vec<AtlasRow>,
    pub resources: Vec<Resource>,
    /// Every lab of the plan: those that resources name by their slugs are among them.
    pub labs: Vec<RoadmapLab>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RoadmapYear {
    pub year: u32,
    pub title: String,
    pub focus: String,
    pub ethics: String,
    pub capability: String,
    pub milestones: Vec<RoadmapMilestone>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RoadmapMilestone {
    pub id: String,
    pub title: String,
    pub proof: String,
    pub labs: Vec<RoadmapLab>,
    pub standing: MilestoneStanding,
    /// Of those labs that have any.
    pub evidence: Vec<LabEvidence>,
}

/// What was recorded of a lab beside that its checks passed, in its newest workspace.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LabEvidence {
    /// The lab's slug.
    pub lab: String,
    pub title: String,
    pub measurements: Vec<Measurement>,
    /// What the learner wrote down, oldest first.
    pub entries: Vec<Entry>,
}

/// What a check read when it passed last; kept where it has failed since.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Measurement {
    /// The check's title.
    pub check: String,
    pub at: String,
    pub measured: Vec<Measured>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum MilestoneStanding {
    /// All its labs are done.
    Met,
    Begun,
    Open,
    /// No lab of the plan can prove it.
    Outside,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RoadmapLab {
    pub slug: String,
    pub title: String,
    pub state: LabState,
    pub passed: u32,
    pub checks: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RoadmapSkill {
    pub id: String,
    pub title: String,
    pub side: Side,
    /// The year in which it comes in; 0 is what a learner brings along.
    pub year: u32,
    pub labs: Vec<RoadmapLab>,
    /// Of the checks of its labs.
    pub passed: u32,
    pub checks: u32,
}

/// Something to learn before what stands below it.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Priority {
    pub title: String,
    pub why: String,
    /// What there is to learn of it.
    pub takes: Vec<String>,
    pub labs: Vec<RoadmapLab>,
}

/// One thing, by what it is called on two clouds and on this machine. Backticks mark code.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AtlasRow {
    pub topic: String,
    pub concept: String,
    pub here: String,
    pub azure: String,
    pub aws: String,
    /// Where it is met.
    pub lab: RoadmapLab,
}

/// Something to read, watch, sit or build, from outside the product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    pub id: String,
    pub title: String,
    pub kind: String,
    pub publisher: String,
    pub url: String,
    pub cost: String,
    pub level: String,
    /// For what `take` names.
    pub hours: u32,
    /// Slugs of the shipped plan; empty while another pack is open, whose labs may be called like those.
    pub labs: Vec<String>,
    /// Ids of the roadmap's skills.
    pub skills: Vec<String>,
    pub take: String,
    pub skip: String,
    /// The month from which the knowledge of it is.
    pub known: String,
    /// The day on which somebody opened its address, or that nobody did.
    pub checked: String,
}
