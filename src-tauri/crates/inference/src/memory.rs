//! Memory that the models of one program share: at most so many bytes of them are loaded at once. One that nobody has asked
//! for longest makes room, once it has no answer under way.
//!
//! Counts what models said they would take; never measures.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use crate::generator::Error;

/// A bound for all engines that were started with it.
#[derive(Debug, Clone)]
pub struct Memory(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limit: u64,
    held: Mutex<Vec<Held>>,
    next: AtomicU64,
}

#[derive(Debug)]
struct Held {
    key: u64,
    bytes: u64,
    tenant: Option<Weak<dyn Tenant>>,
}

/// Who may hold memory.
pub(crate) trait Tenant: std::fmt::Debug + Send + Sync {
    /// Grows with each request, across all tenants.
    fn used(&self) -> u64;
    /// Lets go of its memory unless an answer is under way. Waits for the step under way.
    fn leave(&self);
    /// When one of its answers ends, at the latest.
    fn free_in(&self) -> Duration;
}

/// Memory that is given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    memory: Memory,
    key: u64,
}

impl Memory {
    /// `limit` in bytes.
    pub fn new(limit: u64) -> Self {
        Self(Arc::new(Inner { limit, held: Mutex::default(), next: AtomicU64::new(0) }))
    }

    pub fn limit(&self) -> u64 {
        self.0.limit
    }

    /// Makes room for `bytes`, which is no more than the limit. Busy while those who hold the rest have answers under way.
    /// Without a tenant nobody is asked to give it back. Blocks until others have made room: not for a thread that drives
    /// futures.
    pub(crate) fn reserve(&self, bytes: u64, tenant: Option<&Weak<dyn Tenant>>) -> Result<Reservation, Error> {
        let mut asked = Vec::new();
        loop {
            let mut held = self.held();
            let taken: u64 = held.iter().map(|held| held.bytes).sum();
            if taken + bytes <= self.0.limit {
                let key = self.0.next.fetch_add(1, Ordering::Relaxed);
                held.push(Held { key, bytes, tenant: tenant.cloned() });
                return Ok(Reservation { memory: self.clone(), key });
            }
            let others = held.iter().filter_map(|held| Some((held.key, held.tenant.as_ref()?.upgrade()?)));
            let (before, others): (Vec<_>, Vec<_>) = others.partition(|(key, _)| asked.contains(key));
            // Whoever gives up its memory takes this lock.
            drop(held);
            let Some((key, longest)) = others.into_iter().min_by_key(|(_, other)| other.used()) else {
                let free = before.iter().map(|(_, other)| other.free_in()).min();
                return Err(Error::Busy { retry_after: free.unwrap_or(Duration::from_secs(1)) });
            };
            asked.push(key);
            longest.leave();
        }
    }

    fn held(&self) -> MutexGuard<'_, Vec<Held>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.memory.held().retain(|held| held.key != self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Holds memory like an engine would.
    #[derive(Debug, Default)]
    struct Guest {
        used: u64,
        busy: bool,
        room: Mutex<Option<Reservation>>,
    }

    impl Tenant for Guest {
        fn used(&self) -> u64 {
            self.used
        }

        fn leave(&self) {
            if !self.busy {
                drop(self.room.lock().unwrap().take());
            }
        }

        fn free_in(&self) -> Duration {
            Duration::from_secs(self.used)
        }
    }

    #[test]
    fn the_one_unused_longest_makes_room_and_a_busy_one_stays() {
        let memory = Memory::new(100);
        let guest = |used, busy, bytes| {
            let guest = Arc::new(Guest { used, busy, ..Guest::default() });
            let tenant = Arc::downgrade(&guest) as Weak<dyn Tenant>;
            let room = memory.reserve(bytes, Some(&tenant));
            room.map(|room| {
                *guest.room.lock().unwrap() = Some(room);
                guest
            })
        };
        let here = |guest: &Arc<Guest>| guest.room.lock().unwrap().is_some();
        let busy = guest(3, true, 30).unwrap();
        let (older, newer) = (guest(1, false, 30).unwrap(), guest(2, false, 30).unwrap());
        assert!(here(&older) && here(&newer));
        let next = guest(4, false, 35).unwrap();
        assert!(here(&busy) && !here(&older) && here(&newer) && here(&next));
        let all = guest(5, false, 70).unwrap();
        assert!(here(&busy) && !here(&newer) && !here(&next) && here(&all));
        let refused = guest(6, false, 80).unwrap_err();
        assert_eq!(refused, Error::Busy { retry_after: Duration::from_secs(3) });
        drop(busy.room.lock().unwrap().take());
        assert!(guest(7, false, 100).is_ok());
    }
}
