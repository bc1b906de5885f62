//! The Containers screen.

use tauri::State;
use workbench::{Problem, TaskId, view};

use crate::shell::Shell;

#[tauri::command]
#[specta::specta]
pub async fn engine(shell: State<'_, Shell>) -> Result<view::Engine, Problem> {
    shell.workbench().await?.engine().await
}

#[tauri::command]
#[specta::specta]
pub async fn bring_base_image(shell: State<'_, Shell>, from: Option<String>) -> Result<TaskId, Problem> {
    Ok(shell.workbench().await?.bring_base_image(from.map(Into::into)))
}

#[tauri::command]
#[specta::specta]
pub async fn container_files(shell: State<'_, Shell>) -> Result<Vec<view::ContainerFile>, Problem> {
    shell.workbench().await?.container_files()
}

#[tauri::command]
#[specta::specta]
pub async fn images(shell: State<'_, Shell>) -> Result<Vec<view::Image>, Problem> {
    shell.workbench().await?.list_images().await
}

#[tauri::command]
#[specta::specta]
pub async fn image_layers(shell: State<'_, Shell>, name: String) -> Result<Vec<view::ImageLayer>, Problem> {
    shell.workbench().await?.image_layers(&name).await
}

#[tauri::command]
#[specta::specta]
pub async fn build_image(shell: State<'_, Shell>, image: view::NewImage) -> Result<TaskId, Problem> {
    Ok(shell.workbench().await?.build_image(image))
}

#[tauri::command]
#[specta::specta]
pub async fn remove_image(shell: State<'_, Shell>, name: String) -> Result<(), Problem> {
    shell.workbench().await?.remove_image(&name).await
}

#[tauri::command]
#[specta::specta]
pub async fn stacks(shell: State<'_, Shell>) -> Result<Vec<view::Stack>, Problem> {
    shell.workbench().await?.list_stacks().await
}

#[tauri::command]
#[specta::specta]
pub async fn stack_up(shell: State<'_, Shell>, file: String) -> Result<TaskId, Problem> {
    Ok(shell.workbench().await?.stack_up(file, Vec::new()))
}

#[tauri::command]
#[specta::specta]
pub async fn stack_stop(shell: State<'_, Shell>, stack: String) -> Result<TaskId, Problem> {
    Ok(shell.workbench().await?.stack_stop(stack))
}

#[tauri::command]
#[specta::specta]
pub async fn stack_down(shell: State<'_, Shell>, stack: String, volumes: bool) -> Result<TaskId, Problem> {
    Ok(shell.workbench().await?.stack_down(stack, volumes))
}

#[tauri::command]
#[specta::specta]
pub async fn stack_logs(shell: State<'_, Shell>, question: view::LogQuestion) -> Result<TaskId, Problem> {
    Ok(shell.workbench().await?.stack_logs(question))
}

#[tauri::command]
#[specta::specta]
pub async fn stack_usage(shell: State<'_, Shell>, stack: String) -> Result<Vec<view::ServiceUsage>, Problem> {
    shell.workbench().await?.stack_usage(&stack).await
}

#[tauri::command]
#[specta::specta]
pub async fn leftovers(shell: State<'_, Shell>) -> Result<Vec<view::Leftover>, Problem> {
    shell.workbench().await?.leftovers().await
}

#[tauri::command]
#[specta::specta]
pub async fn clean_up(shell: State<'_, Shell>, leftovers: Vec<view::Leftover>) -> Result<TaskId, Problem> {
    Ok(shell.workbench().await?.clean_up(leftovers))
}
