//! The container engine as a shell sees it, and the images that it has. What it runs is `stacks`.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use containers::{Build, Engine};
use serde::Serialize;

use crate::{Problem, TaskId, Workbench};

/// An engine that answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EngineState {
    /// `Docker 20.10.24`
    pub title: String,
    /// The version of its interface.
    pub api: String,
    pub address: String,
    /// Why this address was taken.
    pub found_by: String,
    pub cpus: u32,
    /// Bytes that containers can share.
    pub memory: u64,
    /// Where images and volumes lie.
    pub root: String,
    /// Limits that it cannot hold.
    pub without_limits: Vec<&'static str>,
}

/// An image that is here.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedImage {
    pub id: String,
    pub names: Vec<String>,
    pub bytes: u64,
    /// Whether Groundwork built it, and may remove it.
    pub ours: bool,
}

/// What one step of a Dockerfile added.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedLayer {
    pub made_by: String,
    pub bytes: u64,
}

/// An image that is to be built.
#[derive(Debug, Clone, PartialEq)]
pub struct NewImage {
    pub name: String,
    pub folder: PathBuf,
    /// Relative to the folder.
    pub dockerfile: PathBuf,
    pub arguments: Vec<(String, String)>,
    pub target: Option<String>,
}

impl Workbench {
    /// The engine of this machine, looked for each time: it may have been started meanwhile.
    pub async fn engine(&self) -> Result<EngineState, Problem> {
        let engine = self.containers().await?;
        let about = engine.about().clone();
        Ok(EngineState {
            title: about.title,
            api: about.api,
            address: about.address,
            found_by: about.found_by,
            cpus: about.cpus,
            memory: about.memory,
            root: about.root,
            without_limits: about.without_limits,
        })
    }

    pub(crate) async fn containers(&self) -> Result<Engine, Problem> {
        Ok(Engine::find(&self.options.surroundings).await?)
    }

    pub async fn list_images(&self) -> Result<Vec<ListedImage>, Problem> {
        let images = self.containers().await?.images().await?.into_iter();
        let listed = images.map(|image| {
            let containers::Image { id, names, bytes, ours, .. } = image;
            ListedImage { id, names, bytes, ours }
        });
        Ok(listed.collect())
    }

    pub async fn image_layers(&self, name: &str) -> Result<Vec<ListedLayer>, Problem> {
        let layers = self.containers().await?.image_layers(name).await?.into_iter();
        Ok(layers.map(|layer| ListedLayer { made_by: layer.made_by, bytes: layer.bytes }).collect())
    }

    pub async fn remove_image(&self, name: &str) -> Result<(), Problem> {
        Ok(self.containers().await?.remove_image(name).await?)
    }

    pub fn build_image(self: &Arc<Self>, new: NewImage) -> TaskId {
        let workbench = self.clone();
        self.tasks.start("Building an image", |handle| async move {
            let engine = workbench.containers().await?;
            let NewImage { name, folder, dockerfile, arguments, target } = new;
            let build = Build { name, folder, dockerfile, arguments: BTreeMap::from_iter(arguments), target };
            engine.build(&build, &handle, &handle.cancellation).await?;
            Ok(())
        })
    }

    pub fn pull_image(self: &Arc<Self>, name: String) -> TaskId {
        let workbench = self.clone();
        self.tasks.start("Fetching an image", |handle| async move {
            let engine = workbench.containers().await?;
            Ok(engine.pull(&name, &handle, &handle.cancellation).await?)
        })
    }

    pub fn save_image(self: &Arc<Self>, name: String, file: PathBuf) -> TaskId {
        let workbench = self.clone();
        self.tasks.start("Writing an image", |handle| async move {
            let engine = workbench.containers().await?;
            let bytes = engine.save_image(&name, &file, &handle, &handle.cancellation).await?;
            task::Reporter::output(&handle, &format!("{} holds {name}, {} MB.", file.display(), bytes / 1_000_000));
            Ok(())
        })
    }

    pub fn load_images(self: &Arc<Self>, file: PathBuf) -> TaskId {
        let workbench = self.clone();
        self.tasks.start("Reading images", |handle| async move {
            let engine = workbench.containers().await?;
            engine.load_images(&file, &handle, &handle.cancellation).await?;
            Ok(())
        })
    }
}

/// A number that a task leaves behind, which its event has no word for: the code that a command ended with.
#[derive(Debug, Clone, Default)]
pub struct Code(Arc<Mutex<Option<i64>>>);

impl Code {
    pub(crate) fn set(&self, code: i64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(code);
    }

    pub fn get(&self) -> Option<i64> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
