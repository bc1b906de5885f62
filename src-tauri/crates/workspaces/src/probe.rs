//! The world as checks see it: this workspace's files, programs, services and calls.
//!
//! Never writes to the workspace, and never reads outside it.

use std::{
    ffi::OsString,
    fs, io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use checks::{
    Answer, Call, Command, Containers, Entry, Exit, InForce, Look, Obstacle, Piece, Probe, Ran, Request, ServiceState,
    Spans, Stored, Streamed,
};
use curriculum::Injection;
use jiff::Timestamp;

use crate::{
    Error, Services, State, Surroundings, paths, process::Launch, run::run, services::free_port, surroundings::port,
};
use task::Fault;

mod http;

pub(crate) use http::client;

/// Names a port to a check's program: the only one on which it may both listen and call.
const FREE_PORT: &str = "GROUNDWORK_FREE_PORT";
/// The largest file that a check reads.
const READ_AT_MOST: u64 = 32 << 20;

/// What is known of a workspace outside its folder: the gateway's record, the quiz answers, the journal entries.
#[async_trait]
pub trait Record: Send + Sync {
    /// As [`Probe::calls`].
    async fn calls(&self, since: Timestamp, until: Timestamp) -> Result<Vec<Call>, Obstacle>;
    /// As [`Probe::spans`].
    async fn spans(&self, since: Timestamp) -> Result<Spans, Obstacle>;
    /// As [`Probe::inject`].
    async fn inject(&self, faults: &[Injection]) -> Result<InForce, Obstacle>;
    /// As [`Probe::quiz_answer`].
    async fn quiz_answer(&self, check: &str) -> Result<Option<Vec<String>>, Obstacle>;
    /// As [`Probe::entries`].
    async fn entries(&self) -> Result<Vec<Entry>, Obstacle>;
    /// As [`Probe::containers`].
    async fn containers(&self) -> Result<Arc<dyn Containers>, Obstacle> {
        Err(Obstacle::no_containers())
    }
    /// As [`Probe::collection`].
    async fn collection(&self, look: &Look) -> Result<Option<Stored>, Obstacle>;
}

/// Shows one workspace to the checks of one report. A service that has failed is started once more per report.
pub struct LiveProbe {
    surroundings: Surroundings,
    services: Arc<Services>,
    record: Arc<dyn Record>,
    client: reqwest::Client,
    tried: Mutex<Vec<String>>,
}

impl std::fmt::Debug for LiveProbe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveProbe").field("folder", &self.surroundings.folder).finish_non_exhaustive()
    }
}

impl LiveProbe {
    pub fn new(surroundings: Surroundings, services: Arc<Services>, record: Arc<dyn Record>) -> Result<Self, Obstacle> {
        let client = client().map_err(|error| Obstacle {
            message: format!("HTTP requests cannot be sent: {error}"),
            next_step: "Restart Groundwork.".into(),
        })?;
        Ok(Self { surroundings, services, record, client, tried: Mutex::default() })
    }

    /// A folder for a program's temporary files, gone with the run.
    fn draft(&self) -> Result<tempfile::TempDir, Error> {
        let folder = self.surroundings.folder.join(".groundwork");
        tempfile::Builder::new().prefix("run-").tempdir_in(&folder).map_err(Error::at(&folder))
    }

    /// The ports of the services that run.
    fn ports(&self) -> Vec<u16> {
        let states = self.services.iter().map(|service| service.state());
        states.filter_map(|state| if let State::Ready { url } = state { port(&url) } else { None }).collect()
    }

    fn first_try(&self, name: &str) -> bool {
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let first = !tried.iter().any(|known| known == name);
        if first {
            tried.push(name.to_owned());
        }
        first
    }
}

#[async_trait]
impl Probe for LiveProbe {
    async fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Obstacle> {
        let (root, path) = (self.surroundings.folder.clone(), path.to_owned());
        off_thread(move || read(&root, &path)).await
    }

    async fn list(&self, folder: &str) -> Result<Vec<String>, Obstacle> {
        let (root, folder) = (self.surroundings.folder.clone(), folder.to_owned());
        off_thread(move || list(&root, &folder)).await
    }

    async fn run(&self, command: &Command) -> Result<Ran, Obstacle> {
        let Some((name, arguments)) = command.argv.split_first() else {
            return Err(Obstacle {
                message: "the check names no program".into(),
                next_step: "Tell the authors of the pack.".into(),
            });
        };
        if name.contains('/') {
            paths::inside(&self.surroundings.folder, name).map_err(obstacle)?;
        }
        let Some(program) = self.surroundings.program(name) else {
            return Ok(Ran {
                exit: Exit::NotFound,
                stdout: String::new(),
                stderr: String::new(),
                cut: false,
                elapsed: std::time::Duration::ZERO,
            });
        };
        let draft = self.draft().map_err(obstacle)?;
        let mut environment = self.surroundings.environment(&command.env);
        environment.insert("TMPDIR".into(), draft.path().into());
        let mut ports = self.ports();
        // What it starts itself it may call there.
        if let Ok(port) = free_port() {
            environment.insert(FREE_PORT.into(), port.to_string().into());
            ports.push(port);
        }
        let launch = Launch {
            reach: Some(self.surroundings.reach(&program, ports)),
            program,
            arguments: arguments.iter().map(OsString::from).collect(),
            folder: self.surroundings.folder.clone(),
            environment,
            inherits: false,
            memory_mb: Some(command.memory_mb),
        };
        run(&launch, command.stdin.clone(), command.timeout, command.output_cap).await.map_err(|error| Obstacle {
            message: format!("{name} could not be started: {error}"),
            next_step: "Try the command in a terminal in the workspace folder.".into(),
        })
    }

    async fn service(&self, name: &str) -> Result<ServiceState, Obstacle> {
        let service = self.services.get(name).map_err(obstacle)?;
        let start = match service.state() {
            State::Stopped => true,
            State::Failed { .. } => self.first_try(name),
            State::Starting | State::Ready { .. } => false,
        };
        if start {
            self.first_try(name);
            service.start().await;
        }
        Ok(match service.settled().await {
            State::Ready { url } => ServiceState::Ready { url },
            State::Failed { summary } => ServiceState::Failed { summary, log: service.last_words() },
            State::Stopped | State::Starting => {
                ServiceState::Failed { summary: "It was stopped.".into(), log: service.last_words() }
            }
        })
    }

    async fn http(&self, request: &Request) -> Result<Answer, Obstacle> {
        http::send(&self.client, request).await
    }

    async fn stream(
        &self,
        request: &Request,
        enough: &mut (dyn for<'p> FnMut(&'p Piece) -> bool + Send),
    ) -> Result<Streamed, Obstacle> {
        http::stream(&self.client, request, enough).await
    }

    async fn calls(&self, since: Timestamp, until: Timestamp) -> Result<Vec<Call>, Obstacle> {
        self.record.calls(since, until).await
    }

    async fn spans(&self, since: Timestamp) -> Result<Spans, Obstacle> {
        self.record.spans(since).await
    }

    async fn inject(&self, faults: &[Injection]) -> Result<InForce, Obstacle> {
        self.record.inject(faults).await
    }

    async fn quiz_answer(&self, check: &str) -> Result<Option<Vec<String>>, Obstacle> {
        self.record.quiz_answer(check).await
    }

    async fn entries(&self) -> Result<Vec<Entry>, Obstacle> {
        self.record.entries().await
    }

    async fn containers(&self) -> Result<Arc<dyn Containers>, Obstacle> {
        self.record.containers().await
    }

    async fn collection(&self, look: &Look) -> Result<Option<Stored>, Obstacle> {
        self.record.collection(look).await
    }
}

fn read(root: &Path, path: &str) -> Result<Option<Vec<u8>>, Obstacle> {
    let place = paths::inside(root, path).map_err(obstacle)?;
    let found = match fs::metadata(&place) {
        Ok(found) => found,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(obstacle(Error::at(&place)(error))),
    };
    if !found.is_file() {
        // A folder, or a pipe that would never end.
        return Ok(None);
    }
    if found.len() > READ_AT_MOST {
        return Err(Obstacle {
            message: format!("{path} is larger than {} MB, the most that a check reads", READ_AT_MOST >> 20),
            next_step: format!("Make {path} smaller."),
        });
    }
    match fs::read(&place) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(obstacle(Error::at(&place)(error))),
    }
}

fn list(root: &Path, folder: &str) -> Result<Vec<String>, Obstacle> {
    let place = if folder.is_empty() { root.to_path_buf() } else { paths::inside(root, folder).map_err(obstacle)? };
    if !place.is_dir() {
        return Ok(Vec::new());
    }
    let mut found: Vec<_> = paths::work(&place)
        .map_err(obstacle)?
        .iter()
        .map(|path| paths::text(path))
        .filter(|path| !path.rsplit('/').skip(1).any(|folder| folder.starts_with('.')))
        .map(|path| if folder.is_empty() { path } else { format!("{}/{path}", folder.trim_end_matches('/')) })
        .collect();
    found.sort();
    Ok(found)
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Obstacle> + Send + 'static,
) -> Result<T, Obstacle> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(Obstacle { message: format!("reading stopped short: {error}"), next_step: "Run the check again.".into() })
    })
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn obstacle(error: Error) -> Obstacle {
    Obstacle { message: error.to_string(), next_step: error.next_step() }
}
