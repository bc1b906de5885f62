//! The record from inside: what is written is read, searches stay quick, and each thing that can go wrong with the
//! file is told apart.

mod faults;
mod rows;
mod transfer;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{Call, Journal, Measured, Outcome, Status, Workspace};

const LAB: Uuid = Uuid::from_u128(7);
const HERE: Uuid = Uuid::from_u128(1);

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::new(1_800_000_000 + seconds, 123_456_789)
}

/// A journal that holds the workspace `HERE`; it lives as long as its folder.
fn journal() -> (TempDir, Journal) {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("journal.db")).unwrap();
    journal.record_workspace(&workspace(HERE, "one")).unwrap();
    (folder, journal)
}

fn workspace(id: Uuid, key_hash: &str) -> Workspace {
    Workspace {
        id,
        lab: LAB,
        slug: "orientation".into(),
        pack: Uuid::from_u128(9),
        lab_version: 3,
        folder: format!("/home/ada/Groundwork/orientation-{key_hash}").into(),
        key_hash: key_hash.into(),
        created_at: at(0),
    }
}

fn outcome(check: &str, status: Status, seconds: i64) -> Outcome {
    Outcome {
        check: check.into(),
        status,
        started_at: at(seconds),
        millis: 12.25,
        summary: "`ask.py` prints “héllo” 🙂".into(),
        expected: Some("a\nb".into()),
        actual: None,
        place: Some(serde_json::json!({"kind": "file", "path": "ask.py", "line": 12})),
        next_step: Some("Print it.".into()),
        blocked_by: (status == Status::Blocked).then(|| "installed".into()),
        measured: vec![Measured { name: "latency".into(), value: seconds.to_string(), unit: "ms".into() }],
        definition: Some("first".into()),
    }
}

fn call(seconds: i64, model: Option<&str>, status: u16) -> Call {
    Call {
        at: at(seconds),
        method: "POST".into(),
        path: "/v1/chat/completions".into(),
        dialect: "openai".into(),
        status,
        model: model.map(str::to_owned),
        stream: true,
        prompt_tokens: 30,
        cached_tokens: 0,
        completion_tokens: 12,
        finish_reason: Some("stop".into()),
        first_token_ms: Some(4.5),
        millis: 80.0,
        cost: (status < 400).then_some(0.25),
        currency: (status < 400).then(|| "USD".into()),
        error: (status >= 400).then(|| "rate_limit_exceeded".into()),
        injected: status == 429,
        started: status == 200,
    }
}
