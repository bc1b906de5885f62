//! `groundwork lab show`.

use console::style;
use workbench::{
    Problem,
    view::{Check, Resource, Status},
};

use crate::{
    Ended, Run,
    draw::{Draw, plain},
};

/// As the window says it.
const CARE: &str = "Each says from when the knowledge of it is, and whether somebody has opened its address since. Exams \
                    and laws change: look at the publisher's page first.";

pub async fn show(run: &Run, slug: &str) -> Result<Ended, Problem> {
    let lab = run.workbench.glance_at_lab(slug).await?;
    let draw = run.draw;
    draw.json("lab", &lab);
    draw.say(style(plain(&lab.title)).bold());
    draw.say(plain(&lab.summary));
    for (index, step) in lab.steps.iter().enumerate() {
        draw.say(format!("\n{}  {}", index + 1, style(plain(&step.title)).bold()));
        for check in &step.checks {
            draw.say(format!("   {:<9}  {}", standing(check), plain(&check.title)));
        }
    }
    library(draw, &lab.resources);
    Ok(Ended::Well)
}

fn standing(check: &Check) -> &'static str {
    match &check.outcome {
        None => "not run",
        Some(outcome) if outcome.stale => "run again",
        Some(outcome) => match outcome.status {
            Status::Passed => "passed",
            Status::Failed => "failed",
            Status::Blocked => "blocked",
            Status::Error => "error",
        },
    }
}

/// What there is to read or watch beside the lab; nothing where there is none.
fn library(draw: Draw, resources: &[Resource]) {
    if resources.is_empty() {
        return;
    }
    draw.say(format!("\n{}", style("From the library").bold()));
    for resource in resources {
        let Resource { kind, publisher, hours, known, checked, .. } = resource;
        draw.say(format!("  {}", resource.title));
        draw.say(style(format!("    {kind}, {publisher}, {hours} h; known {known}, {checked}")).dim());
        draw.say(format!("    {} Leave out: {}", resource.take, resource.skip));
        draw.say(format!("    {}", style(&resource.url).cyan()));
    }
    draw.say(style(CARE).dim());
}
