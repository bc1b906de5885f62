//! `pytest`: the workspace's tests run, each is told of, and as many pass as should.

mod diagnosis;
mod session;
mod unfound;

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use curriculum::Lab;
use serde::Deserialize;

use self::session::{End, Session};
use crate::{
    Command, Context, Exit, Obstacle,
    excerpt::count,
    finding::{Halt, Judge, Passed, Sources, Wrong},
    program::{self, ENV, MEMORY, two_gibibytes},
    registry::{Kind, Setting, read},
    settings::one,
};

pub const KIND: Kind = Kind {
    name: "pytest",
    doc: "Tests in the workspace, the learner's or the pack's, run with pytest and pass.",
    settings: &[
        Setting::required(
            "paths",
            "list of texts",
            "Files, folders and tests, as pytest names them: `tests`, `tests/test_sums.py::test_small`, `.` for all.",
        ),
        Setting::new("at_least", "whole number", "How many tests must pass; a skipped one does not. 1 where left out."),
        Setting::new(
            "names",
            "list of texts",
            "Tests that must be there and pass: a function's name, or `TestSums::test_small`.",
        ),
        ENV,
        Setting::new("timeout_s", "whole number", "Seconds for all tests together, at most 300. 60 where left out."),
        MEMORY,
    ],
    read: read::<Pytest>,
};

/// Runs in the lab's Python; see its first line.
const RUNNER: &str = include_str!("pytest/runner.py");

/// The whole workspace.
const TOP: &str = ".";

/// A file of this name is what `import pytest` finds first.
const HIDES: &str = "pytest.py";

/// Bytes kept of each stream: a test is told of in a few hundred.
const OUTPUT_CAP: usize = 4 << 20;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pytest {
    paths: Vec<String>,
    #[serde(default = "one")]
    at_least: usize,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default = "sixty")]
    timeout_s: u64,
    #[serde(default = "two_gibibytes")]
    memory_mb: u32,
}

fn sixty() -> u64 {
    60
}

#[async_trait]
impl Judge for Pytest {
    /// A test may read any module of the workspace, and whatever lies beside it.
    fn sources(&self) -> Sources {
        let mut sources = Sources { globs: vec!["**/*.py".to_owned()], ..Sources::default() };
        for file in self.paths.iter().map(|path| file(path)) {
            match file.ends_with(".py") {
                true => sources.files.push(file.to_owned()),
                false if file == TOP => sources.globs.push("**".to_owned()),
                false => sources.globs.push(format!("{file}/**")),
            }
        }
        sources
    }

    fn lint(&self, _: &Lab) -> Vec<Wrong> {
        let mut wrong = program::lint(&self.argv(), self.timeout_s, self.memory_mb);
        if self.paths.is_empty() {
            wrong.push(Wrong::new("paths", "there are no tests to run", "Write [\"tests\"]."));
        }
        for (index, path) in self.paths.iter().enumerate() {
            if let Some(reason) = curriculum::unfit(file(path)).filter(|_| file(path) != TOP) {
                let message = format!("the path `{path}` {reason}");
                wrong.push(Wrong::new(format!("paths[{index}]"), message, "Write it from the top of the workspace."));
            }
        }
        if self.at_least == 0 {
            wrong.push(Wrong::new("at_least", "no test at all is asked for", "Write 1 or more."));
        }
        wrong
    }

    fn runs(&self) -> Option<String> {
        Some(self.line())
    }

    async fn judge(&self, _: &str, context: &Context<'_>) -> Result<Passed, Halt> {
        let files = context.probe.list("").await?;
        if let Some(missing) = self.paths.iter().find_map(|path| diagnosis::no_path(file(path), &files)) {
            return Err(missing.into());
        }
        if files.iter().any(|file| file == HIDES) {
            return Err(diagnosis::hidden(HIDES).into());
        }
        let command = Command {
            argv: self.argv(),
            stdin: None,
            env: self.env.clone(),
            timeout: Duration::from_secs(self.timeout_s),
            memory_mb: self.memory_mb,
            output_cap: OUTPUT_CAP,
        };
        let ran = context.probe.run(&command).await?;
        let session = Session::read(&ran.stdout);
        if ran.exit == Exit::NotFound || session.missing.is_some() {
            return Err(no_pytest(session.missing.as_deref()).into());
        }
        if let Some(failure) = diagnosis::unfinished(self, &session, &ran, &files) {
            return Err(failure.into());
        }
        if session.selected.is_empty() {
            return Err(unfound::no_tests(self, &session, context.probe, &files).await?.into());
        }
        if let Some(failure) = diagnosis::failed(&session) {
            return Err(failure.into());
        }
        for name in &self.names {
            if !session.tests.iter().any(|test| session::means(name, &test.test)) {
                return Err(unfound::no_name(self, name, &session, context.probe, &files).await?.into());
            }
        }
        if let Some(failure) = diagnosis::too_few(self, &session) {
            return Err(failure.into());
        }
        let passed = session.count(End::Passed);
        let seconds: f64 = session.tests.iter().map(|test| test.seconds).sum();
        let skipped = match session.count(End::Skipped) {
            0 => String::new(),
            skipped => format!(", {skipped} skipped"),
        };
        Ok(Passed::new(format!("{} passed{skipped}.", count(passed, "test")))
            .measured("tests passed", passed.to_string(), "")
            .measured("time", format!("{:.0}", seconds * 1000.0), "ms"))
    }
}

impl Pytest {
    fn argv(&self) -> Vec<String> {
        ["python", "-c", RUNNER].into_iter().map(str::to_owned).chain(self.paths.iter().cloned()).collect()
    }

    /// The command as a learner would type it.
    fn line(&self) -> String {
        format!("python -m pytest {}", self.paths.join(" "))
    }
}

/// The file or folder of a path that may name a test.
fn file(path: &str) -> &str {
    path.split("::").next().unwrap_or(path).trim_end_matches('/')
}

fn no_pytest(missing: Option<&str>) -> Obstacle {
    match missing {
        None => Obstacle {
            message: "There is no Python to run the tests with.".to_owned(),
            next_step: "Start the lab again, so that its Python environment is made.".to_owned(),
        },
        Some(reason) => Obstacle {
            message: format!("pytest cannot be used in the lab's environment: {reason}."),
            next_step: "Start the lab again; if that does not help, tell the authors of the pack that its \
                        requirements.txt lacks pytest."
                .to_owned(),
        },
    }
}
