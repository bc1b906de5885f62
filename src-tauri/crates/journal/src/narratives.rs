//! The table `narratives`: what a learner tells others of their work, about a pack's whole and about each lab. The latest
//! text alone, with a revision by which two who write at once find out.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use crate::{Error, Journal, column::At};

pub(crate) const CREATE: &str = "
CREATE TABLE narratives (
    about BLOB PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL,
    text TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
";

pub(crate) const REVISION: &str = "SELECT revision FROM narratives WHERE about = ?";

/// Markdown, as it was written last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrative {
    /// Counts what was kept, from 1.
    pub revision: u32,
    pub text: String,
    pub at: Timestamp,
}

impl Journal {
    /// Keeps a text about the pack or the lab with this id, and answers whether it did: only the revision that comes next
    /// takes the place of another.
    pub fn record_narrative(&self, about: Uuid, narrative: &Narrative) -> Result<bool, Error> {
        self.write(|transaction| {
            let kept: Option<u32> =
                transaction.prepare_cached(REVISION)?.query_row([about], |row| row.get(0)).optional()?;
            if narrative.revision != kept.unwrap_or_default() + 1 {
                return Ok(false);
            }
            transaction.execute(
                "INSERT OR REPLACE INTO narratives (about, revision, text, at) VALUES (?, ?, ?, ?)",
                params![about, narrative.revision, narrative.text, At(narrative.at)],
            )?;
            Ok(true)
        })
    }

    pub fn narrative(&self, about: Uuid) -> Result<Option<Narrative>, Error> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT revision, text, at FROM narratives WHERE about = ?")?
                .query_row([about], |row| {
                    Ok(Narrative { revision: row.get(0)?, text: row.get(1)?, at: row.get::<_, At>(2)?.0 })
                })
                .optional()
        })
    }
}
