//! Packages for Linux, put together by tauri's own bundler: the window, the program `groundwork`, the labs and the models.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;

use super::{copy, megabytes, place_resources};
use crate::places::Places;
use crate::turn::Turn;
use crate::{compile, setup, shell, ui};

const KINDS: [&str; 2] = ["deb", "rpm"];

pub fn make(places: &Places) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("packages are made on Linux only so far; tauri.conf.json has what macOS and Windows need, untested");
    }
    let _turn = Turn::take(places)?;
    let start = Instant::now();
    setup::for_run(places)?;
    ui::build(places)?;
    shell::announce("build both programs in release");
    compile::released(places)?;
    let built = start.elapsed();

    shell::announce("put the packages together");
    let scratch = tempfile::tempdir()?;
    let resources = scratch.path().join("resources");
    place_resources(places, &resources)?;
    let config = scratch.path().join("packages.json");
    std::fs::write(&config, configuration(places, &resources).to_string())?;
    let bundler = places.target.join("release/bundle");
    if bundler.exists() {
        std::fs::remove_dir_all(&bundler).with_context(|| format!("could not remove {}", bundler.display()))?;
    }
    // The bundler looks for the window's program by the name that it is to have.
    copy(&places.release_binary("desktop"), &places.release_binary("groundwork-window"))?;
    let mut tauri = shell::command(places, "node");
    tauri.arg(places.ui().join("node_modules/@tauri-apps/cli/tauri.js"));
    tauri.args(["bundle", "--ci", "--bundles", &KINDS.join(","), "--config"]).arg(&config);
    shell::run(tauri.env("CARGO_TARGET_DIR", &places.target))?;

    if shell::find(places, "rpm").is_none() {
        setup::apt_install(places, &["rpm"]).context("trying the .rpm needs the program `rpm`")?;
    }
    for kind in KINDS {
        shell::announce(&format!(
            "install the .{kind} in a copy of this system, start it there, and take it off again"
        ));
        prove(places, &only(&bundler, kind)?)?;
    }
    println!("\n{:.0} s, of which {:.0} s to build", start.elapsed().as_secs_f64(), built.as_secs_f64());
    for kind in KINDS {
        let made = only(&bundler, kind)?;
        let package = places.bundles().join(made.file_name().unwrap_or_default());
        copy(&made, &package)?;
        println!("  {:>7.1} MB  {}", megabytes(&package)?, package.display());
    }
    println!("  the .rpm was tried on this system, without the packages of Fedora's names that it requires");
    Ok(())
}

/// What tauri.conf.json cannot say: where this build has its parts.
fn configuration(places: &Places, resources: &Path) -> serde_json::Value {
    let files = json!({ "/usr/bin/groundwork": places.release_binary("groundwork") });
    json!({
        "bundle": {
            "resources": { resources.to_string_lossy(): "resources" },
            "linux": { "deb": { "files": files }, "rpm": { "files": files } },
        },
    })
}

/// The one package of this kind.
fn only(bundler: &Path, kind: &str) -> Result<PathBuf> {
    let entries = std::fs::read_dir(bundler.join(kind)).with_context(|| format!("no .{kind} was made"))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut made = paths.filter(|path| path.extension().is_some_and(|extension| extension == kind));
    match (made.next(), made.next()) {
        (Some(package), None) => Ok(package),
        _ => bail!("there is not one .{kind} in {}", bundler.display()),
    }
}

/// Needs root: a copy of the system is laid over it, seen by the script alone, so that nothing of it stays.
fn prove(places: &Places, package: &Path) -> Result<()> {
    let mut script = shell::as_root(places, "unshare").context("trying a package needs root")?;
    script.args(["--mount", "sh", "-eu", "-c", include_str!("install.sh"), "install.sh"]).arg(package);
    let said = shell::read(&mut script).context("the package did not hold")?;
    println!("{said}");
    ensure!(said.lines().last() == Some("  nothing is left"), "the trial of the package did not come to its end");
    Ok(())
}
