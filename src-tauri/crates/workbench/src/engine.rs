//! The container engine as a shell sees it, and the images that it has. What it runs is `stacks`.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use containers::{BASE, Build, Engine, LeftoverKind};
use task::Reporter;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Child,
};

use crate::{Problem, TaskId, Workbench, tasks::Handle, view};

/// Names under which compose files are found.
const COMPOSE: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

impl Workbench {
    /// The engine of this machine, looked for each time: it may have been started meanwhile.
    pub async fn engine(&self) -> Result<view::Engine, Problem> {
        let engine = self.containers().await?;
        let has_base = engine.image_id(BASE).await?.is_some();
        let about = engine.about().clone();
        Ok(view::Engine {
            title: about.title,
            api: about.api,
            address: about.address,
            found_by: about.found_by,
            cpus: about.cpus,
            memory: about.memory as f64,
            root: about.root,
            without_limits: about.without_limits.into_iter().map(str::to_owned).collect(),
            base: BASE.to_owned(),
            has_base,
        })
    }

    pub(crate) async fn containers(&self) -> Result<Engine, Problem> {
        Ok(Engine::find(&self.options.surroundings).await?)
    }

    pub async fn list_images(&self) -> Result<Vec<view::Image>, Problem> {
        let images = self.containers().await?.images().await?.into_iter();
        let listed = images.map(|image| {
            let containers::Image { id, names, bytes, created, ours } = image;
            view::Image { id, names, bytes: bytes as f64, created: created as f64, ours }
        });
        Ok(listed.collect())
    }

    pub async fn image_layers(&self, name: &str) -> Result<Vec<view::ImageLayer>, Problem> {
        let layers = self.containers().await?.image_layers(name).await?.into_iter();
        Ok(layers.map(|layer| view::ImageLayer { made_by: layer.made_by, bytes: layer.bytes as f64 }).collect())
    }

    pub async fn remove_image(&self, name: &str) -> Result<(), Problem> {
        Ok(self.containers().await?.remove_image(name).await?)
    }

    pub fn build_image(self: &Arc<Self>, new: view::NewImage) -> TaskId {
        let workbench = self.clone();
        self.tasks.start("Building an image", |handle| async move {
            let engine = workbench.containers().await?;
            let view::NewImage { name, folder, dockerfile, arguments, target } = new;
            let folder = PathBuf::from(folder);
            let (_, mut known) = workbench.told_to_containers(&folder, &engine).await?;
            known.extend(arguments);
            let build = Build { name, folder, dockerfile: dockerfile.into(), arguments: known, target };
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
            handle.output(&format!("{} holds {name}, {} MB.", file.display(), bytes / 1_000_000));
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

    /// Brings the image that labs build theirs from: out of a file, from its registry, or made here by its recipe.
    pub fn bring_base_image(self: &Arc<Self>, from: Option<PathBuf>) -> TaskId {
        let workbench = self.clone();
        self.tasks.start("Bringing the base image", |handle| async move {
            let engine = workbench.containers().await?;
            let bring = async {
                if let Some(file) = from {
                    return Ok(engine.import_base(&file, &handle, &handle.cancellation).await?);
                }
                if engine.image_id(BASE).await?.is_some() {
                    return Ok(());
                }
                let beside = workbench.options.resources.join("images/python.tar");
                if beside.is_file() {
                    return Ok(engine.import_base(&beside, &handle, &handle.cancellation).await?);
                }
                match engine.pull(BASE, &handle, &handle.cancellation).await {
                    Ok(()) => return Ok(()),
                    Err(containers::Error::Pull { detail, .. }) => {
                        handle.output(&format!("No registry has it: {detail}"))
                    }
                    Err(error) => return Err(error.into()),
                }
                let scratch = tempfile::tempdir().map_err(|error| {
                    Problem::new("containers.disk", error.to_string(), "Free some space, then try again.")
                })?;
                let file = scratch.path().join("python.tar");
                workbench.make_base(&file, &handle).await?;
                Ok::<_, Problem>(engine.import_base(&file, &handle, &handle.cancellation).await?)
            };
            bring.await?;
            handle.output(&format!("{BASE} is here."));
            Ok(())
        })
    }

    /// Makes the base image's file system by the recipe that comes with the product, which root alone can.
    async fn make_base(&self, file: &Path, handle: &Handle) -> Result<(), Problem> {
        let recipe = self.options.resources.join("assets/images/python.sh");
        let by_hand = format!(
            "Run `sudo apt-get install debootstrap && sudo sh {} python.tar`, then `groundwork image base --from python.tar`; \
             or take such a file from somebody who has one.",
            recipe.display()
        );
        let failed =
            |why: &str| Problem::new("containers.base", format!("The base image could not be made: {why}."), &by_hand);
        match as_root(&recipe, file, &self.options.search_path, handle).await {
            Ok(Some(status)) if status.success() => Ok(()),
            Ok(Some(_)) => Err(failed("it needs root, debootstrap and a Debian mirror, and one of them is missing")),
            Ok(None) => Err(Problem::cancelled()),
            Err(error) => Err(failed(&error.to_string())),
        }
    }

    /// What Groundwork made on the engine and nothing uses.
    pub async fn leftovers(&self) -> Result<Vec<view::Leftover>, Problem> {
        let found = self.containers().await?.leftovers().await?.into_iter();
        let shown = found.map(|left| view::Leftover {
            kind: match left.kind {
                LeftoverKind::Container => view::LeftoverKind::Container,
                LeftoverKind::Network => view::LeftoverKind::Network,
                LeftoverKind::Image => view::LeftoverKind::Image,
                LeftoverKind::Volume => view::LeftoverKind::Volume,
            },
            id: left.id,
            name: left.name,
            bytes: left.bytes.map(|bytes| bytes as f64),
        });
        Ok(shown.collect())
    }

    /// Removes exactly these, in the order in which they are told.
    pub fn clean_up(self: &Arc<Self>, leftovers: Vec<view::Leftover>) -> TaskId {
        let workbench = self.clone();
        self.tasks.start("Cleaning up", |handle| async move {
            let engine = workbench.containers().await?;
            for left in leftovers {
                if handle.cancellation.is_cancelled() {
                    return Err(Problem::cancelled());
                }
                let kind = match left.kind {
                    view::LeftoverKind::Container => LeftoverKind::Container,
                    view::LeftoverKind::Network => LeftoverKind::Network,
                    view::LeftoverKind::Image => LeftoverKind::Image,
                    view::LeftoverKind::Volume => LeftoverKind::Volume,
                };
                engine.remove_leftover(kind, &left.id).await?;
                handle.output(&format!("{}: removed", left.name));
            }
            Ok(())
        })
    }

    /// The compose files and Dockerfiles at the top of each started lab's workspace, and one folder below.
    pub fn container_files(&self) -> Result<Vec<view::ContainerFile>, Problem> {
        let mut found = Vec::new();
        for row in self.journal.workspaces()? {
            let entries = walkdir::WalkDir::new(&row.folder).max_depth(2).sort_by_file_name().into_iter();
            let visible = |entry: &walkdir::DirEntry| {
                let name = entry.file_name().to_string_lossy();
                entry.depth() == 0 || !(name.starts_with('.') || name == "node_modules" || name == "__pycache__")
            };
            for entry in entries.filter_entry(visible).flatten().filter(|entry| entry.file_type().is_file()) {
                let name = entry.file_name().to_string_lossy();
                let kind = match name.as_ref() {
                    name if COMPOSE.contains(&name) => view::ContainerFileKind::Compose,
                    "Dockerfile" => view::ContainerFileKind::Dockerfile,
                    _ => continue,
                };
                let shown = entry.path().strip_prefix(&row.folder).unwrap_or(entry.path());
                found.push(view::ContainerFile {
                    lab: row.slug.clone(),
                    path: entry.path().display().to_string(),
                    folder: entry.path().parent().unwrap_or(entry.path()).display().to_string(),
                    shown: shown.display().to_string(),
                    kind,
                });
            }
        }
        Ok(found)
    }
}

/// Runs a recipe that makes `file`; `None` when it was cancelled.
async fn as_root(
    recipe: &Path,
    file: &Path,
    search_path: &OsStr,
    handle: &Handle,
) -> std::io::Result<Option<ExitStatus>> {
    let mut command = tokio::process::Command::new("sh");
    command.arg("-c").arg("[ \"$(id -u)\" = 0 ] && exec sh \"$0\" \"$1\"; exec sudo -n sh \"$0\" \"$1\"");
    command.arg(recipe).arg(file).env("PATH", search_path).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    // What it starts is ended with it.
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn()?;
    if let Some(said) = child.stdout.take() {
        let mut lines = BufReader::new(said).lines();
        loop {
            tokio::select! {
                line = lines.next_line() => match line {
                    Ok(Some(line)) => handle.output(&line),
                    _ => break,
                },
                () = handle.cancellation.cancelled() => {
                    end(&mut child, search_path).await;
                    return Ok(None);
                }
            }
        }
    }
    child.wait().await.map(Some)
}

/// Asks a process and all of its group to end, and waits until it has taken away what it made.
async fn end(child: &mut Child, search_path: &OsStr) {
    let Some(group) = child.id() else { return };
    let mut kill = tokio::process::Command::new("sh");
    kill.arg("-c").arg("kill -s TERM -- \"-$0\" || sudo -n kill -s TERM -- \"-$0\"").arg(group.to_string());
    kill.env("PATH", search_path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if kill.status().await.is_ok_and(|status| status.success()) {
        let _ = child.wait().await;
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

#[cfg(all(test, unix))]
mod tests;
