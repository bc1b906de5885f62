//! `groundwork lab …`.

mod show;

use std::{collections::BTreeMap, path::Path};

use console::style;
use serde_json::json;
use workbench::{
    Event, Problem,
    view::{Lab, LabState, Outcome, Status, Watch},
};

use crate::{Ended, Run, arguments::LabCommand, keeping, serve::terminated};

pub async fn run(run: &mut Run, command: LabCommand) -> Result<Ended, Problem> {
    match command {
        LabCommand::List => list(run),
        LabCommand::Show { lab } => show::show(run, &lab).await,
        LabCommand::Start { lab, no_editor } => start(run, &lab, !no_editor).await,
        LabCommand::Check { lab } => check(run, &lab).await,
        LabCommand::Watch { lab } => watch(run, &lab).await,
        LabCommand::Shell { lab } => shell(run, &lab).await,
        LabCommand::Notes { lab, from } => notes(run, &lab, from.as_deref()),
        LabCommand::Answer { lab, check, options } => answer(run, &lab, &check, options).await,
        LabCommand::Explain { lab, check } => explain(run, &lab, &check).await,
        LabCommand::Reset { lab } => keeping::reset(run, &lab).await,
        LabCommand::Snapshots { lab } => keeping::snapshots(run, &lab).await,
        LabCommand::Restore { lab, snapshot, file } => keeping::restore(run, &lab, &snapshot, file.as_deref()).await,
        LabCommand::Update { lab } => keeping::update(run, &lab).await,
    }
}

fn list(run: &Run) -> Result<Ended, Problem> {
    for lab in run.workbench.plan()?.phases.into_iter().flat_map(|phase| phase.labs) {
        if lab.state != LabState::NotInPack {
            run.draw.json("lab", &lab);
            let again = if lab.stale > 0 { format!(" ({} to run again)", lab.stale) } else { String::new() };
            run.draw
                .say(format!("{:<24} {:>2} of {:>2} checks{again}  {}", lab.slug, lab.passed, lab.checks, lab.title));
        }
    }
    Ok(Ended::Well)
}

async fn start(run: &mut Run, slug: &str, open_editor: bool) -> Result<Ended, Problem> {
    let task = run.workbench.start_lab(slug, open_editor)?;
    let draw = run.draw;
    for event in run.follow(task, |line| draw.say(line)).await? {
        if let Event::Notice { problem } = event {
            draw.problem(&problem);
        }
    }
    let folder = run.workbench.workspace(slug).await?.path;
    draw.json("started", &json!({ "lab": slug, "workspace": folder }));
    draw.say(format!("{slug} is ready in {}\n", style(&folder).bold()));
    draw.say(format!("  cd {folder}\n  source .groundwork/activate\n  groundwork lab watch {slug}"));
    keeping::new_version(run, slug).await?;
    Ok(Ended::Well)
}

pub async fn check(run: &mut Run, slug: &str) -> Result<Ended, Problem> {
    run.workbench.open_gateway().await;
    let outcomes = run.workbench.check_lab(slug).await?;
    let titles = titles(&run.workbench.lab(slug).await?);
    for outcome in &outcomes {
        run.draw.json("outcome", outcome);
        run.draw.outcome(title(&titles, &outcome.check), outcome);
    }
    keeping::new_version(run, slug).await?;
    Ok(summary(run, slug, &outcomes))
}

fn summary(run: &Run, slug: &str, outcomes: &[Outcome]) -> Ended {
    let passed = outcomes.iter().filter(|outcome| outcome.status == Status::Passed).count();
    run.draw.json("report", &json!({ "lab": slug, "passed": passed, "checks": outcomes.len() }));
    run.draw.say(format!("\n{passed} of {} checks passed", outcomes.len()));
    verdict(outcomes)
}

/// How a command ends that these are the outcomes of.
pub fn verdict(outcomes: &[Outcome]) -> Ended {
    if outcomes.iter().any(|outcome| outcome.status == Status::Error) {
        Ended::OurFault
    } else if outcomes.iter().any(|outcome| outcome.status != Status::Passed) {
        Ended::YourMove
    } else {
        Ended::Well
    }
}

async fn watch(run: &mut Run, slug: &str) -> Result<Ended, Problem> {
    run.workbench.open_gateway().await;
    let lab = run.workbench.lab(slug).await?;
    let Some(workspace) = &lab.workspace else { return Err(Problem::not_started(slug)) };
    let how = if workspace.watch == Watch::Polling {
        " (the file system sends no events: reading it every second)"
    } else {
        ""
    };
    run.draw.say(format!("Watching {}{how}. Save a file; Ctrl-C ends.", workspace.path));
    if let Some(problem) = run.workbench.gateway().problem {
        run.draw.problem(&problem);
    }
    keeping::new_version(run, slug).await?;
    let titles = titles(&lab);
    // Asked for once: a signal that came between two waits would be lost.
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    let mut terminated = std::pin::pin!(terminated());
    loop {
        tokio::select! {
            _ = &mut interrupted => return Ok(Ended::Well),
            () = &mut terminated => return Ok(Ended::Well),
            event = run.events.recv() => {
                let Some(event) = event else { return Ok(Ended::Well) };
                run.draw.event(&event);
                match event {
                    Event::Saved { save, .. } => run.draw.say(format!("\n{} saved", style(save.path).bold())),
                    Event::CheckFinished { outcome, .. } => {
                        run.draw.outcome(title(&titles, &outcome.check), &outcome);
                    }
                    Event::ReportFinished { passed, checks, .. } => {
                        run.draw.say(format!("{passed} of {checks} checks passed"));
                    }
                    _ => {}
                }
            }
        }
    }
}

async fn shell(run: &mut Run, slug: &str) -> Result<Ended, Problem> {
    run.workbench.open_gateway().await;
    let mut shell = run.workbench.shell(slug).await?;
    if let Some(problem) = run.workbench.gateway().problem {
        run.draw.problem(&problem);
    }
    let mut ended = tokio::task::spawn_blocking(move || shell.wait());
    loop {
        tokio::select! {
            _ = &mut ended => return Ok(Ended::Well),
            // Ctrl-C is for what runs in the shell.
            _ = tokio::signal::ctrl_c() => {}
        }
    }
}

fn notes(run: &Run, slug: &str, from: Option<&Path>) -> Result<Ended, Problem> {
    let notes = match from {
        None => run.workbench.notes(slug)?,
        Some(file) => run.workbench.keep_notes_of(slug, file)?,
    };
    run.draw.json("notes", &notes);
    match (from, notes.text.is_empty()) {
        (Some(_), _) => run.draw.say(format!("{} bytes of notes are kept.", notes.text.len())),
        (None, true) => run.draw.say("No notes are written yet."),
        (None, false) => run.draw.say(notes.text.trim_end()),
    }
    Ok(Ended::Well)
}

async fn answer(run: &mut Run, slug: &str, check: &str, options: Vec<String>) -> Result<Ended, Problem> {
    let outcome = run.workbench.answer_quiz(slug, check, options).await?;
    let titles = titles(&run.workbench.lab(slug).await?);
    run.draw.json("outcome", &outcome);
    run.draw.outcome(title(&titles, check), &outcome);
    Ok(verdict(&[outcome]))
}

pub fn titles(lab: &Lab) -> BTreeMap<String, String> {
    lab.steps.iter().flat_map(|step| &step.checks).map(|check| (check.id.clone(), check.title.clone())).collect()
}

pub fn title<'a>(titles: &'a BTreeMap<String, String>, check: &'a str) -> &'a str {
    titles.get(check).map_or(check, String::as_str)
}

async fn explain(run: &mut Run, slug: &str, check: &str) -> Result<Ended, Problem> {
    let task = run.workbench.explain_check(slug, check).await?;
    let mut said = String::new();
    run.follow(task, |piece| said.push_str(piece)).await?;
    run.draw.json("explained", &json!({ "lab": slug, "check": check, "said": said.trim() }));
    run.draw.say(said.trim());
    run.draw.say(style("The local model says so, and may be wrong; the check's own words count.").dim().to_string());
    Ok(Ended::Well)
}
