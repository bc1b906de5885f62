//! `groundwork plan` and `groundwork export`.

use std::path::Path;

use console::style;
use workbench::{
    Problem,
    view::{LabState, MilestoneStanding},
};

use crate::{Ended, Run};

pub fn plan(run: &Run) -> Result<Ended, Problem> {
    let plan = run.workbench.plan()?;
    let draw = run.draw;
    draw.json("plan", &plan);
    let day = plan.day.map_or_else(|| "not started".into(), |day| format!("day {day} of {}", plan.days));
    draw.say(format!("{}  {day}, {} of {} checks passed", style(&plan.title).bold(), plan.checks_passed, plan.checks));
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

pub fn roadmap(run: &Run) -> Result<Ended, Problem> {
    let roadmap = run.workbench.roadmap()?;
    let draw = run.draw;
    draw.json("roadmap", &roadmap);
    if roadmap.years.is_empty() {
        draw.say("This pack has no roadmap.");
    }
    for year in &roadmap.years {
        draw.say(format!("{}", style(format!("Year {}  {}", year.year, year.title)).bold()));
        for milestone in &year.milestones {
            let standing = match milestone.standing {
                MilestoneStanding::Met => "met",
                MilestoneStanding::Begun => "begun",
                MilestoneStanding::Open => "open",
                MilestoneStanding::Outside => "at work",
            };
            draw.say(format!("  {standing:<8} {}", milestone.title));
            draw.say(style(format!("           {}", milestone.proof)).dim().to_string());
        }
        draw.say("");
    }
    for skill in roadmap.skills.iter().filter(|skill| skill.checks > 0) {
        draw.say(format!("  {:>3} of {:>3} checks  {}", skill.passed, skill.checks, skill.title));
    }
    Ok(Ended::Well)
}

pub fn export(run: &Run, format: &str, output: Option<&Path>) -> Result<Ended, Problem> {
    if output == Some(Path::new("-")) {
        let write_up = run.workbench.write_up(format)?;
        run.draw.json("writeUp", &write_up);
        run.draw.say(write_up.markdown.trim_end());
        return Ok(Ended::Well);
    }
    let write_up = run.workbench.save_write_up(format, output)?;
    run.draw.json("writeUp", &write_up);
    run.draw.say(format!("Written to {}", write_up.path.as_deref().unwrap_or("-")));
    Ok(Ended::Well)
}
