//! The Lab screen.

use tauri::State;
use workbench::{Problem, TaskId, view};

use crate::shell::Shell;

#[tauri::command]
#[specta::specta]
pub async fn lab(shell: State<'_, Shell>, slug: String) -> Result<view::Lab, Problem> {
    shell.workbench().await?.lab(&slug).await
}

#[tauri::command]
#[specta::specta]
pub async fn start_lab(shell: State<'_, Shell>, slug: String) -> Result<TaskId, Problem> {
    shell.workbench().await?.start_lab(&slug, true)
}

#[tauri::command]
#[specta::specta]
pub async fn open_editor(
    shell: State<'_, Shell>,
    slug: String,
    path: Option<String>,
    line: Option<u32>,
) -> Result<(), Problem> {
    shell.workbench().await?.open_editor(&slug, path.as_deref(), line).await
}

#[tauri::command]
#[specta::specta]
pub async fn check_lab(shell: State<'_, Shell>, slug: String) -> Result<(), Problem> {
    shell.workbench().await?.check_lab(&slug).await.map(drop)
}

#[tauri::command]
#[specta::specta]
pub async fn stop_checks(shell: State<'_, Shell>, slug: String) -> Result<(), Problem> {
    shell.workbench().await?.stop_checks(&slug).await
}

#[tauri::command]
#[specta::specta]
pub async fn reset_lab(shell: State<'_, Shell>, slug: String) -> Result<String, Problem> {
    shell.workbench().await?.reset_lab(&slug).await
}

#[tauri::command]
#[specta::specta]
pub async fn answer_quiz(
    shell: State<'_, Shell>,
    slug: String,
    check: String,
    chosen: Vec<String>,
) -> Result<(), Problem> {
    shell.workbench().await?.answer_quiz(&slug, &check, chosen).await.map(drop)
}

#[tauri::command]
#[specta::specta]
pub async fn explain_check(shell: State<'_, Shell>, slug: String, check: String) -> Result<TaskId, Problem> {
    shell.workbench().await?.explain_check(&slug, &check).await
}

#[tauri::command]
#[specta::specta]
pub async fn start_service(shell: State<'_, Shell>, slug: String, name: String) -> Result<(), Problem> {
    shell.workbench().await?.start_service(&slug, &name).await
}

#[tauri::command]
#[specta::specta]
pub async fn stop_service(shell: State<'_, Shell>, slug: String, name: String) -> Result<(), Problem> {
    shell.workbench().await?.stop_service(&slug, &name).await
}

#[tauri::command]
#[specta::specta]
pub async fn service_log(shell: State<'_, Shell>, slug: String, name: String) -> Result<Vec<String>, Problem> {
    shell.workbench().await?.service_log(&slug, &name).await
}

#[tauri::command]
#[specta::specta]
pub async fn gateway_calls(shell: State<'_, Shell>, slug: String) -> Result<Vec<view::Call>, Problem> {
    shell.workbench().await?.gateway_calls(&slug)
}

#[tauri::command]
#[specta::specta]
pub async fn gateway_exchange(
    shell: State<'_, Shell>,
    slug: String,
    at: String,
) -> Result<Option<view::Exchange>, Problem> {
    shell.workbench().await?.gateway_exchange(&slug, &at)
}

#[tauri::command]
#[specta::specta]
pub async fn traces(shell: State<'_, Shell>, slug: String) -> Result<view::Traces, Problem> {
    shell.workbench().await?.traces(&slug).await
}

#[tauri::command]
#[specta::specta]
pub async fn trace(shell: State<'_, Shell>, slug: String, id: String) -> Result<Option<view::Waterfall>, Problem> {
    shell.workbench().await?.trace(&slug, &id).await
}

#[tauri::command]
#[specta::specta]
pub async fn entries(shell: State<'_, Shell>, slug: String) -> Result<Vec<view::Entry>, Problem> {
    shell.workbench().await?.entries(Some(&slug))
}

#[tauri::command]
#[specta::specta]
pub async fn add_entry(shell: State<'_, Shell>, slug: String, entry: view::NewEntry) -> Result<view::Entry, Problem> {
    Ok(shell.workbench().await?.add_entry(&slug, entry).await?.entry)
}

#[tauri::command]
#[specta::specta]
pub async fn remove_entry(shell: State<'_, Shell>, slug: String, at: String) -> Result<view::Entry, Problem> {
    Ok(shell.workbench().await?.remove_entry(&slug, &at).await?.entry)
}

#[tauri::command]
#[specta::specta]
pub async fn notes(shell: State<'_, Shell>, slug: String) -> Result<view::Notes, Problem> {
    shell.workbench().await?.notes(&slug)
}

#[tauri::command]
#[specta::specta]
pub async fn keep_notes(shell: State<'_, Shell>, slug: String, text: String) -> Result<view::Notes, Problem> {
    shell.workbench().await?.keep_notes(&slug, text)
}
