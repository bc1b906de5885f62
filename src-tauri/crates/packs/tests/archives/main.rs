//! Archives made well and made badly, and what becomes of the folder that they are unpacked into.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where its world cannot be made")]

mod bad;
mod good;
mod made;
mod properties;
