//! `groundwork plan` and `groundwork roadmap`.

use console::style;
use workbench::{
    Problem,
    view::{AtlasRow, BurnUp, LabState, MilestoneStanding, Priority, RoadmapMilestone, RoadmapSkill, RoadmapYear},
};

use crate::{
    Ended, Run,
    draw::{Draw, plain},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum RoadmapPart {
    Milestones,
    Skills,
    Priorities,
    Atlas,
}

pub fn plan(run: &Run) -> Result<Ended, Problem> {
    let plan = run.workbench.plan()?;
    let burn_up = run.workbench.burn_up()?;
    let draw = run.draw;
    draw.json("plan", &plan);
    draw.json("burn_up", &burn_up);
    let day = plan.day.map_or_else(|| "not started".into(), |day| format!("day {day} of {}", plan.days));
    draw.say(format!("{}  {day}, {} of {} checks passed", style(&plan.title).bold(), plan.checks_passed, plan.checks));
    if let Some(pace) = pace(&burn_up) {
        draw.say(pace);
    }
    for phase in &plan.phases {
        draw.say(format!("\n{}  days {}-{}", style(&phase.title).bold(), phase.from_day, phase.to_day));
        for lab in &phase.labs {
            let state = match lab.state {
                LabState::NotStarted => "not started".into(),
                LabState::InProgress if lab.stale > 0 => {
                    format!("{} of {} checks, {} passed before the lab changed", lab.passed, lab.checks, lab.stale)
                }
                LabState::InProgress => format!("{} of {} checks", lab.passed, lab.checks),
                LabState::Done => "done".into(),
                LabState::NotInPack => "not in this pack yet".into(),
            };
            let days = format!("{:>2}-{:<2}", lab.from_day, lab.to_day);
            let here = if plan.today.as_deref() == Some(lab.slug.as_str()) { ">" } else { " " };
            let line = format!("{here} {days}  {:<30} {state}", lab.slug);
            draw.say(if lab.state == LabState::NotInPack { style(line).dim() } else { style(line) });
        }
    }
    if let Some(today) = &plan.today {
        draw.say(format!("\nNext: groundwork lab start {today}"));
    }
    Ok(Ended::Well)
}

/// Where the learner is beside the plan, and when the last check would pass; nothing before the first lab was started.
fn pace(burn_up: &BurnUp) -> Option<String> {
    let today = burn_up.points.iter().rev().find(|point| point.passed.is_some())?;
    let stand = format!("The plan has {} checks by today; {} have passed once.", today.planned, today.passed?);
    let done = burn_up.points.iter().find(|point| point.passed == Some(burn_up.checks));
    Some(match (&burn_up.forecast, done) {
        (_, Some(done)) => format!("{stand} The last did on {}, day {}.", done.date, done.day),
        (Some(forecast), None) => format!(
            "{stand} At the pace of the last {} days ({} checks) the last passes on {}, day {}.",
            forecast.days, forecast.passed, forecast.date, forecast.day
        ),
        (None, None) => format!("{stand} No forecast yet: it takes checks that passed on three of the last 14 days."),
    })
}

pub fn roadmap(run: &Run, part: Option<RoadmapPart>) -> Result<Ended, Problem> {
    let roadmap = run.workbench.roadmap()?;
    let draw = run.draw;
    draw.json("roadmap", &roadmap);
    if roadmap.years.is_empty() {
        draw.say("This pack has no roadmap.");
    }
    let shown = |each| part.is_none_or(|part| part == each);
    if shown(RoadmapPart::Milestones) {
        milestones(draw, &roadmap.years);
    }
    if shown(RoadmapPart::Skills) {
        skills(draw, &roadmap.skills);
    }
    if shown(RoadmapPart::Priorities) {
        priorities(draw, &roadmap.priorities);
    }
    if shown(RoadmapPart::Atlas) {
        atlas(draw, &roadmap.atlas);
    }
    Ok(Ended::Well)
}

fn milestones(draw: Draw, years: &[RoadmapYear]) {
    for year in years {
        draw.say(style(format!("Year {}  {}", year.year, plain(&year.title))).bold());
        for milestone in &year.milestones {
            let standing = match milestone.standing {
                MilestoneStanding::Met => "met",
                MilestoneStanding::Begun => "begun",
                MilestoneStanding::Open => "open",
                MilestoneStanding::Outside => "at work",
            };
            draw.say(format!("  {standing:<8} {}", plain(&milestone.title)));
            draw.say(style(format!("           {}", plain(&milestone.proof))).dim());
            draw.say(style(format!("           {}", evidence(milestone))).dim());
        }
        draw.say("");
    }
}

/// What was recorded for a milestone, in figures.
fn evidence(milestone: &RoadmapMilestone) -> String {
    let (passed, checks) =
        milestone.labs.iter().fold((0, 0), |(passed, checks), lab| (passed + lab.passed, checks + lab.checks));
    let measured: usize =
        milestone.evidence.iter().flat_map(|lab| &lab.measurements).map(|found| found.measured.len()).sum();
    let entries: usize = milestone.evidence.iter().map(|lab| lab.entries.len()).sum();
    match milestone.standing {
        MilestoneStanding::Outside => "no lab proves it: it takes evidence from your work".into(),
        _ if checks == 0 => "its labs are not in this pack yet".into(),
        _ => format!("{passed} of {checks} checks, {measured} measurements, {entries} entries"),
    }
}

/// Those that some check of the pack raises.
fn skills(draw: Draw, skills: &[RoadmapSkill]) {
    for skill in skills.iter().filter(|skill| skill.checks > 0) {
        draw.say(format!("  {:>3} of {:>3} checks  {}", skill.passed, skill.checks, plain(&skill.title)));
    }
}

fn priorities(draw: Draw, priorities: &[Priority]) {
    if !priorities.is_empty() {
        draw.say(format!("\n{}", style("What to learn first").bold()));
    }
    for (index, priority) in priorities.iter().enumerate() {
        draw.say(format!("  {}  {}", index + 1, plain(&priority.title)));
        draw.say(style(format!("     {}", plain(&priority.why))).dim());
        draw.say(style(format!("     {}", plain(&priority.takes.join(", ")))).dim());
        let labs: Vec<&str> = priority.labs.iter().map(|lab| lab.slug.as_str()).collect();
        draw.say(style(format!("     {}", labs.join(", "))).dim());
    }
}

/// Each topic with its rows.
fn atlas(draw: Draw, atlas: &[AtlasRow]) {
    let mut topic = "";
    for row in atlas {
        if row.topic != topic {
            draw.say(format!("\n{}", style(plain(&row.topic)).bold()));
            topic = &row.topic;
        }
        draw.say(format!("  {}  {}", plain(&row.concept), style(&row.lab.slug).dim()));
        for (place, name) in [("here", &row.here), ("Azure", &row.azure), ("AWS", &row.aws)] {
            draw.say(format!("    {} {}", style(format!("{place:<5}")).cyan(), plain(name)));
        }
    }
}
