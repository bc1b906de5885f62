//! The requests that wait for the model, in order.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use task::Cancellation;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use crate::generator::{Error, Event, Finish, Request, Timings, Usage};

#[derive(Debug)]
pub(super) enum Job {
    Load(oneshot::Sender<Result<(), Error>>),
    /// Let go of the model unless an answer is under way; says whether it has gone.
    Unload(oneshot::Sender<bool>),
    Answer(Box<Question>),
}

/// A request and whom to answer.
#[derive(Debug)]
pub(super) struct Question {
    pub request: Request,
    pub cancellation: Cancellation,
    pub events: UnboundedSender<Event>,
    pub asked: Instant,
}

impl Question {
    /// Whether nobody wants the answer any more.
    pub fn is_over(&self) -> bool {
        self.cancellation.is_cancelled() || self.events.is_closed()
    }

    /// Says that it is over.
    pub fn let_go(&self) {
        let timings = Timings { queued: self.asked.elapsed(), ..Timings::default() };
        let _ = self.events.send(Event::Done { finish: Finish::Cancelled, usage: Usage::default(), timings });
    }

    pub fn fail(&self, error: Error) {
        // Whoever asked may have stopped listening.
        let _ = self.events.send(Event::Failed(error));
    }
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    jobs: VecDeque<Job>,
    closed: bool,
    /// Nobody takes jobs any more.
    ended: bool,
}

impl Queue {
    /// Queues `job`, or gives it back where `most` wait already, or the queue is closed. Who asks for the model to go is
    /// heard until it has gone.
    pub fn push(&self, job: Job, most: usize) -> Option<Job> {
        let mut state = self.lock();
        let over = if matches!(job, Job::Unload(_)) { state.ended } else { state.closed };
        if over || state.jobs.len() >= most {
            return Some(job);
        }
        state.jobs.push_back(job);
        self.changed.notify_one();
        None
    }

    /// Up to `most` requests and all that is none, in order; waits for one where `wait` says so. `None` once the queue is
    /// closed.
    pub fn take(&self, most: usize, wait: bool) -> Option<Vec<Job>> {
        let mut state = self.lock();
        while wait && state.jobs.is_empty() && !state.closed {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.closed {
            return None;
        }
        let mut left = most;
        let mut taken = Vec::new();
        for job in std::mem::take(&mut state.jobs) {
            match job {
                Job::Answer(_) if left == 0 => state.jobs.push_back(job),
                Job::Answer(_) => {
                    left -= 1;
                    taken.push(job);
                }
                Job::Load(_) | Job::Unload(_) => taken.push(job),
            }
        }
        Some(taken)
    }

    /// Tells the requests that were cancelled while they waited that they are over: they need not wait for their turn.
    pub fn let_go(&self) {
        self.lock().jobs.retain(|job| match job {
            Job::Answer(question) if question.is_over() => {
                question.let_go();
                false
            }
            _ => true,
        });
    }

    pub fn waiting(&self) -> usize {
        self.lock().jobs.len()
    }

    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.jobs.retain(|job| match job {
            Job::Answer(question) => {
                question.let_go();
                false
            }
            Job::Load(_) => false,
            Job::Unload(_) => true,
        });
        self.changed.notify_all();
    }

    /// Once the model has gone for good: whoever waits for that waits no longer.
    pub fn end(&self) {
        let mut state = self.lock();
        state.ended = true;
        state.jobs.clear();
        self.changed.notify_all();
    }

    /// Waits until the model has gone for good, at most so long.
    pub fn wait_for_end(&self, most: Duration) {
        let state = self.lock();
        drop(self.changed.wait_timeout_while(state, most, |state| !state.ended));
    }

    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
