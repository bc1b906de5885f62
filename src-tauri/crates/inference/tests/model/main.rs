//! The crate from outside, on the real model file.

// Clippy knows a test by its attribute; most of this is what the tests share.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use inference::Manifest;

mod embeddings;
mod engine;
mod files;
mod memory;
mod real;
mod words;
