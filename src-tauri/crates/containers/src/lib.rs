//! Images, containers and stacks on an engine of this machine, Docker or what speaks as Docker does. The only user of bollard.
//!
//! Never touches what Groundwork did not make, never reads the environment, and opens no port to other machines.

mod compose;
mod container;
mod engine;
mod error;
mod image;
mod label;
mod leftover;
mod lines;
mod machine;
mod runner;
mod stack;

pub use compose::{Compose, Health, Limits};
pub use container::Usage;
pub use engine::{About, Engine, Surroundings};
pub use error::Error;
pub use image::{BASE, Below, Build, Image, Inside, Layer, LayerFile};
pub use leftover::{Leftover, LeftoverKind};
pub use machine::{Beside, Executed, Found, Machine, MachineRun};
pub use runner::{Ready, Run, Running};
pub use stack::{Crash, Line, Listed, ListedService, ServiceUsage, Wanted};

#[cfg(test)]
mod tests;
