//! What every screen may need, and the Settings screen.

use std::path::PathBuf;

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

#[tauri::command]
#[specta::specta]
pub async fn repair(shell: State<'_, Shell>, repair: view::Repair) -> Result<TaskId, Problem> {
    Ok(shell.workbench().await?.repair(repair))
}

#[tauri::command]
#[specta::specta]
pub async fn folders(shell: State<'_, Shell>) -> Result<Vec<view::Folder>, Problem> {
    Ok(shell.workbench().await?.folders())
}

#[tauri::command]
#[specta::specta]
pub async fn folder_bytes(shell: State<'_, Shell>, kind: view::FolderKind) -> Result<f64, Problem> {
    shell.workbench().await?.folder_bytes(kind).await
}

#[tauri::command]
#[specta::specta]
pub async fn open_folder(shell: State<'_, Shell>, kind: view::FolderKind) -> Result<(), Problem> {
    shell.workbench().await?.open_folder(kind).await
}

#[tauri::command]
#[specta::specta]
pub async fn editors(shell: State<'_, Shell>) -> Result<view::Editors, Problem> {
    shell.workbench().await?.editors()
}

#[tauri::command]
#[specta::specta]
pub async fn use_editor(shell: State<'_, Shell>, command: Option<String>) -> Result<view::Editors, Problem> {
    shell.workbench().await?.use_editor(command.as_deref())
}

#[tauri::command]
#[specta::specta]
pub async fn try_editor(shell: State<'_, Shell>) -> Result<String, Problem> {
    shell.workbench().await?.try_editor().await
}

#[tauri::command]
#[specta::specta]
pub async fn keys(shell: State<'_, Shell>) -> Result<Vec<view::Key>, Problem> {
    shell.workbench().await?.keys()
}

#[tauri::command]
#[specta::specta]
pub async fn renew_key(shell: State<'_, Shell>, slug: String) -> Result<(), Problem> {
    shell.workbench().await?.renew_key(&slug).await
}

#[tauri::command]
#[specta::specta]
pub async fn transfer(shell: State<'_, Shell>) -> Result<view::Transfer, Problem> {
    shell.workbench().await?.transfer().await
}

#[tauri::command]
#[specta::specta]
pub async fn export_record(shell: State<'_, Shell>, file: String) -> Result<view::ExportedRecord, Problem> {
    shell.workbench().await?.export_record(Some(PathBuf::from(file))).await
}

#[tauri::command]
#[specta::specta]
pub async fn lay_in_record(shell: State<'_, Shell>, file: String) -> Result<view::RecordSummary, Problem> {
    shell.workbench().await?.lay_in_record(PathBuf::from(file)).await
}

#[tauri::command]
#[specta::specta]
pub async fn call_off_import(shell: State<'_, Shell>) -> Result<(), Problem> {
    shell.workbench().await?.call_off_import()
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
