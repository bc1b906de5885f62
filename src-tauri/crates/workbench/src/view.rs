//! What the shells show: plain data, one type a thing, generated into TypeScript for the window.
//!
//! Times are RFC 3339 strings in UTC. Counts fit in 32 bits, durations and sizes are `f64`.

mod burn_up;
mod call;
mod collections;
mod containers;
mod deployments;
mod entry;
mod keeping;
mod models;
mod notes;
mod pack;
mod roadmap;
mod selection;
mod system;
mod terminal;
mod trace;
mod write_up;

use serde::Serialize;
use specta::Type;

pub use burn_up::{BurnUp, BurnUpPoint, Forecast};
pub use call::{BodyEnd, Call, Exchange, ExchangeBody};
pub use collections::{
    Collection, Collections, Group, IndexChange, IndexSettings, Ingest, Layout, Namespace, Neighbour, NewCollection,
    Plane, Question, Reembed, Sought, Stand, Unreadable,
};
pub use containers::{
    ContainerFile, ContainerFileKind, Engine, Image, ImageLayer, Leftover, LeftoverKind, LogQuestion, NewImage,
    ServiceUsage, Stack, StackPort, StackService,
};
pub use curriculum::Block;
pub use deployments::{Deployed, Deployments, NewDeployment, Used};
pub use entry::{AskedEntry, Entry, JudgedEntry, NewEntry};
pub use keeping::{NewVersion, Restored, Snapshot, SnapshotFile, SnapshotReason, StaleStep, Updated};
pub use models::{
    ChatOptions, Device, GatewayState, Generation, Message, Model, ModelKind, ModelOrigin, Models, Speed,
};
pub use notes::Notes;
pub use pack::{Consent, MayRun, PackChoice};
pub use roadmap::{
    AtlasRow, LabEvidence, Measurement, MilestoneStanding, Priority, Resource, Roadmap, RoadmapLab, RoadmapMilestone,
    RoadmapSkill, RoadmapYear,
};
pub use selection::{Compare, Comparison, ContenderFigures, ContenderResult, Criteria, Recommendation, Standing};
pub use system::{
    Editors, ExportedRecord, Finding, FindingState, Folder, FolderKind, ImportedRecord, Key, KnownEditor,
    RecordSummary, Repair, Transfer,
};
pub use terminal::TerminalSize;
pub use trace::{Attribute, Span, SpanStatus, Trace, Traces, Waterfall};
pub use write_up::{Narrative, WriteUpPart};

/// The 90 days: where the learner stands and what is today's lab.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    pub title: String,
    /// Days since the first lab was started, counting from 1; `None` before that.
    pub day: Option<u32>,
    pub days: u32,
    /// Slug of the lab to do next; `None` when every lab of this pack is done.
    pub today: Option<String>,
    pub phases: Vec<Phase>,
    pub minutes_spent: f64,
    pub checks_passed: u32,
    pub checks: u32,
    /// The packs to choose from; empty where there is no choice.
    pub packs: Vec<PackChoice>,
    /// What happened to the learner's data that they should know: a damaged journal that was set aside.
    pub notices: Vec<Problem>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Phase {
    pub id: String,
    pub title: String,
    pub summary: String,
    pub from_day: u32,
    pub to_day: u32,
    pub labs: Vec<LabCard>,
}

/// One lab of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LabCard {
    pub slug: String,
    pub title: String,
    /// What the learner ends with.
    pub summary: String,
    pub from_day: u32,
    pub to_day: u32,
    /// `None` where the lab is not in this pack.
    pub minutes: Option<u32>,
    pub state: LabState,
    pub passed: u32,
    /// Checks that passed before the lab changed them; not among `passed`.
    pub stale: u32,
    pub checks: u32,
    pub minutes_spent: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum LabState {
    NotStarted,
    InProgress,
    Done,
    /// Planned, but this version of the pack does not have it.
    NotInPack,
}

/// What a lab asks of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Needs {
    pub python: bool,
    pub docker: Docker,
    /// MiB, beside the system and the model.
    pub memory_mb: u32,
    /// MiB, for the environment and what the learner makes.
    pub disk_mb: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Docker {
    No,
    Optional,
    Required,
}

/// Everything the Lab screen shows.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Lab {
    pub slug: String,
    pub title: String,
    pub summary: String,
    pub minutes: u32,
    pub skills: Vec<String>,
    pub needs: Needs,
    pub steps: Vec<Step>,
    /// What the pack may run, where the learner has to allow it first.
    pub consent: Option<Consent>,
    /// `None` until the lab is started.
    pub workspace: Option<Workspace>,
    /// The pack's version, where it is newer than the workspace's files.
    pub new_version: Option<NewVersion>,
    pub services: Vec<Service>,
    /// Ids of the checks that run now.
    pub running: Vec<String>,
    /// What the library has about it, in the library's order; empty where the library cannot be read.
    pub resources: Vec<Resource>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    pub id: String,
    pub title: String,
    /// What of the page applies on this machine.
    pub guide: Vec<Block>,
    pub checks: Vec<Check>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    pub id: String,
    pub title: String,
    pub kind: String,
    /// The latest outcome, if it ever ran.
    pub outcome: Option<Outcome>,
    pub hints: Vec<String>,
    /// For the kind `quiz`.
    pub quiz: Option<Quiz>,
    /// For the kind `entry`.
    pub entry: Option<AskedEntry>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Quiz {
    pub question: String,
    pub options: Vec<QuizOption>,
    /// Whether more than one option is right.
    pub several: bool,
    /// Ids of the options chosen last.
    pub chosen: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct QuizOption {
    pub id: String,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    pub check: String,
    pub status: Status,
    /// Passed before the lab changed what the check asserts.
    pub stale: bool,
    pub summary: String,
    pub expected: Option<String>,
    pub actual: Option<String>,
    pub place: Option<Place>,
    pub next_step: Option<String>,
    pub blocked_by: Option<String>,
    /// A hint written for just this wrong state.
    pub hint: Option<String>,
    pub measured: Vec<Measured>,
    pub at: String,
    pub millis: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Passed,
    Failed,
    Blocked,
    Error,
}

/// Where to look; `path` and `line` open in the editor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// `ask.py:12`, a URL, a command.
    pub label: String,
    pub path: Option<String>,
    pub line: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Measured {
    pub name: String,
    pub value: String,
    pub unit: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Workspace {
    pub path: String,
    pub created_at: String,
    pub watch: Watch,
    /// The latest save that was seen, with its path.
    pub last_save: Option<Save>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Save {
    pub path: String,
    pub at: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Watch {
    /// Nobody watches the folder now.
    Off,
    /// The file system sends events.
    Events,
    /// It sends none; the folder is read every second.
    Polling,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    pub name: String,
    pub state: ServiceState,
    /// `http://127.0.0.1:PORT` while it runs.
    pub url: Option<String>,
    /// Why it failed.
    pub detail: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ServiceState {
    Stopped,
    Starting,
    Ready,
    Failed,
}

/// The one error that crosses to a shell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Stable and dotted: `gateway.port_taken`.
    pub code: String,
    pub message: String,
    pub next_step: String,
    /// Whose move it is.
    pub owner: Owner,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    Learner,
    Product,
}
