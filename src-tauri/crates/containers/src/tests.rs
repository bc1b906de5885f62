//! Against a real engine, and beside it Docker's own client, which has to see the same. Every test has names of its own, and
//! leaves nothing.

mod alone;
mod images;
mod left;
mod lost;
mod machines;
mod order;
mod pulled;
mod stacks;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use task::{Cancellation, Part, Progress, Reporter};

use crate::error::is_gone_meanwhile;
use crate::{Engine, Surroundings};

/// Debian with Python; `assets/images/python.sh` makes it.
const PYTHON: &str = "groundwork/python:latest";

/// The address of the engine that tests may use.
fn address() -> String {
    std::env::var("GROUNDWORK_TEST_ENGINE").unwrap_or_else(|_| {
        panic!(
            "these tests need a container engine that has the image {PYTHON}: `cargo xtask test` brings one, or set \
             GROUNDWORK_TEST_ENGINE to its address, such as unix:///var/run/docker.sock"
        )
    })
}

async fn engine() -> Engine {
    Engine::find(&Surroundings { host: Some(address()), ..Surroundings::default() }).await.unwrap()
}

/// What Docker's own client says. It builds by the builder, and so from the cache, that ours uses, and as ours does once
/// more where another test has removed an image under it.
fn docker(arguments: &[&str]) -> String {
    loop {
        let mut client = Command::new("docker");
        client.env("DOCKER_BUILDKIT", "0").args(["--host", &address()]);
        let output = client.args(arguments).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if arguments[0] != "build" || !is_gone_meanwhile(&err) {
            assert!(output.status.success(), "docker {arguments:?}: {err}");
            return out.trim().to_owned();
        }
    }
}

/// Hears what work says, and can cancel it at a line with a certain end.
#[derive(Default)]
struct Heard {
    lines: Mutex<Vec<String>>,
    steps: Mutex<Vec<Progress>>,
    /// What was said of each part last.
    parts: Mutex<BTreeMap<String, (String, f64)>>,
    cancel_at: Option<(&'static str, Cancellation)>,
}

impl Reporter for Heard {
    fn progress(&self, progress: Progress) {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner).push(progress);
    }

    fn part(&self, part: Part) {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).insert(part.name, (part.what, part.share));
    }

    fn output(&self, line: &str) {
        if let Some((text, cancellation)) = &self.cancel_at
            && line.ends_with(text)
        {
            cancellation.cancel();
        }
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
    }
}

impl Heard {
    fn has(&self, text: &str) -> bool {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|line| line.contains(text))
    }
}

/// A folder of files.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::Builder::new().prefix("gw").tempdir().unwrap());
        files.iter().for_each(|(path, text)| folder.write(path, text));
        folder
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.at(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn at(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}
