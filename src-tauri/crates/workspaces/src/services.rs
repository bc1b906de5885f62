//! The learner's programs that listen on a port: started on a free one, known ready, logged, and ended whole.
//!
//! Never restarts anything by itself: [`Services::concerned`] says what a save should restart.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    net::{Ipv4Addr, TcpListener},
    sync::Arc,
    time::Duration,
};

use globset::{GlobSet, GlobSetBuilder};
use task::Cancellation;
use tokio::{
    sync::{Mutex, broadcast, watch},
    task::JoinHandle,
    time::timeout,
};

use crate::{
    Error, Result, Surroundings,
    process::{self, Launch, Tree},
};

mod log;
mod run;

use log::Log;
use run::Run;

/// Memory that each process of a service may claim.
const MEMORY_MB: u32 = 2048;
/// How long a service may take to end by itself.
const GRACE: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Stopped,
    Starting,
    /// `http://127.0.0.1:PORT`
    Ready {
        url: String,
    },
    /// It ended by itself or never answered. `summary` is one sentence.
    Failed {
        summary: String,
    },
}

/// The services of one workspace. Dropping this ends them.
#[derive(Debug)]
pub struct Services {
    all: BTreeMap<String, Service>,
}

impl Services {
    pub fn new(described: &[curriculum::Service], surroundings: &Surroundings) -> Result<Self> {
        let all = described.iter().map(|service| Ok((service.name.clone(), Service::new(service, surroundings)?)));
        Ok(Self { all: all.collect::<Result<_>>()? })
    }

    pub fn get(&self, name: &str) -> Result<&Service> {
        self.all.get(name).ok_or_else(|| Error::NoService { name: name.to_owned() })
    }

    pub fn iter(&self) -> impl Iterator<Item = &Service> {
        self.all.values()
    }

    /// Services that a save of `path` should restart: those that were started and whose globs match.
    pub fn concerned(&self, path: &str) -> Vec<&Service> {
        self.iter().filter(|service| service.restart_on.is_match(path) && service.state() != State::Stopped).collect()
    }

    pub async fn stop(&self) {
        for service in self.iter() {
            service.stop().await;
        }
    }
}

/// One program of the learner's. Dropping it ends the program and everything that it started.
#[derive(Debug)]
pub struct Service {
    described: curriculum::Service,
    surroundings: Surroundings,
    restart_on: GlobSet,
    client: reqwest::Client,
    log: Arc<Log>,
    state: Arc<watch::Sender<State>>,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    tree: Arc<Tree>,
    stopping: Cancellation,
    follow: JoinHandle<()>,
}

impl Service {
    fn new(described: &curriculum::Service, surroundings: &Surroundings) -> Result<Self> {
        let bad = |detail: String| Error::BadService { name: described.name.clone(), detail };
        if described.command.is_empty() {
            return Err(bad("its command is empty".into()));
        }
        let mut globs = GlobSetBuilder::new();
        for glob in &described.restart_on {
            globs.add(checks::glob_of(glob).map_err(|error| bad(error.to_string()))?);
        }
        Ok(Self {
            described: described.clone(),
            surroundings: surroundings.clone(),
            restart_on: globs.build().map_err(|error| bad(error.to_string()))?,
            client: crate::probe::client().map_err(|error| bad(error.to_string()))?,
            log: Arc::new(Log::new()),
            state: Arc::new(watch::channel(State::Stopped).0),
            running: Mutex::new(None),
        })
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.described.name
    }

    #[must_use]
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Changes of state, the present one first.
    #[must_use]
    pub fn states(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// The last 2,000 lines that it printed, of all its runs.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        self.log.lines()
    }

    /// The log so far and every line from then on. A listener that falls 2,000 lines behind loses the oldest.
    #[must_use]
    pub fn follow_log(&self) -> (Vec<String>, broadcast::Receiver<String>) {
        self.log.follow()
    }

    /// The last lines of the latest run.
    #[must_use]
    pub fn last_words(&self) -> Vec<String> {
        self.log.tail(40)
    }

    /// Starts it unless it runs. What goes wrong is in the [`State`].
    pub async fn start(&self) {
        let mut running = self.running.lock().await;
        if running.as_ref().is_some_and(|running| !running.follow.is_finished()) {
            return;
        }
        self.state.send_replace(State::Starting);
        match self.launch() {
            Ok(started) => *running = Some(started),
            Err(summary) => {
                self.log.start(&summary);
                self.state.send_replace(State::Failed { summary });
            }
        }
    }

    pub async fn stop(&self) {
        let mut running = self.running.lock().await;
        if let Some(mut running) = running.take() {
            running.stopping.cancel();
            running.tree.terminate();
            if timeout(GRACE, &mut running.follow).await.is_err() {
                running.tree.kill();
                let _ = (&mut running.follow).await;
            }
        }
        self.state.send_replace(State::Stopped);
    }

    pub async fn restart(&self) {
        self.stop().await;
        self.start().await;
    }

    /// Waits until it is ready, failed or stopped.
    pub async fn settled(&self) -> State {
        let mut states = self.states();
        let settled = states.wait_for(|state| *state != State::Starting).await;
        settled.map_or(State::Stopped, |state| state.clone())
    }

    fn launch(&self) -> Result<Running, String> {
        let port = free_port().map_err(|error| format!("No port is free: {error}."))?;
        let [name, arguments @ ..] = &self.described.command[..] else { return Err("Its command is empty.".into()) };
        let program = self.surroundings.program(name).ok_or_else(|| format!("The program {name} was not found."))?;
        let mut environment = self.surroundings.environment(&self.described.env);
        environment.insert("PORT".into(), port.to_string().into());
        let launch = Launch {
            program,
            arguments: arguments.iter().map(OsString::from).collect(),
            folder: self.surroundings.folder.clone(),
            environment,
            inherits: false,
            memory_mb: Some(MEMORY_MB),
            reach: None,
        };
        let command = self.described.command.join(" ");
        let (child, tree) =
            process::spawn(&launch, false).map_err(|error| format!("{command} did not start: {error}."))?;
        self.log.start(&format!("$ PORT={port} {command}"));
        let (tree, stopping) = (Arc::new(tree), Cancellation::new());
        let run = Run {
            child,
            tree: Arc::clone(&tree),
            port,
            ready: self.described.ready.clone(),
            client: self.client.clone(),
            log: Arc::clone(&self.log),
            state: Arc::clone(&self.state),
            stopping: stopping.clone(),
        };
        Ok(Running { tree, stopping, follow: tokio::spawn(run.follow()) })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.tree.kill();
    }
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
