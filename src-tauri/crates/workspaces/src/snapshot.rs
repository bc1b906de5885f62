//! Copies of a learner's work, and the ways back to the starter. What a learner typed is in a snapshot before anything
//! takes its place.

use std::{
    fs,
    path::{Path, PathBuf},
};

use curriculum::{Lab, Role};
use jiff::Timestamp;
use walkdir::WalkDir;

use crate::{Error, Result, Workspace, disk, paths, workspace::lay_down};

/// Copies the learner's work to `.groundwork/snapshots/TIME`, whole or not at all, and returns that folder.
pub fn snapshot(workspace: &Workspace) -> Result<PathBuf> {
    let draft = tempfile::Builder::new().tempdir_in(workspace.private()).map_err(Error::at(&workspace.folder))?;
    for path in paths::work(&workspace.folder)? {
        let (from, to) = (workspace.folder.join(&path), draft.path().join(&path));
        make_parent(&to)?;
        let copied = match fs::read_link(&from) {
            Ok(target) => link(&target, &to).map_err(Error::at(&to)),
            Err(_) => disk::copy(&from, &to),
        };
        unless_gone(&from, copied)?;
    }
    let kept = place(workspace)?;
    rename(draft.path(), &kept)?;
    disk::sync_folder(&workspace.private().join("snapshots"))?;
    Ok(kept)
}

/// Puts the starter back. The work so far moves to a snapshot, whose folder is returned: a file that is saved meanwhile
/// is either in the snapshot or still in the workspace. Tools' folders (`.git`, environments) stay as they are.
pub fn reset(workspace: &Workspace, lab: &Lab) -> Result<PathBuf> {
    // Copied first: with the disk full or the pack gone, nothing has moved yet.
    let starter = tempfile::Builder::new().tempdir_in(workspace.private()).map_err(Error::at(&workspace.folder))?;
    lay_down(lab, starter.path())?;
    let kept = place(workspace)?;
    make(&kept)?;
    for path in paths::work(&workspace.folder)? {
        let from = workspace.folder.join(&path);
        unless_gone(&from, rename(&from, &kept.join(&path)))?;
    }
    disk::sync_folder(&kept)?;
    remove_empty_folders(&workspace.folder);
    for path in paths::work(starter.path())? {
        let to = workspace.folder.join(&path);
        make_parent(&to)?;
        // What the learner saved since the move is newer than the starter, and stays.
        disk::move_to_free(&starter.path().join(&path), &to)?;
    }
    disk::sync_folder(&workspace.folder)?;
    Workspace { lab_version: lab.version, ..workspace.clone() }.save()?;
    Ok(kept)
}

/// Puts back the files that a check needs as the pack wrote them, and names those that had changed. The changed ones are
/// kept in a snapshot.
pub fn restore_fixed(workspace: &Workspace, lab: &Lab) -> Result<Vec<String>> {
    let mut changed = Vec::new();
    for file in lab.files.iter().filter(|file| file.role == Role::Fixed) {
        let place = paths::inside(&workspace.folder, &file.path)?;
        let original = lab.folder.join("starter").join(&file.path);
        let wanted = fs::read(&original)
            .map_err(|error| Error::Starter { path: original.clone(), detail: error.to_string() })?;
        if fs::read(&place).ok() != Some(wanted) {
            changed.push((file.path.clone(), place, original));
        }
    }
    let replaced: Vec<_> = changed.iter().filter(|(_, place, _)| place.exists()).collect();
    if !replaced.is_empty() {
        let kept = place(workspace)?;
        for (path, place, _) in replaced {
            rename(place, &kept.join(path))?;
        }
    }
    for (_, place, original) in &changed {
        make_parent(place)?;
        disk::copy(original, place)?;
    }
    Ok(changed.into_iter().map(|(path, ..)| path).collect())
}

/// Where the next snapshot goes.
fn place(workspace: &Workspace) -> Result<PathBuf> {
    let snapshots = workspace.private().join("snapshots");
    make(&snapshots)?;
    // A colon cannot stand in a file name everywhere.
    Ok(snapshots.join(Timestamp::now().to_string().replace(':', "-")))
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    make_parent(to)?;
    fs::rename(from, to).map_err(Error::at(to))
}

/// An editor's temporary file may vanish between the listing and the copy.
fn unless_gone(path: &Path, done: Result<()>) -> Result<()> {
    let gone = path.symlink_metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound);
    if gone { Ok(()) } else { done }
}

fn make_parent(path: &Path) -> Result<()> {
    make(path.parent().unwrap_or(path))
}

fn make(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(Error::at(folder))
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

#[cfg(unix)]
fn link(target: &Path, at: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

#[cfg(not(unix))]
fn link(target: &Path, at: &Path) -> std::io::Result<()> {
    fs::copy(at.parent().unwrap_or(at).join(target), at).map(drop)
}
