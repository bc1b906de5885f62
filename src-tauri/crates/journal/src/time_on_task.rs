//! The table `time_on_task`: stretches of activity in a workspace. No two of one workspace overlap.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use crate::{Error, Journal, column::At};

pub(crate) const CREATE: &str = "
CREATE TABLE time_on_task (
    workspace BLOB NOT NULL REFERENCES workspaces (id),
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL,
    PRIMARY KEY (workspace, from_at)
) STRICT;
";

/// A longer pause ends a stretch.
const PAUSE: SignedDuration = SignedDuration::from_mins(5);

pub(crate) const BEFORE: &str =
    "SELECT from_at, to_at FROM time_on_task WHERE workspace = ? AND from_at <= ? ORDER BY from_at DESC LIMIT 1";

impl Journal {
    /// Notes that the learner did something in a workspace at a time: saved, asked for a check, called the gateway.
    pub fn touch(&self, workspace: Uuid, at: Timestamp) -> Result<(), Error> {
        self.write(|transaction| {
            let before: Option<(At, At)> = transaction
                .prepare_cached(BEFORE)?
                .query_row(params![workspace, At(at)], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            match before {
                Some((_, to)) if at <= to.0 => {}
                Some((from, to)) if at.duration_since(to.0) <= PAUSE => {
                    transaction.execute(
                        "UPDATE time_on_task SET to_at = ? WHERE workspace = ? AND from_at = ?",
                        params![At(at), workspace, from],
                    )?;
                }
                _ => {
                    transaction.execute(
                        "INSERT INTO time_on_task (workspace, from_at, to_at) VALUES (?, ?, ?)",
                        params![workspace, At(at), At(at)],
                    )?;
                }
            }
            Ok(())
        })
    }

    /// Minutes spent in each workspace that was ever worked in.
    pub fn minutes_spent(&self) -> Result<BTreeMap<Uuid, f64>, Error> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT workspace, sum(to_at - from_at) / 60e9 FROM time_on_task GROUP BY workspace")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
    }
}
