//! The learner's Python: found on the machine, and given the lab's packages in an environment of its own.
//!
//! Never changes the Python that it found, and never installs a file whose hash the lab does not name.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    time::Duration,
};

use checks::{Exit, Ran};

use crate::{process::Launch, run::run, surroundings::find};

mod environment;
mod error;
mod pip;
mod requirements;

pub use environment::{Environment, EnvironmentRequest};
pub use error::PythonError;
pub use requirements::packages;

/// The oldest minor version of Python 3 that labs run on.
const OLDEST: u32 = 10;
const NEWEST_LOOKED_FOR: u32 = 15;

/// A Python that can make environments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Python {
    /// The interpreter itself, behind links and shims.
    pub program: PathBuf,
    /// `3.11.7`
    pub version: String,
}

impl Python {
    /// The first usable Python on a search path. Where there is none, the error tells of the one that came nearest.
    pub async fn find(search_path: &OsStr) -> Result<Self, PythonError> {
        let dated = (OLDEST..=NEWEST_LOOKED_FOR).rev().map(|minor| format!("python3.{minor}"));
        let names = std::iter::once("python3".to_owned()).chain(dated).chain(std::iter::once("python".to_owned()));
        let mut nearest = PythonError::Missing;
        for program in names.filter_map(|name| find(search_path, &name)) {
            match Self::examine(&program, search_path).await {
                Ok(python) => return Ok(python),
                Err(error) if error.nearness() > nearest.nearness() => nearest = error,
                Err(_) => {}
            }
        }
        Err(nearest)
    }

    async fn examine(program: &Path, search_path: &OsStr) -> Result<Self, PythonError> {
        let ran = tool(program, &["-E", "-c", EXAMINE], Path::new("/"), search_path).await;
        let Ok(Ran { exit: Exit::Code(0), stdout, .. }) = ran else { return Err(PythonError::Missing) };
        let mut lines = stdout.lines().map(str::trim);
        let (Some(version), Some(real), Some(modules)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(PythonError::Missing);
        };
        let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
        if (parts.next(), parts.next()) < (Some(3), Some(OLDEST)) {
            return Err(PythonError::TooOld { program: program.to_path_buf(), version: version.to_owned() });
        }
        if modules != "venv" {
            return Err(PythonError::NoVenv { program: program.to_path_buf(), version: version.to_owned() });
        }
        Ok(Self { program: PathBuf::from(real), version: version.to_owned() })
    }
}

/// Runs on any Python, as far back as 2.7.
const EXAMINE: &str = r#"
import sys
print(".".join(str(part) for part in sys.version_info[:3]))
print(sys.executable)
try:
    import venv, ensurepip
    print("venv")
except ImportError:
    print("none")
"#;

/// Runs a tool of ours to its end and gives what it printed.
async fn tool(program: &Path, arguments: &[&str], folder: &Path, search_path: &OsStr) -> std::io::Result<Ran> {
    let launch = tool_launch(program, arguments.iter().map(OsString::from).collect(), folder, search_path);
    run(&launch, None, Duration::from_secs(120), 1 << 20).await
}

/// Tools see the user's environment, for proxies, mirrors and caches, but nothing that would point Python elsewhere.
fn tool_launch(program: &Path, arguments: Vec<OsString>, folder: &Path, search_path: &OsStr) -> Launch {
    let neutral =
        ["PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_REQUIREMENT", "PIP_CONSTRAINT"];
    let mut environment: BTreeMap<String, OsString> =
        neutral.iter().map(|name| ((*name).to_owned(), OsString::new())).collect();
    environment.insert("PATH".into(), search_path.to_owned());
    environment.insert("PYTHONUNBUFFERED".into(), "1".into());
    Launch {
        program: program.to_path_buf(),
        arguments,
        folder: folder.to_path_buf(),
        environment,
        inherits: true,
        memory_mb: None,
        reach: None,
    }
}
