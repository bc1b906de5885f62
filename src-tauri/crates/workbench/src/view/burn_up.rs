//! The checks that passed by day, beside the plan's line.

use serde::Serialize;
use specta::Type;

/// A check counts from the day on which it first passed, whatever became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct BurnUp {
    /// Of the labs that are in the pack.
    pub checks: u32,
    /// The days after which one of the two lines goes on another way, and today; none before the first lab was started.
    pub points: Vec<BurnUpPoint>,
    /// `None` where there is too little to go by, and where nothing is left.
    pub forecast: Option<Forecast>,
}

/// Where the lines are at the end of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct BurnUpPoint {
    /// Of the plan, counting from 1.
    pub day: u32,
    /// `2026-03-02`
    pub date: String,
    /// `None` on days to come.
    pub passed: Option<u32>,
    /// By the plan: a lab's checks are spread over its days.
    pub planned: u32,
}

/// When the last check would pass if the learner went on as in the last days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Forecast {
    pub day: u32,
    /// `2026-03-02`
    pub date: String,
    /// How many days it goes by, today included.
    pub days: u32,
    /// The checks that first passed on them.
    pub passed: u32,
}
