//! The journal as the gateway and the checks see it: whose key a key is, what was called, answered and written.

use std::sync::Arc;

use async_trait::async_trait;
use checks::{Call, Entry, InForce, Look, Obstacle, Span, SpanStatus, Spans, Stored};
use curriculum::Injection;
use gateway::Caller;
use jiff::Timestamp;
use journal::Journal;
use retrieval::Collections;
use task::Fault as _;
use uuid::Uuid;

use crate::{
    Event, Events, collections,
    door::Door,
    homes::Home,
    key,
    traffic::{Heard, Traffic},
    view,
};

/// Calls that a check sees at most, the newest.
const CALLS: u32 = 1_000;

/// The keys of every workspace, and one for this run of the program.
pub struct Keys {
    pub journal: Journal,
    pub run_key_hash: String,
}

impl gateway::Keys for Keys {
    fn caller(&self, key: &str) -> Option<Caller> {
        let (key, started) = key::read(key);
        let hash = gateway::hash_key(key);
        if hash == self.run_key_hash {
            return Some(Caller { workspace: Uuid::nil(), started });
        }
        let workspace = self.journal.workspace_of_key(&hash).unwrap_or_else(|error| {
            tracing::error!(%error, "a key could not be looked up");
            None
        })?;
        Some(Caller { workspace, started })
    }
}

/// A call as another crate tells of it: in the same words, and none of them may use the other.
macro_rules! call {
    ($($to:ident)::+, $call:ident, $($own:ident: $value:expr),+) => {
        $($to)::+ {
            $($own: $value,)+
            method: $call.method,
            path: $call.path,
            dialect: $call.dialect,
            status: $call.status,
            model: $call.model,
            stream: $call.stream,
            prompt_tokens: $call.prompt_tokens,
            completion_tokens: $call.completion_tokens,
            finish_reason: $call.finish_reason,
            first_token_ms: $call.first_token_ms,
            millis: $call.millis,
            error: $call.error,
        }
    };
    ($($to:ident)::+, $call:ident) => {
        call!($($to)::+, $call, at: $call.at, injected: $call.injected, started: $call.started)
    };
}

/// Keeps each call of a workspace and shows it. Calls with the run's own key are shown only.
pub struct Calls {
    pub journal: Journal,
    pub events: Events,
    pub traffic: Traffic,
}

impl gateway::Recorder for Calls {
    fn record(&self, workspace: Uuid, call: gateway::Call) {
        let row = row(call);
        if !workspace.is_nil()
            && let Err(error) = self.journal.record_call(workspace, &row)
        {
            tracing::error!(%error, "a call was not recorded");
        }
        self.events.send(Event::GatewayCall { lab: self.lab(workspace), call: view_of(row) });
        self.traffic.tell(workspace, Heard { calls: true, spans: false });
    }

    fn exported(&self, workspace: Uuid) {
        self.events.send(Event::SpansExported { lab: self.lab(workspace) });
        self.traffic.tell(workspace, Heard { calls: false, spans: true });
    }
}

impl Calls {
    /// The slug of a workspace's lab; empty for the run's own key.
    fn lab(&self, workspace: Uuid) -> String {
        let known = self.journal.workspaces().unwrap_or_default();
        known.into_iter().find(|known| known.id == workspace).map(|known| known.slug).unwrap_or_default()
    }
}

pub fn view_of(call: journal::Call) -> view::Call {
    call!(view::Call, call, at: call.at.to_string(), injected: fault(&call))
}

fn row(call: gateway::Call) -> journal::Call {
    let (cost, currency) = call.cost.map(|cost| (cost.amount, cost.currency)).unzip();
    call!(journal::Call, call, at: call.at, injected: call.injected, started: call.started, cached_tokens: call.cached_tokens,
        cost: cost, currency: currency)
}

/// Which fault a call met: each but a wait leaves a code of its own.
fn fault(call: &journal::Call) -> Option<String> {
    call.injected.then(|| match call.error.as_deref() {
        Some("rate_limit_exceeded" | "server_error") => call.status.to_string(),
        Some("stream_cut") => "cut stream".to_owned(),
        Some("connection_dropped") => "hang-up".to_owned(),
        _ => "latency".to_owned(),
    })
}

/// What checks ask of the journal and of the gateway, for one workspace.
pub struct WorkspaceRecord {
    pub journal: Journal,
    pub workspace: Uuid,
    pub door: Arc<Door>,
    pub key: String,
    pub collections: Collections,
    pub home: Home,
}

#[async_trait]
impl workspaces::Record for WorkspaceRecord {
    async fn calls(&self, since: Timestamp, until: Timestamp) -> Result<Vec<Call>, Obstacle> {
        let calls = self.journal.calls(self.workspace, since..=until, CALLS).map_err(|error| obstacle(&error))?;
        Ok(calls.into_iter().map(|call| call!(Call, call)).collect())
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

    async fn containers(&self) -> Result<Arc<dyn checks::Containers>, Obstacle> {
        Ok(Arc::new(self.home.visit(self.workspace, self.door.clone(), &self.key).await?))
    }

    async fn collection(&self, look: &Look) -> Result<Option<Stored>, Obstacle> {
        collections::stored(self.collections.clone(), look.clone()).await
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_shown_with_the_fault_that_it_met() {
        for (injected, status, error, expected) in [
            (true, 429, Some("rate_limit_exceeded"), Some("429")),
            (true, 503, Some("server_error"), Some("503")),
            (true, 502, Some("stream_cut"), Some("cut stream")),
            (true, 502, Some("connection_dropped"), Some("hang-up")),
            (true, 200, None, Some("latency")),
            (true, 404, Some("model_not_found"), Some("latency")),
            (false, 429, Some("rate_limit_exceeded"), None),
        ] {
            let call = journal::Call {
                at: Timestamp::UNIX_EPOCH,
                method: "POST".into(),
                path: "/v1/chat/completions".into(),
                dialect: "openai".into(),
                status,
                model: None,
                stream: false,
                prompt_tokens: 0,
                cached_tokens: 0,
                completion_tokens: 0,
                finish_reason: None,
                first_token_ms: None,
                millis: 1.0,
                cost: None,
                currency: None,
                error: error.map(Into::into),
                injected,
                started: true,
            };
            assert_eq!(view_of(call).injected.as_deref(), expected, "{status} {error:?}");
        }
    }
}
