//! Builds Groundwork and opens its window. Where there is no display it plays the first lab in the terminal
//! instead, with the same programs and the same model.

use std::process::Command;

use anyhow::Result;

use crate::places::Places;
use crate::{compile, lesson, setup, shell, ui};

pub fn run(places: &Places) -> Result<()> {
    setup::for_run(places)?;
    ui::build(places)?;
    compile::programs(places)?;
    if !has_display() {
        return lesson::play(places);
    }
    shell::announce("Groundwork opens; close its window to end");
    let mut window = shell::command(places, places.debug_binary("desktop"));
    replace(window.env("GROUNDWORK_RESOURCES", places.resources()))
}

fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Becomes the window, so that signals and the exit code are the window's own.
#[cfg(unix)]
fn replace(window: &mut Command) -> Result<()> {
    let error = std::os::unix::process::CommandExt::exec(window);
    Err(anyhow::Error::new(error).context(format!("could not start `{}`", shell::shown(window))))
}

#[cfg(not(unix))]
fn replace(window: &mut Command) -> Result<()> {
    shell::run(window)
}
