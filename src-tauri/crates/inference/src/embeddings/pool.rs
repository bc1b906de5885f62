//! The threads that compute for the embedding model.

use rayon::ThreadPoolBuilder;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::generator::Error;

/// A fixed number of threads.
#[derive(Debug)]
pub(super) struct Pool(rayon::ThreadPool);

impl Pool {
    pub fn new(threads: usize) -> Result<Self, Error> {
        let pool =
            ThreadPoolBuilder::new().num_threads(threads).thread_name(|index| format!("embeddings-{index}")).build();
        pool.map(Self).map_err(|error| Error::Model { message: format!("a thread could not be started: {error}") })
    }

    pub fn threads(&self) -> usize {
        self.0.current_num_threads()
    }

    /// Calls `job` once with each number below `chunks`, on all threads, and returns when all calls have.
    pub fn run(&mut self, chunks: usize, job: &(dyn Fn(usize) + Sync)) {
        self.0.install(|| (0..chunks).into_par_iter().for_each(job));
    }
}
