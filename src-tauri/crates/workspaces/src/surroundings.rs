//! What a learner's program sees: folder, search path, Python environment and variables. Nothing of our own environment
//! leaks into it.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use crate::{Environment, process::Reach};

/// Where the programs of one workspace run.
#[derive(Debug, Clone)]
pub struct Surroundings {
    pub folder: PathBuf,
    /// Where the start-up files of shells lie, see [`crate::Workspace::kept`].
    pub kept: PathBuf,
    /// The user's `PATH`.
    pub search_path: OsString,
    pub python: Option<Environment>,
    /// Those of the activation file: base URLs and the workspace's key.
    pub variables: BTreeMap<String, String>,
    /// Those that programs have instead which Groundwork starts: by its key a call tells who made it.
    pub started: BTreeMap<String, String>,
}

impl Surroundings {
    /// The whole environment of a program, `extra` last.
    pub(crate) fn environment(&self, extra: &BTreeMap<String, String>) -> BTreeMap<String, OsString> {
        let mut all: BTreeMap<String, OsString> = BTreeMap::from([
            ("PATH".into(), self.path()),
            ("HOME".into(), self.folder.clone().into()),
            ("LANG".into(), "C.UTF-8".into()),
            // A service's log is read line by line, and a check leaves nothing behind.
            ("PYTHONUNBUFFERED".into(), "1".into()),
            ("PYTHONDONTWRITEBYTECODE".into(), "1".into()),
        ]);
        if let Some(python) = &self.python {
            all.insert("VIRTUAL_ENV".into(), python.folder.clone().into());
        }
        all.extend(
            self.variables.iter().chain(&self.started).chain(extra).map(|(name, value)| (name.clone(), value.into())),
        );
        all
    }

    /// What the learner's own shell gets beside the learner's own environment.
    pub(crate) fn for_shell(&self) -> BTreeMap<String, OsString> {
        let mut all: BTreeMap<String, OsString> = BTreeMap::from([("PATH".into(), self.path())]);
        all.extend(self.python.iter().map(|python| ("VIRTUAL_ENV".into(), python.folder.clone().into())));
        all.extend(self.variables.iter().map(|(name, value)| (name.clone(), value.into())));
        all
    }

    /// The program that `name` means here: `python` is the lab's, a path with a separator is the workspace's.
    pub(crate) fn program(&self, name: &str) -> Option<PathBuf> {
        let python = name == "python" || name == "python3";
        match &self.python {
            Some(environment) if python => Some(environment.python.clone()),
            _ if name.contains('/') => Some(self.folder.join(name)).filter(|path| path.is_file()),
            None if python => ["python3", "python"].iter().find_map(|name| find(&self.search_path, name)),
            _ => find(&self.path(), name),
        }
    }

    /// What a check's program needs: this workspace, its Python, its own folder, the addresses that its variables name, and
    /// these ports.
    pub(crate) fn reach(&self, program: &Path, ports: Vec<u16>) -> Reach {
        let mut read: Vec<PathBuf> = self.python.iter().flat_map(Environment::homes).collect();
        let real = program.canonicalize().ok();
        let homes = [Some(program), real.as_deref()].into_iter().flatten().filter_map(Path::parent);
        read.extend(homes.flat_map(installation));
        let gateway = self.variables.values().filter_map(|value| port(value));
        Reach { read, write: vec![self.folder.clone()], ports: gateway.chain(ports).collect() }
    }

    fn path(&self) -> OsString {
        let own = self.python.iter().map(Environment::programs);
        let all: Vec<_> = own.chain(env::split_paths(&self.search_path)).collect();
        // A folder whose name holds the separator cannot be in a search path.
        env::join_paths(all).unwrap_or_else(|_| self.search_path.clone())
    }
}

/// The port of an address on this machine: `http://127.0.0.1:8080/v1`.
pub(crate) fn port(url: &str) -> Option<u16> {
    let rest = url.strip_prefix("http://127.0.0.1:")?;
    rest.split('/').next()?.parse().ok()
}

/// The folders of an installation that a program in `programs` needs: its own, and the libraries beside it. Never all of
/// what holds them, which may be a home folder.
pub(crate) fn installation(programs: &Path) -> Vec<PathBuf> {
    let mut parts = vec![programs.to_owned()];
    if let Some(whole) = programs.parent().filter(|_| programs.ends_with("bin")) {
        parts.extend(["lib", "lib64", "libexec", "include", "pyvenv.cfg"].map(|part| whole.join(part)));
    }
    parts
}

/// Whether Docker's program is on this machine; whether its engine runs is not asked.
pub fn has_docker(search_path: &std::ffi::OsStr) -> bool {
    find(search_path, "docker").is_some()
}

/// The first executable file called `name` on a search path.
pub(crate) fn find(search_path: &std::ffi::OsStr, name: &str) -> Option<PathBuf> {
    let folders = env::split_paths(search_path).filter(|folder| folder.is_absolute());
    let endings: &[&str] = if cfg!(windows) { &[".exe", ".cmd", ".bat"] } else { &[""] };
    folders
        .flat_map(|folder| endings.iter().map(move |ending| folder.join(format!("{name}{ending}"))))
        .find(|path| executable(path))
}

fn executable(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    path.is_file()
}
