//! What can go wrong with an engine and what runs on it, each with a next step.

use std::path::{Path, PathBuf};

use task::{Fault, Owner};

use crate::BASE;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no container engine is on this machine")]
    Absent { install: String },
    #[error("the container engine does not run")]
    NotStarted { start: String },
    #[error("no container engine answers at {address}, which {by} names")]
    Chosen { address: String, by: String, start: String },
    #[error("you may not use the container engine at {socket}")]
    Permission { socket: String, mend: String },
    #[error("the container engine {version} is too old: it speaks version {api} of its interface, and 1.41 is needed")]
    TooOld { version: String, api: String, upgrade: String },
    #[error("{engine} runs rootless, so its containers do not reach the gateway on this machine")]
    Rootless { engine: String },
    #[error("{address} is no engine of this machine")]
    Remote { address: String },
    #[error("the Docker context {name} cannot be used: {detail}")]
    Context { name: String, detail: String },
    #[error("the container engine stopped answering: {detail}")]
    Lost { detail: String },
    #[error("the disk that the container engine keeps its images on is full: {detail}")]
    Full { detail: String },
    #[error("the container engine refused: {detail}")]
    Engine { status: Option<u16>, detail: String },
    #[error("there is no image {name} on this machine")]
    NoImage { name: String },
    #[error("the image {name} could not be fetched: {detail}")]
    Pull { name: String, detail: String },
    #[error("{} holds {names}, and not {}", path.display(), BASE)]
    NotBase { path: PathBuf, names: String },
    #[error("Groundwork did not make the {what} {name}")]
    NotOurs { what: &'static str, name: String },
    #[error("the image {name} is in use")]
    InUse { name: String },
    #[error("{} is not there", path.display())]
    NoDockerfile { path: PathBuf },
    #[error("{} line {line}: {detail}", path.display())]
    Ignore { path: PathBuf, line: usize, detail: String },
    #[error("the build stopped at step {step}: {detail}")]
    Build { step: String, detail: String },
    #[error("{} could not be read or written: {detail}", path.display())]
    Disk { path: PathBuf, detail: String },
    #[error("{}: {place}: {detail}", file.display())]
    Compose { file: PathBuf, place: String, detail: String, next: String },
    #[error("{what} wants port {port} of this machine, which is taken")]
    PortTaken { what: String, port: String },
    #[error("{what} ended with {code}{}", tail(last))]
    Ended { what: String, code: i64, last: Vec<String> },
    #[error("{what} is not healthy: {detail}")]
    Unhealthy { what: String, detail: String },
    #[error("{what} was not ready after {seconds} s")]
    Late { what: String, seconds: u64 },
    #[error("the stack {stack} has no running service {service}")]
    NoService { stack: String, service: String },
    #[error("nothing is there of a stack {name}")]
    NoStack { name: String },
    #[error("it was cancelled")]
    Cancelled,
}

fn tail(last: &[String]) -> String {
    if last.is_empty() { String::new() } else { format!("; it said last:\n{}", last.join("\n")) }
}

impl Error {
    pub(crate) fn disk(path: &Path) -> impl Fn(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |error| Self::Disk { path: path.clone(), detail: error.to_string() }
    }

    /// Whether the engine says that what was named is not there.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Engine { status: Some(404), .. })
    }

    pub(crate) fn is_conflict(&self) -> bool {
        // Podman says 500 of a name that another has.
        matches!(self, Self::Engine { status: Some(409), .. })
            || matches!(self, Self::Engine { detail, .. } if detail.contains("is already in use by"))
    }
}

impl From<bollard::errors::Error> for Error {
    fn from(error: bollard::errors::Error) -> Self {
        use bollard::errors::Error as Theirs;
        match error {
            Theirs::DockerResponseServerError { message, .. } | Theirs::DockerStreamError { error: message }
                if is_full(&message) =>
            {
                Self::Full { detail: message }
            }
            Theirs::DockerResponseServerError { status_code, message } => {
                Self::Engine { status: Some(status_code), detail: message }
            }
            Theirs::DockerStreamError { error } => Self::Engine { status: None, detail: error },
            other => Self::Lost { detail: told(&other) },
        }
    }
}

/// Whether somebody's words are those for a disk without space.
pub(crate) fn is_full(words: &str) -> bool {
    words.to_ascii_lowercase().contains("no space left on device")
}

/// Whether somebody's words are those for an image that was removed under a build. Docker's classic builder looks for a
/// step that is kept among all images with the same parent, whosever they are, and fails when one of them goes.
pub(crate) fn is_gone_meanwhile(words: &str) -> bool {
    let known = ["unable to find image \"sha256:", "failed to get digest sha256:", "No such image: sha256:"];
    known.iter().any(|known| words.contains(known))
}

/// An error with what caused it: the outermost alone says "client error".
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}

impl Fault for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Absent { .. } => "containers.absent",
            Self::NotStarted { .. } => "containers.not_started",
            Self::Chosen { .. } => "containers.chosen",
            Self::Permission { .. } => "containers.permission",
            Self::TooOld { .. } => "containers.too_old",
            Self::Rootless { .. } => "containers.rootless",
            Self::Remote { .. } => "containers.remote",
            Self::Context { .. } => "containers.context",
            Self::Lost { .. } => "containers.lost",
            Self::Full { .. } => "containers.full",
            Self::Engine { .. } => "containers.engine",
            Self::NoImage { .. } => "containers.no_image",
            Self::Pull { .. } => "containers.pull",
            Self::NotBase { .. } => "containers.not_base",
            Self::NotOurs { .. } => "containers.not_ours",
            Self::InUse { .. } => "containers.in_use",
            Self::NoDockerfile { .. } => "containers.no_dockerfile",
            Self::Ignore { .. } => "containers.ignore",
            Self::Build { .. } => "containers.build",
            Self::Disk { .. } => "containers.disk",
            Self::Compose { .. } => "containers.compose",
            Self::PortTaken { .. } => "containers.port_taken",
            Self::Ended { .. } => "containers.ended",
            Self::Unhealthy { .. } => "containers.unhealthy",
            Self::Late { .. } => "containers.late",
            Self::NoService { .. } => "containers.no_service",
            Self::NoStack { .. } => "containers.no_stack",
            Self::Cancelled => "task.cancelled",
        }
    }

    fn next_step(&self) -> String {
        match self {
            Self::Absent { install: command } => {
                format!("Install one: {command}. Only the labs about containers need it.")
            }
            Self::NotStarted { start } => format!("Start it: {start}."),
            Self::Chosen { by, start, .. } => {
                let other = if by == "DOCKER_HOST" { "unset DOCKER_HOST" } else { "docker context use default" };
                format!("Start it: {start}; or take another: {other}.")
            }
            Self::Permission { mend, .. } => mend.clone(),
            Self::TooOld { upgrade, .. } => {
                format!("Bring Docker to 20.10 or newer, or Podman to 4 or newer: {upgrade}.")
            }
            Self::Rootless { .. } => {
                "Use an engine that runs as root: sudo systemctl start docker, then docker context use default; and unset DOCKER_HOST."
                    .into()
            }
            Self::Remote { .. } => {
                "Set DOCKER_HOST to a socket of this machine (unix://…), or unset it to use the usual ones.".into()
            }
            Self::Context { .. } => "Choose another: docker context use default.".into(),
            Self::Lost { .. } => {
                "Run `groundwork engine` to see whether it runs, then the same command: it goes on from what is there."
                    .into()
            }
            Self::Full { .. } => {
                "See what nothing uses any more with `groundwork image prune`, remove it with --yes, then try again."
                    .into()
            }
            Self::Engine { .. } => "Look at what the engine says, and at its log.".into(),
            Self::NoImage { name } if name == BASE => "Bring it: `groundwork image base`.".into(),
            Self::NoImage { name } => {
                format!("Fetch it with `groundwork image pull {name}`, build it, or load a file.")
            }
            Self::Pull { .. } => {
                "Look at the name and the network; an image from a file needs none: `groundwork image load FILE`."
                    .into()
            }
            Self::NotBase { .. } => {
                format!("Take a file that was written by `groundwork image save {BASE} --output FILE`.")
            }
            Self::NotOurs { .. } => "It stays as it is; remove it yourself if you do not need it.".into(),
            Self::InUse { .. } => "Take down the stack that uses it: `groundwork stack list` shows them.".into(),
            Self::NoDockerfile { .. } => "Name the folder that holds a Dockerfile, or the file with --file.".into(),
            Self::Ignore { .. } => "Mend that line of .dockerignore.".into(),
            Self::Build { .. } => "Mend that step of the Dockerfile; the steps before it are kept.".into(),
            Self::Disk { .. } => "Look whether the disk is full and the folder yours, then try again.".into(),
            Self::Compose { next, .. } => next.clone(),
            Self::PortTaken { port, .. } => {
                format!("End what listens on port {port}, or write another port into the file.")
            }
            Self::Ended { .. } | Self::Unhealthy { .. } => {
                "Read its log with `groundwork stack logs FILE`, mend it, and bring the stack up again.".into()
            }
            Self::Late { .. } => "Read its log; give it more time if it works still.".into(),
            Self::NoService { .. } => "Bring the stack up first: `groundwork stack up FILE`.".into(),
            Self::NoStack { .. } => {
                "Bring it up with `groundwork stack up FILE`, or name one of `groundwork stack list`.".into()
            }
            Self::Cancelled => "Start it again when you want to: it goes on from what is there.".into(),
        }
    }

    fn owner(&self) -> Owner {
        Owner::Learner
    }
}
