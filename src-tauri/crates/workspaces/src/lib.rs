//! A learner's folder and everything that happens in it: create, snapshot, reset, update, restore, watch, the Python environment, running
//! services and commands, and the [`LiveProbe`] through which checks see all of that. The only user of notify.
//!
//! Never decides whether work is right (that is `checks`), never writes the journal, and never talks to the gateway.

mod activation;
mod disk;
mod editor;
mod error;
mod paths;
mod probe;
mod process;
mod python;
mod run;
mod services;
mod snapshot;
mod surroundings;
mod terminal;
mod watcher;
mod workspace;

pub use activation::write_activation;
pub use disk::free_space;
pub use editor::{Editor, show_folder};
pub use error::Error;
pub use paths::{text as path_text, work};
pub use probe::{LiveProbe, Record};
#[cfg(target_os = "linux")]
pub use process::proc::processes_in;
pub use process::{Isolation, isolation};
pub use python::{Environment, EnvironmentRequest, Python, PythonError, packages};
pub use services::{Service, Services, State};
pub use snapshot::{
    Kept, MOST, MOST_BYTES, Reason, Restored, Snapshot, Updated, reset, restore, restore_fixed, snapshots, update,
};
pub use surroundings::{Surroundings, has_docker};
pub use terminal::{Said, Size, Terminal, shell};
pub use watcher::{Mode, Saved, Saves, Watcher};
pub use workspace::{Workspace, create};

/// What went right or one [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
