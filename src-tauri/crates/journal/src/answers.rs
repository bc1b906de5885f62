//! The table `answers`: what the learner chose in a quiz, each time.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use crate::{
    Error, Journal,
    column::{At, Json},
};

pub(crate) const CREATE: &str = "
CREATE TABLE answers (
    id INTEGER PRIMARY KEY,
    workspace BLOB NOT NULL REFERENCES workspaces (id),
    check_id TEXT NOT NULL,
    chosen TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX answers_of_check ON answers (workspace, check_id);
";

pub(crate) const LATEST: &str =
    "SELECT chosen FROM answers WHERE workspace = ? AND check_id = ? ORDER BY id DESC LIMIT 1";

impl Journal {
    /// `chosen` holds the ids of the chosen options.
    pub fn record_answer(&self, workspace: Uuid, check: &str, chosen: &[String], at: Timestamp) -> Result<(), Error> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO answers (workspace, check_id, chosen, at) VALUES (?, ?, ?, ?)",
                params![workspace, check, Json(chosen), At(at)],
            )?;
            Ok(())
        })
    }

    /// The latest answer to a quiz.
    pub fn answer(&self, workspace: Uuid, check: &str) -> Result<Option<Vec<String>>, Error> {
        self.read(|connection| {
            let chosen = connection
                .prepare_cached(LATEST)?
                .query_row(params![workspace, check], |row| row.get::<_, Json<_>>(0))
                .optional()?;
            Ok(chosen.map(|chosen| chosen.0))
        })
    }
}
