//! The window's user interface: built by Vite into ui/dist, and its own checks.

use anyhow::Result;

use crate::places::Places;
use crate::{files, shell};

/// Builds ui/dist, unless it was built from just these sources: a new dist makes Cargo build the window anew.
pub fn build(places: &Places) -> Result<()> {
    let stamp = places.stamps().join("ui");
    let sources = files::digest(&places.root, &files::list(&places.root, "ui")?)?;
    if places.ui().join("dist/index.html").is_file() && files::stamped(&stamp, &sources) {
        return Ok(());
    }
    script(places, "build")?;
    files::stamp(&stamp, &sources)
}

/// Types, lint, the gallery of the components, the page over the scripted backend and their tests. Gives the test runner's closing line.
pub fn check(places: &Places) -> Result<String> {
    script(places, "check")?;
    script(places, "lint")?;
    script(places, "gallery:build")?;
    script(places, "demo:build")?;
    script(places, "test")
}

fn script(places: &Places, name: &str) -> Result<String> {
    let mut npm = shell::command(places, "npm");
    npm.args(["run", "--silent", name]).current_dir(places.ui());
    shell::run_to_closing_line(&mut npm, |line| line.starts_with("Tests ") && line.contains("passed"))
}
