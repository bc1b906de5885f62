//! The table `notes`: what a learner wrote for themselves beside a lab. The latest text alone.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use crate::{Error, Journal, column::At};

pub(crate) const CREATE: &str = "
CREATE TABLE notes (
    workspace BLOB PRIMARY KEY NOT NULL REFERENCES workspaces (id),
    text TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
";

/// Markdown, as it was written last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notes {
    pub text: String,
    pub at: Timestamp,
}

impl Journal {
    pub fn record_notes(&self, workspace: Uuid, notes: &Notes) -> Result<(), Error> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO notes (workspace, text, at) VALUES (?, ?, ?)
                 ON CONFLICT (workspace) DO UPDATE SET text = excluded.text, at = excluded.at",
                params![workspace, notes.text, At(notes.at)],
            )?;
            Ok(())
        })
    }

    pub fn notes(&self, workspace: Uuid) -> Result<Option<Notes>, Error> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT text, at FROM notes WHERE workspace = ?")?
                .query_row([workspace], |row| Ok(Notes { text: row.get(0)?, at: row.get::<_, At>(1)?.0 }))
                .optional()
        })
    }
}
