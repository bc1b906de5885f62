//! The Models screen.

use std::path::PathBuf;

use tauri::State;
use workbench::{Problem, TaskId, view};

use crate::shell::Shell;

#[tauri::command]
#[specta::specta]
pub async fn models(shell: State<'_, Shell>) -> Result<view::Models, Problem> {
    shell.workbench().await?.models().await
}

#[tauri::command]
#[specta::specta]
pub async fn import_model(
    shell: State<'_, Shell>,
    file: String,
    name: Option<String>,
    link: bool,
) -> Result<TaskId, Problem> {
    Ok(shell.workbench().await?.import_model(PathBuf::from(file), name, link))
}

#[tauri::command]
#[specta::specta]
pub async fn download_model(
    shell: State<'_, Shell>,
    what: String,
    name: Option<String>,
    sha256: Option<String>,
) -> Result<TaskId, Problem> {
    Ok(shell.workbench().await?.download_model(what, name, sha256))
}

#[tauri::command]
#[specta::specta]
pub async fn remove_model(shell: State<'_, Shell>, id: String) -> Result<(), Problem> {
    shell.workbench().await?.remove_model(&id).await
}

#[tauri::command]
#[specta::specta]
pub async fn use_model(shell: State<'_, Shell>, id: String) -> Result<(), Problem> {
    shell.workbench().await?.use_model(&id)
}

#[tauri::command]
#[specta::specta]
pub async fn measure_model(shell: State<'_, Shell>, id: String) -> Result<TaskId, Problem> {
    shell.workbench().await?.measure_model(&id)
}

#[tauri::command]
#[specta::specta]
pub async fn deployments(shell: State<'_, Shell>) -> Result<view::Deployments, Problem> {
    Ok(shell.workbench().await?.deployments())
}

#[tauri::command]
#[specta::specta]
pub async fn usage(shell: State<'_, Shell>) -> Result<Vec<view::Used>, Problem> {
    shell.workbench().await?.usage(None)
}

#[tauri::command]
#[specta::specta]
pub async fn add_deployment(shell: State<'_, Shell>, deployment: view::NewDeployment) -> Result<(), Problem> {
    shell.workbench().await?.add_deployment(deployment)
}

#[tauri::command]
#[specta::specta]
pub async fn remove_deployment(shell: State<'_, Shell>, name: String) -> Result<(), Problem> {
    shell.workbench().await?.remove_deployment(&name)
}

#[tauri::command]
#[specta::specta]
pub async fn chat(
    shell: State<'_, Shell>,
    messages: Vec<view::Message>,
    options: view::ChatOptions,
) -> Result<TaskId, Problem> {
    shell.workbench().await?.chat(messages, options)
}
