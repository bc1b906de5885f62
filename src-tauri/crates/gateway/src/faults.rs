//! Faults on purpose: which are laid on which workspace, and for how long. [`meeting`] lets a call meet one, [`door`]
//! lets another process of ours lay them.
//!
//! Never touches the calls of a workspace that has none laid.

pub(crate) mod door;
mod laying;
pub(crate) mod meeting;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use laying::{Laid, inject};

/// What happens to one call of the model in place of, or on the way to, its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Injection {
    /// 429, with this `Retry-After`.
    RateLimited { retry_after_s: u32 },
    /// An error of the server's with this status.
    ServerError { status: u16 },
    /// A wait before the answer.
    Latency { ms: u32 },
    /// The connection breaks after so many tokens. Meets streamed calls only.
    CutStream { after_tokens: u32 },
    /// The connection is closed without an answer.
    HangUp,
}

/// The faults of every workspace that has some.
#[derive(Clone, Default)]
pub(crate) struct Faults(Arc<Mutex<HashMap<Uuid, Queue>>>);

/// Each call takes the first.
struct Queue {
    laying: Uuid,
    left: VecDeque<Injection>,
}

/// A fault taken for one call.
pub(crate) struct Taken {
    pub fault: Injection,
    laying: Uuid,
}

impl Faults {
    /// Lays `faults` in place of what was laid for the workspace, until the [`InForce`] is dropped.
    pub fn lay(&self, workspace: Uuid, faults: impl IntoIterator<Item = Injection>) -> InForce {
        let laying = Uuid::new_v4();
        self.locked().insert(workspace, Queue { laying, left: faults.into_iter().collect() });
        InForce { faults: self.clone(), workspace, laying }
    }

    pub fn take(&self, workspace: Uuid) -> Option<Taken> {
        let mut all = self.locked();
        let queue = all.get_mut(&workspace)?;
        Some(Taken { fault: queue.left.pop_front()?, laying: queue.laying })
    }

    /// Puts back a fault that the call could not meet.
    pub fn put_back(&self, workspace: Uuid, taken: Taken) {
        if let Some(queue) = self.locked().get_mut(&workspace).filter(|queue| queue.laying == taken.laying) {
            queue.left.push_front(taken.fault);
        }
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<Uuid, Queue>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Faults that last as long as this does.
pub(crate) struct InForce {
    faults: Faults,
    workspace: Uuid,
    laying: Uuid,
}

impl Drop for InForce {
    fn drop(&mut self) {
        let mut all = self.faults.locked();
        if all.get(&self.workspace).is_some_and(|queue| queue.laying == self.laying) {
            all.remove(&self.workspace);
        }
    }
}
