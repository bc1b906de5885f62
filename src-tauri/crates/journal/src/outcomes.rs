//! The tables `outcomes`, what each check found each time, and `latest_outcomes`, which points at the newest of each
//! check so that no reader searches 100,000 rows for it.

use jiff::Timestamp;
use rusqlite::{
    Connection, Row, Transaction, params,
    types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Error, Journal, ReportId,
    column::{At, Json},
    evidence,
};

pub(crate) const CREATE: &str = "
CREATE TABLE outcomes (
    id INTEGER PRIMARY KEY,
    report INTEGER NOT NULL REFERENCES reports (id),
    check_id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('passed', 'failed', 'blocked', 'error')),
    started_at INTEGER NOT NULL,
    millis REAL NOT NULL,
    summary TEXT NOT NULL,
    expected TEXT,
    actual TEXT,
    place TEXT,
    next_step TEXT,
    blocked_by TEXT,
    measured TEXT NOT NULL
) STRICT;
CREATE INDEX outcomes_of_report ON outcomes (report);

CREATE TABLE latest_outcomes (
    workspace BLOB NOT NULL REFERENCES workspaces (id),
    check_id TEXT NOT NULL,
    outcome INTEGER NOT NULL REFERENCES outcomes (id),
    PRIMARY KEY (workspace, check_id)
) STRICT;
";

/// A later format notes what the check asserted; NULL in rows of before.
pub(crate) const ADD_DEFINITION: &str = "ALTER TABLE outcomes ADD COLUMN definition TEXT;";

/// What one check found once.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The check's id, unique within its lab.
    pub check: String,
    pub status: Status,
    pub started_at: Timestamp,
    pub millis: f64,
    pub summary: String,
    pub expected: Option<String>,
    pub actual: Option<String>,
    /// Where to look, in the form that the `checks` crate writes.
    pub place: Option<Value>,
    pub next_step: Option<String>,
    /// The check that this one waits for.
    pub blocked_by: Option<String>,
    pub measured: Vec<Measured>,
    /// A hash of what the check asserted then; `None` where an earlier Groundwork recorded it.
    pub definition: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Passed,
    Failed,
    Blocked,
    Error,
}

/// A figure that a check read, with its unit; empty for counts and texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    pub name: String,
    pub value: String,
    pub unit: String,
}

/// Where one check of one workspace stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub workspace: Uuid,
    pub lab: Uuid,
    pub check: String,
    /// Of the latest outcome.
    pub latest: Status,
    /// Whether it ever passed.
    pub evidence: bool,
    /// The version of the lab that the latest outcome was found under.
    pub lab_version: u32,
    /// What the check asserted then.
    pub definition: Option<String>,
}

impl Standing {
    /// Whether a pass was found before the lab changed what the check asserts: `version` and `definition` are the lab's
    /// now. The same version is the same content; a pass without a note of its definition is of its own version only.
    pub fn stale(&self, version: u32, definition: &str) -> bool {
        let changed = self.lab_version != version && self.definition.as_deref() != Some(definition);
        self.latest == Status::Passed && changed
    }
}

pub(crate) const OF_REPORT: &str = "SELECT * FROM outcomes WHERE report = ? ORDER BY id";
pub(crate) const LATEST: &str = "
SELECT outcomes.* FROM latest_outcomes JOIN outcomes ON outcomes.id = latest_outcomes.outcome
WHERE latest_outcomes.workspace = ? ORDER BY latest_outcomes.check_id";
pub(crate) const STANDINGS: &str = "
SELECT latest_outcomes.workspace, workspaces.lab, latest_outcomes.check_id, outcomes.status, evidence.rowid IS NOT NULL,
    reports.lab_version, outcomes.definition
FROM latest_outcomes
CROSS JOIN workspaces ON workspaces.id = latest_outcomes.workspace
CROSS JOIN outcomes ON outcomes.id = latest_outcomes.outcome
CROSS JOIN reports ON reports.id = outcomes.report
LEFT JOIN evidence ON evidence.workspace = latest_outcomes.workspace AND evidence.check_id = latest_outcomes.check_id";

impl Journal {
    /// Adds one outcome to a report as soon as its check has run; a pass becomes evidence in the same transaction.
    pub fn record_outcome(&self, report: ReportId, outcome: &Outcome) -> Result<(), Error> {
        self.write(|transaction| insert(transaction, report, outcome))
    }

    /// In the order in which they were recorded.
    pub fn outcomes(&self, report: ReportId) -> Result<Vec<Outcome>, Error> {
        self.read(|connection| connection.prepare_cached(OF_REPORT)?.query_map([report.0], of_row)?.collect())
    }

    /// The newest outcome of every check that ever ran in a workspace, by check id.
    pub fn latest_outcomes(&self, workspace: Uuid) -> Result<Vec<Outcome>, Error> {
        self.read(|connection| connection.prepare_cached(LATEST)?.query_map([workspace], of_row)?.collect())
    }

    /// Every check that ever ran, in every workspace: what a plan's figures are counted from.
    pub fn standings(&self) -> Result<Vec<Standing>, Error> {
        self.read(|connection| {
            let standing = |row: &Row<'_>| {
                Ok(Standing {
                    workspace: row.get(0)?,
                    lab: row.get(1)?,
                    check: row.get(2)?,
                    latest: row.get(3)?,
                    evidence: row.get(4)?,
                    lab_version: row.get(5)?,
                    definition: row.get(6)?,
                })
            };
            connection.prepare_cached(STANDINGS)?.query_map([], standing)?.collect()
        })
    }
}

pub(crate) fn insert(transaction: &Transaction<'_>, report: ReportId, outcome: &Outcome) -> rusqlite::Result<()> {
    let (workspace, lab_version): (Uuid, u32) = transaction
        .prepare_cached("SELECT workspace, lab_version FROM reports WHERE id = ?")?
        .query_row([report.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    transaction
        .prepare_cached(
            "INSERT INTO outcomes (report, check_id, status, started_at, millis, summary, expected, actual, place,
                 next_step, blocked_by, measured, definition)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            report.0,
            outcome.check,
            outcome.status,
            At(outcome.started_at),
            outcome.millis,
            outcome.summary,
            outcome.expected,
            outcome.actual,
            outcome.place.as_ref().map(Json),
            outcome.next_step,
            outcome.blocked_by,
            Json(&outcome.measured),
            outcome.definition
        ])?;
    transaction
        .prepare_cached(
            "INSERT INTO latest_outcomes (workspace, check_id, outcome) VALUES (?, ?, ?)
             ON CONFLICT (workspace, check_id) DO UPDATE SET outcome = excluded.outcome",
        )?
        .execute(params![workspace, outcome.check, transaction.last_insert_rowid()])?;
    if outcome.status == Status::Passed {
        evidence::keep(transaction, workspace, lab_version, outcome)?;
    }
    Ok(())
}

/// Makes `latest_outcomes` again from the outcomes themselves.
pub(crate) fn renew_latest(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "DELETE FROM latest_outcomes;
         INSERT INTO latest_outcomes (workspace, check_id, outcome)
         SELECT reports.workspace, outcomes.check_id, max(outcomes.id)
         FROM outcomes JOIN reports ON reports.id = outcomes.report GROUP BY 1, 2;",
    )
}

pub(crate) fn of_row(row: &Row<'_>) -> rusqlite::Result<Outcome> {
    Ok(Outcome {
        check: row.get("check_id")?,
        status: row.get("status")?,
        started_at: row.get::<_, At>("started_at")?.0,
        millis: row.get("millis")?,
        summary: row.get("summary")?,
        expected: row.get("expected")?,
        actual: row.get("actual")?,
        place: row.get::<_, Option<Json<Value>>>("place")?.map(|place| place.0),
        next_step: row.get("next_step")?,
        blocked_by: row.get("blocked_by")?,
        measured: row.get::<_, Json<Vec<Measured>>>("measured")?.0,
        definition: row.get("definition")?,
    })
}

const NAMES: [(Status, &str); 4] =
    [(Status::Passed, "passed"), (Status::Failed, "failed"), (Status::Blocked, "blocked"), (Status::Error, "error")];

impl ToSql for Status {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(NAMES.iter().find(|(status, _)| status == self).map_or("error", |(_, name)| *name).into())
    }
}

impl FromSql for Status {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        NAMES.iter().find(|(_, name)| *name == text).map(|(status, _)| *status).ok_or(FromSqlError::InvalidType)
    }
}
