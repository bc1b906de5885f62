//! What Linux tells in `/proc`: which processes carry a mark, and where they listen.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

/// Kills every process whose environment holds `mark`, and those that they start meanwhile.
pub(crate) fn kill_marked(mark: &str) {
    // Bounded: a process that waits for a dead disk cannot be killed.
    for _ in 0..500 {
        if !signal_marked(mark, Signal::KILL) {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Sends it to every process whose environment holds `mark`. Whether there was one.
pub(crate) fn signal_marked(mark: &str, signal: Signal) -> bool {
    let found = marked(mark);
    for place in &found {
        let number = place.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
        if let Some(pid) = number.and_then(Pid::from_raw) {
            let _ = kill_process(pid, signal);
        }
    }
    !found.is_empty()
}

/// Whether a process whose environment holds `mark` runs.
pub(crate) fn is_marked(mark: &str) -> bool {
    !marked(mark).is_empty()
}

/// Folders under `/proc` of the processes that carry `mark`. A zombie has no environment any more.
fn marked(mark: &str) -> Vec<PathBuf> {
    let Ok(all) = fs::read_dir("/proc") else { return Vec::new() };
    all.flatten()
        .filter(|entry| entry.file_name().as_bytes().iter().all(u8::is_ascii_digit))
        .map(|entry| entry.path())
        .filter(|place| {
            fs::read(place.join("environ"))
                .is_ok_and(|bytes| bytes.windows(mark.len()).any(|part| part == mark.as_bytes()))
        })
        .collect()
}

/// Names of the processes whose working folder is `folder`, or inside it.
#[must_use]
pub fn processes_in(folder: &Path) -> Vec<String> {
    let Ok(all) = fs::read_dir("/proc") else { return Vec::new() };
    all.flatten()
        .map(|entry| entry.path())
        .filter(|place| fs::read_link(place.join("cwd")).is_ok_and(|at| at.starts_with(folder)))
        .map(|place| fs::read_to_string(place.join("comm")).unwrap_or_default().trim().to_owned())
        .collect()
}

/// TCP ports on which the processes that carry `mark` listen, in order.
pub(crate) fn listens_on(mark: &str) -> Vec<u16> {
    let sockets: BTreeSet<String> = marked(mark)
        .iter()
        .filter_map(|place| fs::read_dir(place.join("fd")).ok())
        .flat_map(|descriptors| descriptors.flatten())
        .filter_map(|descriptor| fs::read_link(descriptor.path()).ok()?.to_str().map(str::to_owned))
        .filter_map(|target| Some(target.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let mut ports = BTreeSet::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        for line in fs::read_to_string(table).unwrap_or_default().lines().skip(1) {
            let columns: Vec<_> = line.split_ascii_whitespace().collect();
            let [_, local, _, state, _, _, _, _, _, socket, ..] = columns[..] else { continue };
            // 0A is LISTEN.
            if state == "0A" && sockets.contains(socket) {
                ports.extend(local.rsplit(':').next().and_then(|port| u16::from_str_radix(port, 16).ok()));
            }
        }
    }
    ports.into_iter().collect()
}
