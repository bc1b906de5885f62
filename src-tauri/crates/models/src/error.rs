//! What can go wrong on a model's way to this machine, each with a next step.

use std::path::{Path, PathBuf};

use inference::FileError;
use task::{Fault, Owner};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no model is called {id}")]
    Unknown { id: String },
    #[error("there is a model called {id} already")]
    Exists { id: String },
    #[error("{id:?} cannot be a model's name: letters, digits, dots and hyphens make one")]
    Name { id: String },
    #[error("{id} came with Groundwork")]
    Bundled { id: String },
    #[error("{id} is loaded by a Groundwork that runs now")]
    InUse { id: String },
    #[error("{id} is not something that can be fetched")]
    NoSource { id: String },
    #[error("{} has {} MB free, and {} MB are needed", folder.display(), free / 1_000_000, needed / 1_000_000)]
    NoSpace { folder: PathBuf, needed: u64, free: u64 },
    #[error("{} could not be written or read: {detail}", path.display())]
    Disk { path: PathBuf, detail: String },
    #[error("another Groundwork fetches {what} now")]
    Elsewhere { what: String },
    #[error("{url} could not be reached: {detail}")]
    Unreachable { url: String, detail: String },
    #[error("{url} answered with {status}")]
    Refused { url: String, status: u16 },
    #[error("what {url} sent is not the file that was asked for: {difference}")]
    Wrong { url: String, difference: String },
    #[error("the package index lists no wheel of {package} {version}")]
    NotListed { package: String, version: String },
    #[error("{what} cannot be unpacked: {detail}")]
    Wheel { what: String, detail: String },
    #[error("it was cancelled")]
    Cancelled,
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Model(#[from] inference::Error),
}

impl Error {
    pub(crate) fn disk(path: &Path) -> impl Fn(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |error| Self::Disk { path: path.clone(), detail: error.to_string() }
    }
}

impl Fault for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "models.unknown",
            Self::Exists { .. } => "models.exists",
            Self::Name { .. } => "models.name",
            Self::Bundled { .. } => "models.bundled",
            Self::InUse { .. } => "models.in_use",
            Self::NoSource { .. } => "models.no_source",
            Self::NoSpace { .. } => "models.no_space",
            Self::Disk { .. } => "models.disk",
            Self::Elsewhere { .. } => "models.elsewhere",
            Self::Unreachable { .. } => "models.unreachable",
            Self::Refused { .. } => "models.refused",
            Self::Wrong { .. } => "models.wrong",
            Self::NotListed { .. } => "models.not_listed",
            Self::Wheel { .. } => "models.wheel",
            Self::Cancelled => "task.cancelled",
            Self::File(error) => error.code(),
            Self::Model(error) => error.code(),
        }
    }

    fn next_step(&self) -> String {
        match self {
            Self::Unknown { .. } => "Run `groundwork model list` to see the models of this machine.".into(),
            Self::Exists { .. } => "Give it another name: --name.".into(),
            Self::Name { .. } => "Choose a name like qwen3-0.6b.".into(),
            Self::Bundled { .. } => "It stays; choose another model with `groundwork model use`.".into(),
            Self::InUse { .. } => "End that Groundwork, or wait until it has let the model go, then try again.".into(),
            Self::NoSource { .. } => {
                "Give a name from `groundwork model list`, or an address that begins with http:// or https://.".into()
            }
            Self::NoSpace { .. } => "Free some space, then try again.".into(),
            Self::Disk { .. } => "Look whether the disk is full and the folder yours, then try again.".into(),
            Self::Elsewhere { .. } => "Wait until it has ended, then try again.".into(),
            Self::Unreachable { .. } => {
                "Look at the network, then start it again: it goes on where it stopped. Installed models need no network."
                    .into()
            }
            Self::Refused { .. } => "Look at the address; GROUNDWORK_MIRROR names a server of your own.".into(),
            Self::Wrong { .. } | Self::Wheel { .. } => {
                "Try again; if it happens again, that server has another file: use another one.".into()
            }
            Self::NotListed { .. } => {
                "Look at GROUNDWORK_INDEX, or set GROUNDWORK_MIRROR to a server of your own.".into()
            }
            Self::Cancelled => "Start it again when you want to: it goes on where it stopped.".into(),
            // Files of this crate are the learner's own, and nothing fetches them again.
            Self::File(FileError::Damaged { .. } | FileError::CutShort { .. }) => {
                "Get the file again from where it came from, then import that.".into()
            }
            Self::File(FileError::Missing { .. }) => "Look at the path, then try again.".into(),
            Self::File(FileError::NotGguf { .. }) => "Choose a file that ends in .gguf.".into(),
            Self::File(FileError::Unsupported { .. }) => {
                "Choose another file of it (Q4_K_M and Q8_0 are usual), or a model of a family that is named.".into()
            }
            Self::File(error) => error.next_step(),
            Self::Model(error) => error.next_step(),
        }
    }

    fn owner(&self) -> Owner {
        match self {
            Self::File(FileError::Unsupported { .. }) => Owner::Learner,
            Self::File(error) => error.owner(),
            Self::Model(error) => error.owner(),
            _ => Owner::Learner,
        }
    }
}
