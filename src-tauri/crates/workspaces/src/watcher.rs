//! Sees every save in a workspace and reports it, by events where the file system sends them and by reading the folder
//! where it does not.
//!
//! Never drops a save: events are only a quick way to know where to look. A scan every two seconds finds what no event
//! told of (a full queue, a limit on watches, a save from another machine), and the same scan every second is the polling
//! fallback. A path is always reported after its latest change, at most `debounce` later where events come.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use notify::{
    EventKind,
    event::{AccessKind, AccessMode, ModifyKind},
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::{Error, Result, paths};

mod events;
mod index;

use events::Events;
use index::Index;

/// How often the folder is read although events come.
const SAFETY: Duration = Duration::from_secs(2);
/// How often it is read where none come.
const POLLING: Duration = Duration::from_secs(1);

/// A path of the learner's work that was created, changed or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Relative to the workspace, `/`-separated.
    pub path: String,
    /// When we first heard of the change.
    pub at: Timestamp,
}

/// Batches of saves, each path once a batch.
pub type Saves = UnboundedReceiver<Vec<Saved>>;

/// How saves are noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The file system sends events.
    Events,
    /// It sends none; the folder is read every second.
    Polling,
}

/// Watches until it is dropped.
#[derive(Debug)]
pub struct Watcher {
    polling: Arc<AtomicBool>,
    stop: Sender<Message>,
    thread: Option<thread::JoinHandle<()>>,
}

enum Message {
    Event(notify::Result<notify::Event>),
    Stop,
}

impl Watcher {
    /// Every change after this returns is reported. A burst of changes is gathered for `debounce`.
    pub fn start(folder: &Path, debounce: Duration) -> Result<(Self, Saves)> {
        Self::begin(folder, debounce, Mode::Events)
    }

    /// As [`Watcher::start`], on a file system that is known to send no events.
    pub fn start_polling(folder: &Path) -> Result<(Self, Saves)> {
        Self::begin(folder, Duration::ZERO, Mode::Polling)
    }

    #[must_use]
    pub fn mode(&self) -> Mode {
        if self.polling.load(Ordering::Relaxed) { Mode::Polling } else { Mode::Events }
    }

    fn begin(folder: &Path, debounce: Duration, mode: Mode) -> Result<(Self, Saves)> {
        // Events may name the real path where ours goes through a link.
        let root = folder.canonicalize().map_err(Error::at(folder))?;
        let (stop, messages) = channel();
        let (saves, receiver) = unbounded_channel();
        let polling = Arc::new(AtomicBool::new(false));
        let events = match mode {
            Mode::Events => Events::start(&root, stop.clone(), &messages),
            Mode::Polling => None,
        };
        polling.store(events.is_none(), Ordering::Relaxed);
        let mut watch = Watch {
            index: Index::new(root),
            events,
            polling: Arc::clone(&polling),
            dirty: BTreeSet::new(),
            since: Timestamp::now(),
            debounce,
            saves,
        };
        // What is there now is not a save.
        watch.scan();
        let thread = thread::Builder::new()
            .name("watcher".into())
            .spawn(move || watch.follow(&messages))
            .map_err(Error::at(folder))?;
        Ok((Self { polling, stop, thread: Some(thread) }, receiver))
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.stop.send(Message::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The watcher thread's own.
struct Watch {
    index: Index,
    /// `None` while polling.
    events: Option<Events>,
    polling: Arc<AtomicBool>,
    /// Paths that events named since the last report.
    dirty: BTreeSet<PathBuf>,
    /// When the first of them was named.
    since: Timestamp,
    debounce: Duration,
    saves: UnboundedSender<Vec<Saved>>,
}

impl Watch {
    fn follow(mut self, messages: &Receiver<Message>) {
        let mut report_at = None;
        let mut scan_at = Instant::now() + self.pause(Duration::ZERO);
        loop {
            let next = report_at.unwrap_or(scan_at).min(scan_at);
            match messages.recv_timeout(next.saturating_duration_since(Instant::now())) {
                Ok(Message::Event(Ok(event))) => {
                    if event.need_rescan() {
                        scan_at = Instant::now();
                    }
                    if tells_of_a_save(event.kind) {
                        if self.dirty.is_empty() {
                            self.since = Timestamp::now();
                            report_at = Some(Instant::now() + self.debounce);
                        }
                        self.dirty.extend(event.paths);
                    }
                }
                Ok(Message::Event(Err(error))) => {
                    tracing::warn!(%error, "the file system stopped sending events");
                    self.fall_back();
                    scan_at = Instant::now();
                }
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if report_at.is_some_and(|at| at <= Instant::now()) {
                report_at = None;
                let changed = self.look_at_dirty();
                if !self.report(changed, self.since) {
                    return;
                }
            }
            if scan_at <= Instant::now() {
                let started = Instant::now();
                let changed = self.scan();
                if !self.report(changed, Timestamp::now()) {
                    return;
                }
                scan_at = Instant::now() + self.pause(started.elapsed());
            }
        }
    }

    /// A scan that takes long is not repeated at once: at most a twentieth of a core goes into scans.
    fn pause(&self, scan: Duration) -> Duration {
        let usual = if self.events.is_some() { SAFETY } else { POLLING };
        usual.max(scan * 20)
    }

    fn fall_back(&mut self) {
        self.events = None;
        self.polling.store(true, Ordering::Relaxed);
    }

    fn scan(&mut self) -> BTreeSet<PathBuf> {
        self.scan_below(Path::new(""))
    }

    fn scan_below(&mut self, folder: &Path) -> BTreeSet<PathBuf> {
        let mut silent = false;
        let events = &mut self.events;
        let changed = self.index.scan(folder, &mut |folder| {
            // Watched before it is read: what comes between the two is seen twice, not missed.
            silent |= events.as_mut().is_some_and(|events| !events.watch(folder));
        });
        if silent {
            tracing::warn!("not every folder could be watched: reading the workspace every second");
            self.fall_back();
        }
        changed
    }

    fn look_at_dirty(&mut self) -> BTreeSet<PathBuf> {
        let mut changed = BTreeSet::new();
        for path in std::mem::take(&mut self.dirty) {
            let Ok(relative) = path.strip_prefix(self.index.root()).map(Path::to_path_buf) else { continue };
            let folder = fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir());
            if let Some(events) = &mut self.events {
                // A folder of this name may be another one than we watched.
                events.forget(&path);
            }
            if !folder {
                changed.extend(self.index.look_at(&relative));
            } else if relative.as_os_str().is_empty() {
                changed.extend(self.scan());
            } else if paths::is_work(self.index.root(), &relative) && !paths::ignored_folder(&path) {
                changed.extend(self.scan_below(&relative));
            }
        }
        changed
    }

    /// Whether anyone still listens.
    fn report(&self, changed: BTreeSet<PathBuf>, at: Timestamp) -> bool {
        let work = changed.into_iter().filter(|path| paths::is_work(self.index.root(), path));
        let saved: Vec<_> = work.map(|path| Saved { path: paths::text(&path), at }).collect();
        if saved.is_empty() { !self.saves.is_closed() } else { self.saves.send(saved).is_ok() }
    }
}

/// Reading a file is an event too, and a check reads files.
fn tells_of_a_save(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        // Permissions and times; a changed time is found by the next scan.
        EventKind::Modify(ModifyKind::Metadata(_)) => false,
        _ => true,
    }
}
