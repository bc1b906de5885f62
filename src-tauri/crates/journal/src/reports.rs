//! The table `reports`: each run of a lab's checks.

use jiff::Timestamp;
use rusqlite::{Row, Transaction, params};
use uuid::Uuid;

use crate::{Error, Journal, Outcome, column::At, outcomes};

pub(crate) const CREATE: &str = "
CREATE TABLE reports (
    id INTEGER PRIMARY KEY,
    workspace BLOB NOT NULL REFERENCES workspaces (id),
    lab_version INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;
CREATE INDEX reports_of_workspace ON reports (workspace);
";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReportId(pub(crate) i64);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub id: ReportId,
    pub workspace: Uuid,
    /// The version of the lab whose checks ran.
    pub lab_version: u32,
    pub started_at: Timestamp,
    /// `None` while its checks run, and for ever where Groundwork ended before they did.
    pub finished_at: Option<Timestamp>,
}

pub(crate) const OF_WORKSPACE: &str = "SELECT * FROM reports WHERE workspace = ? ORDER BY id DESC LIMIT ?";

impl Journal {
    /// Opens a report to which [`Journal::record_outcome`] adds.
    pub fn begin_report(&self, workspace: Uuid, lab_version: u32, started_at: Timestamp) -> Result<ReportId, Error> {
        self.write(|transaction| insert(transaction, workspace, lab_version, started_at, None))
    }

    /// Notes that all of a report's checks have run.
    pub fn finish_report(&self, report: ReportId, finished_at: Timestamp) -> Result<(), Error> {
        self.write(|transaction| {
            let changed = transaction
                .execute("UPDATE reports SET finished_at = ? WHERE id = ?", params![At(finished_at), report.0])?;
            if changed == 0 { Err(rusqlite::Error::QueryReturnedNoRows) } else { Ok(()) }
        })
    }

    /// Records a finished report with its outcomes and their evidence: all of it or nothing.
    pub fn record_report(
        &self,
        workspace: Uuid,
        lab_version: u32,
        started_at: Timestamp,
        finished_at: Timestamp,
        outcomes: &[Outcome],
    ) -> Result<ReportId, Error> {
        self.write(|transaction| {
            let report = insert(transaction, workspace, lab_version, started_at, Some(finished_at))?;
            for outcome in outcomes {
                outcomes::insert(transaction, report, outcome)?;
            }
            Ok(report)
        })
    }

    /// The newest `most` reports of a workspace, newest first.
    pub fn reports(&self, workspace: Uuid, most: u32) -> Result<Vec<Report>, Error> {
        self.read(|connection| {
            connection.prepare_cached(OF_WORKSPACE)?.query_map(params![workspace, most], of_row)?.collect()
        })
    }
}

fn insert(
    transaction: &Transaction<'_>,
    workspace: Uuid,
    lab_version: u32,
    started_at: Timestamp,
    finished_at: Option<Timestamp>,
) -> rusqlite::Result<ReportId> {
    transaction.execute(
        "INSERT INTO reports (workspace, lab_version, started_at, finished_at) VALUES (?, ?, ?, ?)",
        params![workspace, lab_version, At(started_at), finished_at.map(At)],
    )?;
    Ok(ReportId(transaction.last_insert_rowid()))
}

pub(crate) fn of_row(row: &Row<'_>) -> rusqlite::Result<Report> {
    Ok(Report {
        id: ReportId(row.get("id")?),
        workspace: row.get("workspace")?,
        lab_version: row.get("lab_version")?,
        started_at: row.get::<_, At>("started_at")?.0,
        finished_at: row.get::<_, Option<At>>("finished_at")?.map(|at| at.0),
    })
}
