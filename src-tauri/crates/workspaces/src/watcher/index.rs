//! What the learner's files looked like when we last looked.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, Metadata},
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use crate::paths;

/// Two writes within this time may leave the same modification time (a kernel tick is 10 ms, FAT counts in 2 s).
const COARSE: Duration = Duration::from_secs(2);
/// Larger files are compared by time and size alone.
const READ_AT_MOST: u64 = 1 << 20;

/// Paths are relative to `root`.
pub(super) struct Index {
    root: PathBuf,
    files: BTreeMap<PathBuf, Stamp>,
}

#[derive(Clone, Copy)]
struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
    inode: u64,
    /// So lately changed that its time alone cannot tell this content from the next.
    fresh: bool,
    /// Of the content, where it is fresh or was when we looked before.
    digest: Option<u64>,
}

impl Index {
    pub fn new(root: PathBuf) -> Self {
        Self { root, files: BTreeMap::new() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Looks at one file whose save an event told of, and says what to report: the file, changed or not, or everything
    /// that was below it when it was a folder and is gone.
    pub fn look_at(&mut self, path: &Path) -> BTreeSet<PathBuf> {
        let place = self.root.join(path);
        match fs::metadata(&place) {
            Ok(found) if found.is_dir() => BTreeSet::new(),
            Ok(found) => {
                let stamp = Stamp::new(&place, &found, None);
                self.files.insert(path.to_path_buf(), stamp);
                BTreeSet::from([path.to_path_buf()])
            }
            Err(_) => self.remove_below(path, &BTreeSet::new()),
        }
    }

    /// Reads everything below `folder` and says what is new, changed or gone. Calls `enter` before it lists a folder.
    pub fn scan(&mut self, folder: &Path, enter: &mut dyn FnMut(&Path)) -> BTreeSet<PathBuf> {
        let mut changed = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut folders = vec![folder.to_path_buf()];
        while let Some(folder) = folders.pop() {
            let place = self.root.join(&folder);
            enter(&place);
            let Ok(entries) = fs::read_dir(&place) else { continue };
            for entry in entries.flatten() {
                let (path, place) = (folder.join(entry.file_name()), entry.path());
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    if !paths::ignored_folder(&place) {
                        folders.push(path);
                    }
                } else if !paths::ignored_file(&entry.file_name())
                    && let Ok(found) = fs::metadata(&place)
                    && !found.is_dir()
                {
                    let old = self.files.get(&path).copied();
                    let new = Stamp::new(&place, &found, old);
                    if old.is_none_or(|old| !old.same(&new)) {
                        changed.insert(path.clone());
                    }
                    self.files.insert(path.clone(), new);
                    seen.insert(path);
                }
            }
        }
        changed.extend(self.remove_below(folder, &seen));
        changed
    }

    /// Forgets `path` and all below it, but what `keep` names, and says what was forgotten.
    fn remove_below(&mut self, path: &Path, keep: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
        // Paths are ordered part by part, so a folder's files stand together.
        let below = self.files.range(path.to_path_buf()..).map(|(known, _)| known);
        let gone: BTreeSet<_> =
            below.take_while(|known| known.starts_with(path)).filter(|known| !keep.contains(*known)).cloned().collect();
        self.files.retain(|known, _| !gone.contains(known));
        gone
    }
}

impl Stamp {
    fn new(place: &Path, found: &Metadata, old: Option<Self>) -> Self {
        let modified = found.modified().ok();
        let fresh = modified.is_none_or(|modified| modified.elapsed().map_or(true, |age| age < COARSE));
        let mut stamp = Self { modified, bytes: found.len(), inode: inode(found), fresh, digest: None };
        if (fresh || old.is_some_and(|old| old.fresh)) && found.is_file() && found.len() <= READ_AT_MOST {
            stamp.digest = fs::read(place).ok().map(|bytes| {
                let mut hasher = DefaultHasher::new();
                bytes.hash(&mut hasher);
                hasher.finish()
            });
        }
        stamp
    }

    fn same(&self, other: &Self) -> bool {
        let content = self.digest.is_none() || other.digest.is_none() || self.digest == other.digest;
        (self.modified, self.bytes, self.inode) == (other.modified, other.bytes, other.inode) && content
    }
}

#[cfg(unix)]
fn inode(found: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(found)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}
