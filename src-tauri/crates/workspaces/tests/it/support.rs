//! A lab on disk, a workspace made from it, and a look at which processes live.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use checks::{Call, Entry, InForce, Look, Obstacle, Spans, Stored};
use curriculum::{Docker, File, Injection, Lab, Ready, Requires, Role, Service};
use jiff::Timestamp;
use uuid::Uuid;
use workspaces::{LiveProbe, Record, Services, Surroundings, Workspace, create};

/// Long enough for any machine that is not hung.
pub const HANG: Duration = Duration::from_secs(60);

pub struct Ground {
    pub folder: tempfile::TempDir,
    pub lab: Lab,
}

/// A pack with one lab, whose starter holds `files`.
pub fn ground(files: &[(&str, &str)]) -> Ground {
    let folder = tempfile::tempdir().unwrap();
    let starter = folder.path().join("pack/first/starter");
    for (path, text) in files {
        put(&starter, path, text);
    }
    let file = |(path, _): &(&str, &str)| {
        let role = if path.starts_with("fixed") { Role::Fixed } else { Role::Edit };
        File { path: (*path).to_owned(), role, open: false }
    };
    let lab = Lab {
        id: Uuid::new_v4(),
        slug: "first".into(),
        version: 1,
        title: "First".into(),
        summary: String::new(),
        minutes: 10,
        needs: vec![],
        skills: vec![],
        requires: Requires { memory_mb: 100, disk_mb: 10, docker: Docker::No },
        files: files.iter().map(file).collect(),
        shared: vec![],
        services: vec![],
        steps: vec![],
        starter_fails_on: "none".into(),
        folder: folder.path().join("pack/first"),
    };
    Ground { folder, lab }
}

impl Ground {
    pub fn parent(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub fn start(&self) -> Workspace {
        create(&self.parent(), &self.lab).unwrap()
    }
}

pub fn put(folder: &Path, path: &str, text: &str) {
    let place = folder.join(path);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(place, text).unwrap();
}

pub fn read(folder: &Path, path: &str) -> Option<String> {
    fs::read_to_string(folder.join(path)).ok()
}

/// A file with its permissions, or a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    File(Vec<u8>, u32),
    Link(PathBuf),
}

/// Every file and link of a workspace that is not ours.
pub fn tree(folder: &Path) -> BTreeMap<PathBuf, Place> {
    use std::os::unix::fs::PermissionsExt;
    let entries = walkdir::WalkDir::new(folder).into_iter().filter_entry(|entry| entry.file_name() != ".groundwork");
    let places = entries.map(Result::unwrap).filter(|entry| !entry.file_type().is_dir());
    places
        .map(|entry| {
            let place = match fs::read_link(entry.path()) {
                Ok(target) => Place::Link(target),
                Err(_) => {
                    let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
                    Place::File(fs::read(entry.path()).unwrap(), mode)
                }
            };
            (entry.path().strip_prefix(folder).unwrap().to_path_buf(), place)
        })
        .collect()
}

/// The tests' own search path, a real Python first: a version manager's shim needs the user's home.
pub fn search_path() -> OsString {
    static FOUND: OnceLock<OsString> = OnceLock::new();
    FOUND.get_or_init(look_for_python).clone()
}

fn look_for_python() -> OsString {
    let found = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output().unwrap().stdout;
    let python = PathBuf::from(String::from_utf8(found).unwrap().trim());
    let own = std::env::var_os("PATH").unwrap();
    std::env::join_paths([python.parent().unwrap().to_path_buf()].into_iter().chain(std::env::split_paths(&own)))
        .unwrap()
}

pub fn surroundings(folder: &Path) -> Surroundings {
    Surroundings {
        folder: folder.to_path_buf(),
        kept: folder.with_extension("kept"),
        search_path: search_path(),
        python: None,
        variables: BTreeMap::new(),
        started: BTreeMap::new(),
    }
}

/// A service that `python FILE` starts.
pub fn service(file: &str) -> Service {
    Service {
        name: "web".into(),
        command: vec!["python".into(), file.into()],
        env: BTreeMap::new(),
        ready: Ready { path: "/health".into(), within_s: 20 },
        restart_on: vec!["*.py".into()],
    }
}

pub fn services(folder: &Path, service: Service) -> Arc<Services> {
    Arc::new(Services::new(&[service], &surroundings(folder)).unwrap())
}

pub fn probe(folder: &Path) -> LiveProbe {
    probe_in(surroundings(folder))
}

pub fn probe_in(surroundings: Surroundings) -> LiveProbe {
    let none = Services::new(&[], &surroundings).unwrap();
    LiveProbe::new(surroundings, Arc::new(none), Arc::new(Nothing)).unwrap()
}

/// No call was made, no quiz answered and no entry written.
pub struct Nothing;

#[async_trait]
impl Record for Nothing {
    async fn calls(&self, _: Timestamp, _: Timestamp) -> Result<Vec<Call>, Obstacle> {
        Ok(vec![])
    }
    async fn spans(&self, _: Timestamp) -> Result<Spans, Obstacle> {
        Ok(Spans::default())
    }
    async fn inject(&self, _: &[Injection]) -> Result<InForce, Obstacle> {
        Ok(Box::new(()))
    }
    async fn quiz_answer(&self, _: &str) -> Result<Option<Vec<String>>, Obstacle> {
        Ok(None)
    }
    async fn entries(&self) -> Result<Vec<Entry>, Obstacle> {
        Ok(vec![])
    }
    async fn collection(&self, _: &Look) -> Result<Option<Stored>, Obstacle> {
        Ok(None)
    }
}

/// Waits until `file` names `count` processes, one a line.
pub fn processes(file: &Path, count: usize) -> Vec<u32> {
    let until = Instant::now() + HANG;
    loop {
        let text = fs::read_to_string(file).unwrap_or_default();
        let found: Vec<_> = text.split_whitespace().map(|pid| pid.parse().unwrap()).collect();
        if found.len() == count && text.ends_with('\n') {
            return found;
        }
        assert!(Instant::now() < until, "{count} processes in {}: {text:?}", file.display());
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until none of them lives.
pub fn all_end(pids: &[u32]) {
    let until = Instant::now() + HANG;
    while pids.iter().any(|pid| lives(*pid)) {
        assert!(Instant::now() < until, "still there: {pids:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A zombie has ended.
pub fn lives(pid: u32) -> bool {
    let ps = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output().unwrap();
    let state = String::from_utf8_lossy(&ps.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}

/// A program whose own processes each write their number to `pids`: itself, a child in its group, and one that left it
/// for a session of its own. The last two outlive it if nobody ends them.
pub const FAMILY: &str = r#"
import os, subprocess, sys, time
def note(pid):
    with open("pids", "a") as file:
        file.write(f"{pid}\n")
note(os.getpid())
note(subprocess.Popen(["sleep", "1000"]).pid)
note(subprocess.Popen(["sleep", "1000"], start_new_session=True).pid)
"#;

/// Runs a shell script in a namespace of its own, where it may mount and set limits that nobody else feels. `$0` is
/// this test binary.
#[cfg(target_os = "linux")]
pub fn apart(script: &str) {
    let run = Command::new("unshare")
        .args(["-rm", "sh", "-c", script])
        .arg(std::env::current_exe().unwrap())
        .output()
        .expect("unshare (util-linux) is not installed");
    let [out, err] = [&run.stdout, &run.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    let mend = "where user namespaces are forbidden, allow them: sysctl kernel.unprivileged_userns_clone=1";
    assert!(run.status.success(), "{out}\n{err}\n{mend}");
}
