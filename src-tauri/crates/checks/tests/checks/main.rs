//! Each kind of check on made-up worlds: what a learner is told.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where its world cannot be made")]

mod called;
mod collection;
mod command;
mod container;
mod data;
mod definition;
mod entry;
mod faults;
mod file;
mod gateway;
mod http;
mod image;
mod lint;
mod load;
mod metrics;
mod openapi;
mod order;
mod properties;
mod pytest;
mod quiz;
mod reference;
mod script;
mod stack;
mod stream;
mod text;
mod told;
mod trace;
mod workflow;
mod world;
mod writing;
