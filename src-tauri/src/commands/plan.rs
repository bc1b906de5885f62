//! The Plan, Roadmap and Portfolio screens.

use tauri::State;
use workbench::{Problem, view};

use crate::shell::Shell;

#[tauri::command]
#[specta::specta]
pub async fn plan(shell: State<'_, Shell>) -> Result<view::Plan, Problem> {
    shell.workbench().await?.plan()
}

#[tauri::command]
#[specta::specta]
pub async fn roadmap(shell: State<'_, Shell>) -> Result<view::Roadmap, Problem> {
    shell.workbench().await?.roadmap()
}

#[tauri::command]
#[specta::specta]
pub async fn write_up(shell: State<'_, Shell>, save: bool) -> Result<view::WriteUp, Problem> {
    let workbench = shell.workbench().await?;
    if save { workbench.save_write_up("markdown", None) } else { workbench.write_up("markdown") }
}

#[tauri::command]
#[specta::specta]
pub async fn use_pack(shell: State<'_, Shell>, id: String) -> Result<(), Problem> {
    shell.workbench().await?.use_pack(&id).await.map(drop)
}

#[tauri::command]
#[specta::specta]
pub async fn allow_pack(shell: State<'_, Shell>, digest: String) -> Result<(), Problem> {
    shell.workbench().await?.allow_pack(&digest)
}
