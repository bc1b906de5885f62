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
pub async fn burn_up(shell: State<'_, Shell>) -> Result<view::BurnUp, Problem> {
    shell.workbench().await?.burn_up()
}

#[tauri::command]
#[specta::specta]
pub async fn roadmap(shell: State<'_, Shell>) -> Result<view::Roadmap, Problem> {
    shell.workbench().await?.roadmap()
}

#[tauri::command]
#[specta::specta]
pub async fn write_up(shell: State<'_, Shell>) -> Result<Vec<view::WriteUpPart>, Problem> {
    shell.workbench().await?.write_up()
}

#[tauri::command]
#[specta::specta]
pub async fn preview_narrative(shell: State<'_, Shell>, lab: Option<String>, text: String) -> Result<String, Problem> {
    shell.workbench().await?.preview_narrative(lab.as_deref(), &text)
}

#[tauri::command]
#[specta::specta]
pub async fn keep_narrative(
    shell: State<'_, Shell>,
    lab: Option<String>,
    text: String,
    revision: u32,
) -> Result<view::Narrative, Problem> {
    shell.workbench().await?.keep_narrative(lab.as_deref(), text, revision)
}

#[tauri::command]
#[specta::specta]
pub async fn export_write_up(shell: State<'_, Shell>, format: String) -> Result<String, Problem> {
    shell.workbench().await?.save_write_up(&format, None)
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
