//! Long work: each task says `Started` once, then anything, then exactly one of `Finished`, `Failed`, `Cancelled`.

use std::{
    collections::HashMap,
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use task::{Cancellation, Part, Progress, Reporter, Unit};
use tokio::time::{sleep, timeout};

use crate::{Events, Problem, event::*};

/// How long the end of all tasks may take, and the pause between two looks.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOKS_EVERY: Duration = Duration::from_millis(20);

/// The tasks that run now.
#[derive(Debug)]
pub struct Tasks {
    next: AtomicU32,
    running: Mutex<HashMap<TaskId, Cancellation>>,
    events: Events,
}

/// A running task's own end: where it reports to, and what tells it to stop.
#[derive(Debug, Clone)]
pub struct Handle {
    pub id: TaskId,
    pub cancellation: Cancellation,
    events: Events,
}

impl Handle {
    pub fn say(&self, step: TaskStep) {
        self.events.send(Event::Task { task: self.id, step });
    }
}

impl Reporter for Handle {
    fn progress(&self, progress: Progress) {
        let unit = match progress.unit {
            Unit::Bytes => "bytes",
            Unit::Steps => "steps",
        };
        self.say(TaskStep::Progress {
            what: progress.what,
            done: progress.done as f64,
            total: progress.total.map(|total| total as f64),
            unit: unit.into(),
        });
    }

    fn part(&self, Part { name, what, share }: Part) {
        self.say(TaskStep::Part { name, what, share });
    }

    fn output(&self, line: &str) {
        self.say(TaskStep::Output { text: line.into() });
    }
}

impl Tasks {
    pub fn new(events: Events) -> Arc<Self> {
        Arc::new(Self { next: AtomicU32::new(1), running: Mutex::default(), events })
    }

    /// Starts work that goes on after this returns. Needs a running tokio runtime.
    pub fn start<Work>(self: &Arc<Self>, title: &str, work: impl FnOnce(Handle) -> Work) -> TaskId
    where
        Work: Future<Output = Result<(), Problem>> + Send + 'static,
    {
        let handle = Handle {
            id: self.next.fetch_add(1, Ordering::Relaxed),
            cancellation: Cancellation::new(),
            events: self.events.clone(),
        };
        self.running().insert(handle.id, handle.cancellation.clone());
        handle.say(TaskStep::Started { title: title.into() });
        let work = tokio::spawn(work(handle.clone()));
        let tasks = self.clone();
        let id = handle.id;
        tokio::spawn(async move {
            let ended = work.await;
            tasks.running().remove(&handle.id);
            handle.say(match ended {
                Ok(Ok(())) => TaskStep::Finished,
                Ok(Err(problem)) if problem.is_cancelled() => TaskStep::Cancelled,
                Ok(Err(problem)) => TaskStep::Failed { problem },
                Err(panic) => {
                    TaskStep::Failed { problem: Problem::ours("task.broke", format!("It broke off: {panic}")) }
                }
            });
        });
        id
    }

    /// Asks a task to stop. A task that has ended stays as it is.
    pub fn cancel(&self, task: TaskId) {
        if let Some(cancellation) = self.running().get(&task) {
            cancellation.cancel();
        }
    }

    /// Asks all tasks to stop, and waits for a while until they have: some take away what they made elsewhere.
    pub async fn end_all(&self) {
        self.running().values().for_each(Cancellation::cancel);
        let ended = async {
            while !self.running().is_empty() {
                sleep(LOOKS_EVERY).await;
            }
        };
        let _ = timeout(PATIENCE, ended).await;
    }

    fn running(&self) -> std::sync::MutexGuard<'_, HashMap<TaskId, Cancellation>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
