//! The Models screen.

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
pub async fn chat(
    shell: State<'_, Shell>,
    messages: Vec<view::Message>,
    options: view::ChatOptions,
) -> Result<TaskId, Problem> {
    shell.workbench().await?.chat(messages, options)
}
