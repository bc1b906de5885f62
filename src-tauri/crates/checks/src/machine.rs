//! A machine that jobs run on, as checks see it: a container that takes files, runs programs and gives files back.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;

use crate::{Obstacle, Ran};

/// Contents of files by their `/`-separated paths.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A machine that is wanted, with what runs beside it on a network of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MachineRun {
    /// The product's own image, Debian with Python, where `None`.
    pub image: Option<String>,
    pub environment: BTreeMap<String, String>,
    /// Whether it is told where the gateway is, with the workspace's key.
    pub gateway: bool,
    pub services: Vec<Beside>,
    /// How long its services may take to be well.
    pub within: Duration,
}

/// A container beside a machine. A machine of the product's own image reaches its ports at `localhost`, another by its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    pub name: String,
    /// Has to be here already.
    pub image: String,
    pub environment: BTreeMap<String, String>,
    /// The machine's own port, and the container's that stands behind it.
    pub ports: Vec<(u16, u16)>,
    pub health: Option<HealthCheck>,
}

/// What tells that a container is well; times in nanoseconds, the engine's own where `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HealthCheck {
    /// A command of the container's shell.
    pub command: String,
    pub interval: Option<i64>,
    pub timeout: Option<i64>,
    pub start_period: Option<i64>,
    pub retries: Option<i64>,
}

/// A program that a machine is to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    pub argv: Vec<String>,
    pub environment: BTreeMap<String, String>,
    pub within: Duration,
}

/// What stands at a path of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    Nothing,
    /// More bytes than were asked for at most.
    TooLarge,
    File(Vec<u8>),
    /// Its files, by their paths below it.
    Folder(Files),
}

/// A machine that runs. Dropping it takes it away with what stands beside it.
#[async_trait]
pub trait Machine: Send + Sync {
    /// Lays a copy of the workspace into a folder, with these files changed in the copy; those without content are left out.
    async fn copy_workspace(&self, folder: &str, changes: &BTreeMap<String, Option<Vec<u8>>>) -> Result<(), Obstacle>;

    /// Writes files by their absolute paths, with the folders that they need.
    async fn write(&self, files: &Files) -> Result<(), Obstacle>;

    /// What stands at an absolute path, of `most` bytes at most.
    async fn read(&self, path: &str, most: u64) -> Result<Read, Obstacle>;

    /// Runs a program to its end. Both of its streams are in `stdout`, the last part of them where they are long; which of the
    /// two came first is not known.
    async fn run(&self, program: &Program) -> Result<Ran, Obstacle>;

    /// Takes it away.
    async fn end(self: Box<Self>) -> Result<(), Obstacle>;
}
