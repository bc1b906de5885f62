//! One file a kind: its settings, its documentation, its look at the world, its lint.

pub mod collection;
pub mod command;
pub mod container;
pub mod data;
pub mod entry;
pub mod file;
pub mod gateway;
pub mod http;
pub mod image;
pub mod load;
pub mod metrics;
pub mod openapi;
pub mod pytest;
pub mod quiz;
pub mod script;
pub mod stack;
pub mod stream;
pub mod text;
pub mod trace;
pub mod visit;
pub mod workflow;
pub mod writing;
