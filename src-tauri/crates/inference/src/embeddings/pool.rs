//! The threads that compute for the embedding model. Never knows what is computed.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::generator::Error;

/// A fixed number of threads.
#[derive(Debug)]
pub(super) struct Pool(ThreadPool);

impl Pool {
    pub fn new(threads: usize) -> Result<Self, Error> {
        let name = |index| format!("embeddings-{index}");
        let pool = ThreadPoolBuilder::new().num_threads(threads).thread_name(name).build();
        pool.map(Self).map_err(|error| Error::Model { message: format!("a thread could not be started: {error}") })
    }

    pub fn threads(&self) -> usize {
        self.0.current_num_threads()
    }

    /// Calls `job` once with each number below `chunks`, on all threads, and returns when all calls have.
    pub fn run(&mut self, chunks: usize, job: &(dyn Fn(usize) + Sync)) {
        let next = AtomicUsize::new(0);
        // Whoever is free takes the next: chunks differ in what they cost.
        self.0.broadcast(|_| {
            std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)).filter(|chunk| *chunk < chunks))
                .for_each(job);
        });
    }
}
