//! How the workspace is compiled: once for the tests, with clippy in the same pass, and the two programs
//! for whoever wants to run them. Dependencies are compiled once for both.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::places::Places;
use crate::shell;
use crate::turn::Turn;

/// Cargo as the tests use it. Clippy stands in for the compiler on our own crates only, so one pass both
/// compiles and lints them, and the commands after it find everything fresh.
pub fn linted(places: &Places) -> Result<Command> {
    forget_other_clones(places, &[])?;
    let clippy = shell::find(places, "clippy-driver").context("clippy-driver was not found; run: cargo xtask setup")?;
    let mut cargo = shell::cargo(places);
    cargo.env("RUSTC_WORKSPACE_WRAPPER", clippy).env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings");
    Ok(cargo)
}

/// Every crate and every test, a warning being an error.
pub fn everything(places: &Places) -> Result<()> {
    shell::run(linted(places)?.args(["build", "--workspace", "--all-targets", "--locked"]))
}

/// The two programs, without lints: a newer compiler's new warning must not keep anyone from running them.
pub fn programs(places: &Places) -> Result<()> {
    let _turn = Turn::take(places)?;
    forget_other_clones(places, &[])?;
    shell::run(&mut the_programs(places))
}

/// The two programs as they are shipped, and no more.
pub fn released(places: &Places) -> Result<()> {
    forget_other_clones(places, &[])?;
    shell::run(the_programs(places).arg("--release"))
}

/// Programs as they are shipped, and examples that measure or that they are compared with: only those named, since each takes
/// minutes to link.
pub fn for_benches(places: &Places, programs: &[&str]) -> Result<()> {
    forget_other_clones(places, &[])?;
    let mut cargo = the_workspace(places);
    for program in programs {
        match program.strip_prefix("examples/") {
            Some(example) => cargo.args(["--example", example]),
            None => cargo.args(["--bin", program]),
        };
    }
    shell::run(cargo.args(["--release", "--features", "desktop/bench"]))
}

fn the_programs(places: &Places) -> Command {
    let mut cargo = the_workspace(places);
    cargo.args(["--bin", "desktop", "--bin", "groundwork"]);
    cargo
}

/// Programs are picked out of the whole workspace, not by package: their dependencies have the features that the tests build
/// them with, and are compiled once for both.
fn the_workspace(places: &Places) -> Command {
    let mut cargo = shell::cargo(places);
    cargo.args(["build", "--locked", "--workspace"]);
    cargo
}

/// Cargo tells a changed source by its time alone and names our crates alike in every clone. Where another
/// clone built last, an older file of this one would pass for fresh: our crates, not the dependencies, are
/// built anew then, of the profile and target that `which` names to `cargo clean`.
pub fn forget_other_clones(places: &Places, which: &[&str]) -> Result<()> {
    let stamp = places.target.join("built-from");
    let root = places.root.to_string_lossy();
    let last = std::fs::read_to_string(&stamp).ok();
    if last.as_deref() == Some(root.as_ref()) {
        return Ok(());
    }
    if last.is_some() {
        let mut cargo = shell::cargo(places);
        cargo.args(["clean", "--quiet"]).args(which);
        for package in our_packages(places)? {
            cargo.args(["--package", &package]);
        }
        shell::run(&mut cargo)?;
    }
    std::fs::create_dir_all(&places.target)?;
    std::fs::write(&stamp, root.as_bytes()).with_context(|| format!("could not write {}", stamp.display()))
}

fn our_packages(places: &Places) -> Result<Vec<String>> {
    Ok(crate::tidy::layers::packages(&places.root)?.into_iter().map(|package| package.name).collect())
}

/// What the tests need to find: the programs just built, a Python that has pytest, the resources and the models.
pub fn test_environment(places: &Places) -> Result<Vec<(&'static str, PathBuf)>> {
    let pythons = crate::setup::client_pythons(places)?;
    let (_, pytest) = pythons.into_iter().next_back().context("tests/clients names no clients")?;
    Ok(vec![
        ("GROUNDWORK_PYTEST", pytest),
        ("GROUNDWORK_POSTGRES", crate::setup::postgres(places)?),
        ("GROUNDWORK_BIN", places.debug_binary("groundwork")),
        ("GROUNDWORK_DESKTOP", places.debug_binary("desktop")),
        ("GROUNDWORK_RESOURCES", places.resources()),
        ("GROUNDWORK_MODELS", places.models()),
    ])
}
