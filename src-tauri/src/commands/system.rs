//! What every screen may need.

use tauri::{State, WebviewWindow};
use workbench::{Problem, TaskId, view};

use crate::shell::Shell;

#[tauri::command]
#[specta::specta]
pub async fn cancel(shell: State<'_, Shell>, task: TaskId) -> Result<(), Problem> {
    shell.workbench().await?.cancel(task);
    Ok(())
}

#[tauri::command]
#[specta::specta]
pub async fn doctor(shell: State<'_, Shell>) -> Result<Vec<view::Finding>, Problem> {
    Ok(shell.workbench().await?.doctor().await)
}

/// Where a link leads that nobody followed yet, as the window's address has it.
#[tauri::command]
#[specta::specta]
pub async fn take_place(shell: State<'_, Shell>) -> Result<Option<String>, Problem> {
    Ok(shell.take_place())
}

/// Draws everything at so many percent of its usual size.
#[tauri::command]
#[specta::specta]
pub async fn zoom(window: WebviewWindow, percent: u32) -> Result<(), Problem> {
    window.set_zoom(f64::from(percent) / 100.0).map_err(|error| Problem::broken(&error.to_string()))
}

/// Puts the window's start times, in milliseconds since the epoch, into the log, where the start bench reads them.
#[tauri::command]
#[specta::specta]
pub async fn report_start(painted_at: f64, usable_at: f64) -> Result<(), Problem> {
    tracing::info!(target: "start", painted_at, usable_at);
    Ok(())
}
