//! One record of each call, written exactly once, however the call ends.

use std::{
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Instant,
};

use jiff::Timestamp;
use tokio::{runtime::Handle, task::JoinHandle};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::{
    Cost,
    key::Caller,
    metrics::{Active, Led, Metrics},
    quota::{Grant, Metered},
    refusal::Refusal,
};

/// What one request with a valid key was and how it ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// When the request's head had arrived.
    pub at: Timestamp,
    pub method: String,
    /// Without the query: `/v1/chat/completions`.
    pub path: String,
    /// `openai`, `azure`, `pinecone` or `qdrant`.
    pub dialect: String,
    /// 499 where the client hung up. A stream that broke has the status of what broke it, though it began with 200.
    pub status: u16,
    /// As the client named it, whether there is such a model or not; Azure's deployment.
    pub model: Option<String>,
    pub stream: bool,
    pub prompt_tokens: u32,
    /// Of the prompts: read before, and not computed again.
    pub cached_tokens: u32,
    /// Of all choices together.
    pub completion_tokens: u32,
    /// `stop`, `length` or `cancelled`; of the last choice, where there are several.
    pub finish_reason: Option<String>,
    /// Milliseconds from the request's arrival to the first generated token.
    pub first_token_ms: Option<f64>,
    pub millis: f64,
    /// By the price table; `None` where no deployment was asked, or its price is not known.
    pub cost: Option<Cost>,
    /// The error's code, where the call failed.
    pub error: Option<String>,
    /// Whether the call met a fault that was laid on purpose.
    pub injected: bool,
    /// Whether Groundwork started the program that made it.
    pub started: bool,
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
    metrics: Arc<Metrics>,
    led: Option<Led>,
    /// What it may take of its deployment's quota.
    grant: Option<Grant>,
    active: Option<Active>,
}

impl Entry {
    pub fn open(
        recorder: Arc<dyn Recorder>,
        tracker: TaskTracker,
        metrics: Arc<Metrics>,
        caller: Caller,
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
            cached_tokens: 0,
            completion_tokens: 0,
            finish_reason: None,
            first_token_ms: None,
            millis: 0.0,
            cost: None,
            error: None,
            injected: false,
            started: caller.started,
        };
        Self {
            call,
            workspace: caller.workspace,
            recorder,
            tracker,
            arrived: Instant::now(),
            open: true,
            cut: false,
            metrics,
            led: None,
            grant: None,
            active: None,
        }
    }

    /// The call is answered from now on.
    pub fn begin(&mut self, grant: Option<Grant>) {
        self.grant = grant;
        self.active = Some(Active::new(self.metrics.clone(), self.call.stream));
    }

    pub fn count_refusal(&self, refusal: &Refusal) {
        if let (Some(led), Some(measure)) = (&self.led, refusal.quota) {
            self.metrics.refused(&led.deployment, measure);
        }
    }

    pub fn saw_token(&mut self) {
        let millis = self.millis();
        self.call.first_token_ms.get_or_insert(millis);
        if let Some(active) = &mut self.active {
            active.begins();
        }
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
        self.account();
        let (recorder, workspace, call) = (self.recorder.clone(), self.workspace, self.call.clone());
        match Handle::try_current() {
            Ok(handle) => Some(self.tracker.spawn_blocking_on(move || recorder.record(workspace, call), &handle)),
            Err(_) => {
                recorder.record(workspace, call);
                None
            }
        }
    }

    /// Settles the quota and the cost, and counts the call.
    fn account(&mut self) {
        let call = &mut self.call;
        let tokens = u64::from(call.prompt_tokens) + u64::from(call.completion_tokens);
        match self.grant.take() {
            // How far the model came is not known.
            Some(_) if tokens == 0 && matches!(call.status, 499 | 504) => {}
            Some(grant) if tokens == 0 && call.status >= 400 => grant.cancel(),
            Some(grant) => grant.settle(tokens),
            None => {}
        }
        self.active = None;
        self.metrics.observe_vectors(call);
        if let Some(led) = &self.led {
            let price = led.price.as_ref();
            call.cost = price.map(|price| price.of(call.prompt_tokens, call.cached_tokens, call.completion_tokens));
            self.metrics.observe(led, call);
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
pub(crate) struct Slot(Arc<Lying>);

struct Lying {
    entry: Mutex<Option<Entry>>,
    metered: OnceLock<Metered>,
}

impl Slot {
    pub fn new(entry: Entry) -> Self {
        Self(Arc::new(Lying { entry: Mutex::new(Some(entry)), metered: OnceLock::new() }))
    }

    pub fn take(&self) -> Option<Entry> {
        self.locked().take()
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

    pub fn with(&self, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.locked().as_mut() {
            change(entry);
        }
    }

    /// Notes the deployment that the request is led to, and its quota.
    pub fn lead(&self, led: Led, metered: Option<Metered>) {
        self.with(|entry| entry.led = Some(led));
        if let Some(metered) = metered {
            // A request is led once.
            let _ = self.0.metered.set(metered);
        }
    }

    /// The quota of the deployment, also when the entry has been taken.
    pub fn metered(&self) -> Option<&Metered> {
        self.0.metered.get()
    }

    fn locked(&self) -> MutexGuard<'_, Option<Entry>> {
        self.0.entry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Strangers' words are kept to a sensible length.
fn clip(text: &str) -> String {
    text.chars().take(200).collect()
}
