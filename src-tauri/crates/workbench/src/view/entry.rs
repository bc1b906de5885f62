//! Journal entries as a shell sends and shows them.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::Outcome;

/// What a check asks to be written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AskedEntry {
    pub sort: String,
    /// How many different ones.
    pub at_least: u32,
    /// Of each one's text; 0 where it may be empty.
    pub min_words: u32,
    /// Whether each needs an address.
    pub url: bool,
}

/// What a learner wants to write down.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct NewEntry {
    /// Lower-case words joined by hyphens: `community`.
    pub sort: String,
    pub title: String,
    pub text: String,
    pub url: Option<String>,
}

/// A journal entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The lab's slug.
    pub lab: String,
    pub at: String,
    pub sort: String,
    pub title: String,
    pub text: String,
    pub url: Option<String>,
}

/// An entry that was written down or taken back, and what the checks that read it then found.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct JudgedEntry {
    pub entry: Entry,
    pub outcomes: Vec<Outcome>,
}
