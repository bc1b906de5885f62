//! Builds an image from a folder with a Dockerfile, by the engine's classic builder: it is in every engine, while BuildKit's
//! needs a session of gRPC that Podman lacks.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use bollard::models::{BuildInfo, ContainerUpdateBody};
use bollard::query_parameters::{BuildImageOptions, BuilderVersion};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use task::{Cancellation, Progress, Reporter, Unit};
use tokio_util::io::ReaderStream;

use super::context;
use crate::engine::unless_cancelled;
use crate::error::{is_full, is_gone_meanwhile};
use crate::lines::Lines;
use crate::{Engine, Error, container, label};

/// Bytes that one step of a build may take.
const MEMORY: i32 = 2_000_000_000;
/// Microseconds of processor time in a period that a step may take: two cores.
const PERIOD: i32 = 100_000;
const QUOTA: i32 = 2 * PERIOD;
/// Processes that a step may have at once.
const PROCESSES: i64 = 512;
/// How often a build is tried while others remove the images that it looks at.
const TRIES: usize = 5;

/// An image that is to be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// `name:tag`
    pub name: String,
    /// The folder that `COPY` sees.
    pub folder: PathBuf,
    /// Relative to the folder.
    pub dockerfile: PathBuf,
    pub arguments: BTreeMap<String, String>,
    /// The stage to build; the last where `None`.
    pub target: Option<String>,
}

impl Build {
    pub fn new(name: impl Into<String>, folder: impl Into<PathBuf>) -> Self {
        let (arguments, target) = (BTreeMap::new(), None);
        Self { name: name.into(), folder: folder.into(), dockerfile: "Dockerfile".into(), arguments, target }
    }
}

impl Engine {
    /// Builds an image and gives its id. Every line of output is reported as it comes, every step as progress. Cancelling
    /// closes the connection, upon which the engine ends the step and removes its container.
    pub async fn build(
        &self,
        build: &Build,
        reporter: &dyn Reporter,
        cancellation: &Cancellation,
    ) -> Result<String, Error> {
        self.free_to_build(&build.name).await?;
        let mut again = 1..TRIES;
        loop {
            match self.build_once(build, reporter, cancellation).await {
                Err(Error::Build { detail, .. }) if is_gone_meanwhile(&detail) && again.next().is_some() => {
                    reporter.output("An image went away meanwhile; the build is tried again.");
                }
                done => return done,
            }
        }
    }

    async fn build_once(
        &self,
        build: &Build,
        reporter: &dyn Reporter,
        cancellation: &Cancellation,
    ) -> Result<String, Error> {
        let packed = packed(build, cancellation).await?;
        let chunks = ReaderStream::with_capacity(tokio::fs::File::from_std(packed), 64 * 1024);
        let options = BuildImageOptions {
            dockerfile: slashed(&build.dockerfile),
            t: Some(build.name.clone()),
            rm: true,
            forcerm: true,
            memory: Some(MEMORY),
            memswap: Some(MEMORY),
            cpuperiod: Some(PERIOD),
            cpuquota: Some(QUOTA),
            buildargs: Some(build.arguments.clone().into_iter().collect::<HashMap<_, _>>()),
            labels: Some(label::made()),
            extrahosts: Some(self.known_machine()),
            target: build.target.clone().unwrap_or_default(),
            version: BuilderVersion::BuilderV1,
            ..BuildImageOptions::default()
        };
        let body = bollard::body_try_stream(chunks.map_ok(Bytes::from));
        let mut told = self.docker.build_image(options, None, Some(body));
        let mut hearing =
            Hearing { step: "0".into(), container: None, lines: Lines::default(), full: None, id: None, reporter };
        loop {
            let next = unless_cancelled(cancellation, async { Ok(told.next().await) }).await?;
            match next {
                Some(Ok(info)) => {
                    hearing.hear(info);
                    if let Some(container) = hearing.container.take() {
                        unless_cancelled(cancellation, self.limit_processes(&container)).await?;
                    }
                }
                Some(Err(error)) => return Err(hearing.failed(error)),
                None => break,
            }
        }
        hearing.rest();
        hearing.id.ok_or_else(|| Error::Lost { detail: "the build broke off without a word".into() })
    }
}

impl Engine {
    /// As every container of ours knows this machine: a step may ask the gateway for packages. Podman wants a list, in JSON.
    fn known_machine(&self) -> String {
        match self.about().title.starts_with("Podman") {
            true => format!(r#"["{}"]"#, container::MACHINE),
            false => container::MACHINE.to_owned(),
        }
    }

    /// A build has no option for it, so each step's container is told when the build names it.
    async fn limit_processes(&self, container: &str) -> Result<(), Error> {
        let limit = ContainerUpdateBody { pids_limit: Some(PROCESSES), ..ContainerUpdateBody::default() };
        match self.docker.update_container(container, limit).await.map_err(Error::from) {
            Err(error @ Error::Lost { .. }) => Err(error),
            // The step has ended, or this engine cannot hold the limit, which its description says.
            Err(_) | Ok(()) => Ok(()),
        }
    }

    /// A build takes its name from whatever has it, which must not be somebody else's image.
    async fn free_to_build(&self, name: &str) -> Result<(), Error> {
        let Some(image) = self.looked_up(name).await? else { return Ok(()) };
        match self.is_own_image(name, image.config.and_then(|config| config.labels).as_ref()).await? {
            true => Ok(()),
            false => Err(Error::NotOurs { what: "image", name: name.into() }),
        }
    }
}

async fn packed(build: &Build, cancellation: &Cancellation) -> Result<std::fs::File, Error> {
    let (folder, dockerfile) = (build.folder.clone(), build.folder.join(&build.dockerfile));
    if !dockerfile.is_file() {
        return Err(Error::NoDockerfile { path: dockerfile });
    }
    let cancellation = cancellation.clone();
    let packing = tokio::task::spawn_blocking(move || context::pack(&folder, &dockerfile, &cancellation));
    packing.await.map_err(|error| Error::Lost { detail: error.to_string() })?
}

/// The engine's paths have slashes, whatever this system's have.
fn slashed(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// What a build has said so far.
struct Hearing<'a> {
    /// `2/5 : RUN pip install …`
    step: String,
    /// Of the step that begins now.
    container: Option<String>,
    lines: Lines,
    /// The line that told of a full disk.
    full: Option<String>,
    id: Option<String>,
    reporter: &'a dyn Reporter,
}

impl Hearing<'_> {
    fn hear(&mut self, info: BuildInfo) {
        if let Some(id) = info.aux.and_then(|aux| aux.id) {
            self.id = Some(id);
        }
        if let Some(text) = info.stream {
            for line in self.lines.push(text.as_bytes()) {
                self.line(&line);
            }
        } else if let Some(status) = info.status {
            // A base image on its way: its layers' counts would flood what the build itself says.
            if info.progress_detail.is_none_or(|detail| detail.total.is_none()) {
                self.reporter.output(&match info.id {
                    Some(id) => format!("{id}: {status}"),
                    None => status,
                });
            }
        }
    }

    fn line(&mut self, line: &str) {
        let line = &uncoloured(line);
        if let Some(step) = line.strip_prefix("Step ").or_else(|| line.strip_prefix("STEP ")) {
            self.step = step.to_owned();
            if let Some((done, total)) = counts(step) {
                let what = format!("Step {step}");
                self.reporter.progress(Progress { what, done: done - 1, total: Some(total), unit: Unit::Steps });
            }
        }
        if let Some(container) = line.strip_prefix(" ---> Running in ") {
            self.container = Some(container.to_owned());
        }
        if is_full(line) {
            self.full = Some(line.to_owned());
        }
        self.reporter.output(line);
    }

    fn rest(&mut self) {
        if let Some(line) = self.lines.rest() {
            self.line(&line);
        }
    }

    fn failed(&mut self, error: bollard::errors::Error) -> Error {
        self.rest();
        match Error::from(error) {
            // A program of a step says it in its own words, and the engine only that the step failed.
            Error::Engine { .. } if self.full.is_some() => Error::Full { detail: self.full.take().unwrap_or_default() },
            Error::Engine { detail, .. } => Error::Build { step: self.step.clone(), detail },
            error => error,
        }
    }
}

/// A line without the colours that the engine gives to what a step says on standard error.
fn uncoloured(line: &str) -> String {
    let mut pieces = line.split("\u{1b}[");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + piece.split_once('m').map_or("", |(_, rest)| rest))
}

/// `2/5 : RUN …` as 2 and 5; Podman leaves out the first blank.
fn counts(step: &str) -> Option<(u64, u64)> {
    let (done, total) = step.split_once(": ")?.0.trim_end().split_once('/')?;
    Some((done.parse().ok().filter(|done| *done > 0)?, total.parse().ok()?))
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
