//! Exchanges files of the workspace: what stands there moves away, never is copied or removed, so that a save in the
//! middle of it is in the moved file or in the workspace. What was moved is looked at when the store next opens.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use walkdir::WalkDir;

use super::{
    manifest::Snapshot,
    store::{Store, all},
};
use crate::{Error, Result, disk, paths};

/// An exchange whose present state is in a snapshot already.
pub(crate) struct Aside<'a> {
    root: &'a Path,
    folder: PathBuf,
}

impl<'a> Aside<'a> {
    pub fn new(store: &'a Store, kept: &Snapshot) -> Result<Self> {
        let folder = store.moved(kept);
        fs::create_dir_all(&folder).map_err(Error::at(&folder))?;
        Ok(Self { root: &store.workspace.folder, folder })
    }

    /// Moves all of the work away; what tools made stays.
    pub fn take_all(&self) -> Result<()> {
        for path in paths::work(self.root)? {
            self.take(&path)?;
        }
        remove_empty_folders(self.root);
        Ok(())
    }

    /// Moves away whatever stands in the way of a file at `path`.
    pub fn make_way(&self, path: &Path) -> Result<()> {
        for above in path.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty()) {
            let place = self.root.join(above);
            if place.symlink_metadata().is_ok_and(|found| !found.is_dir()) {
                self.take(above)?;
            }
        }
        let place = self.root.join(path);
        match place.symlink_metadata() {
            Ok(found) if found.is_dir() => {
                for inner in paths::work(&place)? {
                    self.take(&path.join(inner))?;
                }
                remove_empty_folders(&place);
                fs::remove_dir(&place).map_err(Error::at(&place))
            }
            Ok(_) => self.take(path),
            Err(_) => Ok(()),
        }
    }

    /// Moves the files of `draft` to their places. What was saved there meanwhile is newer, and stays.
    pub fn lay(&self, draft: &TempDir) -> Result<()> {
        disk::sync_folder(&self.folder)?;
        for path in all(draft.path())? {
            self.make_room(&path)?;
            disk::move_to_free(&draft.path().join(&path), &self.root.join(&path))?;
        }
        disk::sync_folder(self.root)
    }

    fn make_room(&self, path: &Path) -> Result<()> {
        // No link on the way, whoever put it there, leads out of the workspace.
        paths::inside(self.root, path.parent().unwrap_or(path))?;
        disk::make_parent(&self.root.join(path))
    }

    fn take(&self, path: &Path) -> Result<()> {
        let (from, to) = (self.root.join(path), self.folder.join(path));
        disk::make_parent(&to)?;
        match fs::rename(&from, &to) {
            // An editor's temporary file may vanish after it was listed.
            Err(error) if disk::is_gone(&error) => Ok(()),
            moved => moved.map_err(Error::at(&from)),
        }
    }
}

fn remove_empty_folders(folder: &Path) {
    let inner = WalkDir::new(folder).min_depth(1).into_iter();
    let kept = inner.filter_entry(|entry| entry.file_type().is_dir() && !paths::ignored_folder(entry.path()));
    let mut folders: Vec<_> = kept.flatten().map(walkdir::DirEntry::into_path).collect();
    folders.sort_by_key(|folder| std::cmp::Reverse(folder.components().count()));
    for folder in folders {
        // One that still holds something stays.
        let _ = fs::remove_dir(folder);
    }
}
