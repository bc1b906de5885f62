//! The product from outside: the command line, the window and the shipped pack, as people and programs meet them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod cli;
mod corpus;
mod desktop;
mod packs;
mod support;
