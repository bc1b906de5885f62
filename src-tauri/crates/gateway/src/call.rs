//! One record of each call, written exactly once, however the call ends.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use jiff::Timestamp;
use tokio::{runtime::Handle, task::JoinHandle};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::refusal::Refusal;

/// What one request with a valid key was and how it ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// When the request's head had arrived.
    pub at: Timestamp,
    pub method: String,
    /// Without the query: `/v1/chat/completions`.
    pub path: String,
    /// `openai` or `azure`.
    pub dialect: String,
    /// 499 where the client hung up. A stream that broke has the status of what broke it, though it began with 200.
    pub status: u16,
    /// As the client named it, whether there is such a model or not; Azure's deployment.
    pub model: Option<String>,
    pub stream: bool,
    pub prompt_tokens: u32,
    /// Of all choices together.
    pub completion_tokens: u32,
    /// `stop`, `length` or `cancelled`; of the last choice, where there are several.
    pub finish_reason: Option<String>,
    /// Milliseconds from the request's arrival to the first generated token.
    pub first_token_ms: Option<f64>,
    pub millis: f64,
    /// The error's code, where the call failed.
    pub error: Option<String>,
    /// Whether the call met a fault that was laid on purpose.
    pub injected: bool,
}

/// Keeps the calls. Told before the last byte of an answer leaves, so that whoever has the answer finds the record.
pub trait Recorder: Send + Sync {
    /// Runs on a thread that may block.
    fn record(&self, workspace: Uuid, call: Call);

    /// Spans came in and are kept. Runs on a thread that may block.
    fn exported(&self, workspace: Uuid);
}

/// A call under way. Dropped before it is closed, it is recorded as a client that hung up.
pub(crate) struct Entry {
    pub call: Call,
    workspace: Uuid,
    recorder: Arc<dyn Recorder>,
    /// Lets the server wait for records before it stops.
    tracker: TaskTracker,
    arrived: Instant,
    open: bool,
    /// Its stream, if it gets one, will be cut on purpose.
    cut: bool,
}

impl Entry {
    pub fn open(
        recorder: Arc<dyn Recorder>,
        tracker: TaskTracker,
        workspace: Uuid,
        dialect: &str,
        method: &str,
        path: &str,
    ) -> Self {
        let call = Call {
            at: Timestamp::now(),
            method: clip(method),
            path: clip(path),
            dialect: dialect.into(),
            status: 0,
            model: None,
            stream: false,
            prompt_tokens: 0,
            completion_tokens: 0,
            finish_reason: None,
            first_token_ms: None,
            millis: 0.0,
            error: None,
            injected: false,
        };
        Self { call, workspace, recorder, tracker, arrived: Instant::now(), open: true, cut: false }
    }

    pub fn saw_token(&mut self) {
        let millis = self.millis();
        self.call.first_token_ms.get_or_insert(millis);
    }

    /// Records the call, the first time; later endings change nothing.
    pub async fn close(&mut self, status: u16, error: Option<&str>) {
        if let Some(written) = self.write(status, error) {
            // A recorder that panics must not take the learner's answer with it.
            let _ = written.await;
        }
    }

    fn write(&mut self, status: u16, error: Option<&str>) -> Option<JoinHandle<()>> {
        if !std::mem::take(&mut self.open) {
            return None;
        }
        self.call.status = status;
        self.call.error = error.map(Into::into);
        self.call.millis = self.millis();
        // Of a stream that is cut the model's side may be whole, or ended for want of a reader.
        if self.cut && self.call.stream && matches!(status, 200 | 499) {
            self.call.status = 502;
            self.call.error = Some("stream_cut".into());
            self.call.injected = true;
        }
        let (recorder, workspace, call) = (self.recorder.clone(), self.workspace, self.call.clone());
        match Handle::try_current() {
            Ok(handle) => Some(self.tracker.spawn_blocking_on(move || recorder.record(workspace, call), &handle)),
            Err(_) => {
                recorder.record(workspace, call);
                None
            }
        }
    }

    fn millis(&self) -> f64 {
        self.arrived.elapsed().as_secs_f64() * 1000.0
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let gone = Refusal::hung_up();
        self.write(gone.status.as_u16(), Some(gone.code));
    }
}

/// Where a request's [`Entry`] lies while handlers pass it on: whoever takes it owes it an ending.
#[derive(Clone)]
pub(crate) struct Slot(Arc<Mutex<Option<Entry>>>);

impl Slot {
    pub fn new(entry: Entry) -> Self {
        Self(Arc::new(Mutex::new(Some(entry))))
    }

    pub fn take(&self) -> Option<Entry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub fn injected(&self) {
        self.with(|entry| entry.call.injected = true);
    }

    pub fn will_be_cut(&self) {
        self.with(|entry| entry.cut = true);
    }

    /// Notes what the request asks for, known before it is known to be good.
    pub fn note(&self, model: Option<&str>, stream: bool) {
        self.with(|entry| {
            entry.call.model = model.map(clip);
            entry.call.stream = stream;
        });
    }

    fn with(&self, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            change(entry);
        }
    }
}

/// Strangers' words are kept to a sensible length.
fn clip(text: &str) -> String {
    text.chars().take(200).collect()
}
