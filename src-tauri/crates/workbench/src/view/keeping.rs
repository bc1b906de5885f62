//! Snapshots of a workspace and newer versions of its lab, as a shell shows them.

use serde::Serialize;
use specta::Type;

/// The learner's files at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Names it in its lab.
    pub id: String,
    pub at: String,
    pub reason: SnapshotReason,
    /// The version of the lab that the files belonged to.
    pub lab_version: u32,
    /// Whether it holds all files, so that bringing it back takes away those that are not in it.
    pub whole: bool,
    pub files: Vec<SnapshotFile>,
    pub bytes: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotFile {
    pub path: String,
    pub bytes: f64,
}

/// What the snapshot was made before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SnapshotReason {
    Reset,
    Update,
    Restore,
    /// A file that checks need had been changed and was put back.
    Fixed,
    /// Files that were saved while others were being replaced.
    Meanwhile,
    /// Made by an earlier Groundwork.
    Earlier,
}

/// What came back, and where the files of before are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Restored {
    /// The snapshot that was brought back.
    pub snapshot: String,
    /// The snapshot that holds the files as they were before.
    pub kept: String,
    pub files: Vec<String>,
}

/// The pack has a newer version of the lab than the workspace's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct NewVersion {
    pub from: u32,
    pub to: u32,
}

/// What an update did to the files, and what it means for what had passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Updated {
    pub from: u32,
    pub to: u32,
    /// The snapshot that holds the files as they were before.
    pub kept: String,
    /// Files that the learner had not changed.
    pub replaced: Vec<String>,
    pub added: Vec<String>,
    /// New versions of files that the learner changed, laid beside them.
    pub beside: Vec<String>,
    /// Steps with checks that passed before the lab changed them.
    pub stale: Vec<StaleStep>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StaleStep {
    pub id: String,
    pub title: String,
    /// Titles of the checks.
    pub checks: Vec<String>,
}
