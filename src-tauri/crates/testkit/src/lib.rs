//! What tests of several crates share: made-up models and made-up worlds. Never shipped.

pub mod memory_containers;
pub mod memory_probe;
pub mod scripted_embedder;
pub mod scripted_model;
