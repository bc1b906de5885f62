//! Images, containers and stacks on an engine of this machine, Docker or what speaks as Docker does. The only user of bollard.
//!
//! Never touches what Groundwork did not make, never reads the environment, and opens no port to other machines.

mod compose;
mod container;
mod engine;
mod error;
mod image;
mod label;
mod lines;
mod runner;
mod stack;

pub use compose::{Compose, Limits};
pub use container::Usage;
pub use engine::{About, Engine, Surroundings};
pub use error::Error;
pub use image::{Build, Image, Layer};
pub use runner::{Ready, Run, Running};
pub use stack::{Line, Listed, ListedService, ServiceUsage, Wanted};

#[cfg(test)]
mod tests;
