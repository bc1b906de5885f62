//! The table `workspaces`: a learner's copies of labs.

use std::path::PathBuf;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use crate::{Error, Journal, column::At};

pub(crate) const CREATE: &str = "
CREATE TABLE workspaces (
    id BLOB PRIMARY KEY NOT NULL,
    lab BLOB NOT NULL,
    slug TEXT NOT NULL,
    pack BLOB NOT NULL,
    lab_version INTEGER NOT NULL,
    folder TEXT NOT NULL,
    key_hash TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX workspaces_of_lab ON workspaces (lab, created_at);
";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    pub id: Uuid,
    pub lab: Uuid,
    /// The lab's folder name when the workspace was made; progress belongs to `lab`.
    pub slug: String,
    pub pack: Uuid,
    pub lab_version: u32,
    pub folder: PathBuf,
    /// The hash of the key that its programs call the gateway with; the key itself is not kept.
    pub key_hash: String,
    pub created_at: Timestamp,
}

pub(crate) const OF_LAB: &str = "SELECT * FROM workspaces WHERE lab = ? ORDER BY created_at DESC LIMIT 1";
pub(crate) const OF_KEY: &str = "SELECT id FROM workspaces WHERE key_hash = ?";

impl Journal {
    /// Records a new workspace, or that a known one moved, has another key or follows another version of its lab.
    pub fn record_workspace(&self, workspace: &Workspace) -> Result<(), Error> {
        let Some(folder) = workspace.folder.to_str() else {
            return Err(Error::Unnameable { path: workspace.folder.clone() });
        };
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO workspaces (id, lab, slug, pack, lab_version, folder, key_hash, created_at)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, lab_version = excluded.lab_version,
                     folder = excluded.folder, key_hash = excluded.key_hash",
                params![
                    workspace.id,
                    workspace.lab,
                    workspace.slug,
                    workspace.pack,
                    workspace.lab_version,
                    folder,
                    workspace.key_hash,
                    At(workspace.created_at)
                ],
            )?;
            Ok(())
        })
    }

    /// All of them, oldest first.
    pub fn workspaces(&self) -> Result<Vec<Workspace>, Error> {
        self.read(|connection| {
            connection.prepare_cached("SELECT * FROM workspaces ORDER BY created_at")?.query_map([], of_row)?.collect()
        })
    }

    /// The newest workspace of a lab.
    pub fn workspace_of_lab(&self, lab: Uuid) -> Result<Option<Workspace>, Error> {
        self.read(|connection| connection.prepare_cached(OF_LAB)?.query_row([lab], of_row).optional())
    }

    /// The workspace whose programs hold the key with this hash.
    pub fn workspace_of_key(&self, key_hash: &str) -> Result<Option<Uuid>, Error> {
        self.read(|connection| connection.prepare_cached(OF_KEY)?.query_row([key_hash], |row| row.get(0)).optional())
    }
}

pub(crate) fn of_row(row: &Row<'_>) -> rusqlite::Result<Workspace> {
    Ok(Workspace {
        id: row.get("id")?,
        lab: row.get("lab")?,
        slug: row.get("slug")?,
        pack: row.get("pack")?,
        lab_version: row.get("lab_version")?,
        folder: row.get::<_, String>("folder")?.into(),
        key_hash: row.get("key_hash")?,
        created_at: row.get::<_, At>("created_at")?.0,
    })
}
