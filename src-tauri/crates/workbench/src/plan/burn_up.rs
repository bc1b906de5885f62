//! Checks passed by day, where the plan has them, and when the last would pass.

use std::collections::{BTreeMap, BTreeSet};

use curriculum::Pack;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use journal::Journal;
use uuid::Uuid;

use super::day;
use crate::{Problem, Workbench, view};

/// The days that a forecast goes by.
const LATELY: u32 = 14;
/// On fewer of them with a pass there is no pace to go on at.
const LEAST: usize = 3;

impl Workbench {
    /// The open pack's checks by the days on which they first passed.
    pub fn burn_up(&self) -> Result<view::BurnUp, Problem> {
        let pack = self.pack()?;
        let labs = planned(&pack);
        let workspaces = self.journal.workspaces()?;
        let start = workspaces.iter().filter(|workspace| workspace.pack == pack.id).map(|each| each.created_at).min();
        let Some(start) = start else {
            return Ok(view::BurnUp { checks: all(&labs), points: Vec::new(), forecast: None });
        };
        let passes = first_passes(&pack, &self.journal)?;
        Ok(drawn(&labs, &passes, start, Timestamp::now(), &self.options.time_zone))
    }
}

/// The first and the last day of each lab of the pack, and how many checks it has.
fn planned(pack: &Pack) -> Vec<([u32; 2], u32)> {
    let lab = |planned: &curriculum::PlannedLab| {
        let lab = pack.lab(&planned.slug)?;
        Some((planned.days, lab.steps.iter().map(|step| step.checks.len() as u32).sum::<u32>()))
    };
    pack.plan.labs.iter().filter_map(lab).collect()
}

fn all(labs: &[([u32; 2], u32)]) -> u32 {
    labs.iter().map(|(_, checks)| checks).sum()
}

/// When each check that the pack has first passed, in whichever workspace.
fn first_passes(pack: &Pack, journal: &Journal) -> Result<Vec<Timestamp>, Problem> {
    let checks = pack
        .labs
        .iter()
        .flat_map(|lab| lab.steps.iter().flat_map(|step| &step.checks).map(move |check| (lab.id, check.id.as_str())));
    let checks: BTreeSet<(Uuid, &str)> = checks.collect();
    let mut first: BTreeMap<(Uuid, String), Timestamp> = BTreeMap::new();
    for pass in journal.first_passes(pack.id)? {
        if checks.contains(&(pass.lab, pass.check.as_str())) {
            let at = first.entry((pass.lab, pass.check)).or_insert(pass.at);
            *at = pass.at.min(*at);
        }
    }
    Ok(first.into_values().collect())
}

fn drawn(
    labs: &[([u32; 2], u32)],
    passes: &[Timestamp],
    start: Timestamp,
    now: Timestamp,
    zone: &TimeZone,
) -> view::BurnUp {
    let today = day(start, now, zone);
    let mut by_day: BTreeMap<u32, u32> = BTreeMap::new();
    for at in passes {
        // A clock that went ahead and was set back tells of days to come.
        *by_day.entry(day(start, *at, zone).min(today)).or_default() += 1;
    }
    let first = zone.to_datetime(start).date();
    let date = |day: u32| first.saturating_add(SignedDuration::from_hours(24 * (i64::from(day) - 1))).to_string();
    let turns = labs.iter().flat_map(|([from, to], _)| [from.saturating_sub(1), *to]).filter(|day| *day > 0);
    let days: BTreeSet<u32> = turns.chain(by_day.keys().copied()).chain([today]).collect();
    let mut sum = 0;
    let points = days.into_iter().map(|day| {
        sum += by_day.get(&day).copied().unwrap_or(0);
        view::BurnUpPoint {
            day,
            date: date(day),
            passed: (day <= today).then_some(sum),
            planned: planned_by(labs, day),
        }
    });
    view::BurnUp {
        checks: all(labs),
        points: points.collect(),
        forecast: forecast(all(labs), &by_day, today).map(|(day, days, passed)| view::Forecast {
            day,
            date: date(day),
            days,
            passed,
        }),
    }
}

/// The checks that the plan has by the end of a day, a lab's spread evenly over its days.
fn planned_by(labs: &[([u32; 2], u32)], day: u32) -> u32 {
    let share = |([from, to], checks): &([u32; 2], u32)| {
        let (days, gone) = (f64::from(*to) + 1.0 - f64::from(*from), f64::from(day) + 1.0 - f64::from(*from));
        f64::from(*checks) * gone.clamp(0.0, days) / days
    };
    labs.iter().map(share).sum::<f64>().round() as u32
}

/// The day of the last check if the rest passes as fast as checks did lately, the days of that pace and its checks.
fn forecast(checks: u32, by_day: &BTreeMap<u32, u32>, today: u32) -> Option<(u32, u32, u32)> {
    let left = checks.saturating_sub(by_day.values().sum());
    let days = LATELY.min(today);
    let lately: Vec<u32> = by_day.range(today - days + 1..).map(|(_, passed)| *passed).collect();
    if left == 0 || lately.len() < LEAST {
        return None;
    }
    let passed: u32 = lately.iter().sum();
    Some((today.saturating_add(left.saturating_mul(days).div_ceil(passed)), days, passed))
}

#[cfg(test)]
mod tests;
