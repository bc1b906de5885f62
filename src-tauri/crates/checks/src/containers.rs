//! The container engine as checks see it: it builds what the learner's files describe, runs it for a look, and takes away
//! whatever it started.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;

use crate::{Machine, MachineRun, Obstacle};

/// What a check may do with containers. Nothing that the learner runs is touched, and all that is made has limits.
#[async_trait]
pub trait Containers: Send + Sync {
    /// Builds an image from a folder of the workspace.
    async fn build(&self, build: &ImageBuild) -> Result<Result<Image, Trouble>, Obstacle>;

    /// What is inside an image that was built: files above its [`Image::given_layers`] that [`crate::revealing`] knows.
    async fn revealing_files(&self, image: &Image) -> Result<Vec<Revealed>, Obstacle>;

    /// Starts a container of an image that was built.
    async fn start(&self, run: &ContainerRun) -> Result<Result<Box<dyn Container>, Trouble>, Obstacle>;

    /// Brings the stack of a compose file up, beside the learner's own, each port on a free one.
    async fn raise(&self, file: &str) -> Result<Result<Box<dyn Stack>, Trouble>, Obstacle>;

    /// Starts a machine for a job, with its services, which are well when it comes.
    async fn machine(&self, wanted: &MachineRun) -> Result<Result<Box<dyn Machine>, Trouble>, Obstacle>;
}

/// An image that is to be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageBuild {
    /// Of the workspace; empty for its top.
    pub folder: String,
    /// Relative to the folder.
    pub dockerfile: String,
    /// What the built stage stands on, as its `FROM` names it, through the stages before it; `scratch` for nothing.
    pub base: String,
    pub arguments: BTreeMap<String, String>,
    /// The stage; the last where `None`.
    pub target: Option<String>,
}

/// What an image says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    pub name: String,
    pub bytes: u64,
    /// Of the layers that [`ImageBuild::base`] has as well.
    pub base_bytes: u64,
    /// Empty for the superuser.
    pub user: String,
    /// How it tells whether it is well; empty where it does not.
    pub health: Vec<String>,
    pub ports: Vec<u16>,
    pub labels: BTreeMap<String, String>,
    pub environment: Vec<String>,
    /// The command of each step that made a layer above the given ones, the first first.
    pub steps: Vec<String>,
    pub layers: Vec<String>,
    /// How many of the layers are the base's.
    pub base_layers: usize,
    /// How many of the layers came from elsewhere: the base's, or fewer where that was built on this machine.
    pub given_layers: usize,
}

/// Something in a layer that should not be handed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revealed {
    /// Of all the image's layers, the lowest is 0.
    pub layer: usize,
    pub path: String,
    pub what: String,
    /// The step that brought it, of the Dockerfile or of its base's.
    pub step: String,
}

/// A container that is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerRun {
    /// Of an image that was built.
    pub image: String,
    pub environment: BTreeMap<String, String>,
    /// Whether it is told where the gateway is, with the workspace's key.
    pub gateway: bool,
    pub port: u16,
    /// Whether it may write nowhere but to `/tmp`.
    pub read_only: bool,
    pub memory_mb: u32,
    /// How long it may take to be ready: healthy by its own check where `healthy` says so, else until its port answers.
    pub within: Duration,
    pub healthy: bool,
}

/// What the learner's work did wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub summary: String,
    /// What was seen of it: the last lines of a build or a log.
    pub detail: String,
    pub next_step: String,
}

/// A container that runs. Dropping it takes it away.
#[async_trait]
pub trait Container: Send + Sync {
    /// `http://127.0.0.1:PORT`
    fn url(&self) -> String;

    /// Asks it to end, as a platform does, and kills it after `within`.
    async fn stop(self: Box<Self>, within: Duration) -> Result<Stopped, Obstacle>;
}

/// How a container ended that was asked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    pub code: i64,
    pub after: Duration,
    /// The last lines of its log.
    pub log: Vec<String>,
}

/// How a service of a stack is that came up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Its own health check says that it is well.
    Healthy,
    /// It has no health check.
    Runs,
    /// It has done its work.
    Ended,
}

/// A stack that is up. Dropping it takes it away with its volumes.
#[async_trait]
pub trait Stack: Send + Sync {
    /// Its services, by their names.
    async fn services(&self) -> Result<Vec<(String, Condition)>, Obstacle>;

    /// Where a service's port can be reached now, `http://127.0.0.1:PORT`; `None` where it does not publish it.
    async fn url(&self, service: &str, port: u16) -> Result<Option<String>, Obstacle>;

    /// Kills a service's container as a crash of its machine would. Its restart policy does not know a wish to stop it.
    async fn kill(&self, service: &str) -> Result<(), Obstacle>;

    /// Waits until the service runs again and, where it has a health check, is healthy.
    async fn recovered(&self, service: &str, within: Duration) -> Result<Result<Duration, Trouble>, Obstacle>;

    /// Takes the containers away and brings the stack up again from its volumes alone.
    async fn renew(&self) -> Result<Result<(), Trouble>, Obstacle>;

    /// Takes everything away.
    async fn lower(self: Box<Self>) -> Result<(), Obstacle>;
}
