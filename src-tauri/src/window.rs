//! The one window of a learner: brought forward by a second start, and opened as it was left.

use std::path::Path;

use tauri::{AppHandle, Manager, Wry, plugin::TauriPlugin};
use tauri_plugin_window_state::StateFlags;
use tauri_specta::Event as _;

use crate::{
    link,
    shell::{Called, Shell},
};

const NAME: &str = "main";

/// A second start with the same data folder brings the open window forward, follows its link there, and ends. Without a
/// session bus there is no way to find the first; then both stay open, as two may.
pub fn single(data: &Path) -> TauriPlugin<Wry> {
    tauri_plugin_single_instance::Builder::new()
        .callback(|app, arguments, _| call(app, link::place(arguments)))
        .dbus_id(format!("dev.groundwork.desktop.h{:016x}", hash(data)))
        .build()
}

/// Size, place and whether it fills the screen, kept in the data folder.
pub fn state(data: &Path) -> TauriPlugin<Wry> {
    let file = std::path::absolute(data).unwrap_or_else(|_| data.to_owned()).join("window.json");
    tauri_plugin_window_state::Builder::new()
        .with_filename(file.to_string_lossy())
        .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED | StateFlags::FULLSCREEN)
        .build()
}

/// Brings the window forward and, where `place` says one, to a place.
pub fn call(app: &AppHandle, place: Option<String>) {
    if let Some(window) = app.get_webview_window(NAME) {
        let brought = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
        if let Err(error) = brought {
            tracing::warn!(%error, "the window could not be brought forward");
        }
    }
    if let Some(place) = place {
        app.state::<Shell>().lead(place);
        if let Err(error) = Called.emit(app) {
            tracing::error!(%error, "a link did not reach the window");
        }
    }
}

/// Whether the learner has the window before them.
pub fn is_looked_at(app: &AppHandle) -> bool {
    app.get_webview_window(NAME).is_some_and(|window| window.is_focused().unwrap_or(false))
}

/// FNV-1a, of 64 bits: the same in every version of the program.
fn hash(path: &Path) -> u64 {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let bytes = path.as_os_str().as_encoded_bytes();
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
