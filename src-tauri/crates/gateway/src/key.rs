//! Keys: one a workspace, random, and kept by others only as a hash.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Knows whose key a key is. Asked once a request, on a thread that may block.
pub trait Keys: Send + Sync {
    /// Whose key `key` is; `None` for one that is wrong or withdrawn.
    fn caller(&self, key: &str) -> Option<Caller>;
}

/// Who sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    pub workspace: Uuid,
    /// Groundwork started the program, for a check or as a service: its calls alone meet the faults that a check lays.
    pub started: bool,
}

/// A fresh key: `gw-` and 32 random bytes in hexadecimal.
pub fn new_key() -> String {
    format!("gw-{}", hex(&rand::random::<[u8; 32]>()))
}

/// What to store instead of the key: its SHA-256 in hexadecimal. A key holds 256 random bits, so it needs no salt.
pub fn hash_key(key: &str) -> String {
    hex(&Sha256::digest(key.as_bytes()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
