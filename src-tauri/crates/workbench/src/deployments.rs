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
    time::Duration,
};

use gateway::{Deployment, Model, Quota, Served, Upstream};

use crate::{Problem, Workbench, replace::replace, view};
use file::{Deploy, Elsewhere, Entry};
use prices::Prices;

/// How long a server elsewhere is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// The deployments of one data folder.
pub struct Deployments {
    /// What is installed: the same value until something changes.
    models: Box<dyn Fn() -> Arc<Served> + Send + Sync>,
    folder: PathBuf,
    /// Where the gateway listens: a deployment that leads there would lead to itself.
    port: u16,
    known: Mutex<Option<Arc<Known>>>,
}

/// What the models and the two files come to.
struct Known {
    models: Arc<Served>,
    texts: [Option<String>; 2],
    served: Arc<Served>,
    own: Vec<Entry>,
    /// Servers elsewhere, by the names of their deployments.
    upstreams: Vec<(String, Upstream)>,
    problems: Vec<Problem>,
}

impl Deployments {
    pub fn new(models: impl Fn() -> Arc<Served> + Send + Sync + 'static, folder: &Path, port: u16) -> Self {
        Self { models: Box::new(models), folder: folder.to_owned(), port, known: Mutex::default() }
    }

    /// Reads both small files each time: a time stamp may stay the same when a file changes.
    fn known(&self) -> Arc<Known> {
        let (models, texts) = ((self.models)(), self.texts());
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*known
            && Arc::ptr_eq(&known.models, &models)
            && known.texts == texts
        {
            return known.clone();
        }
        known.insert(Arc::new(self.combine(models, texts))).clone()
    }

    fn combine(&self, models: Arc<Served>, texts: [Option<String>; 2]) -> Known {
        let mut served = (*models).clone();
        let (mut problems, mut upstreams) = (Vec::new(), Vec::new());
        let own = file::parse(texts[0].as_deref().unwrap_or_default()).unwrap_or_else(|problem| {
            problems.push(problem);
            Vec::new()
        });
        for entry in &own {
            match self.model(&models, entry) {
                Ok((model, upstream)) => {
                    let Deploy { name, quota, .. } = &entry.deploy;
                    served = served.with_deployment(Deployment { quota: *quota, ..Deployment::new(name, model) });
                    upstreams.extend(upstream.map(|upstream| (name.clone(), upstream)));
                }
                Err(problem) => problems.push(problem),
            }
        }
        let told = served.missing.take().into_iter().chain(problems.iter().map(Problem::told)).collect::<Vec<_>>();
        served.missing = (!told.is_empty()).then(|| told.join(" "));
        let prices = Prices::parse(texts[1].as_deref().unwrap_or(prices::EXAMPLE)).unwrap_or_else(|problem| {
            tracing::error!(%problem, "nothing has a price");
            problems.push(problem);
            Prices::default()
        });
        for deployment in served.all_mut() {
            deployment.price = prices.of(&deployment.name, &deployment.model.id());
        }
        Known { models, texts, served: Arc::new(served), own, upstreams, problems }
    }

    /// What a deployment leads to, and the server, where that is elsewhere.
    fn model(&self, models: &Served, entry: &Entry) -> Result<(Model, Option<Upstream>), Problem> {
        let Deploy { name, model, elsewhere, .. } = &entry.deploy;
        let own_name = models.find(name).is_some();
        if own_name && (elsewhere.is_some() || name != model) {
            let what = format!("{name:?} is a model's own name, and leads to that model only");
            return Err(entry.wrong(&what, "Give the deployment another name."));
        }
        let Some(elsewhere) = elsewhere else {
            let found = models.find(model).ok_or_else(|| {
                let known: Vec<_> = models.all().iter().map(|known| known.name.as_str()).collect();
                entry.wrong(&format!("there is no model {model:?}"), format!("Name one of {}.", known.join(", ")))
            })?;
            return Ok((found.model.clone(), None));
        };
        let upstream = Upstream::new(&elsewhere.url, model, elsewhere.key.as_deref())
            .map_err(|what| entry.wrong(&what, "Write it as your programs do: http://HOST:PORT/v1."))?;
        if upstream.leads_to(self.port) {
            return Err(entry.wrong("its URL leads back to this gateway", "Name the other server, or leave 'url' out."));
        }
        let model = match elsewhere.dimension {
            Some(dimension) => Model::Embedding(Arc::new(upstream.clone().embedding(dimension))),
            None => Model::Text(Arc::new(upstream.clone())),
        };
        Ok((model, Some(upstream)))
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
    fn served(&self) -> Arc<Served> {
        self.known().served.clone()
    }
}

impl Workbench {
    /// What the gateway serves.
    pub(crate) fn deployed(&self) -> Deployments {
        let installed = self.installed.clone();
        Deployments::new(move || installed.served(), &self.options.data, self.options.port)
    }

    /// Every name that is served, and what is wrong with those that are not.
    pub fn deployments(&self) -> view::Deployments {
        let known = self.deployed().known();
        let deployed = known.served.all().iter().map(|deployment| {
            let own = known.own.iter().find(|entry| entry.deploy.name == deployment.name);
            view::Deployed {
                name: deployment.name.clone(),
                model: deployment.model.id(),
                url: own.and_then(|entry| Some(entry.deploy.elsewhere.as_ref()?.url.clone())),
                tokens_per_minute: deployment.quota.tokens_per_minute,
                requests_per_minute: deployment.quota.requests_per_minute,
                own: own.is_some(),
            }
        });
        view::Deployments {
            deployments: deployed.collect(),
            problems: known.problems.clone(),
            price_table: self.price_table(),
        }
    }

    /// What is wrong with the deployments, their servers included.
    pub(crate) async fn deployment_problems(&self) -> (usize, Vec<Problem>) {
        let known = self.deployed().known();
        let looks = known.upstreams.iter().map(|(name, upstream)| async move {
            let wrong = upstream.look(PATIENCE).await.err()?;
            let message = format!("The deployment {name:?} does not answer: {}.", wrong.trim_end_matches('.'));
            let next_step = format!("Start that server, or mend [deployments.{name}] in {}.", file::NAME);
            Some(Problem::new("deployments.unreachable", message, next_step))
        });
        let unreachable = futures::future::join_all(looks).await.into_iter().flatten();
        (known.own.len(), known.problems.iter().cloned().chain(unreachable).collect())
    }

    /// Serves a model by another name too, in place of a deployment of that name. What else stands in the file stays as it
    /// is.
    pub fn add_deployment(&self, new: view::NewDeployment) -> Result<(), Problem> {
        let view::NewDeployment { name, model, tokens_per_minute, requests_per_minute, url, key, dimension } = new;
        let elsewhere = url.map(|url| Elsewhere { url, key, dimension });
        let deploy = Deploy { name, model, quota: Quota { tokens_per_minute, requests_per_minute }, elsewhere };
        let entry = Entry { deploy, line: None };
        self.deployed().model(&self.installed.served(), &entry)?;
        file::change(&self.options.data, |text| file::with(text, &entry.deploy))?;
        // So that there is something to edit. Without it, the example's prices count.
        let prices = self.options.data.join(prices::NAME);
        if !prices.exists()
            && let Err(error) = replace(&prices, prices::EXAMPLE, 0o666)
        {
            tracing::warn!(%error, "no example of prices could be laid down");
        }
        Ok(())
    }

    pub fn remove_deployment(&self, name: &str) -> Result<(), Problem> {
        file::change(&self.options.data, |text| file::without(text, name))
    }

    /// What the calls of a lab's workspace took, or those of every workspace, by the names that they asked for.
    pub fn usage(&self, lab: Option<&str>) -> Result<Vec<view::Used>, Problem> {
        let mut workspaces = self.journal.workspaces()?;
        if let Some(lab) = lab {
            workspaces.retain(|workspace| workspace.slug == lab);
            if workspaces.is_empty() {
                return Err(Problem::not_started(lab));
            }
        }
        let mut used = Vec::new();
        for workspace in workspaces {
            for usage in self.journal.usage(workspace.id)? {
                let Some(deployment) = usage.model else { continue };
                used.push(view::Used {
                    lab: workspace.slug.clone(),
                    deployment,
                    calls: usage.calls,
                    failed: usage.failed,
                    prompt_tokens: usage.prompt_tokens as f64,
                    cached_tokens: usage.cached_tokens as f64,
                    completion_tokens: usage.completion_tokens as f64,
                    cost: usage.cost,
                    currency: usage.currency,
                });
            }
        }
        Ok(used)
    }

    /// Where the learner finds the prices.
    pub fn price_table(&self) -> String {
        self.options.data.join(prices::NAME).display().to_string()
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
