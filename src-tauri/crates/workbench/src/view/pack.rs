//! Packs: which there are, and what one may run.

use serde::Serialize;
use specta::Type;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PackChoice {
    pub id: String,
    pub title: String,
    pub open: bool,
}

/// What a pack may run. The learner is asked once for each content of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Consent {
    pub title: String,
    pub version: u32,
    pub authors: Vec<String>,
    /// Names the content that is allowed: SHA-256 over the hashes of all files.
    pub digest: String,
    pub labs: Vec<MayRun>,
    /// What the programs of checks are kept from on this machine.
    pub confinement: String,
}

/// What one lab may run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct MayRun {
    pub slug: String,
    pub title: String,
    /// Commands that stay up while the lab is open.
    pub services: Vec<String>,
    /// Commands that checks run.
    pub programs: Vec<String>,
    /// Python packages that are installed for it.
    pub packages: Vec<String>,
}
