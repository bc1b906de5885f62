//! What the latest calls sent and got: their bodies, for whoever wants to look. In memory alone and within bounds.
//!
//! Never keeps a header: the key stands in one.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use axum::{
    body::{Body as Stream, Bytes},
    extract::Request,
    response::Response,
};
use hyper::body::{Body as _, Frame, SizeHint};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::Running;

/// Of one workspace.
const MOST_CALLS: usize = 100;
/// Of one body; the rest is counted.
const MOST_BYTES: usize = 64 << 10;
/// Of all workspaces together.
const MOST_IN_ALL: usize = 16 << 20;

/// The two bodies of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    pub request: Body,
    pub response: Body,
}

/// A body, or its beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body {
    pub bytes: Vec<u8>,
    /// Bytes of all of it, as far as it came.
    pub size: u64,
    pub end: End,
}

/// How far a body came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum End {
    /// It is still under way, or never began.
    #[default]
    Open,
    Whole,
    /// Nobody read, or sent, the rest.
    Broken,
}

type Sink = Arc<Mutex<Body>>;

/// The calls whose bodies are kept, the oldest first.
#[derive(Default)]
pub(crate) struct Exchanges(Mutex<VecDeque<Held>>);

/// A call whose bodies are written down while they pass.
#[derive(Clone)]
pub(crate) struct Held {
    workspace: Uuid,
    /// Names the call among its workspace's.
    pub at: Timestamp,
    request: Sink,
    response: Sink,
}

impl Exchanges {
    /// Makes room for a call that begins now. Where another one did at that very moment, it is a nanosecond later.
    pub fn begin(&self, workspace: Uuid, mut at: Timestamp) -> Held {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_own = |held: &Held| held.workspace == workspace;
        while all.iter().any(|held| is_own(held) && held.at == at) {
            at = at.checked_add(SignedDuration::from_nanos(1)).unwrap_or(Timestamp::MIN);
        }
        if all.iter().filter(|held| is_own(held)).count() == MOST_CALLS
            && let Some(oldest) = all.iter().position(is_own)
        {
            all.remove(oldest);
        }
        let mut bytes: usize = all.iter().map(Held::bytes).sum();
        while bytes > MOST_IN_ALL
            && let Some(oldest) = all.pop_front()
        {
            bytes = bytes.saturating_sub(oldest.bytes());
        }
        let held = Held { workspace, at, request: Sink::default(), response: Sink::default() };
        all.push_back(held.clone());
        held
    }

    fn of(&self, workspace: Uuid, at: Timestamp) -> Option<Exchange> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held = all.iter().find(|held| held.workspace == workspace && held.at == at)?;
        Some(Exchange { request: locked(&held.request).clone(), response: locked(&held.response).clone() })
    }
}

impl Running {
    /// The bodies of a workspace's call of this moment, while they are kept.
    pub fn exchange(&self, workspace: Uuid, at: Timestamp) -> Option<Exchange> {
        self.app.exchanges.of(workspace, at)
    }
}

impl Held {
    pub fn request(&self, request: Request) -> Request {
        request.map(|body| watched(body, &self.request))
    }

    pub fn response(&self, response: Response) -> Response {
        response.map(|body| watched(body, &self.response))
    }

    fn bytes(&self) -> usize {
        locked(&self.request).bytes.len() + locked(&self.response).bytes.len()
    }
}

fn locked(sink: &Sink) -> MutexGuard<'_, Body> {
    sink.lock().unwrap_or_else(PoisonError::into_inner)
}

fn watched(body: Stream, sink: &Sink) -> Stream {
    if body.is_end_stream() {
        locked(sink).end = End::Whole;
        return body;
    }
    Stream::new(Watched { body, sink: sink.clone() })
}

/// A body whose bytes are copied as they pass. To whoever reads it, it is the body itself: its length too.
struct Watched {
    body: Stream,
    sink: Sink,
}

impl hyper::body::Body for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        let mut kept = locked(&self.sink);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
        {
            let room = MOST_BYTES.saturating_sub(kept.bytes.len()).min(data.len());
            kept.bytes.extend_from_slice(&data[..room]);
            kept.size += data.len() as u64;
        }
        // Of a body whose length is known, nobody asks for what comes after the last byte.
        if matches!(polled, Poll::Ready(None)) || self.body.is_end_stream() {
            kept.end = End::Whole;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let mut kept = locked(&self.sink);
        if kept.end == End::Open {
            kept.end = End::Broken;
        }
    }
}
