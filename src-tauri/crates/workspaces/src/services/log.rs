//! The last lines that a service printed, and a live feed of them.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use tokio::sync::broadcast;

/// Lines kept.
const LINES: usize = 2000;

#[derive(Debug)]
pub(super) struct Log {
    kept: Mutex<Kept>,
    feed: broadcast::Sender<String>,
}

#[derive(Debug, Default)]
struct Kept {
    lines: VecDeque<String>,
    /// Of those, how many came since the latest start.
    since_start: usize,
}

impl Log {
    pub fn new() -> Self {
        Self { kept: Mutex::default(), feed: broadcast::channel(LINES).0 }
    }

    /// Begins the log of one run with a line of our own.
    pub fn start(&self, line: &str) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).since_start = 0;
        self.push(line);
    }

    pub fn push(&self, line: &str) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.lines.len() == LINES {
            kept.lines.pop_front();
        }
        kept.lines.push_back(line.to_owned());
        kept.since_start = (kept.since_start + 1).min(LINES);
        // Under the lock, so that `follow` neither misses a line nor gives one twice. Nobody listening is fine.
        let _ = self.feed.send(line.to_owned());
    }

    pub fn lines(&self) -> Vec<String> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).lines.iter().cloned().collect()
    }

    /// The last lines of the latest run, `most` at most.
    pub fn tail(&self, most: usize) -> Vec<String> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let skip = kept.lines.len() - kept.since_start.min(most);
        kept.lines.iter().skip(skip).cloned().collect()
    }

    pub fn follow(&self) -> (Vec<String>, broadcast::Receiver<String>) {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        (kept.lines.iter().cloned().collect(), self.feed.subscribe())
    }
}
