//! The model's owner: one thread that loads it when it is first needed and answers many requests at once.
//!
//! Never blocks its caller, and never lets go of a request without a last word to it.

mod pages;
mod queue;
mod schedule;
mod sequence;
mod worker;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use task::Cancellation;
use tokio::sync::{mpsc, oneshot};

use crate::device::{self, Device, DeviceKind, DevicePreference};
use crate::generator::{Description, Error, Event, Generation, Generator, Request};
use crate::manifest::Manifest;
use crate::memory::{Memory, Tenant};
use queue::{Job, Question, Queue};
use worker::{Load, Model};

pub(crate) use worker::{Network, Span, Stop};

/// Requests that are answered at once, and that may wait beside them, unless told otherwise.
const AT_ONCE: usize = 32;
const WAITING: usize = 32;
/// A pass, and what is given back after it, take less.
const PARTING: Duration = Duration::from_secs(3);

/// What an engine needs to know before it starts.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    pub manifest: Manifest,
    pub file: PathBuf,
    /// Where files that were found to be right are noted, so that the next start need not read them whole.
    pub verified: PathBuf,
    pub device: DevicePreference,
    /// Threads that compute, where the CPU does; `None` takes one for each core.
    pub threads: Option<usize>,
    /// Requests that are answered at once.
    pub at_once: usize,
    /// Requests that may wait beside them; one more is refused as busy.
    pub waiting: usize,
    /// Tokens of all texts together that memory is kept for; `None` takes what half a gigabyte holds, and at least one
    /// whole context.
    pub positions: Option<usize>,
    /// What all engines of the program share, where that is bounded: one that is not used makes room for another.
    pub memory: Option<Memory>,
}

impl EngineOptions {
    pub fn new(manifest: Manifest, file: PathBuf, verified: PathBuf) -> Self {
        Self {
            manifest,
            file,
            verified,
            device: DevicePreference::Auto,
            threads: None,
            at_once: AT_ONCE,
            waiting: WAITING,
            positions: None,
            memory: None,
        }
    }
}

/// How an engine does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    pub loaded: bool,
    /// How long the latest load took, the check of the file included.
    pub load_time: Option<Duration>,
    /// Requests that wait for their turn.
    pub waiting: usize,
    /// Why the model could not be loaded, or what stopped it, when last tried.
    pub problem: Option<Error>,
}

/// A model on a thread of its own. Dropping it stops the running answer within one token.
#[derive(Debug)]
pub struct Engine {
    description: Description,
    waiting: usize,
    shared: Arc<Shared>,
}

/// What the engine and its thread both see.
#[derive(Debug)]
struct Shared {
    queue: Queue,
    device: Mutex<Device>,
    /// Threads that compute, where the CPU does.
    threads: usize,
    /// `waiting` is not kept here: the queue knows.
    status: Mutex<Status>,
    /// Milliseconds until one of the requests that are answered ends, at the latest.
    free_in: AtomicU64,
    /// When a request last came, in counts of all requests.
    used: AtomicU64,
}

impl Tenant for Shared {
    fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    fn leave(&self) {
        // A thread that has ended holds nothing any more.
        let _ = self.unload().blocking_recv();
    }

    fn free_in(&self) -> Duration {
        Duration::from_millis(self.free_in.load(Ordering::Relaxed).clamp(100, 60_000))
    }
}

impl Shared {
    /// Asks the thread to let go of the model; whether it has gone comes later.
    fn unload(&self) -> oneshot::Receiver<bool> {
        let (reply, answer) = oneshot::channel();
        self.queue.push(Job::Unload(reply), usize::MAX);
        answer
    }

    fn set_status(&self, status: Status) {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }

    fn device(&self) -> Device {
        self.device.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Goes on with the CPU where a GPU failed, or is slower, which `Engine::device` then tells; false where the CPU itself did, or where it
    /// would fail alike.
    fn fall_back(&self, error: &Error) -> bool {
        let mut device = self.device.lock().unwrap_or_else(PoisonError::into_inner);
        let Error::Model { message } = error else { return false };
        if device.kind == DeviceKind::Cpu {
            return false;
        }
        tracing::warn!(device = device.name, message, "going on with the CPU");
        *device = device::on_cpu(self.threads, format!("{} is not used: {message}", device.name));
        true
    }

    fn set_free_in(&self, time: Duration) {
        self.free_in.store(time.as_millis() as u64, Ordering::Relaxed);
    }

    fn busy(&self) -> Error {
        Error::Busy { retry_after: self.free_in() }
    }
}

impl Engine {
    /// Chooses the device and starts the thread; the model is loaded when it is first needed.
    pub fn start(options: EngineOptions) -> Result<Self, Error> {
        let threads = options.threads.unwrap_or_else(candle_core::utils::get_num_threads).max(1);
        let (device, handle) = device::choose(options.device, threads);
        let description = Description { id: options.manifest.id.clone(), context: options.manifest.context };
        let (at_once, waiting) = (options.at_once.max(1), options.waiting);
        // The thread's own place among those who share memory, known once the thread has started.
        let tenant: Arc<OnceLock<Weak<dyn Tenant>>> = Arc::default();
        let own = tenant.clone();
        let load = move |kind| {
            let handle = if kind == DeviceKind::Cpu { &candle_core::Device::Cpu } else { &handle };
            Model::load(&options, handle, threads, own.get())
        };
        let engine = Self::run(description, (device, threads), (at_once, waiting), Box::new(load))?;
        let shared: Arc<dyn Tenant> = engine.shared.clone();
        let _ = tenant.set(Arc::downgrade(&shared));
        Ok(engine)
    }

    /// Lets go of the loaded model unless an answer is under way; says whether it has gone.
    pub async fn unload(&self) -> bool {
        self.shared.unload().await.unwrap_or(true)
    }

    fn run(
        description: Description,
        (device, threads): (Device, usize),
        (at_once, waiting): (usize, usize),
        load: Load,
    ) -> Result<Self, Error> {
        let shared = Arc::new(Shared {
            queue: Queue::default(),
            device: Mutex::new(device),
            threads,
            status: Mutex::default(),
            free_in: AtomicU64::default(),
            used: AtomicU64::default(),
        });
        let seen = shared.clone();
        let thread = std::thread::Builder::new().name("model".into());
        let started = thread.spawn(move || worker::work(&seen, &load, at_once));
        started.map_err(|error| Error::Model { message: format!("its thread could not be started: {error}") })?;
        Ok(Self { description, waiting, shared })
    }

    /// Loads the model now, if it is not loaded, and says how that went.
    pub async fn load(&self) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        self.shared.queue.push(Job::Load(reply), usize::MAX);
        answer.await.unwrap_or_else(|_| Err(worker::stopped()))
    }

    /// What runs the model. A GPU that fails, or that nobody asked for and is slower for this model, is given up for the CPU.
    pub fn device(&self) -> Device {
        self.shared.device()
    }

    pub fn status(&self) -> Status {
        let status = self.shared.status.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Status { waiting: self.shared.queue.waiting(), ..status }
    }
}

impl Generator for Engine {
    fn describe(&self) -> Description {
        self.description.clone()
    }

    fn generate(&self, request: Request, cancellation: Cancellation) -> Generation {
        static REQUESTS: AtomicU64 = AtomicU64::new(0);
        self.shared.used.store(REQUESTS.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        let (events, generation) = mpsc::unbounded_channel();
        let question = Question { request, cancellation, events, asked: Instant::now() };
        if let Some(Job::Answer(refused)) = self.shared.queue.push(Job::Answer(Box::new(question)), self.waiting) {
            // A receiver that is gone already hears nothing.
            let _ = refused.events.send(Event::Failed(self.shared.busy()));
        }
        generation
    }
}

impl Engine {
    /// Ends the thread: what is asked afterwards is refused. A GPU's driver does not bear a process that ends while its
    /// memory is given back, so that is waited for, a while.
    pub fn end(&self) {
        self.shared.queue.close();
        if self.shared.device().kind != DeviceKind::Cpu {
            self.shared.queue.wait_for_end(PARTING);
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.end();
    }
}
