//! The installed model: its manifest, its file, and the engine that verifies, loads and runs it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use inference::{DevicePreference, Engine, EngineOptions, FileError, Manifest};
use task::{Cancellation, Silent};

use crate::{Options, Problem, view};

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
        let manifest = first_manifest(&folder).ok_or_else(|| {
            let message = format!("There is no model manifest in {}.", folder.display());
            Problem::new("model.no_manifest", message, "Install Groundwork again, or run `cargo xtask setup`.")
        })?;
        let manifest = Manifest::load(&manifest)?;
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
        let wrong = self.verify().err();
        let status = self.engine.status();
        view::Model {
            id: self.manifest.id.clone(),
            title: self.manifest.title.clone(),
            file: self.file.display().to_string(),
            bytes: self.manifest.bytes as f64,
            licence: self.manifest.licence.clone(),
            context: self.manifest.context,
            parameters: self.manifest.parameters.clone(),
            quantization: self.manifest.quantization.clone(),
            source: self.manifest.source.clone(),
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

    pub fn device(&self) -> view::Device {
        let device = self.engine.device();
        view::Device { kind: device.kind.name().into(), name: device.name.clone(), reason: device.reason.clone() }
    }
}

/// By name, so that the choice does not depend on the disk's order.
fn first_manifest(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?;
    entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "toml")).min()
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
