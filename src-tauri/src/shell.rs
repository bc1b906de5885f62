//! What the window holds while it is open: the workbench, opened beside the web view so that neither waits for the
//! other.

use std::sync::Arc;

use serde::Serialize;
use specta::Type;
use tauri::async_runtime;
use tokio::sync::{OnceCell, mpsc};
use workbench::{Event, Options, Problem, Workbench};

/// The one event that the window listens to.
#[derive(Debug, Clone, Serialize, Type, tauri_specta::Event)]
#[serde(transparent)]
pub struct Happening(pub Event);

pub struct Shell {
    workbench: Arc<OnceCell<Result<Arc<Workbench>, Problem>>>,
    sender: mpsc::UnboundedSender<Event>,
    receiver: std::sync::Mutex<Option<mpsc::UnboundedReceiver<Event>>>,
}

impl Shell {
    /// Starts to open the workbench and its gateway; returns at once.
    pub fn open() -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let shell =
            Self { workbench: Arc::new(OnceCell::new()), sender, receiver: std::sync::Mutex::new(Some(receiver)) };
        let (cell, sender) = (shell.workbench.clone(), shell.sender.clone());
        async_runtime::spawn(async move { cell.get_or_init(|| open(sender)).await.is_ok() });
        shell
    }

    /// The events of the workbench, handed out once.
    pub fn events(&self) -> mpsc::UnboundedReceiver<Event> {
        let taken = self.receiver.lock().ok().and_then(|mut receiver| receiver.take());
        taken.unwrap_or_else(|| mpsc::unbounded_channel().1)
    }

    pub async fn workbench(&self) -> Result<Arc<Workbench>, Problem> {
        self.workbench.get_or_init(|| open(self.sender.clone())).await.clone()
    }

    /// Stops services and the gateway, and waits until they are gone.
    pub fn close(&self) {
        if let Some(Ok(workbench)) = self.workbench.get() {
            async_runtime::block_on(workbench.close());
        }
    }
}

async fn open(sender: mpsc::UnboundedSender<Event>) -> Result<Arc<Workbench>, Problem> {
    let workbench = Workbench::open(options()?, sender).await?;
    workbench.open_gateway().await;
    Ok(workbench)
}

fn options() -> Result<Options, Problem> {
    let executable = std::env::current_exe().unwrap_or_default();
    Options::read(env!("CARGO_PKG_VERSION"), &executable, |name| std::env::var_os(name))
}
