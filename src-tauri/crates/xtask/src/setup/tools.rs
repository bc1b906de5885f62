//! Programs of the Rust world that the tests need: rustfmt, clippy, cargo-nextest and cargo-deny. Built into
//! the cache, at pinned versions, only where they are missing.

use anyhow::{Result, bail};

use super::Need;
use crate::places::Places;
use crate::shell;

pub const COMPONENTS: Need = Need {
    name: "rustfmt and clippy",
    tests_only: true,
    missing: |places| {
        let there = |program: &str| shell::read(shell::command(places, program).arg("--version")).is_ok();
        let missing: Vec<&str> = ["rustfmt", "clippy-driver"].into_iter().filter(|program| !there(program)).collect();
        Ok((!missing.is_empty()).then(|| missing.join(" ")))
    },
    mend: Some(|places| {
        if shell::find(places, "rustup").is_none() {
            bail!("rustup was not found");
        }
        shell::run(shell::command(places, "rustup").args(["component", "add", "rustfmt", "clippy"]))
    }),
    by_hand: |_| "rustup component add rustfmt clippy".to_owned(),
};

const NEXTEST_VERSION: &str = "0.9.143";
const DENY_VERSION: &str = "0.20.2";

pub const NEXTEST: Need = Need {
    name: "cargo-nextest",
    tests_only: true,
    missing: |places| Ok(not_found(places, "cargo-nextest")),
    mend: Some(|places| build(places, "cargo-nextest", NEXTEST_VERSION)),
    by_hand: |_| format!("cargo install cargo-nextest --version {NEXTEST_VERSION} --locked"),
};

pub const DENY: Need = Need {
    name: "cargo-deny",
    tests_only: true,
    missing: |places| Ok(not_found(places, "cargo-deny")),
    mend: Some(|places| build(places, "cargo-deny", DENY_VERSION)),
    by_hand: |_| format!("cargo install cargo-deny --version {DENY_VERSION} --locked"),
};

fn not_found(places: &Places, program: &str) -> Option<String> {
    shell::find(places, program).is_none().then(|| "built from source once, a few minutes".to_owned())
}

/// Without optimization: it builds in half the time, and these programs mostly wait for others.
fn build(places: &Places, name: &str, version: &str) -> Result<()> {
    let mut cargo = shell::command(places, "cargo");
    // A target folder of its own, thrown away: these dependencies are nobody else's.
    cargo.env_remove("CARGO_TARGET_DIR").env_remove("RUSTC_WORKSPACE_WRAPPER");
    cargo.args(["install", name, "--version", version, "--locked", "--debug", "--root"]);
    shell::run(cargo.arg(places.tools()))
}
