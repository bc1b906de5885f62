//! The Settings screen: where things lie, the editor, the keys, the record as a file, and what the doctor finds.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::Problem;

/// Where something of the learner's lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Folder {
    pub kind: FolderKind,
    pub path: String,
    /// Whether anything is there yet.
    pub exists: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum FolderKind {
    Workspaces,
    /// All that Groundwork keeps, but models.
    Data,
    /// Models that did not come with the product.
    Models,
    /// The exported pages.
    Portfolio,
}

/// What files can be opened in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Editors {
    /// The command of the one that the learner chose.
    pub chosen: Option<String>,
    /// The name of the one that is used where none is chosen; `None` where there is none.
    pub usual: Option<String>,
    /// The known ones of this machine.
    pub installed: Vec<KnownEditor>,
    /// Why files cannot be opened now.
    pub problem: Option<Problem>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct KnownEditor {
    pub command: String,
    pub name: String,
    /// Whether it opens in a terminal's window.
    pub in_terminal: bool,
}

/// A workspace's key as a shell shows it: never whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    pub lab: String,
    /// Its first characters; empty where it cannot be read.
    pub begins: String,
    pub last_used: Option<String>,
    /// Whether it is that of a lab of the open pack, and of its newest workspace.
    pub renewable: bool,
}

/// What a record holds, to tell one from another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RecordSummary {
    pub workspaces: u32,
    pub outcomes: u32,
    /// When the last check ran.
    pub latest: Option<String>,
}

impl From<journal::Summary> for RecordSummary {
    fn from(summary: journal::Summary) -> Self {
        let journal::Summary { workspaces, outcomes, latest } = summary;
        Self { workspaces, outcomes, latest: latest.map(|at| at.to_string()) }
    }
}

/// The record on its way out and in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Transfer {
    /// A file to write the record to.
    pub suggested: String,
    /// The record that takes the place of this one at the next start.
    pub waiting: Option<RecordSummary>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ExportedRecord {
    pub file: String,
    pub holds: RecordSummary,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportedRecord {
    pub holds: RecordSummary,
    /// The record of before; `None` where there was none.
    pub before: Option<String>,
}

/// One line of the doctor's report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    pub name: String,
    pub state: FindingState,
    pub detail: String,
    /// What mends it.
    pub next_step: Option<String>,
    /// How Groundwork can mend it by itself.
    pub repair: Option<Repair>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    Good,
    /// Works, with less.
    Warning,
    Bad,
}

/// What Groundwork can mend by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Repair {
    /// Brings the image that labs build theirs from.
    BaseImage,
    /// Fetches a model's file again.
    FetchModel { id: String },
    /// Has another model asked where none is named.
    UseModel { id: String },
    /// Opens the shipped pack in place of one that cannot be read.
    ShippedPack,
}
