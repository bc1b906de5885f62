//! The installed models: their manifests, their files, and what verifies, loads and runs them.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use inference::{
    DevicePreference, Embeddings, EmbeddingsOptions, Engine, EngineOptions, FileError, Manifest, ModelKind, Status,
};
use task::{Cancellation, Silent};

use crate::{Options, Problem, view};

/// What is installed. Either may be missing, and leaves the other usable.
#[derive(Clone)]
pub struct LocalModels {
    pub text: Result<Arc<LocalModel>, Problem>,
    pub embedding: Result<Arc<LocalEmbedder>, Problem>,
}

impl LocalModels {
    pub fn find(options: &Options) -> Self {
        Self { text: LocalModel::find(options), embedding: LocalEmbedder::find(options) }
    }

    /// What the gateway serves. A model whose file is not right says so to whoever asks it.
    pub fn served(&self) -> Result<gateway::Served, Problem> {
        let served = gateway::Served::default().with(gateway::Model::Text(self.text.clone()?.engine.clone()));
        Ok(match &self.embedding {
            Ok(embedder) => served.with(gateway::Model::Embedding(embedder.embeddings.clone())),
            Err(_) => served,
        })
    }
}

/// A model that is used only while its file is the one that the manifest describes.
pub struct LocalModel {
    pub manifest: Manifest,
    pub engine: Arc<Engine>,
    file: PathBuf,
    /// Notes on files found right before.
    verified: PathBuf,
}

impl LocalModel {
    /// Reads the manifest and starts the engine's thread; neither reads nor loads the model.
    pub fn find(options: &Options) -> Result<Arc<Self>, Problem> {
        let folder = options.resources.join("assets/models");
        let manifest = first_manifest(&folder, ModelKind::Text)?;
        let file = options.resources.join("models").join(&manifest.file);
        let verified = options.data.join("verified.json");
        let engine = Engine::start(EngineOptions {
            device: preference(&options.device)?,
            ..EngineOptions::new(manifest.clone(), file.clone(), verified.clone())
        })?;
        Ok(Arc::new(Self { manifest, engine: Arc::new(engine), file, verified }))
    }

    /// Reads the file whole if it was never found right; quick afterwards.
    pub fn verify(&self) -> Result<(), FileError> {
        self.manifest.verify_cached(&self.file, &self.verified, &Silent, &Cancellation::new())
    }

    pub fn view(&self) -> view::Model {
        view(&self.manifest, &self.file, self.verify(), &self.engine.status())
    }

    pub fn device(&self) -> view::Device {
        let device = self.engine.device();
        view::Device { kind: device.kind.name().into(), name: device.name, reason: device.reason }
    }
}

/// The embedding model, used only while its files are those that the manifest describes.
pub struct LocalEmbedder {
    pub manifest: Manifest,
    pub embeddings: Arc<Embeddings>,
    /// Where its files lie.
    folder: PathBuf,
    /// Notes on files found right before.
    verified: PathBuf,
}

impl LocalEmbedder {
    /// Reads the manifest and starts the thread; neither reads nor loads the model.
    pub fn find(options: &Options) -> Result<Arc<Self>, Problem> {
        let manifest = first_manifest(&options.resources.join("assets/models"), ModelKind::Embedding)?;
        let (folder, verified) = (options.resources.join("models"), options.data.join("verified.json"));
        let options = EmbeddingsOptions::new(manifest.clone(), folder.clone(), verified.clone());
        let embeddings = Arc::new(Embeddings::start(options)?);
        Ok(Arc::new(Self { manifest, embeddings, folder, verified }))
    }

    /// Reads the files whole if they were never found right; quick afterwards.
    pub fn verify(&self) -> Result<(), FileError> {
        self.manifest.verify_folder(&self.folder, &self.verified, &Silent, &Cancellation::new())
    }

    pub fn view(&self) -> view::Model {
        view(&self.manifest, &self.folder.join(&self.manifest.file), self.verify(), &self.embeddings.status())
    }
}

fn view(manifest: &Manifest, file: &Path, verified: Result<(), FileError>, status: &Status) -> view::Model {
    let wrong = verified.err();
    view::Model {
        id: manifest.id.clone(),
        kind: match manifest.kind {
            ModelKind::Text => view::ModelKind::Text,
            ModelKind::Embedding => view::ModelKind::Embedding,
        },
        title: manifest.title.clone(),
        file: file.display().to_string(),
        bytes: manifest.bytes as f64,
        licence: manifest.licence.clone(),
        context: manifest.context,
        parameters: manifest.parameters.clone(),
        quantization: manifest.quantization.clone(),
        source: manifest.source.clone(),
        state: match &wrong {
            None => view::ModelState::Installed,
            Some(FileError::Missing { .. }) => view::ModelState::Missing,
            Some(_) => view::ModelState::Altered,
        },
        problem: wrong.map(Problem::from),
        loaded: status.loaded,
        load_millis: status.load_time.map(|time| time.as_secs_f64() * 1e3),
    }
}

/// The first manifest of this kind by name, so that the choice does not depend on the disk's order. One that cannot be
/// read is told of only where it may be the one that was looked for.
fn first_manifest(folder: &Path, kind: ModelKind) -> Result<Manifest, Problem> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut paths: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    paths.sort();
    let mut unreadable = None;
    for path in paths {
        match Manifest::load(&path) {
            Ok(manifest) if manifest.kind == kind => return Ok(manifest),
            Ok(_) => {}
            Err(error) => unreadable = unreadable.or(Some(error)),
        }
    }
    Err(unreadable.map_or_else(|| no_manifest(folder, kind), Problem::from))
}

fn no_manifest(folder: &Path, kind: ModelKind) -> Problem {
    let kind = match kind {
        ModelKind::Text => "a text model",
        ModelKind::Embedding => "an embedding model",
    };
    let message = format!("There is no manifest of {kind} in {}.", folder.display());
    Problem::new("model.no_manifest", message, "Install Groundwork again, or run `cargo xtask setup`.")
}

fn preference(name: &str) -> Result<DevicePreference, Problem> {
    match name {
        "auto" => Ok(DevicePreference::Auto),
        "cpu" => Ok(DevicePreference::Cpu),
        "cuda" => Ok(DevicePreference::Cuda),
        "metal" => Ok(DevicePreference::Metal),
        other => {
            let message = format!("GROUNDWORK_DEVICE is {other:?}, which is not a device.");
            Err(Problem::new("options.device", message, "Set it to auto, cpu, cuda or metal."))
        }
    }
}
