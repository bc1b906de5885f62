//! A learner's home for benches, in a temporary folder that goes afterwards.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::places::Places;
use crate::shell;

pub const LAB: &str = "orientation";

/// Long enough for every row of a list to be of another height.
const TEXT: &str = "Asked with a reproduction that needs no server, and answered within a day by two people. The \
                    limit is meant, the maintainers say, and a sentence for the documentation would be welcome. I had \
                    expected a bug and was wrong about that; the next one comes with the version that was right.";

pub struct Home {
    folder: PathBuf,
}

impl Home {
    pub fn new(name: &str) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("groundwork-bench-{name}-{}", std::process::id()));
        // What a bench that was killed left behind.
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).with_context(|| format!("could not make {}", folder.display()))?;
        Ok(Self { folder })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Lets a program live in this home.
    pub fn of<'a>(&self, places: &Places, command: &'a mut Command) -> &'a mut Command {
        command
            .env("GROUNDWORK_HOME", self.folder.join("data"))
            .env("GROUNDWORK_WORKSPACES", self.folder.join("workspaces"))
            .env("GROUNDWORK_RESOURCES", places.resources())
            .env("GROUNDWORK_PORT", "0")
    }

    /// The learner's copy of lab 0.
    pub fn workspace(&self) -> PathBuf {
        self.folder.join("workspaces").join(LAB)
    }

    pub fn start_lab(&self, places: &Places, lab: &str) -> Result<()> {
        let mut start = shell::command(places, places.release_binary("groundwork"));
        shell::read(self.of(places, start.args(["lab", "start", lab, "--no-editor"])))?;
        Ok(())
    }

    /// Checks the lab once and multiplies what that recorded until the journal holds `count` outcomes.
    pub fn record_outcomes(&self, places: &Places, count: usize) -> Result<()> {
        let mut check = shell::command(places, places.release_binary("groundwork"));
        // It exits with 1: the starter is not done.
        self.of(places, check.args(["lab", "check", LAB])).output().context("could not check the lab")?;
        let mut fill = shell::command(places, "python3");
        fill.args(["-c", include_str!("fill.py")]).arg(self.folder.join("data/journal.db")).arg(count.to_string());
        shell::read(&mut fill)?;
        Ok(())
    }

    /// Writes an entry of this sort for a lab that is started, and multiplies it until the journal holds `count`.
    pub fn write_entries(&self, places: &Places, [lab, sort]: [&str; 2], count: usize) -> Result<()> {
        let mut add = shell::command(places, places.release_binary("groundwork"));
        add.args(["entry", "add", lab, "--sort", sort, "--title", "Answered", "--text", TEXT]);
        add.args(["--url", "https://example.org/threads/1"]);
        // It exits with 1: the lab asks for more than that.
        self.of(places, &mut add).output().context("could not write an entry")?;
        let mut fill = shell::command(places, "python3");
        fill.args(["-c", include_str!("entries.py")]).arg(self.folder.join("data/journal.db")).arg(count.to_string());
        shell::read(&mut fill)?;
        Ok(())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
