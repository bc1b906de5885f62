//! What a learner writes for themselves beside a lab: kept as it is typed, shown to nobody else, in no write-up.

use std::path::Path;

use jiff::Timestamp;

use crate::{Problem, Workbench, view};

/// Bytes of one lab's notes.
const MOST: usize = 1 << 20;

impl Workbench {
    /// The notes of a lab; empty where none were written.
    pub fn notes(&self, slug: &str) -> Result<view::Notes, Problem> {
        let found = self.journal.notes(self.recorded(slug)?.1.id)?;
        let (text, at) = found.map_or((String::new(), None), |found| (found.text, Some(found.at.to_string())));
        Ok(view::Notes { text, at })
    }

    /// Keeps what a file holds as the notes of a lab.
    pub fn keep_notes_of(&self, slug: &str, file: &Path) -> Result<view::Notes, Problem> {
        let text = std::fs::read_to_string(file).map_err(|error| {
            let message = format!("{} cannot be read: {error}.", file.display());
            Problem::new("notes.file", message, "Name a text file in UTF-8. The notes of before are still there.")
        })?;
        self.keep_notes(slug, text)
    }

    /// Keeps the notes of a lab in place of those before.
    pub fn keep_notes(&self, slug: &str, text: String) -> Result<view::Notes, Problem> {
        let (_, workspace) = self.recorded(slug)?;
        if text.len() > MOST {
            let next_step = "Move the longest parts into a file of the workspace.";
            return Err(Problem::new(
                "notes.long",
                "The notes are longer than a megabyte and were not kept.",
                next_step,
            ));
        }
        let notes = journal::Notes { text, at: Timestamp::now() };
        self.journal.record_notes(workspace.id, &notes)?;
        Ok(view::Notes { text: notes.text, at: Some(notes.at.to_string()) })
    }
}
