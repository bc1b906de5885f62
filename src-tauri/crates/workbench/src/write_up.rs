//! Gathers what the journal recorded, and what the learner tells, into the portfolio's plain data, and puts the rendered page
//! on the disk.

mod narrative;

use std::path::{Path, PathBuf};

use curriculum::Pack;
use jiff::Timestamp;
use journal::{Evidence, Journal, Standing, Status};
use portfolio::{By, Entry, Format, Lab, Machine, Measured, Passed, Portfolio, Usage};

use crate::{Problem, Workbench, keeping::Definitions, replace::replace, view::WriteUpPart};

impl Workbench {
    /// The page part by part, with the places where the learner tells of it.
    pub fn write_up(&self) -> Result<Vec<WriteUpPart>, Problem> {
        let pack = self.pack()?;
        let begun = begun(&pack, &self.journal)?;
        let page = self.gather(&pack, &begun)?;
        portfolio::parts(&page)
            .into_iter()
            .map(|part| match part.by {
                By::Record => Ok(WriteUpPart::Record { markdown: part.markdown }),
                By::Learner(place) => {
                    let lab = place.and_then(|place| begun.get(place)).map(|(lab, _)| *lab);
                    Ok(WriteUpPart::Learner { narrative: self.told(&pack, lab)? })
                }
            })
            .collect()
    }

    /// The page in a format, as text.
    pub fn render_write_up(&self, format: &str) -> Result<String, Problem> {
        let format = self::format(format)?;
        let pack = self.pack()?;
        let page = self.gather(&pack, &begun(&pack, &self.journal)?)?;
        Ok((format.write)(&page))
    }

    /// Writes the page to `file`, or beside the workspaces, and answers where it is.
    pub fn save_write_up(&self, format: &str, file: Option<&Path>) -> Result<String, Problem> {
        let text = self.render_write_up(format)?;
        let beside = self.options.portfolio_page(self::format(format)?.extension);
        Ok(save(file.unwrap_or(&beside), &text)?.display().to_string())
    }

    /// All that the page tells.
    fn gather(&self, pack: &Pack, begun: &[(&curriculum::Lab, journal::Workspace)]) -> Result<Portfolio, Problem> {
        let (minutes, standings) = (self.journal.minutes_spent()?, self.journal.standings()?);
        let labs = begun.iter().map(|(lab, workspace)| {
            let spent = minutes.get(&workspace.id).copied().unwrap_or_default();
            of_lab(pack, &self.journal, &standings, lab, workspace, spent)
        });
        Ok(Portfolio {
            title: "AI systems engineering portfolio".into(),
            introduction: narrative::text(&self.journal, pack.id)?,
            labs: labs.collect::<Result<_, _>>()?,
            planned: pack.plan.labs.len() as u32,
            machine: self
                .model()
                .ok()
                .map(|model| Machine { device: model.device().name, model: model.manifest.title.clone() }),
            product_version: self.options.version.clone(),
            generated_at: Timestamp::now(),
        })
    }
}

/// A format by its name.
fn format(name: &str) -> Result<&'static Format, Problem> {
    portfolio::formats().iter().find(|format| format.name == name).ok_or_else(|| {
        let known: Vec<&str> = portfolio::formats().iter().map(|format| format.name).collect();
        let message = format!("There is no format called {name}.");
        Problem::new("export.format", message, format!("Use --format {}.", known.join(" or --format ")))
    })
}

/// The labs of the pack that were started, in the plan's order, each with its newest workspace.
pub fn begun<'p>(pack: &'p Pack, journal: &Journal) -> Result<Vec<(&'p curriculum::Lab, journal::Workspace)>, Problem> {
    let mut begun = Vec::new();
    for lab in pack.plan.labs.iter().filter_map(|planned| pack.lab(&planned.slug)) {
        begun.extend(journal.workspace_of_lab(lab.id)?.map(|workspace| (lab, workspace)));
    }
    Ok(begun)
}

/// What was recorded of one lab, and what the learner tells of it.
fn of_lab(
    pack: &Pack,
    journal: &Journal,
    standings: &[Standing],
    lab: &curriculum::Lab,
    workspace: &journal::Workspace,
    minutes_spent: f64,
) -> Result<Lab, Problem> {
    let planned = pack.plan.labs.iter().find(|planned| planned.slug == lab.slug);
    let phase = planned.and_then(|planned| {
        pack.plan.phases.iter().find(|phase| (phase.days[0]..=phase.days[1]).contains(&planned.days[0]))
    });
    let evidence = journal.evidence(workspace.id)?;
    let mut definitions = Definitions::default();
    let mut check = |step: &curriculum::Step, check: &curriculum::Check| {
        let found = evidence.iter().find(|evidence| evidence.check == check.id);
        let (now, before) = match found {
            Some(found) if holds(found, lab, workspace, standings, &mut definitions) => (Some(found), None),
            other => (None, other),
        };
        portfolio::Check {
            title: check.title.clone(),
            step: step.title.clone(),
            passed: now.map(|found| Passed {
                first_at: found.first.at,
                latest_at: found.latest.at,
                measured: found.latest.measured.iter().map(measured).collect(),
            }),
            passed_before: before.map(|found| found.latest.at),
        }
    };
    Ok(Lab {
        title: lab.title.clone(),
        summary: lab.summary.clone(),
        phase: phase.map(|phase| phase.title.clone()).unwrap_or_default(),
        started_at: workspace.created_at,
        minutes_spent,
        reflection: narrative::text(journal, lab.id)?,
        checks: lab
            .steps
            .iter()
            .flat_map(|step| step.checks.iter().map(move |check| (step, check)))
            .map(|(step, asked)| check(step, asked))
            .collect(),
        entries: journal.entries(workspace.id)?.into_iter().map(entry).collect(),
        usage: by_model(journal.usage(workspace.id)?),
    })
}

/// Whether a pass shows what the lab asks now: it was found under this version, or the check asks what it asked then.
pub fn holds(
    found: &Evidence,
    lab: &curriculum::Lab,
    workspace: &journal::Workspace,
    standings: &[Standing],
    definitions: &mut Definitions,
) -> bool {
    let mut its =
        standings.iter().filter(|standing| standing.workspace == workspace.id && standing.check == found.check);
    found.latest.lab_version == lab.version
        || its.any(|standing| standing.latest == Status::Passed && !definitions.stale(lab, standing))
}

fn entry(entry: journal::Entry) -> Entry {
    let journal::Entry { at, sort, title, text, url } = entry;
    Entry { at, sort, title, text, url }
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
fn save(file: &Path, text: &str) -> Result<PathBuf, Problem> {
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    replace(&file, text, 0o666).map_err(|error| {
        let message = format!("The page could not be written to {}: {error}.", file.display());
        Problem::new("export.unwritable", message, "Free some space, or choose another file with --output.")
    })?;
    Ok(file)
}
