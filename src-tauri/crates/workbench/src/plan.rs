//! The 90 days as a shell shows them: the pack's plan with what the journal knows of it.

use std::collections::{BTreeMap, BTreeSet};

use curriculum::{Pack, PlannedLab};
use jiff::Timestamp;
use journal::{Journal, Status};
use uuid::Uuid;

use crate::{
    Problem,
    keeping::Definitions,
    view::{self, LabCard, LabState},
};

pub fn view(pack: &Pack, journal: &Journal, now: Timestamp) -> Result<view::Plan, Problem> {
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
        day: first_start.map(|start| (now.duration_since(start).as_hours() / 24).max(0) as u32 + 1),
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

fn within(card: &LabCard, days: [u32; 2]) -> bool {
    (days[0]..=days[1]).contains(&card.from_day)
}
