//! The embedding model's owner: one thread that loads it when it is first needed and turns the texts of all who wait to
//! vectors.
//!
//! Never blocks its caller. Requests share each pass over the model, so a short one does not wait for a long one to end.

mod model;
mod queue;
mod worker;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use task::Cancellation;
use tokio::sync::oneshot::{self, Receiver};

use crate::bert;
use crate::embedder::{Embedded, Embedder, EmbedderDescription, Input};
use crate::engine::Status;
use crate::generator::Error;
use crate::manifest::Manifest;
use model::Model;
use queue::{Job, Question, Queue};
use worker::Load;

/// Requests that may be unfinished at the same time, unless told otherwise.
const WAITING: usize = 64;

/// What an embedding model needs to know before it starts.
#[derive(Debug, Clone)]
pub struct EmbeddingsOptions {
    pub manifest: Manifest,
    /// Where the model's files lie.
    pub folder: PathBuf,
    /// Where files that were found to be right are noted, so that the next start need not read them whole.
    pub verified: PathBuf,
    /// Threads that compute; `None` takes one for each core.
    pub threads: Option<usize>,
    /// Requests that may be unfinished at the same time; one more is refused as busy.
    pub waiting: usize,
}

impl EmbeddingsOptions {
    pub fn new(manifest: Manifest, folder: PathBuf, verified: PathBuf) -> Self {
        Self { manifest, folder, verified, threads: None, waiting: WAITING }
    }
}

/// An embedding model on a thread of its own. Dropping it stops what runs before the network's next layer.
#[derive(Debug)]
pub struct Embeddings {
    description: EmbedderDescription,
    waiting: usize,
    shared: Arc<Shared>,
}

/// What the owner and its thread both see.
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

impl Embeddings {
    /// Starts the thread; the files are verified and the model is loaded when it is first needed.
    pub fn start(options: EmbeddingsOptions) -> Result<Self, Error> {
        let description = EmbedderDescription {
            id: options.manifest.id.clone(),
            dimension: bert::SIZE as u32,
            context: options.manifest.context.min(bert::PLACES as u32),
        };
        let (waiting, context) = (options.waiting, description.context);
        Self::run(description, waiting, Box::new(move || Model::load(&options, context)))
    }

    fn run(description: EmbedderDescription, waiting: usize, load: Load) -> Result<Self, Error> {
        let shared = Arc::new(Shared::default());
        let seen = shared.clone();
        let thread = std::thread::Builder::new().name("embeddings".into());
        let started = thread.spawn(move || worker::work(&seen, &load));
        started.map_err(|error| Error::Model { message: format!("its thread could not be started: {error}") })?;
        Ok(Self { description, waiting, shared })
    }

    /// Loads the model now, if it is not loaded, and says how that went.
    pub async fn load(&self) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        self.shared.queue.push(Job::Load(reply));
        answer.await.unwrap_or_else(|_| Err(worker::stopped()))
    }

    pub fn status(&self) -> Status {
        let status = self.shared.status.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Status { waiting: self.shared.queue.waiting(), ..status }
    }
}

impl Embedder for Embeddings {
    fn describe(&self) -> EmbedderDescription {
        self.description.clone()
    }

    fn embed(&self, inputs: Vec<Input>, cancellation: Cancellation) -> Receiver<Result<Embedded, Error>> {
        let (reply, answer) = oneshot::channel();
        match self.shared.queue.seat(self.waiting) {
            Ok(seat) => self.shared.queue.push(Job::Embed(Question { inputs, cancellation, reply, seat })),
            // A receiver that is gone already hears nothing.
            Err(retry_after) => drop(reply.send(Err(Error::Busy { retry_after }))),
        }
        answer
    }
}

impl Drop for Embeddings {
    fn drop(&mut self) {
        self.shared.queue.close();
    }
}
