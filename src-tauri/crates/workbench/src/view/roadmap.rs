//! The years beyond the plan: milestones with what proves them, skills with the labs that raise them, and what else to read.

use curriculum::Side;
use serde::{Deserialize, Serialize};
use specta::Type;

use super::LabState;

/// Empty where the pack has no roadmap.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Roadmap {
    pub years: Vec<RoadmapYear>,
    pub skills: Vec<RoadmapSkill>,
    pub resources: Vec<Resource>,
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
    /// Slugs of the plan.
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
