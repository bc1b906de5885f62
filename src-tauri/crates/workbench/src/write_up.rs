//! Gathers what the journal recorded into the portfolio's plain data, and puts the rendered page on the disk.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use curriculum::Pack;
use jiff::Timestamp;
use journal::Journal;
use portfolio::{Format, Lab, Machine, Measured, Passed, Portfolio, Usage};

use crate::{Problem, model::LocalModel};

/// A format by its name.
pub fn format(name: &str) -> Result<&'static Format, Problem> {
    portfolio::formats().iter().find(|format| format.name == name).ok_or_else(|| {
        let known: Vec<&str> = portfolio::formats().iter().map(|format| format.name).collect();
        let message = format!("There is no format called {name}.");
        Problem::new("export.format", message, format!("Use --format {}.", known.join(" or --format ")))
    })
}

/// Everything that was recorded of the labs that are in the pack.
pub fn gather(pack: &Pack, journal: &Journal, model: Option<&LocalModel>, version: &str) -> Result<Portfolio, Problem> {
    let minutes = journal.minutes_spent()?;
    let mut labs = Vec::new();
    for planned in &pack.plan.labs {
        let Some(lab) = pack.lab(&planned.slug) else { continue };
        let Some(workspace) = journal.workspace_of_lab(lab.id)? else { continue };
        let evidence = journal.evidence(workspace.id)?;
        let phase = pack.plan.phases.iter().find(|phase| (phase.days[0]..=phase.days[1]).contains(&planned.days[0]));
        let passed = |check: &curriculum::Check| {
            let found = evidence.iter().find(|evidence| evidence.check == check.id)?;
            Some(Passed {
                first_at: found.first.at,
                latest_at: found.latest.at,
                measured: found.latest.measured.iter().map(measured).collect(),
            })
        };
        labs.push(Lab {
            title: lab.title.clone(),
            summary: lab.summary.clone(),
            phase: phase.map(|phase| phase.title.clone()).unwrap_or_default(),
            started_at: workspace.created_at,
            minutes_spent: minutes.get(&workspace.id).copied().unwrap_or_default(),
            checks: lab
                .steps
                .iter()
                .flat_map(|step| step.checks.iter().map(move |check| (step, check)))
                .map(|(step, check)| portfolio::Check {
                    title: check.title.clone(),
                    step: step.title.clone(),
                    passed: passed(check),
                })
                .collect(),
            usage: by_model(journal.usage(workspace.id)?),
        });
    }
    Ok(Portfolio {
        title: "AI systems engineering portfolio".into(),
        labs,
        planned: pack.plan.labs.len() as u32,
        machine: model.map(|model| Machine { device: model.device().name, model: model.manifest.title.clone() }),
        product_version: version.into(),
        generated_at: Timestamp::now(),
    })
}

fn measured(measured: &journal::Measured) -> Measured {
    Measured { name: measured.name.clone(), value: measured.value.clone(), unit: measured.unit.clone() }
}

/// One line for each model, whatever its calls were paid in.
fn by_model(all: Vec<journal::Usage>) -> Vec<Usage> {
    all.into_iter().map(usage).fold(Vec::new(), |mut models: Vec<Usage>, next| {
        match models.last_mut().filter(|last| last.model == next.model) {
            Some(last) => {
                last.calls += next.calls;
                last.failed += next.failed;
                last.prompt_tokens += next.prompt_tokens;
                last.completion_tokens += next.completion_tokens;
            }
            None => models.push(next),
        }
        models
    })
}

fn usage(usage: journal::Usage) -> Usage {
    Usage {
        model: usage.model,
        calls: usage.calls,
        failed: usage.failed,
        prompt_tokens: usage.prompt_tokens,
        completion_tokens: usage.completion_tokens,
    }
}

/// Replaces `file` whole or not at all.
pub fn save(file: &Path, text: &str) -> Result<PathBuf, Problem> {
    save_for(file, text, 0o666)
}

/// As [`save`], with the permissions that a Unix system gives it, less its mask.
pub fn save_for(file: &Path, text: &str, mode: u32) -> Result<PathBuf, Problem> {
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    write(&file, text, mode).map_err(|error| {
        let message = format!("The page could not be written to {}: {error}.", file.display());
        Problem::new("export.unwritable", message, "Free some space, or choose another file with --output.")
    })?;
    Ok(file)
}

#[cfg_attr(not(unix), expect(unused_variables))]
fn write(file: &Path, text: &str, mode: u32) -> io::Result<()> {
    let folder = file.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let mut name = file.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(".new");
    let draft = folder.join(name);
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    let mut open = options.open(&draft)?;
    open.write_all(text.as_bytes())?;
    open.sync_all()?;
    fs::rename(&draft, file)?;
    File::open(folder)?.sync_all()
}
