//! The portfolio page as the window edits and shows it.

use serde::Serialize;
use specta::Type;

/// A part of the page, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum WriteUpPart {
    /// Made from the record, in Markdown.
    Record { markdown: String },
    /// The learner's own.
    Learner { narrative: Narrative },
}

/// What the learner tells: of a lab, or of the whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Narrative {
    /// Names it among all: the id of the lab, or of the pack.
    pub id: String,
    /// The lab's slug; `None` for the introduction.
    pub lab: Option<String>,
    /// The lab's title; empty for the introduction.
    pub title: String,
    /// Markdown, as it was typed.
    pub text: String,
    /// Counts what was kept; 0 where nothing was.
    pub revision: u32,
    /// When it was kept last.
    pub at: Option<String>,
    /// What the page shows of it; empty where there is no text.
    pub markdown: String,
}
