//! The threads that compute. Work comes as numbered chunks that whoever is free takes next, so a thread that another
//! program pushed off its core holds up one chunk and not the pass.
//!
//! Threads look for work for a moment after each job, then park: between two layers nobody needs to be woken, and
//! between two answers nothing runs. Never knows what is computed.

#![allow(unsafe_code)] // A job is borrowed for as long as `run` lasts, which no safe type can say of a thread.

use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{JoinHandle, Thread};

use crate::generator::Error;

/// How often a thread looks for work before it parks: some tens of microseconds, longer than the pause between two
/// jobs of one pass.
const LOOKS: u32 = 2000;

type Job<'a> = dyn Fn(usize) + Sync + 'a;

/// A fixed number of threads, of which the caller of [`Pool::run`] is one.
pub(crate) struct Pool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

struct Shared {
    /// Chunks of the job in the upper half, the next one to take in the lower.
    ticket: AtomicU64,
    job: UnsafeCell<Option<*const Job<'static>>>,
    /// Chunks not yet done.
    left: AtomicUsize,
    /// The caller, where it has parked to wait for the last chunk.
    caller: Mutex<Option<Thread>>,
    caller_parked: AtomicBool,
    failed: AtomicBool,
    stop: AtomicBool,
    seats: Vec<Seat>,
}

/// One worker, as the caller sees it.
#[derive(Default)]
struct Seat {
    parked: AtomicBool,
    thread: OnceLock<Thread>,
}

// SAFETY: `job` is written by the caller only, while no chunk is left, and read only by who holds a chunk; `ticket` and
// `left` order the two.
unsafe impl Sync for Shared {}
// SAFETY: as above; the pointer is not used by a thread that holds no chunk.
unsafe impl Send for Shared {}

impl Pool {
    /// Computes on `threads` threads, the caller's included.
    pub fn new(threads: usize) -> Result<Self, Error> {
        let seats = (1..threads).map(|_| Seat::default()).collect();
        let shared = Arc::new(Shared {
            ticket: AtomicU64::new(0),
            job: UnsafeCell::new(None),
            left: AtomicUsize::new(0),
            caller: Mutex::new(None),
            caller_parked: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            seats,
        });
        let mut pool = Self { shared, workers: Vec::new() };
        for index in 0..pool.shared.seats.len() {
            let shared = pool.shared.clone();
            let thread = std::thread::Builder::new().name(format!("model-{index}"));
            let worker = thread.spawn(move || shared.work(index));
            let worker =
                worker.map_err(|error| Error::Model { message: format!("a thread could not be started: {error}") })?;
            let _ = pool.shared.seats[index].thread.set(worker.thread().clone());
            pool.workers.push(worker);
        }
        Ok(pool)
    }

    pub fn threads(&self) -> usize {
        self.workers.len() + 1
    }

    /// Calls `job` once with each number below `chunks`, on all threads, and returns when all calls have.
    ///
    /// # Panics
    /// If a call did, after the others have returned.
    pub fn run(&mut self, chunks: usize, job: &Job<'_>) {
        if chunks <= 1 || self.workers.is_empty() {
            (0..chunks).for_each(job);
            return;
        }
        let shared = &*self.shared;
        // SAFETY: no chunk is left of an earlier job, so no other thread reads it; this one outlives the call, and no
        // thread uses it after `left` has come to 0, which the call waits for.
        unsafe { *shared.job.get() = Some(std::mem::transmute::<*const Job<'_>, *const Job<'static>>(job)) };
        shared.left.store(chunks, Relaxed);
        shared.ticket.store((chunks as u64) << 32, SeqCst);
        for seat in &shared.seats {
            if seat.parked.load(SeqCst)
                && seat.parked.swap(false, SeqCst)
                && let Some(thread) = seat.thread.get()
            {
                thread.unpark();
            }
        }
        while shared.take() {}
        shared.wait();
        if shared.failed.swap(false, Acquire) {
            std::panic::resume_unwind(Box::new("a chunk of the computation panicked"));
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.stop.store(true, SeqCst);
        for worker in self.workers.drain(..) {
            worker.thread().unpark();
            let _ = worker.join();
        }
    }
}

impl Shared {
    /// Does one chunk; false where there is none to take.
    fn take(&self) -> bool {
        let ticket = self.ticket.load(Acquire);
        if ticket as u32 >= (ticket >> 32) as u32 {
            return false;
        }
        let ticket = self.ticket.fetch_add(1, AcqRel);
        let chunk = ticket as u32;
        if chunk >= (ticket >> 32) as u32 {
            return false;
        }
        // SAFETY: this chunk is not done, so the job is the one that the ticket was written for, and still borrowed.
        let job = unsafe { (*self.job.get()).map(|job| &*job) };
        if let Some(job) = job
            && catch_unwind(AssertUnwindSafe(|| job(chunk as usize))).is_err()
        {
            self.failed.store(true, Release);
        }
        if self.left.fetch_sub(1, SeqCst) == 1
            && self.caller_parked.load(SeqCst)
            && let Some(caller) = &*self.caller.lock().unwrap_or_else(PoisonError::into_inner)
        {
            caller.unpark();
        }
        true
    }

    /// Until no chunk is left.
    fn wait(&self) {
        for _ in 0..LOOKS {
            if self.left.load(Acquire) == 0 {
                return;
            }
            std::hint::spin_loop();
        }
        *self.caller.lock().unwrap_or_else(PoisonError::into_inner) = Some(std::thread::current());
        self.caller_parked.store(true, SeqCst);
        while self.left.load(SeqCst) != 0 {
            std::thread::park();
        }
        self.caller_parked.store(false, SeqCst);
    }

    fn work(&self, index: usize) {
        let seat = &self.seats[index];
        let mut looks = 0;
        while !self.stop.load(Relaxed) {
            if self.take() {
                looks = 0;
            } else if looks < LOOKS {
                looks += 1;
                std::hint::spin_loop();
            } else {
                seat.parked.store(true, SeqCst);
                let ticket = self.ticket.load(SeqCst);
                let idle = ticket as u32 >= (ticket >> 32) as u32;
                if idle && !self.stop.load(SeqCst) {
                    std::thread::park();
                }
                seat.parked.store(false, SeqCst);
                looks = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering::Relaxed;
    use std::time::Duration;

    use super::Pool;

    #[test]
    fn every_chunk_is_done_once_before_run_returns() {
        for threads in [1, 2, 3, 8] {
            let mut pool = Pool::new(threads).unwrap();
            assert_eq!(pool.threads(), threads);
            for round in 0..2000 {
                let counts: Vec<AtomicUsize> = (0..round % 40).map(|_| AtomicUsize::new(0)).collect();
                pool.run(counts.len(), &|chunk| {
                    counts[chunk].fetch_add(1, Relaxed);
                });
                assert!(counts.iter().all(|count| count.load(Relaxed) == 1), "{threads} threads, round {round}");
                if round % 500 == 0 {
                    // Long enough for the others to park.
                    std::thread::sleep(Duration::from_millis(2));
                }
            }
        }
    }

    #[test]
    fn slow_chunks_are_waited_for() {
        let mut pool = Pool::new(3).unwrap();
        for _ in 0..20 {
            let done = AtomicUsize::new(0);
            pool.run(5, &|chunk| {
                std::thread::sleep(Duration::from_millis(chunk as u64));
                done.fetch_add(1, Relaxed);
            });
            assert_eq!(done.load(Relaxed), 5);
        }
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_pool_goes_on() {
        let mut pool = Pool::new(2).unwrap();
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            pool.run(8, &|chunk| assert_ne!(chunk, 5, "told to"));
        }));
        assert!(caught.is_err());
        let done = AtomicUsize::new(0);
        pool.run(8, &|_| {
            done.fetch_add(1, Relaxed);
        });
        assert_eq!(done.load(Relaxed), 8);
    }
}
