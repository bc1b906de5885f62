//! The model's owner: one thread that loads it when it is first needed and answers one request after another.
//!
//! Never blocks its caller, and never lets go of a request without a last word to it.

mod queue;
mod worker;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use task::Cancellation;
use tokio::sync::{mpsc, oneshot};

use crate::device::{self, Device, DevicePreference};
use crate::generator::{Description, Error, Event, Generation, Generator, Request};
use crate::manifest::Manifest;
use queue::{Job, Question, Queue};
use worker::{Load, Model};

pub(crate) use worker::{Network, Stop};

/// Requests that may wait while another is answered, unless told otherwise.
const WAITING: usize = 32;

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
    /// Requests that may wait; one more is refused as busy.
    pub waiting: usize,
}

impl EngineOptions {
    pub fn new(manifest: Manifest, file: PathBuf, verified: PathBuf) -> Self {
        Self { manifest, file, verified, device: DevicePreference::Auto, threads: None, waiting: WAITING }
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
    device: Device,
    waiting: usize,
    shared: Arc<Shared>,
}

/// What the engine and its thread both see.
#[derive(Debug, Default)]
struct Shared {
    queue: Queue,
    /// `waiting` is not kept here: the queue knows.
    status: Mutex<Status>,
}

impl Shared {
    fn set_status(&self, status: Status) {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }
}

impl Engine {
    /// Chooses the device and starts the thread; the model is loaded when it is first needed.
    pub fn start(options: EngineOptions) -> Result<Self, Error> {
        let threads = options.threads.unwrap_or_else(candle_core::utils::get_num_threads).max(1);
        let (device, handle) = device::choose(options.device, threads);
        let description = Description { id: options.manifest.id.clone(), context: options.manifest.context };
        let waiting = options.waiting;
        Self::run(description, device, waiting, Box::new(move || Model::load(&options, &handle, threads)))
    }

    fn run(description: Description, device: Device, waiting: usize, load: Load) -> Result<Self, Error> {
        let shared = Arc::new(Shared::default());
        let seen = shared.clone();
        let thread = std::thread::Builder::new().name("model".into());
        let started = thread.spawn(move || worker::work(&seen, &load));
        started.map_err(|error| Error::Model { message: format!("its thread could not be started: {error}") })?;
        Ok(Self { description, device, waiting, shared })
    }

    /// Loads the model now, if it is not loaded, and says how that went.
    pub async fn load(&self) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        self.shared.queue.push(Job::Load(reply), usize::MAX);
        answer.await.unwrap_or_else(|_| Err(worker::stopped()))
    }

    pub fn device(&self) -> &Device {
        &self.device
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
        let (events, generation) = mpsc::unbounded_channel();
        let question = Question { request, cancellation, events, asked: Instant::now() };
        if let Some(Job::Answer(refused)) = self.shared.queue.push(Job::Answer(Box::new(question)), self.waiting) {
            // A receiver that is gone already hears nothing.
            let _ = refused.events.send(Event::Failed(Error::Busy { retry_after: Duration::from_secs(1) }));
        }
        generation
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shared.queue.close();
    }
}
