//! Whether and where the gateway listens. Several Groundworks of one user share one gateway, because they share one
//! journal and so one set of keys.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use checks::Obstacle;
use gateway::{Exchange, Gateway, Injection, Laid, Running, Settings, Spans};
use jiff::Timestamp;
use journal::Journal;
use retrieval::Collections;
use uuid::Uuid;

use crate::{
    Events, Options, Problem,
    deployments::Deployments,
    record::{Calls, Keys},
    traffic::Traffic,
    view,
};

pub struct Door {
    address: SocketAddr,
    /// Names the data folder without telling it.
    identity: String,
    run_key: String,
    /// Python packages that builds of images may use.
    wheels: Option<PathBuf>,
    /// What is heard of the gateway, while it is this process's own.
    pub traffic: Traffic,
    state: Mutex<State>,
    opening: tokio::sync::Mutex<()>,
}

enum State {
    Closed,
    Own(Running),
    /// Another Groundwork with the same journal listens there.
    Shared(SocketAddr),
    Failed(Problem),
}

impl Door {
    pub fn new(options: &Options) -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, options.port)),
            identity: options.identity(),
            run_key: gateway::new_key(),
            wheels: options.wheelhouse(),
            traffic: Traffic::new(),
            state: Mutex::new(State::Closed),
            opening: tokio::sync::Mutex::new(()),
        }
    }

    /// Listens, or finds out who else does. A failure is kept for [`Door::state`].
    pub async fn open(&self, served: Deployments, collections: Collections, journal: &Journal, events: &Events) {
        let _one = self.opening.lock().await;
        if matches!(*self.locked(), State::Own(_) | State::Shared(_)) {
            return;
        }
        let keys = Keys { journal: journal.clone(), run_key_hash: gateway::hash_key(&self.run_key) };
        let calls = Calls { journal: journal.clone(), events: events.clone(), traffic: self.traffic.clone() };
        let settings = Settings {
            address: self.address,
            identity: self.identity.clone(),
            wheels: self.wheels.clone(),
            limits: gateway::Limits::default(),
        };
        let state = match Gateway::start(settings, served, collections, Arc::new(keys), Arc::new(calls)).await {
            Ok(running) => State::Own(running),
            Err(gateway::Error::PortTaken { .. }) if self.is_ours().await => State::Shared(self.address),
            Err(error) => State::Failed(error.into()),
        };
        *self.locked() = state;
    }

    async fn is_ours(&self) -> bool {
        gateway::identify(self.address).await.as_deref() == Some(self.identity.as_str())
    }

    pub async fn close(&self) {
        let state = std::mem::replace(&mut *self.locked(), State::Closed);
        if let State::Own(running) = state {
            running.stop().await;
        }
    }

    pub fn state(&self) -> view::GatewayState {
        let problem = match &*self.locked() {
            State::Failed(problem) => Some(problem.clone()),
            _ => None,
        };
        view::GatewayState { url: self.root().map(|root| format!("{root}/v1")), problem }
    }

    /// `http://127.0.0.1:PORT` while somebody listens.
    pub fn root(&self) -> Option<String> {
        let address = match &*self.locked() {
            State::Own(running) => running.address,
            State::Shared(address) => *address,
            State::Closed | State::Failed(_) => return None,
        };
        Some(format!("http://{address}"))
    }

    /// Where programs are told to call: also while nobody listens, so that they can start before.
    pub fn root_for_programs(&self) -> String {
        self.root().unwrap_or_else(|| format!("http://{}", self.address))
    }

    pub fn run_key(&self) -> Result<String, Problem> {
        match *self.locked() {
            State::Own(_) => Ok(self.run_key.clone()),
            _ => {
                let next_step = "Use the key in a workspace's .groundwork/activate, or end the other Groundwork first.";
                Err(Problem::new("gateway.shared", "Another Groundwork already serves on this port.", next_step))
            }
        }
    }

    /// Lays faults on one workspace's calls, wherever the gateway runs.
    pub async fn inject(&self, workspace: Uuid, key: &str, faults: &[Injection]) -> Result<Laid, Obstacle> {
        let address = match &*self.locked() {
            State::Own(running) => return Ok(running.inject(workspace, faults)),
            State::Shared(address) => *address,
            State::Closed | State::Failed(_) => return Err(closed()),
        };
        gateway::inject(address, key, faults).await.map_err(|error| elsewhere("lay the check's faults", &error))
    }

    /// What one workspace's programs told of themselves since then, wherever the gateway runs.
    pub async fn spans(&self, workspace: Uuid, key: &str, since: Timestamp) -> Result<Spans, Obstacle> {
        let address = match &*self.locked() {
            State::Own(running) => return Ok(running.spans(workspace, since)),
            State::Shared(address) => *address,
            State::Closed | State::Failed(_) => return Err(closed()),
        };
        gateway::spans(address, key, since).await.map_err(|error| elsewhere("tell the spans", &error))
    }

    /// What a workspace's call of this moment sent and got, while this process's gateway keeps it.
    pub fn exchange(&self, workspace: Uuid, at: Timestamp) -> Option<Exchange> {
        match &*self.locked() {
            State::Own(running) => running.exchange(workspace, at),
            State::Closed | State::Shared(_) | State::Failed(_) => None,
        }
    }

    /// Lets containers in, by the bridge that leads to them, wherever the gateway runs.
    pub async fn open_to_containers(&self, key: &str, bridge: Ipv4Addr) -> Result<(), Obstacle> {
        let opening = {
            let state = self.locked();
            match &*state {
                State::Own(running) => Ok(running.opens_to_containers(bridge)),
                State::Shared(address) => Err(*address),
                State::Closed | State::Failed(_) => return Err(closed()),
            }
        };
        let opened = match opening {
            Ok(own) => own.await,
            Err(address) => gateway::open_to_containers(address, key, bridge).await,
        };
        opened.map_err(|error| elsewhere("listen to containers", &error))
    }

    pub fn has_wheels(&self) -> bool {
        self.wheels.is_some()
    }

    /// The port that the gateway has, wherever it runs.
    pub fn port(&self) -> Option<u16> {
        match &*self.locked() {
            State::Own(running) => Some(running.address.port()),
            State::Shared(address) => Some(address.port()),
            State::Closed | State::Failed(_) => None,
        }
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn closed() -> Obstacle {
    Obstacle {
        message: "The gateway does not run, and it is needed here.".to_owned(),
        next_step: "Look at the Models screen, or run `groundwork doctor`.".to_owned(),
    }
}

fn elsewhere(what: &str, error: &std::io::Error) -> Obstacle {
    Obstacle {
        message: format!("The Groundwork that serves on this port could not {what}: {error}."),
        next_step: "Update or end the other Groundwork, then run the check again.".to_owned(),
    }
}
