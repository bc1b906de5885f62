//! The journal as the gateway and the checks see it: whose key a key is, what was called, answered and written.

use std::sync::Arc;

use async_trait::async_trait;
use checks::{Call, Entry, InForce, Obstacle, Span, SpanStatus, Spans};
use curriculum::Injection;
use jiff::Timestamp;
use journal::Journal;
use task::Fault as _;
use uuid::Uuid;

use crate::{Event, Events, door::Door, view};

/// Calls that a check sees at most, the newest.
const CALLS: u32 = 1_000;

/// The keys of every workspace, and one for this run of the program.
pub struct Keys {
    pub journal: Journal,
    pub run_key_hash: String,
}

impl gateway::Keys for Keys {
    fn workspace(&self, key: &str) -> Option<Uuid> {
        let hash = gateway::hash_key(key);
        if hash == self.run_key_hash {
            return Some(Uuid::nil());
        }
        self.journal.workspace_of_key(&hash).unwrap_or_else(|error| {
            tracing::error!(%error, "a key could not be looked up");
            None
        })
    }
}

/// Keeps each call of a workspace and shows it. Calls with the run's own key are shown only.
pub struct Calls {
    pub journal: Journal,
    pub events: Events,
}

impl gateway::Recorder for Calls {
    fn record(&self, workspace: Uuid, call: gateway::Call) {
        let row = journal::Call {
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
        };
        if !workspace.is_nil()
            && let Err(error) = self.journal.record_call(workspace, &row)
        {
            tracing::error!(%error, "a call was not recorded");
        }
        let known = self.journal.workspaces().unwrap_or_default();
        let lab = known.into_iter().find(|known| known.id == workspace).map(|known| known.slug).unwrap_or_default();
        self.events.send(Event::GatewayCall { lab, call: view_of(row) });
    }
}

pub fn view_of(call: journal::Call) -> view::Call {
    view::Call {
        at: call.at.to_string(),
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
    }
}

/// What checks ask of the journal and of the gateway, for one workspace.
pub struct WorkspaceRecord {
    pub journal: Journal,
    pub workspace: Uuid,
    pub door: Arc<Door>,
    pub key: String,
}

#[async_trait]
impl workspaces::Record for WorkspaceRecord {
    async fn calls(&self, since: Timestamp) -> Result<Vec<Call>, Obstacle> {
        let calls = self.journal.calls(self.workspace, since, CALLS).map_err(|error| obstacle(&error))?;
        Ok(calls.into_iter().map(to_check).collect())
    }

    async fn spans(&self, since: Timestamp) -> Result<Spans, Obstacle> {
        let found = self.door.spans(self.workspace, &self.key, since).await?;
        Ok(Spans { spans: found.spans.into_iter().map(to_span).collect(), dropped: found.dropped })
    }

    async fn inject(&self, faults: &[Injection]) -> Result<InForce, Obstacle> {
        let faults: Vec<_> = faults.iter().flat_map(single).collect();
        Ok(Box::new(self.door.inject(self.workspace, &self.key, &faults).await?))
    }

    async fn quiz_answer(&self, check: &str) -> Result<Option<Vec<String>>, Obstacle> {
        self.journal.answer(self.workspace, check).map_err(|error| obstacle(&error))
    }

    async fn entries(&self) -> Result<Vec<Entry>, Obstacle> {
        let entries = self.journal.entries(self.workspace).map_err(|error| obstacle(&error))?;
        let to_check = |journal::Entry { at, sort, title, text, url }| Entry { at, sort, title, text, url };
        Ok(entries.into_iter().map(to_check).collect())
    }
}

/// A fault as the gateway knows it, once for each call that meets it.
fn single(fault: &Injection) -> impl Iterator<Item = gateway::Injection> {
    let (one, times) = match *fault {
        Injection::RateLimited { times, retry_after_s } => (gateway::Injection::RateLimited { retry_after_s }, times),
        Injection::ServerError { times, status } => (gateway::Injection::ServerError { status }, times),
        Injection::Latency { times, ms } => (gateway::Injection::Latency { ms }, times),
        Injection::CutStream { times, after_tokens } => (gateway::Injection::CutStream { after_tokens }, times),
        Injection::HangUp { times } => (gateway::Injection::HangUp, times),
    };
    std::iter::repeat_n(one, times as usize)
}

fn obstacle(error: &journal::Error) -> Obstacle {
    Obstacle { message: error.to_string(), next_step: error.next_step() }
}

fn to_span(span: gateway::Span) -> Span {
    Span {
        trace: span.trace,
        id: span.id,
        parent: span.parent,
        name: span.name,
        start: span.start,
        millis: span.millis,
        status: match span.status {
            gateway::SpanStatus::Unset => SpanStatus::Unset,
            gateway::SpanStatus::Ok => SpanStatus::Ok,
            gateway::SpanStatus::Error => SpanStatus::Error,
        },
        attributes: span.attributes,
    }
}

fn to_check(call: journal::Call) -> Call {
    Call {
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
    }
}
