//! Packs, their plan and their labs: parse, validate, lint.
//!
//! Never does IO beyond reading a pack's folder, and knows no check kind: a check's settings pass through as data.
//!
//! [`load`] reads a whole pack and either returns it or every [`Problem`] it found, each with file, line and column.
//! [`survey`] goes on past problems, and [`lint`] looks at what a learner would stumble over although the pack loads.

mod alone;
mod calls;
mod document;
mod entries;
mod explain;
mod guide;
mod lab;
mod lint;
mod mutant;
mod order;
mod pack;
mod path;
mod plan;
mod problem;
mod roadmap;
mod schema;
#[cfg(test)]
mod tests;

pub use alone::parse_lab;
pub use calls::{CALLS, RecordedCall, calls};
pub use entries::{ENTRIES, WrittenEntry, entries};
pub use explain::{Explained, explain, nearest, syntax};
pub use guide::{Block, Figure, FilePlace, Inline, Item, PageStyle, Run, Target, When, page};
pub use lab::{Check, Docker, File, HintWhen, Injection, Lab, Ready, Requires, Role, Service, Shared, Step};
pub use lint::{lint, runs, shown, styles};
pub use mutant::{Mutant, mutants};
pub use pack::{Pack, Survey, load, survey};
pub use path::{leaves, unfit};
pub use plan::{Phase, Plan, PlannedLab};
pub use problem::{Place, Problem, in_order};
pub use roadmap::{AtlasRow, Milestone, Priority, Roadmap, Side, Skill, Year};
pub use schema::{lab_schema, pack_schema};
