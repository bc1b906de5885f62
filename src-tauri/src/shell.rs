//! What the window holds while it is open: the workbench, opened beside the web view so that neither waits for the
//! other.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use specta::Type;
use tauri::async_runtime;
use tokio::sync::{OnceCell, mpsc};
use workbench::{Event, Options, Problem, Workbench, crash};

/// What happened in the workbench.
#[derive(Debug, Clone, Serialize, Type, tauri_specta::Event)]
#[serde(transparent)]
pub struct Happening(pub Event);

/// The window is wanted at another place: [`Shell::take_place`] says where.
#[derive(Debug, Clone, Serialize, Type, tauri_specta::Event)]
pub struct Called;

pub struct Shell {
    options: Result<Options, Problem>,
    /// Where a link leads that nobody followed yet, as the window's address has it: `lab/orientation`.
    place: Mutex<Option<String>>,
    workbench: Arc<OnceCell<Result<Arc<Workbench>, Problem>>>,
    /// Until the window closes.
    running: Mutex<Option<crash::Running>>,
    sender: mpsc::UnboundedSender<Event>,
    receiver: Mutex<Option<mpsc::UnboundedReceiver<Event>>>,
}

impl Shell {
    /// Starts to open the workbench and its gateway; returns at once.
    pub fn open(options: Result<Options, Problem>) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let (place, receiver) = (Mutex::new(None), Mutex::new(Some(receiver)));
        let running = Mutex::new(options.as_ref().ok().and_then(crash::Running::begin));
        let shell = Self { options, place, workbench: Arc::default(), running, sender, receiver };
        let (cell, options, sender) = (shell.workbench.clone(), shell.options.clone(), shell.sender.clone());
        async_runtime::spawn(async move { cell.get_or_init(|| open(options, sender)).await.is_ok() });
        shell
    }

    /// Where the window is to go next.
    pub fn lead(&self, place: String) {
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
    }

    /// Handed out once.
    pub fn take_place(&self) -> Option<String> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The events of the workbench, handed out once.
    pub fn events(&self) -> mpsc::UnboundedReceiver<Event> {
        let taken = self.receiver.lock().ok().and_then(|mut receiver| receiver.take());
        taken.unwrap_or_else(|| mpsc::unbounded_channel().1)
    }

    pub async fn workbench(&self) -> Result<Arc<Workbench>, Problem> {
        self.workbench.get_or_init(|| open(self.options.clone(), self.sender.clone())).await.clone()
    }

    /// Keeps what goes on, for the case that the window ends without closing.
    pub fn hear(&self, event: &Event) {
        if let Some(running) = &mut *self.running.lock().unwrap_or_else(PoisonError::into_inner) {
            running.hear(event);
        }
    }

    /// The window's page is gone, and opened anew.
    pub fn page_gone(&self, why: &str) {
        tracing::error!(why, "the window's page is gone");
        if let Ok(options) = &self.options {
            crash::page_gone(options, why);
        }
    }

    /// Stops services, the gateway and the models, and waits until they are gone.
    pub fn close(&self) {
        if let Some(Ok(workbench)) = self.workbench.get() {
            async_runtime::block_on(workbench.end());
        }
        if let Some(running) = self.running.lock().unwrap_or_else(PoisonError::into_inner).take() {
            running.end();
        }
    }
}

async fn open(
    options: Result<Options, Problem>,
    sender: mpsc::UnboundedSender<Event>,
) -> Result<Arc<Workbench>, Problem> {
    let workbench = Workbench::open(options?, sender).await?;
    workbench.open_gateway().await;
    Ok(workbench)
}
