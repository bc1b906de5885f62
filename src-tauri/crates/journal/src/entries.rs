//! The table `entries`: what the learner wrote down of a lab: a community joined, a question asked, a decision made.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use crate::{Error, Journal, column::At};

pub(crate) const CREATE: &str = "
CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    workspace BLOB NOT NULL REFERENCES workspaces (id),
    at INTEGER NOT NULL,
    sort TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    url TEXT
) STRICT;
CREATE INDEX entries_of_workspace ON entries (workspace, at);
";

/// One entry. It is never changed: a second thought is a second entry, or this one is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub at: Timestamp,
    /// Lower-case words joined by hyphens: `community`.
    pub sort: String,
    pub title: String,
    pub text: String,
    pub url: Option<String>,
}

pub(crate) const OF_WORKSPACE: &str =
    "SELECT at, sort, title, text, url FROM entries WHERE workspace = ? ORDER BY at, id";

impl Journal {
    pub fn record_entry(&self, workspace: Uuid, entry: &Entry) -> Result<(), Error> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO entries (workspace, at, sort, title, text, url) VALUES (?, ?, ?, ?, ?, ?)",
                params![workspace, At(entry.at), entry.sort, entry.title, entry.text, entry.url],
            )?;
            Ok(())
        })
    }

    /// Takes the newest entry of this moment back and hands it over, if there is one.
    pub fn remove_entry(&self, workspace: Uuid, at: Timestamp) -> Result<Option<Entry>, Error> {
        self.write(|transaction| {
            let newest = "DELETE FROM entries WHERE id = (SELECT max(id) FROM entries WHERE workspace = ? AND at = ?)
                          RETURNING at, sort, title, text, url";
            transaction.prepare_cached(newest)?.query_row(params![workspace, At(at)], of_row).optional()
        })
    }

    /// A workspace's entries, oldest first.
    pub fn entries(&self, workspace: Uuid) -> Result<Vec<Entry>, Error> {
        self.read(|connection| connection.prepare_cached(OF_WORKSPACE)?.query_map([workspace], of_row)?.collect())
    }
}

pub(crate) fn of_row(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        at: row.get::<_, At>("at")?.0,
        sort: row.get("sort")?,
        title: row.get("title")?,
        text: row.get("text")?,
        url: row.get("url")?,
    })
}
