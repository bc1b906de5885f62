//! What the gateway serves: the installed models by their own names, and the learner's deployments and prices, which stand
//! in two files of the data folder that the learner may edit. A file that changes counts from the next request on, in
//! whichever process the gateway runs.
//!
//! A file that cannot be read takes nothing away from the models' own names; whoever asks for another name is told why.

mod file;
mod prices;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use gateway::{Deployment, Quota, Served};
use serde::Serialize;

use crate::{Problem, Workbench, write_up};
use file::Entry;
use prices::Prices;

/// A deployment as a shell shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployed {
    pub name: String,
    pub model: String,
    pub tokens_per_minute: Option<u32>,
    pub requests_per_minute: Option<u32>,
    /// Whether the learner made it; others are models by their own names.
    pub own: bool,
}

/// What one workspace's calls of one name took.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Used {
    pub lab: String,
    pub deployment: String,
    pub calls: u32,
    pub failed: u32,
    pub prompt_tokens: u64,
    /// Among those of prompts.
    pub cached_tokens: u64,
    pub completion_tokens: u64,
    pub cost: f64,
    /// `None` where no price was known when the calls were made.
    pub currency: Option<String>,
}

/// The deployments of one data folder.
pub struct Deployments {
    models: Served,
    folder: PathBuf,
    read: Mutex<Option<Read>>,
}

/// What the two files said when they were last read.
struct Read {
    texts: [Option<String>; 2],
    served: Arc<Served>,
}

impl Deployments {
    pub fn new(models: Served, folder: &Path) -> Self {
        Self { models, folder: folder.to_owned(), read: Mutex::default() }
    }

    fn combine(&self, texts: &[Option<String>; 2]) -> Served {
        let mut served = self.models.clone();
        let mut missing = Vec::new();
        match file::parse(texts[0].as_deref().unwrap_or_default()) {
            Ok(entries) => {
                for entry in entries {
                    match self.deployment(&entry) {
                        Ok(deployment) => served = served.with_deployment(deployment),
                        Err(problem) => missing.push(problem),
                    }
                }
            }
            Err(problem) => missing.push(problem),
        }
        let prices = Prices::parse(texts[1].as_deref().unwrap_or(prices::EXAMPLE)).unwrap_or_else(|problem| {
            tracing::error!(%problem, "nothing has a price");
            Prices::default()
        });
        for deployment in served.all_mut() {
            deployment.price = prices.of(&deployment.name, &deployment.model.id());
        }
        let told: Vec<_> = missing.iter().map(|problem| format!("{} {}", problem.message, problem.next_step)).collect();
        served.missing = (!told.is_empty()).then(|| told.join(" "));
        served
    }

    fn deployment(&self, entry: &Entry) -> Result<Deployment, Problem> {
        let found = self.models.find(&entry.model).ok_or_else(|| {
            let known: Vec<_> = self.models.all().iter().map(|known| known.name.as_str()).collect();
            let next_step = format!("Name one of {}.", known.join(", "));
            entry.wrong(&format!("there is no model {:?}", entry.model), next_step)
        })?;
        if self.models.find(&entry.name).is_some() && entry.name != entry.model {
            let what = format!("{:?} is a model's own name, and leads to that model only", entry.name);
            return Err(entry.wrong(&what, "Give the deployment another name."));
        }
        Ok(Deployment { quota: entry.quota, ..Deployment::new(&entry.name, found.model.clone()) })
    }

    fn texts(&self) -> [Option<String>; 2] {
        // A file that is there and cannot be read is no valid one either.
        let text = |name| match fs::read(self.folder.join(name)) {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => Some(format!("\u{0} {error}")),
        };
        [text(file::NAME), text(prices::NAME)]
    }
}

impl gateway::Serves for Deployments {
    /// Reads both small files each time: a time stamp may stay the same when a file changes.
    fn served(&self) -> Arc<Served> {
        let texts = self.texts();
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        match &*read {
            Some(known) if known.texts == texts => known.served.clone(),
            _ => {
                let served = Arc::new(self.combine(&texts));
                *read = Some(Read { texts, served: served.clone() });
                served
            }
        }
    }
}

impl Workbench {
    /// Every name that is served, and what is wrong with those that are not.
    pub fn deployments(&self) -> Result<(Vec<Deployed>, Vec<Problem>), Problem> {
        let deployments = Deployments::new(self.installed().served()?, &self.options.data);
        let texts = deployments.texts();
        let served = deployments.combine(&texts);
        let (own, mut problems) = match file::parse(texts[0].as_deref().unwrap_or_default()) {
            Ok(entries) => (entries, Vec::new()),
            Err(problem) => (Vec::new(), vec![problem]),
        };
        problems.extend(own.iter().filter_map(|entry| deployments.deployment(entry).err()));
        problems.extend(texts[1].as_deref().and_then(|text| Prices::parse(text).err()));
        let deployed = served.all().iter().map(|deployment| Deployed {
            name: deployment.name.clone(),
            model: deployment.model.id(),
            tokens_per_minute: deployment.quota.tokens_per_minute,
            requests_per_minute: deployment.quota.requests_per_minute,
            own: own.iter().any(|entry| entry.name == deployment.name),
        });
        Ok((deployed.collect(), problems))
    }

    /// Serves `model` as `name` too, in place of a deployment of that name. What else stands in the file stays as it is.
    pub fn add_deployment(&self, name: &str, model: &str, quota: Quota) -> Result<(), Problem> {
        let deployments = Deployments::new(self.installed().served()?, &self.options.data);
        deployments.deployment(&Entry { name: name.into(), model: model.into(), quota, line: None })?;
        file::change(&self.options.data, |text| file::with(text, name, model, quota))?;
        // So that there is something to edit.
        let prices = self.options.data.join(prices::NAME);
        if !prices.exists() {
            write_up::save(&prices, prices::EXAMPLE)?;
        }
        Ok(())
    }

    pub fn remove_deployment(&self, name: &str) -> Result<(), Problem> {
        file::change(&self.options.data, |text| file::without(text, name))
    }

    /// What the calls of a lab's workspace took, or those of every workspace, by the names that they asked for.
    pub fn usage(&self, lab: Option<&str>) -> Result<Vec<Used>, Problem> {
        let mut used = Vec::new();
        for workspace in self.journal.workspaces()? {
            if lab.is_some_and(|lab| lab != workspace.slug) {
                continue;
            }
            for usage in self.journal.usage(workspace.id)? {
                let Some(deployment) = usage.model else { continue };
                used.push(Used {
                    lab: workspace.slug.clone(),
                    deployment,
                    calls: usage.calls,
                    failed: usage.failed,
                    prompt_tokens: usage.prompt_tokens,
                    cached_tokens: usage.cached_tokens,
                    completion_tokens: usage.completion_tokens,
                    cost: usage.cost,
                    currency: usage.currency,
                });
            }
        }
        match lab {
            Some(lab) if used.is_empty() && !self.journal.workspaces()?.iter().any(|known| known.slug == lab) => {
                Err(Problem::not_started(lab))
            }
            _ => Ok(used),
        }
    }

    /// Where the learner finds the price table.
    pub fn price_table(&self) -> PathBuf {
        self.options.data.join(prices::NAME)
    }
}

/// A file of the learner's that is not valid TOML, or not what it should be.
fn unreadable(name: &str, text: &str, error: &toml::de::Error) -> Problem {
    let line = error.span().map_or(String::new(), |span| format!(", line {}", line_of(text, span.start)));
    let message = format!("{name}{line}: {}.", error.message().trim_end_matches('.'));
    Problem::new("deployments.unreadable", message, format!("Mend that line of {name}, or move the file away."))
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests;
