//! The requests that nobody has begun, and seats for all that are unfinished.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use task::Cancellation;
use tokio::sync::oneshot;

use crate::embedder::{Embedded, Input};
use crate::generator::Error;

/// What a refused request is told to wait, while nothing is known that is longer.
const SOON: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) enum Job {
    Load(oneshot::Sender<Result<(), Error>>),
    Embed(Question),
}

/// A request and whom to answer.
#[derive(Debug)]
pub(super) struct Question {
    pub inputs: Vec<Input>,
    pub cancellation: Cancellation,
    pub reply: oneshot::Sender<Result<Embedded, Error>>,
    pub seat: Seat,
}

impl Question {
    /// Whether nobody wants the answer any more.
    pub fn is_over(&self) -> bool {
        self.cancellation.is_cancelled() || self.reply.is_closed()
    }

    pub fn answer(self, answer: Result<Embedded, Error>) {
        // Whoever hears the answer may ask again at once, and needs a seat then.
        drop(self.seat);
        // Whoever asked may have stopped listening.
        let _ = self.reply.send(answer);
    }
}

/// One of the requests that are unfinished, until it is dropped.
#[derive(Debug)]
pub(super) struct Seat(Arc<AtomicUsize>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    unfinished: Arc<AtomicUsize>,
}

#[derive(Debug, Default)]
struct State {
    jobs: VecDeque<Job>,
    /// How long it will be until one of the unfinished requests is done.
    until_done: Duration,
    closed: bool,
}

impl Queue {
    pub fn push(&self, job: Job) {
        self.lock().jobs.push_back(job);
        self.changed.notify_one();
    }

    /// A seat for one more request; where `most` are taken, the time until one will be free.
    pub fn seat(&self, most: usize) -> Result<Seat, Duration> {
        let until_done = self.lock().until_done.max(SOON);
        let more = |unfinished: usize| (unfinished < most).then_some(unfinished + 1);
        let seated = self.unfinished.fetch_update(Ordering::SeqCst, Ordering::SeqCst, more);
        seated.map(|_| Seat(self.unfinished.clone())).map_err(|_| until_done)
    }

    /// All that wait, in order; `None` once the queue is closed. Waits for a job only if `idle`. One of the unfinished
    /// requests will be done in `until_done`.
    pub fn take(&self, idle: bool, until_done: Duration) -> Option<VecDeque<Job>> {
        let mut state = self.lock();
        state.until_done = until_done;
        while idle && state.jobs.is_empty() && !state.closed {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        (!state.closed).then(|| std::mem::take(&mut state.jobs))
    }

    /// Requests that nobody has begun.
    pub fn waiting(&self) -> usize {
        self.lock().jobs.len()
    }

    /// What waits is let go: whoever asked hears that the model stopped.
    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.jobs.clear();
        self.changed.notify_all();
    }

    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
