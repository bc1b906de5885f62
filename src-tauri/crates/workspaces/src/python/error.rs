//! Why there is no Python environment, and the command that mends it.

use std::path::PathBuf;

use task::{Fault, Owner};

use crate::Error;

#[derive(Debug, thiserror::Error)]
pub enum PythonError {
    #[error("no Python was found on this machine")]
    Missing,
    #[error("{} is Python {version}; the labs need 3.10 or newer", program.display())]
    TooOld { program: PathBuf, version: String },
    #[error("Python {version} at {} comes without its venv module", program.display())]
    NoVenv { program: PathBuf, version: String },
    #[error("the lab's list of packages cannot be used: {detail}")]
    Requirements { detail: String },
    #[error("a package is not the one that the lab names: {detail}")]
    Altered { detail: String },
    #[error("{package} is not in the packages that came with Groundwork, and the package index cannot be reached")]
    Offline { package: String },
    #[error("{package} fits neither this Python nor this system")]
    NoSuchPackage { package: String },
    #[error("the Python environment could not be made: {detail}")]
    Failed { detail: String },
    #[error("making the Python environment was cancelled")]
    Cancelled,
    #[error(transparent)]
    Folder(#[from] Error),
}

impl PythonError {
    /// Of several Pythons that will not do, the most nearly usable one is worth a word.
    pub(super) fn nearness(&self) -> u8 {
        match self {
            Self::Missing => 0,
            Self::TooOld { .. } => 1,
            _ => 2,
        }
    }
}

const INSTALL: &str = if cfg!(target_os = "macos") {
    "brew install python"
} else if cfg!(windows) {
    "winget install Python.Python.3.12"
} else {
    "sudo apt install python3 python3-venv"
};

impl Fault for PythonError {
    fn code(&self) -> &'static str {
        match self {
            Self::Missing => "python.missing",
            Self::TooOld { .. } => "python.too_old",
            Self::NoVenv { .. } => "python.no_venv",
            Self::Requirements { .. } => "python.requirements",
            Self::Altered { .. } => "python.altered",
            Self::Offline { .. } => "python.offline",
            Self::NoSuchPackage { .. } => "python.no_such_package",
            Self::Failed { .. } => "python.failed",
            Self::Cancelled => "python.cancelled",
            Self::Folder(error) => error.code(),
        }
    }

    fn next_step(&self) -> String {
        match self {
            Self::Missing | Self::TooOld { .. } => format!("Install Python 3.10 or newer (`{INSTALL}`), then start the lab again."),
            Self::NoVenv { version, .. } => {
                let minor: Vec<_> = version.split('.').take(2).collect();
                format!("Install the module (on Debian and Ubuntu: `sudo apt install python{}-venv`), then start the lab again.", minor.join("."))
            }
            Self::Requirements { .. } => "Reinstall the pack, or tell its authors.".into(),
            Self::Altered { .. } => {
                "Do not use that file. Reinstall Groundwork's packages, or tell the pack's authors if it came from the index.".into()
            }
            Self::Offline { .. } => "Connect to the internet once and start the lab again; after that no network is needed.".into(),
            Self::NoSuchPackage { .. } => {
                format!("Install another Python version (`{INSTALL}`), or tell the authors of the pack.")
            }
            Self::Failed { .. } => "Read the log above, then start the lab again.".into(),
            Self::Cancelled => "Start the lab again when you are ready.".into(),
            Self::Folder(error) => error.next_step(),
        }
    }

    fn owner(&self) -> Owner {
        match self {
            Self::Folder(error) => error.owner(),
            _ => Owner::Learner,
        }
    }
}
