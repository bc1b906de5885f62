//! The Groundwork window: adapters between the web view and `workbench`. Holds no logic of its own.
#![cfg_attr(all(not(debug_assertions), windows), windows_subsystem = "windows")]

mod commands;
mod link;
mod notification;
mod page;
mod rendering;
mod shell;
mod window;

use tauri::{AppHandle, Manager, RunEvent};
use tauri_specta::Event as _;
use tracing_subscriber::EnvFilter;
use workbench::{Options, crash};

use crate::{
    notification::Notifications,
    shell::{Happening, Shell},
};

fn main() -> anyhow::Result<()> {
    rendering::without_a_card();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn")))
        .with_writer(std::io::stderr)
        .init();
    let executable = std::env::current_exe().unwrap_or_default();
    let options = Options::read(env!("CARGO_PKG_VERSION"), &executable, |name| std::env::var_os(name));
    let mut builder = tauri::Builder::default();
    if let Ok(options) = &options {
        crash::watch(options);
        // The first, so that a second start ends before it opens anything.
        builder = builder.plugin(window::single(&options.data)).plugin(window::state(&options.data));
    }
    let bindings = commands::bindings();
    let app = builder
        .invoke_handler(bindings.invoke_handler())
        .setup(move |app| {
            bindings.mount_events(app);
            app.manage(Shell::open(options));
            page::keep(app.handle());
            if let Some(place) = link::place(std::env::args()) {
                app.state::<Shell>().lead(place);
            }
            tauri::async_runtime::spawn(tell(app.handle().clone()));
            #[cfg(unix)]
            tauri::async_runtime::spawn(end_when_told(app.handle().clone()));
            Ok(())
        })
        .build(tauri::generate_context!())?;
    app.run(|app, event| match event {
        RunEvent::Exit => app.state::<Shell>().close(),
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => window::call(app, link::place(urls.into_iter().map(String::from))),
        _ => {}
    });
    Ok(())
}

/// Hands the workbench's events on to the window, and to the desktop what the window's owner should not miss.
async fn tell(app: AppHandle) {
    let mut events = app.state::<Shell>().events();
    let mut notifications = Notifications::default();
    while let Some(event) = events.recv().await {
        notifications.hear(&event, || window::is_looked_at(&app));
        app.state::<Shell>().hear(&event);
        if let Err(error) = Happening(event).emit(&app) {
            tracing::error!(%error, "an event did not reach the window");
        }
    }
}

/// Closes as when the window is closed: a desktop that ends a session asks by signal.
#[cfg(unix)]
async fn end_when_told(app: AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return;
    };
    tokio::select! { _ = terminate.recv() => {} _ = interrupt.recv() => {} }
    app.exit(0);
}
