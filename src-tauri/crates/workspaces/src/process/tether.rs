//! The tether: a small shell at the far end of a pipe, which outlives us by a moment. However we end (kill -9 too), the
//! pipe closes and the tether kills what we had started.
//!
//! This instead of `PR_SET_PDEATHSIG`, which reaches only the direct child, fires when the *thread* that started it
//! ends, exists on Linux alone, and needs unsafe code.

use std::{
    io::Write,
    os::unix::process::CommandExt,
    process::{ChildStdin, Command, Stdio},
    sync::{Mutex, OnceLock, PoisonError},
};

use uuid::Uuid;

static PIPE: Mutex<Option<ChildStdin>> = Mutex::new(None);

/// Marks every process that this session starts.
pub(super) fn session() -> &'static str {
    static SESSION: OnceLock<String> = OnceLock::new();
    SESSION.get_or_init(|| Uuid::new_v4().to_string())
}

/// Starts the tether if it does not run yet.
pub(super) fn ready() {
    say("");
}

/// From now on the group dies with us.
pub(super) fn hold(group: u32) {
    say(&format!("+ {group}\n"));
}

/// The group is gone; its number may soon belong to a stranger.
pub(super) fn release(group: u32) {
    say(&format!("- {group}\n"));
}

fn say(line: &str) {
    let mut pipe = PIPE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(open) = pipe.as_mut()
        && open.write_all(line.as_bytes()).is_ok()
    {
        return;
    }
    // It never ran, or someone killed it.
    match start() {
        Ok(mut started) => {
            let _ = started.write_all(line.as_bytes());
            *pipe = Some(started);
        }
        Err(error) => tracing::warn!(%error, "no tether: if Groundwork crashes, programs that it started may live on"),
    }
}

fn start() -> std::io::Result<ChildStdin> {
    let mut child = Command::new("/bin/sh")
        .args(["-c", include_str!("tether.sh"), "groundwork-tether", session()])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    child.stdin.take().ok_or_else(|| std::io::ErrorKind::BrokenPipe.into())
}
