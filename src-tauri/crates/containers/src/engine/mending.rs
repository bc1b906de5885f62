//! Why no engine answers, and the very command that mends it.

use std::io::ErrorKind;
use std::path::PathBuf;

use super::Surroundings;
use crate::Error;

/// Opens the socket once: only the system can say whether it is missing, dead or forbidden.
#[cfg(unix)]
pub async fn knock(socket: &str, surroundings: &Surroundings) -> Result<(), Error> {
    let error = match tokio::net::UnixStream::connect(socket).await {
        Ok(_) => return Ok(()),
        Err(error) => error,
    };
    if error.kind() != ErrorKind::PermissionDenied {
        return Err(not_started(surroundings));
    }
    let mend = if socket.contains("podman") {
        "Start your own engine instead: systemctl --user start podman.socket."
    } else {
        "Add yourself to the group docker: sudo usermod -aG docker $USER. Then log out and in again."
    };
    Err(Error::Permission { socket: socket.into(), mend: mend.into() })
}

#[cfg(windows)]
pub async fn knock(socket: &str, surroundings: &Surroundings) -> Result<(), Error> {
    match tokio::net::windows::named_pipe::ClientOptions::new().open(socket) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(Error::Permission {
            socket: socket.into(),
            mend: "Add yourself to the group docker-users: net localgroup docker-users %USERNAME% /add. Then log out and in again.".into(),
        }),
        // ERROR_PIPE_BUSY: somebody else is being served.
        Err(error) if error.raw_os_error() == Some(231) => Ok(()),
        Err(_) => Err(not_started(surroundings)),
    }
}

pub fn not_started(surroundings: &Surroundings) -> Error {
    Error::NotStarted { start: command(surroundings) }
}

/// What starts the engine of this machine, or brings one.
pub fn command(surroundings: &Surroundings) -> String {
    start(surroundings).unwrap_or_else(|| install(surroundings))
}

/// Nothing listens anywhere: the engine is installed and does not run, or is not there at all.
pub fn absent_or_not_started(surroundings: &Surroundings) -> Error {
    match start(surroundings) {
        Some(start) => Error::NotStarted { start },
        None => Error::Absent { install: install(surroundings) },
    }
}

/// The command that starts the engine which is installed, if one is.
fn start(surroundings: &Surroundings) -> Option<String> {
    let there = |program: &str| find(surroundings, program);
    let command = if cfg!(target_os = "macos") {
        match (PathBuf::from("/Applications/Docker.app").exists(), there("podman")) {
            (true, _) => "open -a Docker",
            (_, true) => "podman machine start",
            _ => return None,
        }
    } else if cfg!(windows) {
        match (there("docker.exe"), there("podman.exe")) {
            (true, _) => "docker desktop start",
            (_, true) => "podman machine start",
            _ => return None,
        }
    } else if there("dockerd") {
        if there("systemctl") { "sudo systemctl start docker" } else { "sudo service docker start" }
    } else if PathBuf::from("/opt/docker-desktop").exists() {
        "systemctl --user start docker-desktop"
    } else if there("podman") {
        "systemctl --user start podman.socket"
    } else {
        return None;
    };
    Some(command.to_owned())
}

fn install(surroundings: &Surroundings) -> String {
    if cfg!(target_os = "macos") {
        "brew install --cask docker".to_owned()
    } else if cfg!(windows) {
        "winget install Docker.DockerDesktop".to_owned()
    } else {
        packaged(surroundings, false)
    }
}

/// What brings a newer engine of the kind that is too old.
pub fn upgrade(surroundings: &Surroundings, podman: bool) -> String {
    let command = if cfg!(target_os = "macos") {
        if podman { "brew upgrade podman" } else { "brew upgrade --cask docker" }
    } else if cfg!(windows) {
        if podman { "winget upgrade RedHat.Podman" } else { "winget upgrade Docker.DockerDesktop" }
    } else {
        return packaged(surroundings, podman);
    };
    command.to_owned()
}

/// What brings the newest engine that this system's packages have, over an older one, too.
fn packaged(surroundings: &Surroundings, podman: bool) -> String {
    let by_program = [
        ("apt-get", "sudo apt-get install", "docker.io"),
        ("dnf", "sudo dnf install", "moby-engine"),
        ("pacman", "sudo pacman -S", "docker"),
        ("zypper", "sudo zypper install", "docker"),
    ];
    match by_program.iter().find(|(program, ..)| find(surroundings, program)) {
        Some((_, command, docker)) => format!("{command} {}", if podman { "podman" } else { docker }),
        None => "your package manager has Docker or Podman".to_owned(),
    }
}

/// Daemons lie where a user's search path often does not lead.
fn find(surroundings: &Surroundings, program: &str) -> bool {
    let folders = std::env::split_paths(&surroundings.search_path);
    let usual = cfg!(unix).then(|| PathBuf::from("/usr/sbin")).filter(|_| !surroundings.search_path.is_empty());
    folders.chain(usual).any(|folder| folder.join(program).is_file())
}
