//! The use cases that both shells call: plan, labs, models, gateway, write-up, doctor. Ties the crates below together and
//! turns their errors into one [`Problem`] and their news into one [`Event`].
//!
//! Never prints, exits or reads the environment: a shell says where things lie ([`Options`]) and draws what comes back.

pub mod authoring;
mod calls;
mod chat;
mod collections;
mod consent;
pub mod crash;
mod deployments;
mod doctor;
mod door;
mod editor;
mod engine;
mod entries;
mod event;
mod explain;
mod folders;
mod homes;
mod installed;
mod keeping;
mod key;
mod known;
mod labs;
mod model;
mod notes;
mod options;
mod outcome;
mod pack;
mod plan;
mod problem;
mod programs;
mod record;
mod replace;
mod roadmap;
mod session;
mod shelf;
mod stacks;
mod tasks;
mod terminals;
#[cfg(test)]
mod tests;
mod traces;
mod traffic;
mod transfer;
pub mod view;
mod write_up;

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock, PoisonError, RwLock},
    time::Duration,
};

use jiff::Timestamp;
use journal::Journal;
use retrieval::Collections;
use tokio::sync::{Mutex, mpsc};

pub use collections::Found;
pub use engine::Code;
pub use event::{Event, Events, TaskId, TaskStep};
pub use options::{DEFAULT_PORT, Options};
pub use problem::{Owner, Problem};
pub use shelf::ShelvedPack;
pub use transfer::import_record;

use crate::{
    collections::Planes,
    door::Door,
    installed::Installed,
    model::{LocalEmbedder, LocalModel, LocalModels},
    session::Session,
    shelf::{Opened, Usable},
    tasks::Tasks,
};

/// How long a burst of saves may go on before its checks start.
const DEBOUNCE: Duration = Duration::from_millis(40);

/// Everything that is open while Groundwork runs.
pub struct Workbench {
    options: Options,
    journal: Journal,
    /// A damaged pack leaves the rest usable.
    opened: RwLock<Result<Opened, Problem>>,
    /// The packs to choose from, as they were last asked for.
    usable: std::sync::Mutex<Vec<Usable>>,
    /// The library of resources, once it could be read.
    resources: OnceLock<Vec<view::Resource>>,
    installed: Arc<Installed>,
    collections: Collections,
    planes: Arc<Planes>,
    events: Events,
    tasks: Arc<Tasks>,
    door: Arc<Door>,
    /// The breakdowns that were told of in this run.
    crashes: std::sync::Mutex<Vec<Problem>>,
    /// The started labs that somebody looks at, by slug.
    sessions: Mutex<HashMap<String, Arc<Session>>>,
}

impl std::fmt::Debug for Workbench {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workbench").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Workbench {
    /// Opens the journal and reads the pack. Quick: loads no model, starts nothing.
    pub async fn open(options: Options, events: mpsc::UnboundedSender<Event>) -> Result<Arc<Self>, Problem> {
        let opening = tokio::task::spawn_blocking(move || {
            let journal = Journal::open(&options.journal())?;
            let opened = shelf::open(&options, &journal);
            let installed = Arc::new(Installed::new(options.clone(), journal.clone()));
            Self::assemble(options, journal, opened, installed, Events::new(events))
        });
        opening.await.map_err(|error| Problem::broken(&error.to_string()))?.map(Arc::new)
    }

    fn assemble(
        options: Options,
        journal: Journal,
        opened: Result<Opened, Problem>,
        installed: Arc<Installed>,
        events: Events,
    ) -> Result<Self, Problem> {
        let collections = Collections::open(&options.collection_store())?;
        let tasks = Tasks::new(events.clone());
        let door = Arc::new(Door::new(&options));
        let opened = RwLock::new(opened);
        Ok(Self {
            options,
            journal,
            opened,
            usable: std::sync::Mutex::default(),
            resources: OnceLock::new(),
            installed,
            collections,
            planes: Arc::default(),
            events,
            tasks,
            door,
            crashes: std::sync::Mutex::default(),
            sessions: Mutex::default(),
        })
    }

    /// Stops services and the gateway, and waits until they are gone.
    pub async fn close(&self) {
        self.tasks.end_all().await;
        self.close_sessions().await;
        self.door.close().await;
    }

    /// [`Workbench::close`], and the end of the models: the last thing that a shell does.
    pub async fn end(&self) {
        self.close().await;
        let models = self.installed.models();
        let ended =
            tokio::task::spawn_blocking(move || models.texts().iter().for_each(|model| model.engine.end())).await;
        if let Err(error) = ended {
            tracing::warn!(%error, "the models did not end");
        }
    }

    /// All at once: what runs in a terminal or as a service may take a while to end.
    async fn close_sessions(&self) {
        let mut sessions = self.sessions.lock().await;
        let closing = sessions.drain().map(|(_, session)| async move { session.close().await });
        futures::future::join_all(closing).await;
    }

    pub fn plan(&self) -> Result<view::Plan, Problem> {
        let plan = plan::view(&*self.pack()?, &self.journal, Timestamp::now(), &self.options.time_zone)?;
        Ok(view::Plan { packs: self.choices(), notices: self.notices(), ..plan })
    }

    /// What happened to the learner's data or to Groundwork that they should know.
    pub fn notices(&self) -> Vec<Problem> {
        let rescued = self.journal.rescued().cloned().map(Problem::from);
        let imported = self.journal.imported().cloned().map(Problem::from);
        let instead = self.opened().ok().and_then(|opened| opened.instead);
        let mut crashes = self.crashes.lock().unwrap_or_else(PoisonError::into_inner);
        crashes.extend(crash::tell(&self.options.data));
        rescued.into_iter().chain(imported).chain(instead).chain(crashes.iter().cloned()).collect()
    }

    /// Asks the model; each token arrives as the task's output.
    pub fn chat(&self, messages: Vec<view::Message>, options: view::ChatOptions) -> Result<TaskId, Problem> {
        chat::start(&self.tasks, &self.events, self.model()?, messages, &options)
    }

    pub fn cancel(&self, task: TaskId) {
        self.tasks.cancel(task);
    }

    /// Starts the gateway unless it listens, or another Groundwork of this user already does.
    pub async fn open_gateway(&self) {
        self.door.open(self.deployed(), self.collections.clone(), &self.journal, &self.events).await;
    }

    pub fn gateway(&self) -> view::GatewayState {
        self.door.state()
    }

    /// A key for this run of the program: its calls are shown and not kept.
    pub fn run_key(&self) -> Result<String, Problem> {
        self.door.run_key()
    }

    /// Looks at everything that a lab needs.
    pub async fn doctor(self: &Arc<Self>) -> Vec<view::Finding> {
        self.open_gateway().await;
        doctor::findings(self).await
    }

    fn pack(&self) -> Result<Arc<curriculum::Pack>, Problem> {
        Ok(self.opened()?.pack)
    }

    /// The open pack. One that could not be read is read again: it may have been mended.
    fn opened(&self) -> Result<Opened, Problem> {
        let known = self.opened.read().unwrap_or_else(PoisonError::into_inner).clone();
        if known.is_ok() {
            return known;
        }
        let again = shelf::open(&self.options, &self.journal);
        self.opened.write().unwrap_or_else(PoisonError::into_inner).clone_from(&again);
        again
    }

    fn model(&self) -> Result<Arc<LocalModel>, Problem> {
        self.installed().text()
    }

    fn installed(&self) -> LocalModels {
        self.installed.models()
    }

    fn embedder(&self) -> Result<Arc<LocalEmbedder>, Problem> {
        self.installed().embedding
    }
}
