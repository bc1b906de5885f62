//! Which of our crates may use which, and which libraries have exactly one user. Read from `cargo metadata`.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::Breach;
use crate::shell;

/// Each crate of ours and those it may use. A new crate is one line here, and one in ARCHITECTURE.md.
/// Every crate may use `task`, the words that all share, and `testkit` in its tests.
const LAYERS: &[(&str, &[&str])] = &[
    ("task", &[]),
    ("curriculum", &[]),
    ("checks", &["curriculum"]),
    ("containers", &[]),
    ("workspaces", &["checks", "curriculum"]),
    ("inference", &[]),
    ("ingestion", &[]),
    ("journal", &[]),
    ("models", &["inference"]),
    ("retrieval", &[]),
    ("selection", &["retrieval"]),
    ("gateway", &["inference", "retrieval"]),
    ("packs", &["curriculum"]),
    ("portfolio", &[]),
    ("projection", &[]),
    ("testkit", &["checks", "inference"]),
    (
        "workbench",
        &[
            "checks",
            "containers",
            "curriculum",
            "gateway",
            "inference",
            "ingestion",
            "journal",
            "models",
            "packs",
            "portfolio",
            "projection",
            "retrieval",
            "selection",
            "workspaces",
        ],
    ),
    ("cli", &["workbench"]),
    ("desktop", &["workbench"]),
    ("blackbox", &[]),
    ("xtask", &[]),
];

/// Libraries whose types would spread: each is wrapped by one crate, or by each that owns such a file. Tests elsewhere may use them as a fixture.
const ONLY_USERS: &[(&str, &[&str])] = &[
    ("tauri", &["desktop"]),
    ("tauri-build", &["desktop"]),
    ("tauri-specta", &["desktop"]),
    ("axum", &["gateway"]),
    ("candle-core", &["inference"]),
    ("tokenizers", &["inference"]),
    ("rusqlite", &["journal", "retrieval"]),
    ("rusqlite_migration", &["journal", "retrieval"]),
    ("notify", &["workspaces"]),
    ("tar", &["containers", "packs"]),
    ("bollard", &["containers"]),
    ("usearch", &["retrieval"]),
    ("csv", &["ingestion"]),
    ("html5ever", &["ingestion"]),
    ("ignore", &["ingestion"]),
    ("lopdf", &["ingestion"]),
    ("tokio-postgres", &["selection"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
];

#[derive(Debug, Clone, Deserialize)]
pub struct Package {
    pub name: String,
    pub manifest_path: String,
    pub dependencies: Vec<Dependency>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Dependency {
    pub name: String,
    /// `dev`, `build`, or none for an ordinary one.
    pub kind: Option<String>,
    /// The folder, where the dependency is ours.
    pub path: Option<String>,
}

/// The workspace's own packages.
pub fn packages(root: &Path) -> Result<Vec<Package>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let mut cargo = Command::new("cargo");
    cargo.args(["metadata", "--format-version", "1", "--no-deps", "--offline"]).current_dir(root);
    let metadata: Metadata =
        serde_json::from_str(&shell::read(&mut cargo)?).context("cargo metadata changed its form")?;
    Ok(metadata.packages)
}

pub fn breaches(packages: &[Package]) -> Vec<Breach> {
    packages.iter().flat_map(of_package).chain(absent(packages)).collect()
}

fn of_package(package: &Package) -> Vec<Breach> {
    let breach = |message: String| Breach { place: package.name.clone(), message };
    let Some((_, may_use)) = LAYERS.iter().find(|(name, _)| *name == package.name) else {
        return vec![breach("give this crate its place in the layers of xtask/src/tidy/layers.rs".to_owned())];
    };
    let mut breaches = Vec::new();
    if package.manifest_path.contains("/crates/")
        && !package.manifest_path.ends_with(&format!("/{}/Cargo.toml", package.name))
    {
        breaches.push(breach("the crate's name is not its folder's name".to_owned()));
    }
    for dependency in &package.dependencies {
        let (name, in_tests) = (dependency.name.as_str(), dependency.kind.as_deref() == Some("dev"));
        let ours = dependency.path.is_some();
        let allowed = name == "task" || may_use.contains(&name) || (name == "testkit" && in_tests);
        if ours && !allowed {
            breaches.push(breach(format!("may not depend on {name}; the layers in ARCHITECTURE.md say who may")));
        }
        match ONLY_USERS.iter().find(|(library, _)| *library == name) {
            Some((_, users)) if !users.contains(&package.name.as_str()) && !in_tests => {
                let users = users.join(" and ");
                breaches.push(breach(format!("of ours {users} may use {name}; ask there for what you need")));
            }
            _ => {}
        }
    }
    breaches
}

/// Layers whose crate is gone.
fn absent(packages: &[Package]) -> Vec<Breach> {
    let gone = LAYERS.iter().filter(|(name, _)| packages.iter().all(|package| package.name != *name));
    gone.map(|(name, _)| Breach {
        place: "xtask/src/tidy/layers.rs".to_owned(),
        message: format!("the crate {name} is in the layers but not in the workspace; remove its line"),
    })
    .collect()
}

/// Crates under `crates/` that ARCHITECTURE.md does not name, and crates it names that are not there.
pub fn undocumented(packages: &[Package], architecture: &str) -> Vec<Breach> {
    let folders: Vec<&str> = packages
        .iter()
        .filter(|package| package.manifest_path.contains("/crates/"))
        .map(|package| package.name.as_str())
        .collect();
    let named = crates_named(architecture);
    let breach = |message| Breach { place: "src-tauri/ARCHITECTURE.md".to_owned(), message };
    let unnamed = folders.iter().filter(|name| !named.contains(name));
    let unknown = named.iter().filter(|name| !folders.contains(name));
    unnamed
        .map(|name| breach(format!("its tree does not list the crate {name}")))
        .chain(unknown.map(|name| breach(format!("its tree lists the crate {name}, which is not there"))))
        .collect()
}

/// The names below `crates/` in the page's folder tree: indented deeper, each followed by a slash.
fn crates_named(architecture: &str) -> Vec<&str> {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let mut lines = architecture.lines().skip_while(|line| !line.trim_start().starts_with("crates/"));
    let Some(head) = lines.next() else { return Vec::new() };
    lines
        .take_while(|line| depth(line) > depth(head))
        .filter_map(|line| line.split_whitespace().next()?.strip_suffix('/'))
        .collect()
}
