//! The spans that are kept: the newest of each workspace, within bounds, with a count of those that had to go.

use std::{
    collections::{HashMap, VecDeque},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use uuid::Uuid;

use super::wire::{self, Any, AnyValue, Export, KeyValue};
use crate::{Running, key::hex};

/// Of one workspace.
const MOST_SPANS: usize = 5_000;
const MOST_BYTES: usize = 16 << 20;
/// For another process to tell its spans.
const PATIENCE: Duration = Duration::from_secs(5);

/// One operation of the learner's program, as it was exported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// Hexadecimal.
    pub trace: String,
    pub id: String,
    pub parent: Option<String>,
    pub name: String,
    pub start: Timestamp,
    pub millis: f64,
    pub status: SpanStatus,
    pub attributes: Map<String, Value>,
    /// The resource's `service.name`.
    pub service: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanStatus {
    Unset,
    Ok,
    Error,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Spans {
    /// In the order in which they were exported: a span comes when it ends.
    pub spans: Vec<Span>,
    /// Older ones that were not kept.
    pub dropped: u64,
}

#[derive(Clone, Default)]
pub(crate) struct Traces(Arc<Mutex<HashMap<Uuid, Store>>>);

#[derive(Default)]
struct Store {
    spans: VecDeque<(usize, Span)>,
    bytes: usize,
    dropped: u64,
}

impl Traces {
    pub fn keep(&self, workspace: Uuid, export: Export) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let store = all.entry(workspace).or_default();
        for resource in export.resources {
            let attributes = table(resource.resource.map(|resource| resource.attributes).unwrap_or_default());
            let service = attributes.get("service.name").and_then(Value::as_str).map(str::to_owned);
            for span in resource.scopes.into_iter().flat_map(|scope| scope.spans) {
                let bytes = prost::Message::encoded_len(&span);
                store.bytes += bytes;
                store.spans.push_back((bytes, read(span, service.clone())));
            }
        }
        while store.spans.len() > MOST_SPANS || store.bytes > MOST_BYTES {
            let Some((bytes, _)) = store.spans.pop_front() else { break };
            store.bytes -= bytes;
            store.dropped += 1;
        }
    }

    pub fn since(&self, workspace: Uuid, since: Timestamp) -> Spans {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(store) = all.get(&workspace) else { return Spans::default() };
        let spans = store.spans.iter().map(|(_, span)| span).filter(|span| span.start >= since).cloned().collect();
        Spans { spans, dropped: store.dropped }
    }
}

impl Running {
    /// The spans of a workspace that began since then.
    pub fn spans(&self, workspace: Uuid, since: Timestamp) -> Spans {
        self.traces.since(workspace, since)
    }
}

/// As [`Running::spans`], from the gateway of another process, for the workspace that `key` belongs to.
pub async fn spans(address: SocketAddr, key: &str, since: Timestamp) -> io::Result<Spans> {
    let answer = timeout(PATIENCE, ask(address, key, since)).await.map_err(io::Error::other)??;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    if !head.starts_with("HTTP/1.1 200 ") {
        return Err(io::Error::other(format!("it answered {:?}", head.lines().next().unwrap_or_default())));
    }
    serde_json::from_str(body).map_err(io::Error::other)
}

async fn ask(address: SocketAddr, key: &str, since: Timestamp) -> io::Result<String> {
    let mut line = TcpStream::connect(address).await?;
    let head = format!(
        "GET {}?since={since} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\r\n",
        super::KEPT
    );
    line.write_all(head.as_bytes()).await?;
    let mut answer = String::new();
    line.read_to_string(&mut answer).await?;
    Ok(answer)
}

fn read(span: wire::Span, service: Option<String>) -> Span {
    let start = i128::from(span.start_nanos);
    Span {
        trace: hex(&span.trace_id),
        id: hex(&span.span_id),
        parent: Some(hex(&span.parent_span_id)).filter(|id| id.bytes().any(|digit| digit != b'0')),
        name: span.name,
        start: Timestamp::from_nanosecond(start).unwrap_or(Timestamp::UNIX_EPOCH),
        millis: span.end_nanos.saturating_sub(span.start_nanos) as f64 / 1e6,
        status: match span.status.map(|status| status.code) {
            Some(1) => SpanStatus::Ok,
            Some(2) => SpanStatus::Error,
            _ => SpanStatus::Unset,
        },
        attributes: table(span.attributes),
        service,
    }
}

fn table(pairs: Vec<KeyValue>) -> Map<String, Value> {
    pairs.into_iter().map(|pair| (pair.key, plain(pair.value))).collect()
}

fn plain(value: Option<AnyValue>) -> Value {
    match value.and_then(|value| value.value) {
        None => Value::Null,
        Some(Any::Text(text)) => text.into(),
        Some(Any::Truth(truth)) => truth.into(),
        Some(Any::Whole(number)) => number.into(),
        Some(Any::Number(number)) => number.into(),
        Some(Any::List(list)) => list.values.into_iter().map(|value| plain(Some(value))).collect(),
        Some(Any::Table(pairs)) => table(pairs.values).into(),
        Some(Any::Bytes(bytes)) => hex(&bytes).into(),
    }
}
