//! What `runner.py` tells of a run of pytest, line by line.

use serde::Deserialize;

use crate::excerpt::count;

/// A run of pytest, as far as it came.
#[derive(Debug, Default)]
pub struct Session {
    /// Why pytest could not be imported.
    pub missing: Option<String>,
    /// The file read last in search of tests.
    pub collecting: Option<String>,
    /// What could not be read, by the name of the file or folder.
    pub broken: Vec<(String, Said)>,
    /// Every test that was found, then those that were asked for.
    pub collected: Vec<String>,
    pub selected: Vec<String>,
    /// The test that had begun and not ended.
    pub running: Option<Start>,
    pub tests: Vec<Test>,
    /// What ended the whole run early.
    pub stopped: Option<Said>,
    /// pytest's own exit code; `None` where the interpreter ended before pytest did.
    pub code: Option<i32>,
}

/// An exception's words and the last place in the workspace that it passed.
#[derive(Debug, Default, Deserialize)]
pub struct Said {
    #[serde(default)]
    pub error: String,
    pub file: Option<String>,
    pub line: Option<u32>,
    /// The text of that line.
    #[serde(default)]
    pub source: String,
}

#[derive(Debug, Deserialize)]
pub struct Start {
    pub test: String,
    pub file: Option<String>,
    pub line: Option<u32>,
}

#[derive(Debug, Deserialize)]
pub struct Test {
    /// `tests/test_sums.py::TestAdd::test_small[1]`
    pub test: String,
    pub outcome: End,
    /// Set-up, call and tear-down together.
    pub seconds: f64,
    /// Where a test broke that did not pass: `setup`, `call` or `teardown`.
    #[serde(default)]
    pub when: String,
    #[serde(flatten)]
    pub said: Said,
    /// The fixtures that there are, where the one that was asked for is not.
    #[serde(default)]
    pub available: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum End {
    Passed,
    Failed,
    /// Its set-up or tear-down failed.
    Error,
    Skipped,
}

#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Event {
    Missing {
        error: String,
    },
    Collecting {
        file: String,
    },
    Broken {
        at: String,
        #[serde(flatten)]
        said: Said,
    },
    Collected {
        tests: Vec<String>,
    },
    Selected {
        tests: Vec<String>,
    },
    Start(Start),
    Test(Test),
    Stopped(Said),
    End {
        code: i32,
    },
}

impl Session {
    /// Lines that are no event are passed over: the last may be cut.
    pub fn read(stdout: &str) -> Self {
        let mut session = Self::default();
        for event in stdout.lines().filter_map(|line| serde_json::from_str(line).ok()) {
            match event {
                Event::Missing { error } => session.missing = Some(error),
                Event::Collecting { file } => session.collecting = Some(file),
                Event::Broken { at, said } => session.broken.push((at, said)),
                Event::Collected { tests } => session.collected = tests,
                Event::Selected { tests } => session.selected = tests,
                Event::Start(start) => session.running = Some(start),
                Event::Test(test) => {
                    session.running = None;
                    session.tests.push(test);
                }
                Event::Stopped(said) => session.stopped = Some(said),
                Event::End { code } => session.code = Some(code),
            }
        }
        session
    }

    pub fn count(&self, end: End) -> usize {
        self.tests.iter().filter(|test| test.outcome == end).count()
    }

    /// `3 passed, 1 failed, 1 error, 2 skipped`.
    pub fn counts(&self) -> String {
        let some = |end: End, word: &str| match self.count(end) {
            0 => None,
            number => Some(format!("{number} {word}")),
        };
        let errors = Some(self.count(End::Error)).filter(|errors| *errors > 0).map(|errors| count(errors, "error"));
        let passed = Some(format!("{} passed", self.count(End::Passed)));
        let parts = [passed, some(End::Failed, "failed"), errors, some(End::Skipped, "skipped")];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// A test's name without its file: `TestAdd::test_small[1]`.
pub fn short(test: &str) -> &str {
    test.split_once("::").map_or(test, |(_, name)| name)
}

/// Whether `name` means `test`: by its whole id, or by its function with or without class and parameters.
pub fn means(name: &str, test: &str) -> bool {
    let bare = |test: &str| test.find('[').map_or(test.len(), |at| at);
    let plain = &test[..bare(test)];
    [test, plain, short(test), short(plain)].contains(&name) || plain.rsplit("::").next() == Some(name)
}
