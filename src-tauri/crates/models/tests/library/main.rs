//! The crate from outside: folders, files and a server that misbehaves as real ones do.

// Clippy knows a test by its attribute; most of this is what the tests share.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod downloads;
mod imports;
mod server;
mod support;
