//! PostgreSQL with pgvector, which the tests of the selection bench start: programs in a Python package, because Debian 12
//! has no package of pgvector.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{Need, python};
use crate::places::Places;
use crate::shell;

const REQUIREMENTS: &str = "tests/requirements-postgres.txt";

pub const POSTGRES: Need = Need {
    name: "PostgreSQL with pgvector",
    tests_only: true,
    missing: |places| {
        let folder = python::environment_of(places, "postgres", REQUIREMENTS)?;
        Ok((!python::is_complete(&folder)).then(|| "a Python package".to_owned()))
    },
    mend: Some(|places| python::environment(places, "postgres", REQUIREMENTS).map(drop)),
    by_hand: |_| "cargo xtask setup, where there is a network".to_owned(),
};

/// The folder that the package was installed into.
pub fn postgres(places: &Places) -> Result<PathBuf> {
    let folder = python::environment_of(places, "postgres", REQUIREMENTS)?;
    let ask = "import sysconfig; print(sysconfig.get_paths()['platlib'])";
    let platlib = shell::read(shell::command(places, python::interpreter(&folder)).args(["-c", ask]));
    Ok(platlib.context("PostgreSQL is not set up; run: cargo xtask setup")?.trim().into())
}
