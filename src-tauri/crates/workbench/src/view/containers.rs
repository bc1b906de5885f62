//! Containers as a shell shows them: the engine, its images, stacks and what is left of them.

use serde::{Deserialize, Serialize};
use specta::Type;

/// An engine that answers.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Engine {
    /// `Docker 20.10.24`
    pub title: String,
    /// The version of its interface.
    pub api: String,
    pub address: String,
    /// Why this address was taken.
    pub found_by: String,
    pub cpus: u32,
    /// Bytes that containers can share.
    pub memory: f64,
    /// Where images and volumes lie.
    pub root: String,
    /// Limits that it cannot hold.
    pub without_limits: Vec<String>,
    /// The image that labs build theirs from.
    pub base: String,
    /// Whether it is here.
    pub has_base: bool,
}

/// An image that is here.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    pub id: String,
    pub names: Vec<String>,
    pub bytes: f64,
    /// Seconds since 1970.
    pub created: f64,
    /// Whether Groundwork built it, and may remove it.
    pub ours: bool,
}

/// What one step of a Dockerfile added.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ImageLayer {
    pub made_by: String,
    pub bytes: f64,
}

/// An image that is to be built.
#[derive(Debug, Clone, PartialEq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct NewImage {
    pub name: String,
    pub folder: String,
    /// Relative to the folder.
    pub dockerfile: String,
    pub arguments: Vec<(String, String)>,
    /// The stage to build; the last where left out.
    pub target: Option<String>,
}

/// A stack of which something is there.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Stack {
    pub name: String,
    /// The compose file that it came from.
    pub file: String,
    pub services: Vec<StackService>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StackService {
    pub service: String,
    pub container: String,
    /// `running`, `exited`, `restarting` …
    pub state: String,
    /// `Up 3 minutes (healthy)`
    pub status: String,
    pub ports: Vec<StackPort>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StackPort {
    /// On 127.0.0.1.
    pub host: u16,
    pub container: u16,
}

/// What a service takes now.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ServiceUsage {
    pub service: String,
    /// Cores, over the last second.
    pub cpus: f64,
    pub memory: f64,
    pub memory_limit: f64,
    pub processes: u32,
    pub received: f64,
    pub sent: f64,
}

/// Which lines of a stack's log.
#[derive(Debug, Clone, PartialEq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LogQuestion {
    /// Its compose file, or its name.
    pub stack: String,
    pub service: Option<String>,
    pub tail: u32,
    pub follow: bool,
}

/// Something that Groundwork made and nothing uses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Leftover {
    pub kind: LeftoverKind,
    pub id: String,
    pub name: String,
    pub bytes: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum LeftoverKind {
    Container,
    Network,
    Image,
    Volume,
}

/// A file of a workspace that something can be made from.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ContainerFile {
    pub lab: String,
    pub path: String,
    pub folder: String,
    /// From the top of the workspace.
    pub shown: String,
    pub kind: ContainerFileKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ContainerFileKind {
    Compose,
    Dockerfile,
}
