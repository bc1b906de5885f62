//! Packs, their plan and their labs: parse, validate, lint.
//!
//! Never does IO beyond reading a pack's folder, and knows no check kind: a check's settings pass through as data.
//!
//! [`load`] reads a whole pack and either returns it or every [`Problem`] it found, each with file, line and column.

mod document;
mod explain;
mod lab;
mod order;
mod pack;
mod path;
mod plan;
mod problem;
#[cfg(test)]
mod tests;

pub use explain::{Explained, explain, nearest, syntax};
pub use lab::{Check, Docker, File, HintWhen, Lab, Ready, Requires, Role, Service, Step};
pub use pack::{Pack, load};
pub use path::{leaves, unfit};
pub use plan::{Phase, Plan, PlannedLab};
pub use problem::{Place, Problem};
