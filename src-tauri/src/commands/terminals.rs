//! The terminal on the Lab screen.

use tauri::State;
use workbench::{Problem, view::TerminalSize};

use crate::shell::Shell;

#[tauri::command]
#[specta::specta]
pub async fn open_terminal(shell: State<'_, Shell>, slug: String, size: TerminalSize) -> Result<u32, Problem> {
    shell.workbench().await?.open_terminal(&slug, size).await
}

#[tauri::command]
#[specta::specta]
pub async fn type_in_terminal(
    shell: State<'_, Shell>,
    slug: String,
    terminal: u32,
    text: String,
) -> Result<(), Problem> {
    shell.workbench().await?.type_in_terminal(&slug, terminal, text).await
}

#[tauri::command]
#[specta::specta]
pub async fn resize_terminal(
    shell: State<'_, Shell>,
    slug: String,
    terminal: u32,
    size: TerminalSize,
) -> Result<(), Problem> {
    shell.workbench().await?.resize_terminal(&slug, terminal, size).await
}

#[tauri::command]
#[specta::specta]
pub async fn drawn_in_terminal(
    shell: State<'_, Shell>,
    slug: String,
    terminal: u32,
    pieces: u32,
) -> Result<(), Problem> {
    shell.workbench().await?.drawn_in_terminal(&slug, terminal, pieces).await
}

#[tauri::command]
#[specta::specta]
pub async fn terminal_is_busy(shell: State<'_, Shell>, slug: String, terminal: u32) -> Result<bool, Problem> {
    shell.workbench().await?.terminal_is_busy(&slug, terminal).await
}
