//! Real folders, real processes, the real Python.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test's helpers fail as the test does")]

mod commands;
mod crash;
mod editors;
mod folders;
mod http;
mod isolation;
mod pytest;
mod python;
mod reads;
mod services;
mod snapshots;
mod support;
mod terminals;
mod trees;
mod updates;
mod watching;
