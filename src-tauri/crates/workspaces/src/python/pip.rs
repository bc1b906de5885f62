//! One run of pip, and what its failures mean.

use std::{
    ffi::{OsStr, OsString},
    path::Path,
    sync::Mutex,
};

use task::{Progress, Reporter, Unit};

use super::{Environment, PythonError, tool_launch};
use crate::{Error, process::spawn, run::lines};

pub(super) struct Pip<'a> {
    pub environment: &'a Environment,
    pub requirements: &'a Path,
    pub search_path: &'a OsStr,
    pub reporter: &'a dyn Reporter,
    pub packages: u64,
}

impl Pip<'_> {
    /// From the wheelhouse if there is one; from the package index if that lacks something. A file that is not the one
    /// the lab names ends it at once, wherever it came from.
    pub async fn install(&self, wheelhouse: Option<&Path>) -> Result<(), PythonError> {
        if let Some(wheelhouse) = wheelhouse.filter(|folder| folder.is_dir()) {
            let wheelhouse = wheelhouse.canonicalize().map_err(Error::at(wheelhouse))?;
            // Isolated: neither the user's mirror nor the user's options have a say.
            let local = ["--isolated".into(), "--no-index".into(), "--find-links".into(), wheelhouse.into()];
            match self.run(&local).await? {
                Ok(()) => return Ok(()),
                Err(output) if missing(&output).is_none() => return Err(self.why(&output)),
                Err(_) => {
                    self.reporter.output("The packages that came with Groundwork are not enough; asking the index.")
                }
            }
        }
        self.run(&[]).await?.map_err(|output| self.why(&output))
    }

    /// `Err` of the inner result holds what pip printed.
    async fn run(&self, source: &[OsString]) -> Result<Result<(), String>, PythonError> {
        let options = "-E -m pip install --require-hashes --only-binary :all: --no-input --disable-pip-version-check \
                       --progress-bar off --no-color --retries 2 --timeout 30";
        let mut arguments: Vec<OsString> = options.split_whitespace().map(OsString::from).collect();
        arguments.extend(source.iter().cloned());
        arguments.extend(["--requirement".into(), self.requirements.into()]);
        let folder = &self.environment.folder;
        let launch = tool_launch(&self.environment.python, arguments, folder, self.search_path);
        let (mut child, tree) = spawn(&launch, false).map_err(Error::at(&launch.program))?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let printed = Mutex::new(Printed::default());
        let hear = |line: &str| self.hear(line, &printed);
        let (status, ..) = tokio::join!(
            child.wait(),
            async {
                if let Some(out) = out {
                    lines(out, hear).await;
                }
            },
            async {
                if let Some(err) = err {
                    lines(err, hear).await;
                }
            },
        );
        drop(tree);
        let status = status.map_err(Error::at(&launch.program))?;
        let printed = printed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        Ok(if status.success() { Ok(()) } else { Err(printed.text) })
    }

    fn hear(&self, line: &str, printed: &Mutex<Printed>) {
        self.reporter.output(line);
        let mut printed = printed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        printed.text.push_str(line);
        printed.text.push('\n');
        let what = match package(line.trim_start()) {
            Some(package) => {
                printed.packages = (printed.packages + 1).min(self.packages);
                format!("Installing {package}")
            }
            None if line.starts_with("Installing collected packages") => "Writing the packages".to_owned(),
            None => return,
        };
        let (done, total) = (printed.packages, Some(self.packages + 2));
        self.reporter.progress(Progress { what, done, total, unit: Unit::Steps });
    }

    fn why(&self, output: &str) -> PythonError {
        if output.contains("No space left on device") {
            return Error::Full { path: self.environment.folder.clone() }.into();
        }
        if let Some(detail) = mismatch(output) {
            return PythonError::Altered { detail };
        }
        if ["require-hashes mode", "Invalid requirement"].iter().any(|words| output.contains(words)) {
            return PythonError::Requirements { detail: last_error(output) };
        }
        match missing(output) {
            Some(package) if no_network(output) => PythonError::Offline { package },
            Some(package) => PythonError::NoSuchPackage { package },
            None => PythonError::Failed { detail: last_error(output) },
        }
    }
}

#[derive(Default)]
struct Printed {
    text: String,
    packages: u64,
}

/// The package that pip turns to, from the index or from a folder of wheels.
fn package(line: &str) -> Option<&str> {
    match line.strip_prefix("Collecting ") {
        Some(wanted) => wanted.split(['=', ' ', '[']).next(),
        None => {
            let (wheel, _) = line.strip_prefix("Processing ")?.split_once(".whl")?;
            wheel.rsplit(['/', '\\']).next()?.split('-').next()
        }
    }
}

/// `openai==1.109.1`, from pip's complaint that it found no such thing.
fn missing(output: &str) -> Option<String> {
    let (_, after) = output.rsplit_once("No matching distribution found for ")?;
    after.split([' ', '\n', '(']).next().map(str::to_owned)
}

fn no_network(output: &str) -> bool {
    [
        "Failed to establish a new connection",
        "Temporary failure in name resolution",
        "ConnectTimeoutError",
        "ProxyError",
        "Retrying (Retry",
    ]
    .iter()
    .any(|words| output.contains(words))
}

/// The package, the hash that the lab names and the hash of the file, in one line.
fn mismatch(output: &str) -> Option<String> {
    let (_, after) = output.split_once("THESE PACKAGES DO NOT MATCH THE HASHES")?;
    let mut lines = after.lines().skip(1).map(str::trim);
    let package = lines.next()?.split(" from ").next()?.trim_end_matches(':').to_owned();
    let (mut expected, mut got) = (Vec::new(), "");
    for line in lines {
        if let Some((_, hash)) = line.split_once("Expected sha256 ").or_else(|| line.split_once("or ")) {
            expected.push(hash);
        } else if let Some(hash) = line.strip_prefix("Got") {
            got = hash.trim();
            break;
        }
    }
    Some(format!("{package} should have SHA-256 {}, but has {got}", expected.join(" or ")))
}

fn last_error(output: &str) -> String {
    let line = output.lines().rfind(|line| line.starts_with("ERROR: ")).or_else(|| output.lines().last());
    line.unwrap_or("pip failed without a word").trim_start_matches("ERROR: ").to_owned()
}
