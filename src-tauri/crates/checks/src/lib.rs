//! The kinds of check, and what they find.
//!
//! A check sees the world only through a [`Probe`] and never changes it. Each kind is one file in `kinds/` and one line
//! in the registry; the authors' reference is made from [`kinds`].

mod containers;
mod data;
mod definition;
mod during;
mod events;
mod excerpt;
mod files;
mod finding;
mod kinds;
mod lines;
mod machine;
mod outcome;
mod prepare;
mod probe;
mod program;
mod python;
mod reference;
mod registry;
mod revealing;
mod run;
mod schema;
mod settings;
mod value;

pub use containers::{
    Condition, Container, ContainerRun, Containers, Image, ImageBuild, Revealed, Stack, Stopped, Trouble,
};
/// What a check may lay on the gateway, as the pack's author writes it.
pub use curriculum::Injection;
pub use definition::definitions;
pub use kinds::entry::{Asked, entry};
pub use kinds::quiz::{Choice, Quiz, quiz};
pub use machine::{Beside, Files, HealthCheck, Machine, MachineRun, Program, Read};
pub use outcome::{Measured, Outcome, Place, Status};
pub use prepare::{Prepared, concerned, glob_of, lint, prepare};
pub use probe::{
    Answer, Call, Command, Entry, Exit, InForce, Look, Obstacle, Piece, Probe, Ran, Request, ServiceState, Span,
    SpanStatus, Spans, Stored, StreamEnd, Streamed,
};
pub use reference::reference;
pub use registry::{Kind, Setting, kinds};
pub use revealing::{LOOKED_AT, revealing};
pub use run::{Context, hint, run};
pub use schema::lab_schema;
pub use value::Value;
