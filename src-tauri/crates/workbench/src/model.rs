//! The installed models: their manifests, their files, and what verifies, loads and runs them.
//!
//! Every text model has an engine of its own, which loads it when it is first asked; together they keep to one bound of memory.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use gateway::Served;
use inference::{
    DevicePreference, Embeddings, EmbeddingsOptions, Engine, EngineOptions, FileError, Manifest, Memory, ModelKind,
    WordPiece,
};
use journal::Journal;
use models::{Entry, Library, Origin};
use task::{Cancellation, Silent};

use crate::{Options, Problem, view};

/// The learner's choice of a text model: its id; empty or missing for the one that came with the product.
pub const CHOSEN: &str = "text_model";

/// What is installed. Either kind may be missing, and leaves the other usable.
#[derive(Clone)]
pub struct LocalModels {
    /// The one that is asked where none is named, then the others.
    texts: Vec<Arc<LocalModel>>,
    /// Why there is no text model.
    problem: Option<Problem>,
    pub embedding: Result<Arc<LocalEmbedder>, Problem>,
    memory: Memory,
}

impl LocalModels {
    pub fn find(options: &Options, journal: &Journal) -> Self {
        let memory = Memory::new(options.memory.unwrap_or_else(|| machine_memory() / 2));
        let library = library(options, memory.clone());
        library.sweep();
        let embedding = LocalEmbedder::find(&library);
        let mut models = Self { texts: Vec::new(), problem: None, embedding, memory };
        models.look(options, journal, &library);
        models
    }

    /// As they are now. Engines of models that are still there go on.
    #[must_use]
    pub fn again(&self, options: &Options, journal: &Journal) -> Self {
        let mut models = self.clone();
        models.look(options, journal, &self.library(options));
        models
    }

    fn look(&mut self, options: &Options, journal: &Journal, library: &Library) {
        let before = std::mem::take(&mut self.texts);
        self.problem = None;
        let (entries, problems) = library.entries();
        let texts = entries.into_iter().filter(|entry| entry.manifest.kind == ModelKind::Text && is_here(entry));
        for entry in texts {
            let same = before.iter().find(|model| model.manifest == entry.manifest);
            match same
                .map_or_else(|| LocalModel::start(options, library, &entry, &self.memory), |same| Ok(same.clone()))
            {
                Ok(model) => self.texts.push(model),
                Err(problem) => self.problem = Some(problem),
            }
        }
        let chosen = journal.setting(CHOSEN).ok().flatten().unwrap_or_default();
        self.texts.sort_by_key(|model| model.manifest.id != chosen);
        if self.texts.is_empty() && self.problem.is_none() {
            let unreadable = problems.into_iter().next().map(Problem::from);
            let none = || no_manifest(&library.catalogue, ModelKind::Text);
            self.problem = Some(unreadable.unwrap_or_else(none));
        }
    }

    /// Where models lie, and the memory that those which are loaded share.
    pub fn library(&self, options: &Options) -> Library {
        library(options, self.memory.clone())
    }

    /// The text model that is asked where none is named.
    pub fn text(&self) -> Result<Arc<LocalModel>, Problem> {
        let none = || self.problem.clone().unwrap_or_else(|| Problem::broken("There is no text model."));
        self.texts.first().cloned().ok_or_else(none)
    }

    pub fn texts(&self) -> &[Arc<LocalModel>] {
        &self.texts
    }

    /// What the gateway serves. A model whose file is not right says so to whoever asks it.
    pub fn served(&self) -> Served {
        let texts = self.texts.iter().map(|model| gateway::Model::Text(model.engine.clone()));
        let embedding = self.embedding.iter().map(|model| gateway::Model::Embedding(model.embeddings.clone()));
        let mut served = texts.chain(embedding).fold(Served::default(), Served::with);
        let wrong = [self.problem.as_ref().filter(|_| self.texts.is_empty()), self.embedding.as_ref().err()];
        let told: Vec<_> = wrong.into_iter().flatten().map(Problem::told).collect();
        served.missing = (!told.is_empty()).then(|| told.join(" "));
        served
    }
}

fn library(options: &Options, memory: Memory) -> Library {
    Library {
        catalogue: options.resources.join("assets/models"),
        bundled: options.resources.join("models"),
        own: options.model_store(),
        verified: options.data.join("verified.json"),
        memory,
    }
}

/// Bytes of memory of this machine; where it does not say, what small ones have.
fn machine_memory() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB"));
    total.and_then(|total| total.trim().parse::<u64>().ok()).map_or(8 << 30, |kilobytes| kilobytes << 10)
}

/// Whether it is offered. What came with the product is, whatever is wrong with it: who asks for it is told.
fn is_here(entry: &Entry) -> bool {
    let whole = |file: PathBuf| file.metadata().is_ok_and(|metadata| metadata.len() == entry.manifest.bytes);
    entry.origin == Origin::Bundled || entry.file().is_some_and(whole)
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
    /// Starts the engine's thread; neither reads nor loads the model.
    fn start(options: &Options, library: &Library, entry: &Entry, memory: &Memory) -> Result<Arc<Self>, Problem> {
        let manifest = entry.manifest.clone();
        let (file, verified) = (entry.file().unwrap_or_default(), library.verified.clone());
        let engine = Engine::start(EngineOptions {
            device: preference(&options.device)?,
            memory: Some(memory.clone()),
            ..EngineOptions::new(manifest.clone(), file.clone(), verified.clone())
        })?;
        Ok(Arc::new(Self { manifest, engine: Arc::new(engine), file, verified }))
    }

    /// Reads the file whole if it was never found right; quick afterwards.
    pub fn verify(&self) -> Result<(), FileError> {
        self.manifest.verify_cached(&self.file, &self.verified, &Silent, &Cancellation::new())
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
    fn find(library: &Library) -> Result<Arc<Self>, Problem> {
        let manifest = first_manifest(&library.catalogue, ModelKind::Embedding)?;
        let (folder, verified) = (library.bundled.clone(), library.verified.clone());
        let options = EmbeddingsOptions::new(manifest.clone(), folder.clone(), verified.clone());
        let embeddings = Arc::new(Embeddings::start(options)?);
        Ok(Arc::new(Self { manifest, embeddings, folder, verified }))
    }

    /// Its tokenizer: some megabytes that are read.
    pub fn words(&self) -> Result<WordPiece, FileError> {
        WordPiece::of(&self.manifest, &self.folder)
    }

    /// Reads the files whole if they were never found right; quick afterwards.
    pub fn verify(&self) -> Result<(), FileError> {
        self.manifest.verify_folder(&self.folder, &self.verified, &Silent, &Cancellation::new())
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
            Ok(manifest) if manifest.kind == kind && manifest.bundled => return Ok(manifest),
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
    Problem::new("model.no_manifest", message, "Install Groundwork again.")
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
