//! Everything that must be on the machine before Groundwork builds and runs: one list of needs, each of which
//! can say what is missing, mend it, and name the command for whoever mends it by hand.
//! A need that is met costs milliseconds, so a second run starts at once.

mod engine;
mod models;
mod node;
mod postgres;
mod python;
mod resources;
mod system;
mod tools;

use std::path::PathBuf;

use anyhow::{Result, bail};

pub use system::apt_install;

use crate::places::Places;
use crate::shell;

pub struct Need {
    pub name: &'static str,
    /// Whether only the tests ask for it.
    pub tests_only: bool,
    /// What is missing now; `None` when nothing is.
    pub missing: fn(&Places) -> Result<Option<String>>,
    /// Brings it; `None` where only a person can.
    pub mend: Option<fn(&Places) -> Result<()>>,
    /// What a person types to bring it.
    pub by_hand: fn(&Places) -> String,
}

/// In the order in which they build on one another.
pub const NEEDS: &[Need] = &[
    system::PACKAGES_NEED,
    system::BROWSER_NEED,
    tools::COMPONENTS,
    node::NODE,
    python::PYTHON,
    node::PACKAGES,
    python::DOWNLOADER,
    models::MODELS,
    models::TEST_MODELS,
    python::WHEELHOUSE,
    resources::RESOURCES,
    tools::NEXTEST,
    tools::DENY,
    python::CLIENTS,
    postgres::POSTGRES,
    engine::ENGINE,
    engine::IMAGE,
    engine::REGISTRY,
    engine::COMPOSE,
];

/// What `cargo xtask run` needs.
pub fn for_run(places: &Places) -> Result<()> {
    prepare(places, |need| !need.tests_only)
}

/// What `cargo xtask test` needs, which is everything.
pub fn everything(places: &Places) -> Result<()> {
    prepare(places, |_| true)
}

/// What the tests' container engine needs.
pub fn for_engine(places: &Places) -> Result<()> {
    prepare(places, |need| {
        [engine::ENGINE, engine::IMAGE, engine::REGISTRY, engine::COMPOSE].map(|need| need.name).contains(&need.name)
    })
}

fn prepare(places: &Places, wanted: fn(&Need) -> bool) -> Result<()> {
    for need in NEEDS.iter().filter(|need| wanted(need)) {
        let Some(missing) = (need.missing)(places)? else { continue };
        let by_hand = (need.by_hand)(places);
        let Some(mend) = need.mend else { bail!("{}: {missing}\n  {by_hand}", need.name) };
        shell::announce(&format!("set up {}: {missing}", need.name));
        if let Err(error) = mend(places) {
            bail!("{} could not be set up: {error:#}\n  By hand: {by_hand}", need.name);
        }
        if let Some(missing) = (need.missing)(places)? {
            // Something else may be in the way by now.
            let by_hand = (need.by_hand)(places);
            bail!("{}: still not right after set-up: {missing}\n  By hand: {by_hand}", need.name);
        }
    }
    Ok(())
}

pub use postgres::postgres;
pub use python::{download_python, environment, interpreter};

/// Each set of official clients that the tests run, and the interpreter that has it.
pub fn client_pythons(places: &Places) -> Result<Vec<(String, PathBuf)>> {
    let clients = python::clients(places)?;
    Ok(clients.into_iter().map(|(name, folder)| (name, interpreter(&folder))).collect())
}
