//! The table `gateway_calls`: what each workspace's programs asked of the local model.

use std::ops::RangeInclusive;

use jiff::Timestamp;
use rusqlite::{Row, params};
use uuid::Uuid;

use crate::{Error, Journal, column::At};

pub(crate) const CREATE: &str = "
CREATE TABLE gateway_calls (
    id INTEGER PRIMARY KEY,
    workspace BLOB NOT NULL REFERENCES workspaces (id),
    at INTEGER NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    dialect TEXT NOT NULL,
    status INTEGER NOT NULL,
    model TEXT,
    stream INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    finish_reason TEXT,
    first_token_ms REAL,
    millis REAL NOT NULL,
    error TEXT
) STRICT;
CREATE INDEX gateway_calls_of_workspace ON gateway_calls (workspace, at);
";

pub(crate) const ADD_INJECTED: &str = "ALTER TABLE gateway_calls ADD COLUMN injected INTEGER NOT NULL DEFAULT 0;";

pub(crate) const ADD_COST: &str = "
ALTER TABLE gateway_calls ADD COLUMN cached_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE gateway_calls ADD COLUMN cost REAL;
ALTER TABLE gateway_calls ADD COLUMN currency TEXT;
";

pub(crate) const ADD_STARTED: &str = "ALTER TABLE gateway_calls ADD COLUMN started INTEGER NOT NULL DEFAULT 1;";

/// One call, successful or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub at: Timestamp,
    pub method: String,
    pub path: String,
    pub dialect: String,
    pub status: u16,
    pub model: Option<String>,
    pub stream: bool,
    pub prompt_tokens: u32,
    /// Of the prompt: read before, and not computed again.
    pub cached_tokens: u32,
    pub completion_tokens: u32,
    pub finish_reason: Option<String>,
    /// Milliseconds from the request's arrival to the first generated token.
    pub first_token_ms: Option<f64>,
    pub millis: f64,
    /// By the price table of its time; `None` where no price was known.
    pub cost: Option<f64>,
    /// Of `cost`: a label, such as `USD`.
    pub currency: Option<String>,
    /// The error's code, where the call failed.
    pub error: Option<String>,
    /// Whether the call met a fault that was laid on purpose.
    pub injected: bool,
    /// Whether Groundwork started the program that made it; of calls from before this was recorded it is taken to be so.
    pub started: bool,
}

/// All calls of one workspace to one model in one currency.
#[derive(Debug, Clone, PartialEq)]
pub struct Usage {
    /// `None` for calls that named no model, such as the list of models.
    pub model: Option<String>,
    pub calls: u32,
    /// Calls that ended in an error, among `calls`.
    pub failed: u32,
    pub prompt_tokens: u64,
    pub cached_tokens: u64,
    pub completion_tokens: u64,
    /// Of those calls whose price was known.
    pub cost: f64,
    /// `None` where the price of no call was known.
    pub currency: Option<String>,
}

pub(crate) const BETWEEN: &str =
    "SELECT * FROM gateway_calls WHERE workspace = ? AND at BETWEEN ? AND ? ORDER BY at DESC, id DESC LIMIT ?";
pub(crate) const USAGE: &str = "
SELECT model, count(*), sum(status >= 400 OR error IS NOT NULL), sum(prompt_tokens), sum(completion_tokens),
    sum(cached_tokens), total(cost), currency
FROM gateway_calls WHERE workspace = ? GROUP BY model, currency ORDER BY model IS NULL, model, currency";

impl Journal {
    pub fn record_call(&self, workspace: Uuid, call: &Call) -> Result<(), Error> {
        self.write(|transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO gateway_calls (workspace, at, method, path, dialect, status, model, stream,
                         prompt_tokens, completion_tokens, finish_reason, first_token_ms, millis, error, injected,
                         cached_tokens, cost, currency, started)
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                )?
                .execute(params![
                    workspace,
                    At(call.at),
                    call.method,
                    call.path,
                    call.dialect,
                    call.status,
                    call.model,
                    call.stream,
                    call.prompt_tokens,
                    call.completion_tokens,
                    call.finish_reason,
                    call.first_token_ms,
                    call.millis,
                    call.error,
                    call.injected,
                    call.cached_tokens,
                    call.cost,
                    call.currency,
                    call.started
                ])?;
            Ok(())
        })
    }

    /// A workspace's calls in a span of time: the newest `most` of them, oldest first.
    pub fn calls(&self, workspace: Uuid, span: RangeInclusive<Timestamp>, most: u32) -> Result<Vec<Call>, Error> {
        self.read(|connection| {
            let mut calls = connection
                .prepare_cached(BETWEEN)?
                .query_map(params![workspace, bound(*span.start()), bound(*span.end()), most], of_row)?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            calls.reverse();
            Ok(calls)
        })
    }

    /// What a workspace's calls add up to, model by model.
    pub fn usage(&self, workspace: Uuid) -> Result<Vec<Usage>, Error> {
        self.read(|connection| {
            let usage = |row: &Row<'_>| {
                Ok(Usage {
                    model: row.get(0)?,
                    calls: row.get(1)?,
                    failed: row.get(2)?,
                    prompt_tokens: row.get(3)?,
                    completion_tokens: row.get(4)?,
                    cached_tokens: row.get(5)?,
                    cost: row.get(6)?,
                    currency: row.get(7)?,
                })
            };
            connection.prepare_cached(USAGE)?.query_map([workspace], usage)?.collect()
        })
    }
}

/// As [`At`] writes it; what a column cannot hold is before or after all that one holds.
fn bound(at: Timestamp) -> i64 {
    let nanoseconds = at.as_nanosecond();
    i64::try_from(nanoseconds).unwrap_or(if nanoseconds < 0 { i64::MIN } else { i64::MAX })
}

pub(crate) fn of_row(row: &Row<'_>) -> rusqlite::Result<Call> {
    Ok(Call {
        at: row.get::<_, At>("at")?.0,
        method: row.get("method")?,
        path: row.get("path")?,
        dialect: row.get("dialect")?,
        status: row.get("status")?,
        model: row.get("model")?,
        stream: row.get("stream")?,
        prompt_tokens: row.get("prompt_tokens")?,
        cached_tokens: row.get("cached_tokens")?,
        completion_tokens: row.get("completion_tokens")?,
        finish_reason: row.get("finish_reason")?,
        first_token_ms: row.get("first_token_ms")?,
        millis: row.get("millis")?,
        cost: row.get("cost")?,
        currency: row.get("currency")?,
        error: row.get("error")?,
        injected: row.get("injected")?,
        started: row.get("started")?,
    })
}
