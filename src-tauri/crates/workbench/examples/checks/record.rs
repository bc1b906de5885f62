//! A learner's record that is not empty: what checks read from it is read from a real journal.

use std::path::Path;

use anyhow::Result;
use async_trait::async_trait;
use checks::{Call, Entry, InForce, Look, Obstacle, Span, SpanStatus, Spans, Stored};
use curriculum::{Injection, Lab};
use jiff::{SignedDuration, Timestamp};
use journal::Journal;
use serde_json::json;
use workspaces::{Record, Workspace};

const CALLS: usize = 1_000;
const TRACES: usize = 500;
const ENTRIES: usize = 100;
const MODEL: &str = "smollm2-135m-instruct";

pub struct Filled {
    journal: Journal,
    workspace: uuid::Uuid,
    spans: Vec<Span>,
}

impl Filled {
    pub fn new(journal: &Path, lab: &Lab, workspace: &Workspace) -> Result<Self> {
        let journal = Journal::open(journal)?;
        journal.record_workspace(&journal::Workspace {
            id: workspace.id,
            lab: lab.id,
            slug: lab.slug.clone(),
            pack: uuid::Uuid::new_v4(),
            lab_version: lab.version,
            folder: workspace.folder.clone(),
            key_hash: "none".into(),
            created_at: workspace.created_at,
        })?;
        let begin = workspace.created_at;
        for at in 0..CALLS {
            journal.record_call(workspace.id, &call(begin, at))?;
        }
        for at in 0..ENTRIES {
            journal.record_entry(workspace.id, &entry(begin, at))?;
        }
        journal.record_answer(workspace.id, "quiz", &["this".to_owned()], begin)?;
        let spans = (0..TRACES).flat_map(|at| trace(begin, at)).collect();
        Ok(Self { journal, workspace: workspace.id, spans })
    }
}

fn later(begin: Timestamp, at: usize) -> Timestamp {
    begin.checked_add(SignedDuration::from_millis(at as i64)).unwrap_or(begin)
}

fn call(begin: Timestamp, at: usize) -> journal::Call {
    journal::Call {
        at: later(begin, at),
        method: "POST".into(),
        path: "/v1/chat/completions".into(),
        dialect: "openai".into(),
        status: 200,
        model: Some(MODEL.into()),
        stream: at.is_multiple_of(2),
        prompt_tokens: 20,
        cached_tokens: 0,
        completion_tokens: 60,
        finish_reason: Some("stop".into()),
        first_token_ms: Some(40.0),
        millis: 400.0,
        cost: None,
        currency: None,
        error: None,
        injected: false,
        started: true,
    }
}

fn entry(begin: Timestamp, at: usize) -> journal::Entry {
    journal::Entry {
        at: later(begin, at),
        sort: "decision".into(),
        title: format!("Decision {at}"),
        text: "We keep one replica for now.".into(),
        url: None,
    }
}

/// A request that asked the model; only the last one has all that the check looks for.
fn trace(begin: Timestamp, at: usize) -> [Span; 2] {
    let span = |name: &str, id: &str, parent: Option<&str>| Span {
        trace: format!("{at:032x}"),
        id: format!("{id}{at}"),
        parent: parent.map(|parent| format!("{parent}{at}")),
        name: name.into(),
        start: later(begin, at),
        millis: 400.0,
        status: SpanStatus::Ok,
        attributes: serde_json::Map::new(),
    };
    let mut chat = span(&format!("chat {MODEL}"), "c", Some("a"));
    if at == TRACES - 1 {
        chat.attributes.insert("gen_ai.operation.name".into(), json!("chat"));
    }
    [span("ask", "a", None), chat]
}

fn obstacle(error: &journal::Error) -> Obstacle {
    Obstacle { message: error.to_string(), next_step: String::new() }
}

#[async_trait]
impl Record for Filled {
    async fn calls(&self, since: Timestamp, until: Timestamp) -> Result<Vec<Call>, Obstacle> {
        let calls =
            self.journal.calls(self.workspace, since..=until, CALLS as u32).map_err(|error| obstacle(&error))?;
        let seen = |call: journal::Call| Call {
            at: call.at,
            method: call.method,
            path: call.path,
            dialect: call.dialect,
            status: call.status,
            model: call.model,
            stream: call.stream,
            prompt_tokens: call.prompt_tokens,
            completion_tokens: call.completion_tokens,
            finish_reason: call.finish_reason,
            first_token_ms: call.first_token_ms,
            millis: call.millis,
            error: call.error,
            injected: call.injected,
            started: call.started,
        };
        Ok(calls.into_iter().map(seen).collect())
    }

    async fn spans(&self, since: Timestamp) -> Result<Spans, Obstacle> {
        let spans = self.spans.iter().filter(|span| span.start >= since).cloned().collect();
        Ok(Spans { spans, dropped: 0 })
    }

    async fn inject(&self, _: &[Injection]) -> Result<InForce, Obstacle> {
        Ok(Box::new(()))
    }

    async fn quiz_answer(&self, check: &str) -> Result<Option<Vec<String>>, Obstacle> {
        self.journal.answer(self.workspace, check).map_err(|error| obstacle(&error))
    }

    async fn entries(&self) -> Result<Vec<Entry>, Obstacle> {
        let entries = self.journal.entries(self.workspace).map_err(|error| obstacle(&error))?;
        let seen = |entry: journal::Entry| Entry {
            at: entry.at,
            sort: entry.sort,
            title: entry.title,
            text: entry.text,
            url: entry.url,
        };
        Ok(entries.into_iter().map(seen).collect())
    }

    async fn collection(&self, _: &Look) -> Result<Option<Stored>, Obstacle> {
        Ok(None)
    }
}
