//! The 90 days as a shell shows them: the pack's plan with what the journal knows of it.

mod burn_up;

use std::collections::{BTreeMap, BTreeSet};

use curriculum::{Pack, PlannedLab};
use jiff::{Timestamp, tz::TimeZone};
use journal::{Journal, Status};
use uuid::Uuid;

use crate::{
    Problem,
    keeping::Definitions,
    view::{self, LabCard, LabState},
};

pub fn view(pack: &Pack, journal: &Journal, now: Timestamp, zone: &TimeZone) -> Result<view::Plan, Problem> {
    let mut workspaces = journal.workspaces()?;
    workspaces.retain(|workspace| workspace.pack == pack.id);
    let minutes = journal.minutes_spent()?;
    let mut passed: BTreeMap<Uuid, BTreeSet<String>> = BTreeMap::new();
    let mut stale = passed.clone();
    let mut definitions = Definitions::default();
    for standing in journal.standings()? {
        if standing.latest != Status::Passed {
            continue;
        }
        let lab = pack.labs.iter().find(|lab| lab.id == standing.lab);
        let list = if lab.is_some_and(|lab| definitions.stale(lab, &standing)) { &mut stale } else { &mut passed };
        list.entry(standing.lab).or_default().insert(standing.check);
    }
    let card = |planned: &PlannedLab| {
        let mut card = LabCard {
            slug: planned.slug.clone(),
            title: planned.title.clone(),
            summary: planned.summary.clone(),
            from_day: planned.days[0],
            to_day: planned.days[1],
            minutes: None,
            state: LabState::NotInPack,
            passed: 0,
            stale: 0,
            checks: 0,
            minutes_spent: 0.0,
        };
        let Some(lab) = pack.lab(&planned.slug) else { return card };
        let own: Vec<_> = workspaces.iter().filter(|workspace| workspace.lab == lab.id).collect();
        let now_there = lab.steps.iter().flat_map(|step| &step.checks);
        let among = |list: &BTreeMap<Uuid, BTreeSet<String>>| {
            let list = list.get(&lab.id);
            now_there.clone().filter(|check| list.is_some_and(|list| list.contains(&check.id))).count() as u32
        };
        card.minutes = Some(lab.minutes);
        card.checks = now_there.clone().count() as u32;
        card.passed = among(&passed);
        card.stale = among(&stale);
        card.minutes_spent = own.iter().filter_map(|workspace| minutes.get(&workspace.id)).sum();
        card.state = match card.passed {
            passed if passed == card.checks => LabState::Done,
            _ if own.is_empty() => LabState::NotStarted,
            _ => LabState::InProgress,
        };
        card
    };
    let cards: Vec<LabCard> = pack.plan.labs.iter().map(card).collect();
    let open = |card: &&LabCard| matches!(card.state, LabState::NotStarted | LabState::InProgress);
    let first_start = workspaces.iter().map(|workspace| workspace.created_at).min();
    Ok(view::Plan {
        title: pack.title.clone(),
        day: first_start.map(|start| day(start, now, zone)),
        days: pack.plan.days,
        today: cards.iter().find(open).map(|card| card.slug.clone()),
        minutes_spent: cards.iter().map(|card| card.minutes_spent).sum(),
        checks_passed: cards.iter().map(|card| card.passed).sum(),
        checks: cards.iter().map(|card| card.checks).sum(),
        phases: pack
            .plan
            .phases
            .iter()
            .map(|phase| view::Phase {
                id: phase.id.clone(),
                title: phase.title.clone(),
                summary: phase.summary.clone(),
                from_day: phase.days[0],
                to_day: phase.days[1],
                labs: cards.iter().filter(|card| within(card, phase.days)).cloned().collect(),
            })
            .collect(),
        packs: Vec::new(),
        notices: Vec::new(),
    })
}

/// Counts from 1, and turns at midnight. A clock that was set back before the start shows the first day.
fn day(start: Timestamp, now: Timestamp, zone: &TimeZone) -> u32 {
    let date = |at| zone.to_datetime(at).date();
    u32::try_from((date(now) - date(start)).get_days()).unwrap_or(0) + 1
}

fn within(card: &LabCard, days: [u32; 2]) -> bool {
    (days[0]..=days[1]).contains(&card.from_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_the_plan_ends_at_midnight() {
        let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        for (name, start, now, expected) in [
            ("at once", "2026-01-10T12:00:00+01:00", "2026-01-10T12:00:00+01:00", 1),
            ("over midnight", "2026-01-10T23:59:00+01:00", "2026-01-11T00:01:00+01:00", 2),
            ("all day long", "2026-01-10T00:01:00+01:00", "2026-01-10T23:59:00+01:00", 1),
            ("a day of 23 hours", "2026-03-28T12:00:00+01:00", "2026-03-30T00:30:00+02:00", 3),
            ("a day of 25 hours", "2026-10-25T00:15:00+02:00", "2026-10-25T23:45:00+01:00", 1),
            ("a clock set back", "2026-01-10T12:00:00+01:00", "2026-01-08T12:00:00+01:00", 1),
            ("the last day", "2026-01-01T20:00:00+01:00", "2026-03-31T08:00:00+02:00", 90),
        ] {
            let [start, now] = [start, now].map(|at| at.parse::<Timestamp>().unwrap());
            assert_eq!(day(start, now, &berlin), expected, "{name}");
        }
    }
}
