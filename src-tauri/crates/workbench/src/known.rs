//! The models that are here or could be: listed, brought, chosen, measured and removed.

use std::{path::PathBuf, sync::Arc};

use inference::{Error, Event as Said, Finish, Generator, ModelKind, Prompt, Request, Timings, Usage};
use jiff::Timestamp;
use models::{Entry, Import, Library, Origin, Source};
use task::{Cancellation, Reporter};

use crate::{
    Problem, TaskId, Workbench,
    keeping::on_disk,
    model::{CHOSEN, LocalModel},
    tasks::Handle,
    view,
};

/// Tokens of the prompt and the answer that a measurement takes, and how often.
const PROMPT: u32 = 512;
const ANSWER: u32 = 64;
const ROUNDS: usize = 3;

impl Workbench {
    /// The models that are here or could be, and the gateway that serves them. Reads files that were never found right. A
    /// gateway that could not be opened is tried again.
    pub async fn models(&self) -> Result<view::Models, Problem> {
        self.open_gateway().await;
        let models = self.known_models().await?;
        let text = self.installed().text();
        let device = text.as_ref().ok().map(|model| model.device());
        Ok(view::Models { models, problem: text.err(), device, gateway: self.gateway() })
    }

    async fn known_models(&self) -> Result<Vec<view::Model>, Problem> {
        let library = self.library();
        let entries = on_disk(move || {
            let (entries, problems) = library.entries();
            for problem in problems {
                tracing::warn!(%problem, "a model is left out");
            }
            Ok(entries.into_iter().map(|entry| (entry.verify().err(), entry)).collect::<Vec<_>>())
        });
        let entries = entries.await?;
        Ok(entries.into_iter().map(|(wrong, entry)| self.known(entry, wrong)).collect())
    }

    pub async fn known_model(&self, id: &str) -> Result<view::Model, Problem> {
        let found = self.known_models().await?.into_iter().find(|known| known.id == id);
        found.ok_or_else(|| models::Error::Unknown { id: id.into() }.into())
    }

    fn known(&self, entry: Entry, wrong: Option<inference::FileError>) -> view::Model {
        let installed = self.installed();
        let chosen = installed.text().ok();
        let model = installed.texts().iter().find(|model| model.manifest.id == entry.manifest.id);
        let status = match entry.manifest.kind {
            ModelKind::Text => model.map(|model| model.engine.status()),
            ModelKind::Embedding => installed.embedding.as_ref().ok().map(|model| model.embeddings.status()),
        };
        let status = status.unwrap_or_default();
        let file = entry.file().map(|file| file.display().to_string());
        let speed = model.and_then(|model| self.speed(model));
        let manifest = entry.manifest;
        view::Model {
            kind: manifest.kind.into(),
            bytes: manifest.bytes as f64,
            origin: match entry.origin {
                Origin::Bundled => view::ModelOrigin::Bundled,
                Origin::Catalogue => view::ModelOrigin::Catalogue,
                Origin::Own => view::ModelOrigin::Own,
            },
            packages: manifest
                .packages
                .into_iter()
                .map(|package| format!("{} {}", package.name, package.version))
                .collect(),
            problem: wrong.filter(|_| file.is_some()).map(Problem::from),
            file,
            chosen: chosen.is_some_and(|chosen| chosen.manifest.id == manifest.id),
            loaded: status.loaded,
            load_millis: status.load_time.map(|time| time.as_secs_f64() * 1e3),
            speed,
            id: manifest.id,
            title: manifest.title,
            architecture: manifest.architecture,
            sha256: manifest.sha256,
            licence: manifest.licence,
            context: manifest.context,
            parameters: manifest.parameters,
            quantization: manifest.quantization,
            source: manifest.source,
        }
    }

    /// Takes a GGUF file of the learner's. `name` is what it will be asked for by; `link` leaves it where it is.
    pub fn import_model(self: &Arc<Self>, path: PathBuf, name: Option<String>, link: bool) -> TaskId {
        let (library, import) = (self.library(), Import { path, id: name, link });
        self.tasks.start("Importing a model", |handle| async move {
            on_disk(move || {
                let entry = library.import(&import, &handle, &handle.cancellation)?;
                handle.output(&format!("{} is installed.", entry.manifest.id));
                Ok(())
            })
            .await
        })
    }

    /// Fetches a model of the catalogue by its name, or a GGUF file by its address; goes on where it was cut off before.
    pub fn download_model(self: &Arc<Self>, what: String, name: Option<String>, sha256: Option<String>) -> TaskId {
        let workbench = self.clone();
        self.tasks.start("Downloading a model", |handle| async move {
            let (library, options) = (workbench.library(), &workbench.options);
            let source = Source {
                version: options.version.clone(),
                index: options.index.clone(),
                mirror: options.mirror.clone(),
            };
            let go = &handle.cancellation;
            let entry = if what.contains("://") {
                let (name, sha256) = (name.as_deref(), sha256.map(|sha256| sha256.to_lowercase()));
                library.download_from(&what, name, sha256.as_deref(), &source, &handle, go).await?
            } else {
                library.download(&what, &source, &handle, go).await?
            };
            handle.output(&format!("{} is installed.", entry.manifest.id));
            Ok(())
        })
    }

    /// Takes a model off the disk.
    pub async fn remove_model(&self, id: &str) -> Result<(), Problem> {
        let installed = self.installed();
        if self.journal.setting(CHOSEN)?.as_deref() == Some(id) {
            let message = format!("{id} is the text model that is asked where none is named.");
            return Err(Problem::new("model.chosen", message, "Choose another first: groundwork model use."));
        }
        if let Some(model) = installed.texts().iter().find(|model| model.manifest.id == id)
            && !model.engine.unload().await
        {
            return Err(models::Error::InUse { id: id.into() }.into());
        }
        let (library, name) = (self.library(), id.to_owned());
        on_disk(move || Ok(library.remove(&name)?)).await
    }

    /// Makes this the text model that is asked where none is named.
    pub fn use_model(&self, id: &str) -> Result<(), Problem> {
        let model = self.text_model(id)?;
        model.verify()?;
        Ok(self.journal.record_setting(CHOSEN, id)?)
    }

    /// Measures how quick a text model is on this machine, and keeps it for this very file.
    pub fn measure_model(self: &Arc<Self>, id: &str) -> Result<TaskId, Problem> {
        let (workbench, model) = (self.clone(), self.text_model(id)?);
        Ok(self.tasks.start("Measuring a model", |handle| async move {
            let speed = measure(&model, &handle).await?;
            let text = serde_json::to_string(&speed).map_err(|error| Problem::broken(&error.to_string()))?;
            workbench.journal.record_setting(&speed_key(&model), &text)?;
            Ok(())
        }))
    }

    /// As measured on this machine; what another machine did with the same journal says nothing here.
    fn speed(&self, model: &LocalModel) -> Option<view::Speed> {
        let text = self.journal.setting(&speed_key(model)).ok()??;
        let speed: view::Speed = serde_json::from_str(&text).ok()?;
        (speed.machine == model.device().name).then_some(speed)
    }

    fn text_model(&self, id: &str) -> Result<Arc<LocalModel>, Problem> {
        let installed = self.installed();
        let found = installed.texts().iter().find(|model| model.manifest.id == id);
        if let Some(model) = found {
            return Ok(model.clone());
        }
        let known = self.library().find(id)?;
        let message = match known.manifest.kind {
            ModelKind::Embedding => format!("{id} turns text to vectors; it is no text model."),
            ModelKind::Text => format!("{id} is not installed."),
        };
        Err(Problem::new("model.not_installed", message, format!("Fetch it first: groundwork model download {id}.")))
    }

    pub(crate) fn library(&self) -> Library {
        self.installed().library(&self.options)
    }
}

fn speed_key(model: &LocalModel) -> String {
    format!("speed:{}", model.manifest.sha256)
}

/// The best of a few rounds: what else the machine does only makes it slower.
async fn measure(model: &LocalModel, handle: &Handle) -> Result<view::Speed, Problem> {
    model.engine.load().await?;
    let (mut prefill, mut decode, mut prompt_tokens) = (0.0_f64, 0.0_f64, 0);
    let (mut round, mut words) = (0, PROMPT as usize * 3 / 4);
    while round < ROUNDS {
        handle.progress(task::Progress {
            what: format!("Measuring {}", model.manifest.id),
            done: round as u64,
            total: Some(ROUNDS as u64),
            unit: task::Unit::Steps,
        });
        // Each begins otherwise, so that none finds what another has read.
        let text =
            format!("Round {round} at {}.{}", Timestamp::now(), " The platform team counts its servers.".repeat(100));
        let prompt = Prompt::Text(text.split_inclusive(' ').take(words).collect());
        let request = Request { max_tokens: Some(ANSWER), ..Request::greedy(prompt) };
        let (usage, timings) = match ask(model, request, &handle.cancellation).await {
            // A small context, or a tokenizer with short tokens.
            Err(Error::ContextOverflow { .. }) if words > 1 => {
                words /= 2;
                continue;
            }
            Err(error) => return Err(error.into()),
            Ok(None) => return Err(Problem::cancelled()),
            Ok(Some(said)) => said,
        };
        round += 1;
        let after_first = f64::from(usage.completion_tokens.saturating_sub(1));
        prefill =
            prefill.max(f64::from(usage.prompt_tokens - usage.cached_tokens) / timings.prefill.as_secs_f64().max(1e-9));
        decode = decode.max(after_first / timings.decode.as_secs_f64().max(1e-9));
        prompt_tokens = usage.prompt_tokens;
    }
    let (machine, at) = (model.device().name, Timestamp::now().to_string());
    Ok(view::Speed { machine, prefill, decode, prompt_tokens, at })
}

/// `None` where it was cancelled.
async fn ask(
    model: &LocalModel,
    request: Request,
    cancellation: &Cancellation,
) -> Result<Option<(Usage, Timings)>, Error> {
    let mut said = model.engine.generate(request, cancellation.clone());
    while let Some(event) = said.recv().await {
        match event {
            Said::Failed(error) => return Err(error),
            Said::Done { finish: Finish::Cancelled, .. } => return Ok(None),
            Said::Done { usage, timings, .. } => return Ok(Some((usage, timings))),
            Said::Token { .. } | Said::ToolCall { .. } => {}
        }
    }
    Err(Error::Model { message: "it stopped without a last word".into() })
}
