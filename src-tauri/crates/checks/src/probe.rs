//! How checks see the world: every read, run and request goes through a [`Probe`], so a check can be tried on a
//! made-up world and run on the learner's.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use curriculum::Injection;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::Containers;

/// A read-only view of one workspace and of what its programs do. Paths are relative, `/`-separated, and never leave
/// the workspace: an implementation refuses those that do.
#[async_trait]
pub trait Probe: Send + Sync {
    /// A file's bytes; `None` where there is no such file.
    async fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Obstacle>;

    /// Every file below `folder` (`""` for the workspace), sorted, hidden folders and environments left out.
    async fn list(&self, folder: &str) -> Result<Vec<String>, Obstacle>;

    /// Runs a program in the workspace, in the lab's environment, under caps.
    async fn run(&self, command: &Command) -> Result<Ran, Obstacle>;

    /// The address of a service, started and ready.
    async fn service(&self, name: &str) -> Result<ServiceState, Obstacle>;

    /// One HTTP request. What the learner's service did wrong is in [`Answer`]; an [`Obstacle`] is ours.
    async fn http(&self, request: &Request) -> Result<Answer, Obstacle>;

    /// One HTTP request whose answer is looked at as it comes. `enough` sees each piece; when it says so, we hang up.
    async fn stream(
        &self,
        request: &Request,
        enough: &mut (dyn for<'p> FnMut(&'p Piece) -> bool + Send),
    ) -> Result<Streamed, Obstacle>;

    /// What this workspace's key called through the gateway from `since` to `until`: at most the newest thousand, oldest
    /// first.
    async fn calls(&self, since: Timestamp, until: Timestamp) -> Result<Vec<Call>, Obstacle>;

    /// The spans that this workspace's programs exported and that began since `since`.
    async fn spans(&self, since: Timestamp) -> Result<Spans, Obstacle>;

    /// Lays faults on this workspace's calls through the gateway, until what comes back is dropped.
    async fn inject(&self, faults: &[Injection]) -> Result<InForce, Obstacle>;

    /// The learner's latest answer to a quiz: the chosen option ids.
    async fn quiz_answer(&self, check: &str) -> Result<Option<Vec<String>>, Obstacle>;

    /// What the learner wrote into the journal for this lab, oldest first.
    async fn entries(&self) -> Result<Vec<Entry>, Obstacle>;

    /// The container engine; an obstacle where there is none, or where it may not be used, as in a world without one.
    async fn containers(&self) -> Result<Arc<dyn Containers>, Obstacle> {
        Err(Obstacle::no_containers())
    }

    /// A collection of vectors as it stands; `None` where there is none of that name.
    async fn collection(&self, look: &Look) -> Result<Option<Stored>, Obstacle>;
}

/// What is to be found out about a collection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    pub name: String,
    /// `""` is where clients put what they name no namespace for.
    pub namespace: String,
    /// Fields of payloads that every point should have, nested ones with dots.
    pub fields: Vec<String>,
    /// Whether its recall is measured, which takes a search for each of up to a hundred points.
    pub recall: bool,
}

/// A namespace of a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Numbers of a vector.
    pub dimension: usize,
    /// `cosine`, `dot` or `euclidean`.
    pub metric: String,
    pub points: u64,
    /// Every namespace that holds points, this one or not.
    pub namespaces: Vec<String>,
    /// The fields that were asked for, each with the number of points that lack it.
    pub lacking: Vec<(String, u64)>,
    /// The share of the ten nearest, found by comparing every vector, that the collection's own search finds.
    pub recall: Option<f64>,
}

/// One operation that a program told of through OpenTelemetry.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    pub trace: String,
    pub id: String,
    pub parent: Option<String>,
    pub name: String,
    pub start: Timestamp,
    pub millis: f64,
    pub status: SpanStatus,
    pub attributes: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanStatus {
    Unset,
    Ok,
    Error,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Spans {
    /// In the order in which they ended.
    pub spans: Vec<Span>,
    /// Older ones that were not kept.
    pub dropped: u64,
}

/// Faults that last as long as this does.
pub type InForce = Box<dyn Send>;

/// Why a check could not run: ours or the machine's fault, never the learner's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Obstacle {
    pub message: String,
    pub next_step: String,
}

impl Obstacle {
    /// Of a world that has no container engine.
    pub fn no_containers() -> Self {
        Self { message: "There is no container engine here.".into(), next_step: "Run `groundwork engine`.".into() }
    }
}

#[derive(Debug, Clone)]
pub struct Command {
    /// Program and arguments; `python` is the lab's environment's.
    pub argv: Vec<String>,
    pub stdin: Option<String>,
    pub env: BTreeMap<String, String>,
    pub timeout: Duration,
    pub memory_mb: u32,
    /// Bytes kept of each stream; the rest is counted, not kept.
    pub output_cap: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Ran {
    pub exit: Exit,
    pub stdout: String,
    pub stderr: String,
    /// Whether a stream was longer than the cap.
    pub cut: bool,
    pub elapsed: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    Code(i32),
    Signal(i32),
    TimedOut,
    /// The program is not there.
    NotFound,
    OutOfMemory,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceState {
    /// `http://127.0.0.1:PORT`
    Ready { url: String },
    /// It ended or never answered; `log` holds its last lines.
    Failed { summary: String, log: Vec<String> },
}

#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
    pub timeout: Duration,
}

/// How an HTTP request ended, each failure told apart.
#[derive(Debug, Clone)]
pub enum Answer {
    Response {
        status: u16,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
        elapsed: Duration,
    },
    /// Nothing listens at the address.
    Refused,
    TimedOut {
        after: Duration,
    },
    /// The connection broke before the answer was whole.
    Reset,
    /// What came was not HTTP.
    NotHttp {
        detail: String,
    },
}

/// Bytes of a body that came together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Since the request was sent.
    pub at: Duration,
    pub bytes: Vec<u8>,
}

/// How a request ended whose answer was looked at as it came. The pieces went to the one who looked.
#[derive(Debug, Clone)]
pub enum Streamed {
    /// An answer began.
    Begun { status: u16, headers: Vec<(String, String)>, end: StreamEnd, elapsed: Duration },
    /// None did; never [`Answer::Response`].
    Nothing(Answer),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamEnd {
    Whole,
    /// The connection broke before the answer was whole.
    Broken,
    /// The answer was not whole when the request's time was over.
    TimedOut,
    /// We had enough.
    HungUp,
}

/// One call recorded by the gateway.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub at: Timestamp,
    pub method: String,
    /// `/v1/chat/completions`
    pub path: String,
    /// `openai` or `azure`.
    pub dialect: String,
    pub status: u16,
    pub model: Option<String>,
    pub stream: bool,
    pub prompt_tokens: u32,
    pub completion_tokens: u32,
    pub finish_reason: Option<String>,
    /// Milliseconds from the request's arrival to the first generated token.
    pub first_token_ms: Option<f64>,
    pub millis: f64,
    /// The error's code, where the call failed.
    pub error: Option<String>,
    /// Whether the call met a fault that was laid on purpose.
    pub injected: bool,
    /// Whether Groundwork started the program that made it, for a check or as a service.
    pub started: bool,
}

/// One journal entry: something that the learner did, decided or was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub at: Timestamp,
    /// Lower-case words joined by hyphens: `community`.
    pub sort: String,
    pub title: String,
    pub text: String,
    /// `http` or `https`.
    pub url: Option<String>,
}
