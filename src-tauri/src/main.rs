//! The Groundwork window: adapters between the web view and `workbench`. Holds no logic of its own.
#![cfg_attr(all(not(debug_assertions), windows), windows_subsystem = "windows")]

mod commands;
mod rendering;
mod shell;

use tauri::{Manager, RunEvent};
use tauri_specta::Event as _;
use tracing_subscriber::EnvFilter;

use crate::shell::{Happening, Shell};

fn main() -> anyhow::Result<()> {
    rendering::without_a_card();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn")))
        .with_writer(std::io::stderr)
        .init();
    let bindings = commands::bindings();
    let app = tauri::Builder::default()
        .invoke_handler(bindings.invoke_handler())
        .setup(move |app| {
            bindings.mount_events(app);
            let shell = Shell::open();
            let mut events = shell.events();
            app.manage(shell);
            let handle = app.handle().clone();
            tauri::async_runtime::spawn(async move {
                while let Some(event) = events.recv().await {
                    if let Err(error) = Happening(event).emit(&handle) {
                        tracing::error!(%error, "an event did not reach the window");
                    }
                }
            });
            Ok(())
        })
        .build(tauri::generate_context!())?;
    app.run(|app, event| {
        if let RunEvent::Exit = event {
            app.state::<Shell>().close();
        }
    });
    Ok(())
}
