//! The Vectors screen.

use std::path::PathBuf;

use tauri::State;
use workbench::{Problem, TaskId, view};

use crate::shell::Shell;

#[tauri::command]
#[specta::specta]
pub async fn collections(shell: State<'_, Shell>) -> Result<view::Collections, Problem> {
    shell.workbench().await?.list_collections().await
}

#[tauri::command]
#[specta::specta]
pub async fn create_collection(
    shell: State<'_, Shell>,
    collection: view::NewCollection,
) -> Result<view::Collection, Problem> {
    shell.workbench().await?.create_collection(collection).await
}

#[tauri::command]
#[specta::specta]
pub async fn delete_collection(shell: State<'_, Shell>, name: String) -> Result<(), Problem> {
    shell.workbench().await?.delete_collection(&name).await
}

#[tauri::command]
#[specta::specta]
pub async fn ingest(shell: State<'_, Shell>, ingest: view::Ingest) -> Result<TaskId, Problem> {
    shell.workbench().await?.ingest(ingest)
}

#[tauri::command]
#[specta::specta]
pub async fn reembed_collection(shell: State<'_, Shell>, reembed: view::Reembed) -> Result<TaskId, Problem> {
    shell.workbench().await?.reembed_collection(reembed)
}

#[tauri::command]
#[specta::specta]
pub async fn export_collection(shell: State<'_, Shell>, name: String, file: String) -> Result<TaskId, Problem> {
    Ok(shell.workbench().await?.export_collection(name, PathBuf::from(file)))
}

#[tauri::command]
#[specta::specta]
pub async fn rebuild_collection(shell: State<'_, Shell>, name: String) -> Result<TaskId, Problem> {
    Ok(shell.workbench().await?.rebuild_collection(name))
}

#[tauri::command]
#[specta::specta]
pub async fn change_index(
    shell: State<'_, Shell>,
    name: String,
    change: view::IndexChange,
) -> Result<view::Collection, Problem> {
    shell.workbench().await?.change_index(&name, change).await
}

#[tauri::command]
#[specta::specta]
pub async fn query_collection(
    shell: State<'_, Shell>,
    question: view::Question,
) -> Result<Vec<view::Neighbour>, Problem> {
    let found = shell.workbench().await?.query_collection(question).await?;
    Ok(found.into_iter().map(Into::into).collect())
}

#[tauri::command]
#[specta::specta]
pub async fn measure_collection(shell: State<'_, Shell>, name: String, namespace: String) -> Result<TaskId, Problem> {
    Ok(shell.workbench().await?.measure_collection(name, namespace))
}

#[tauri::command]
#[specta::specta]
pub async fn collection_plane(
    shell: State<'_, Shell>,
    name: String,
    namespace: String,
    layout: view::Layout,
    field: Option<String>,
) -> Result<Option<view::Plane>, Problem> {
    shell.workbench().await?.collection_plane(&name, &namespace, layout, field).await
}

#[tauri::command]
#[specta::specta]
pub async fn arrange_collection(shell: State<'_, Shell>, name: String, namespace: String) -> Result<TaskId, Problem> {
    Ok(shell.workbench().await?.arrange_collection(name, namespace))
}

#[tauri::command]
#[specta::specta]
pub async fn compare_collection(shell: State<'_, Shell>, compare: view::Compare) -> Result<TaskId, Problem> {
    Ok(shell.workbench().await?.compare_collection(compare))
}
