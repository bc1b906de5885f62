//! The system's own watcher, and the proof that it speaks.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, Sender},
    time::{Duration, Instant},
};

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

use super::Message;
use crate::paths;

/// How long the first event may take before we call the file system silent.
const SELF_TEST: Duration = Duration::from_millis(500);

/// The system's watcher. On Linux each folder is watched by itself, so that an environment with thousands of folders
/// costs nothing; elsewhere the root is watched whole.
pub(super) struct Events {
    watcher: RecommendedWatcher,
    watched: BTreeSet<PathBuf>,
}

const EACH_FOLDER: bool = cfg!(target_os = "linux");

impl Events {
    /// `None` where the file system sends nothing for a file that we write ourselves.
    pub fn start(root: &Path, sender: Sender<Message>, messages: &Receiver<Message>) -> Option<Self> {
        let tell = move |event| drop(sender.send(Message::Event(event)));
        let watcher =
            notify::recommended_watcher(tell).inspect_err(|error| tracing::warn!(%error, "no watcher")).ok()?;
        let mut events = Self { watcher, watched: BTreeSet::new() };
        let private = root.join(paths::PRIVATE);
        let place = if private.is_dir() { private } else { root.to_path_buf() };
        let heard = events.test(root, &place, messages);
        if EACH_FOLDER {
            let _ = events.watcher.unwatch(&place);
        }
        heard.then_some(events)
    }

    fn test(&mut self, root: &Path, place: &Path, messages: &Receiver<Message>) -> bool {
        let mode = if EACH_FOLDER { RecursiveMode::NonRecursive } else { RecursiveMode::Recursive };
        if self.watcher.watch(if EACH_FOLDER { place } else { root }, mode).is_err() {
            return false;
        }
        let Ok(file) = tempfile::Builder::new().prefix(paths::TEMPORARY).tempfile_in(place) else { return false };
        let until = Instant::now() + SELF_TEST;
        while let Ok(message) = messages.recv_timeout(until.saturating_duration_since(Instant::now())) {
            if matches!(message, Message::Event(Ok(event)) if event.paths.iter().any(|path| path == file.path())) {
                return true;
            }
        }
        false
    }

    /// Whether changes in `folder` will be heard of.
    pub fn watch(&mut self, folder: &Path) -> bool {
        if !EACH_FOLDER || self.watched.contains(folder) {
            return true;
        }
        match self.watcher.watch(folder, RecursiveMode::NonRecursive) {
            Ok(()) => self.watched.insert(folder.to_path_buf()),
            // It is gone already, which its parent's events will tell.
            Err(_) => !folder.exists(),
        }
    }

    /// The next scan watches this folder anew.
    pub fn forget(&mut self, folder: &Path) {
        if self.watched.contains(folder) {
            self.watched.retain(|watched| !watched.starts_with(folder));
        }
    }
}
