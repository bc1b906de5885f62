//! Snapshots and updates, on the Lab screen.

use tauri::State;
use workbench::{Problem, view};

use crate::shell::Shell;

#[tauri::command]
#[specta::specta]
pub async fn snapshots(shell: State<'_, Shell>, slug: String) -> Result<Vec<view::Snapshot>, Problem> {
    shell.workbench().await?.snapshots(&slug).await
}

#[tauri::command]
#[specta::specta]
pub async fn restore_lab(
    shell: State<'_, Shell>,
    slug: String,
    snapshot: String,
    file: Option<String>,
) -> Result<view::Restored, Problem> {
    shell.workbench().await?.restore_lab(&slug, &snapshot, file.as_deref()).await
}

#[tauri::command]
#[specta::specta]
pub async fn update_lab(shell: State<'_, Shell>, slug: String) -> Result<view::Updated, Problem> {
    shell.workbench().await?.update_lab(&slug).await
}
