//! A home of its own for each test, and the built programs to run in it.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

/// A learner's machine in a temporary folder: nothing a test does is seen by another.
pub struct Home {
    pub folder: TempDir,
    pub resources: PathBuf,
}

/// What lab 0 has a learner type at last: a check compares the file that it writes with the gateway's record.
pub const MEASURES: &str = "python measure.py";

/// What a finished command said.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Home {
    pub fn new() -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap(), resources: resources() };
        // Python environments are named by what is in them and never change: made once for all homes, which tests of
        // `workspaces` show to work. They stay where a second run of the tests finds them.
        let environments = Path::new(env!("CARGO_TARGET_TMPDIR")).join("environments");
        fs::create_dir_all(&environments).unwrap();
        let data = home.folder.path().join("data");
        fs::create_dir(&data).unwrap();
        std::os::unix::fs::symlink(environments, data.join("environments")).unwrap();
        home
    }

    /// A home on a disk of so many megabytes. Only in a namespace of its own: see [`apart`].
    pub fn on_a_small_disk(megabytes: u32) -> Self {
        let home = Self::new();
        let size = format!("size={megabytes}m");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(home.folder.path()).status();
        assert!(mounted.unwrap().success(), "the small disk was not mounted");
        home
    }

    /// Takes all the room that is left.
    pub fn fill(&self) {
        let mut ballast = fs::File::create(self.ballast()).unwrap();
        let mut block = vec![0; 1 << 20];
        while !block.is_empty() {
            if ballast.write_all(&block).is_err() {
                block.truncate(block.len() / 2);
            }
        }
    }

    /// Gives back so many kilobytes of what [`Home::fill`] took.
    pub fn leave_room(&self, kilobytes: u64) {
        let ballast = fs::File::options().write(true).open(self.ballast()).unwrap();
        let length = ballast.metadata().unwrap().len();
        ballast.set_len(length - kilobytes * 1024).unwrap();
    }

    pub fn make_room(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }

    /// Makes the small disk a read-only one.
    pub fn write_protect(&self) {
        let mounted = Command::new("mount").args(["-o", "remount,ro"]).arg(self.folder.path()).status();
        assert!(mounted.unwrap().success(), "the disk is still writable");
    }

    fn ballast(&self) -> PathBuf {
        self.folder.path().join("ballast")
    }

    /// A home whose pack is a copy that the test may damage.
    pub fn with_own_pack() -> Self {
        let mut home = Self::new();
        let own = home.folder.path().join("resources");
        fs::create_dir(&own).unwrap();
        copy(&home.resources.join("labs"), &own.join("labs"));
        for name in ["assets", "models", "wheelhouse"] {
            std::os::unix::fs::symlink(home.resources.join(name).canonicalize().unwrap(), own.join(name)).unwrap();
        }
        home.resources = own;
        home
    }

    /// A home whose pack is `fixtures/telling`: a guide with every mark, checks that read what was told, asked and written.
    pub fn with_telling_pack() -> Self {
        let home = Self::with_own_pack();
        let labs = home.resources.join("labs");
        fs::remove_dir_all(&labs).unwrap();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/telling"), &labs);
        home
    }

    /// What a learner types in a terminal of their own, in the workspace of the lab `telling`.
    pub fn run_ask(&self, arguments: &str) {
        self.type_in("telling", &format!("python3 ask.py {arguments}"));
    }

    /// What a learner types in a terminal of their own, in the workspace of a lab, while a gateway is open.
    pub fn type_in(&self, lab: &str, line: &str) {
        let line = format!(". .groundwork/activate && {line}");
        let workspace = self.folder.path().join("workspaces").join(lab);
        let status = Command::new("sh").args(["-c", &line]).current_dir(workspace).status().unwrap();
        assert!(status.success(), "{line}");
    }

    pub fn workspace(&self) -> PathBuf {
        self.folder.path().join("workspaces/orientation")
    }

    pub fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        vec![
            ("GROUNDWORK_HOME", self.folder.path().join("data")),
            ("GROUNDWORK_WORKSPACES", self.folder.path().join("workspaces")),
            ("GROUNDWORK_RESOURCES", self.resources.clone()),
            ("GROUNDWORK_PORT", "0".into()),
        ]
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("groundwork"));
        command.args(arguments).envs(self.variables()).current_dir(self.folder.path()).stdin(Stdio::null());
        if let Some(engine) = std::env::var_os("GROUNDWORK_TEST_ENGINE") {
            command.env("DOCKER_HOST", engine);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        said(self.command(arguments).output().unwrap())
    }

    /// Runs a command that must succeed.
    pub fn must(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!(said.code, Some(0), "groundwork {arguments:?}: {said:#?}");
        said.out
    }

    /// What a learner types in the shell of lab 0 that `groundwork lab shell` opens.
    pub fn in_its_shell(&self, script: &str) -> Said {
        let mut command = self.command(&["lab", "shell", "orientation"]);
        command.env("SHELL", "/bin/sh").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut shell = command.spawn().unwrap();
        shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        said(shell.wait_with_output().unwrap())
    }

    /// The JSON lines of a command, whatever its exit code.
    pub fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let said = self.run(&[arguments, &["--json"]].concat());
        assert!(!said.out.is_empty(), "groundwork {arguments:?}: {said:#?}");
        said.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"))).collect()
    }

    /// Lays the shipped solution over the workspace, as a learner who has done the work but for [`MEASURES`].
    pub fn solve(&self) {
        copy(&self.resources.join("labs/orientation/solution"), &self.workspace());
    }

    /// Each quiz of lab 0 with its right answers.
    pub fn quizzes(&self) -> Vec<(String, Vec<String>)> {
        let text = fs::read_to_string(self.resources.join("labs/orientation/lab.toml")).unwrap();
        let lab: toml::Table = text.parse().unwrap();
        let checks =
            lab["steps"].as_array().unwrap().iter().filter_map(|step| step.get("checks")?.as_array()).flatten();
        checks
            .filter(|check| check["kind"].as_str() == Some("quiz"))
            .map(|check| {
                let answer = check["answer"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().into()).collect();
                (check["id"].as_str().unwrap().into(), answer)
            })
            .collect()
    }
}

/// Runs an ignored test of this binary in a namespace of its own, where it may mount a small disk on
/// [`Home::folder`] or be a user who is not root. `inside` becomes the process that is asked to run it.
pub fn apart(inside: &[&str], test: &str) {
    let output = Command::new("unshare")
        .args(inside)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .output()
        .expect("unshare (util-linux) is not installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{said}\nWhere user namespaces are forbidden, allow them: sysctl kernel.unprivileged_userns_clone=1\n{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

pub fn said(output: Output) -> Said {
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A program of this build: beside the test's own folder.
pub fn program(name: &str) -> PathBuf {
    let path = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join(name);
    assert!(path.exists(), "{} is not built: run the tests with `cargo xtask test`", path.display());
    path
}

fn resources() -> PathBuf {
    std::env::var_os("GROUNDWORK_RESOURCES")
        .map(PathBuf::from)
        .expect("GROUNDWORK_RESOURCES is not set: run the tests with `cargo xtask test`")
}

pub fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).follow_links(true) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A client for the gateway.
pub fn http() -> reqwest::Client {
    // One of the programs speaks TLS, and a client is made for it even where the address is plain. A second call changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}
