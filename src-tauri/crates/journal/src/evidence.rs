//! The table `evidence`: what a passed check leaves behind, its first pass and its latest. Written with the outcome
//! that passed, never without one, and never taken back when the check fails later.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use crate::{
    Error, Journal, Measured, Outcome,
    column::{At, Json},
    outcomes,
};

pub(crate) const CREATE: &str = "
CREATE TABLE evidence (
    workspace BLOB NOT NULL REFERENCES workspaces (id),
    check_id TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    first_lab_version INTEGER NOT NULL,
    first_measured TEXT NOT NULL,
    latest_at INTEGER NOT NULL,
    latest_lab_version INTEGER NOT NULL,
    latest_measured TEXT NOT NULL,
    PRIMARY KEY (workspace, check_id)
) STRICT;
";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    pub check: String,
    pub first: Pass,
    pub latest: Pass,
}

/// One time that a check passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    pub at: Timestamp,
    pub lab_version: u32,
    pub measured: Vec<Measured>,
}

/// The first time that a check passed in one workspace of a lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstPass {
    pub lab: Uuid,
    pub check: String,
    pub at: Timestamp,
}

pub(crate) const OF_WORKSPACE: &str = "SELECT * FROM evidence WHERE workspace = ? ORDER BY check_id";
pub(crate) const FIRST_PASSES: &str = "
SELECT workspaces.lab, evidence.check_id, evidence.first_at
FROM workspaces CROSS JOIN evidence ON evidence.workspace = workspaces.id WHERE workspaces.pack = ?";

impl Journal {
    /// Every check of a workspace that ever passed, by check id.
    pub fn evidence(&self, workspace: Uuid) -> Result<Vec<Evidence>, Error> {
        self.read(|connection| connection.prepare_cached(OF_WORKSPACE)?.query_map([workspace], of_row)?.collect())
    }

    /// When checks of a pack first passed, in no order: once for each workspace of their lab.
    pub fn first_passes(&self, pack: Uuid) -> Result<Vec<FirstPass>, Error> {
        self.read(|connection| {
            let pass =
                |row: &Row<'_>| Ok(FirstPass { lab: row.get(0)?, check: row.get(1)?, at: row.get::<_, At>(2)?.0 });
            connection.prepare_cached(FIRST_PASSES)?.query_map([pack], pass)?.collect()
        })
    }
}

pub(crate) fn keep(
    connection: &Connection,
    workspace: Uuid,
    lab_version: u32,
    outcome: &Outcome,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO evidence VALUES (?1, ?2, ?3, ?4, ?5, ?3, ?4, ?5)
             ON CONFLICT (workspace, check_id) DO UPDATE SET latest_at = excluded.latest_at,
                 latest_lab_version = excluded.latest_lab_version, latest_measured = excluded.latest_measured",
        )?
        .execute(params![workspace, outcome.check, At(outcome.started_at), lab_version, Json(&outcome.measured)])?;
    Ok(())
}

/// Makes good what is missing by keeping every pass again, in order.
pub(crate) fn renew(connection: &Connection) -> rusqlite::Result<()> {
    let mut passes = connection.prepare(
        "SELECT reports.workspace, reports.lab_version, outcomes.*
         FROM outcomes JOIN reports ON reports.id = outcomes.report WHERE status = 'passed' ORDER BY outcomes.id",
    )?;
    let mut rows = passes.query([])?;
    while let Some(row) = rows.next()? {
        keep(connection, row.get("workspace")?, row.get("lab_version")?, &outcomes::of_row(row)?)?;
    }
    Ok(())
}

pub(crate) fn of_row(row: &Row<'_>) -> rusqlite::Result<Evidence> {
    let pass = |at, lab_version, measured| {
        Ok::<_, rusqlite::Error>(Pass {
            at: row.get::<&str, At>(at)?.0,
            lab_version: row.get(lab_version)?,
            measured: row.get::<&str, Json<_>>(measured)?.0,
        })
    };
    Ok(Evidence {
        check: row.get("check_id")?,
        first: pass("first_at", "first_lab_version", "first_measured")?,
        latest: pass("latest_at", "latest_lab_version", "latest_measured")?,
    })
}
