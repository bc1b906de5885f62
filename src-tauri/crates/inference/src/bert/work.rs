//! Work in parts that may be done at the same time, by the threads of a pool or one after another.

use std::sync::{Mutex, PoisonError};

/// Runs a function on each number below a count, in any order, and returns when all are done.
pub(crate) type Run<'a> = &'a (dyn Fn(usize, &(dyn Fn(usize) + Sync)) + Sync);

/// One after another, by who calls.
pub(crate) fn alone(count: usize, work: &(dyn Fn(usize) + Sync)) {
    (0..count).for_each(work);
}

/// Gives each part to one call of `work`.
pub(crate) fn each<T: Send>(run: Run, parts: impl Iterator<Item = T>, work: impl Fn(T) + Sync) {
    let parts: Vec<_> = parts.map(|part| Mutex::new(Some(part))).collect();
    run(parts.len(), &|index| {
        let part = parts[index].lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(part) = part {
            work(part);
        }
    });
}
