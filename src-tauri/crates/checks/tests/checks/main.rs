//! Each kind of check on made-up worlds: what a learner is told.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where its world cannot be made")]

mod command;
mod data;
mod file;
mod gateway;
mod http;
mod lint;
mod order;
mod properties;
mod quiz;
mod text;
mod world;
