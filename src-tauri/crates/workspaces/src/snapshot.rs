//! What takes the place of a learner's work: reset, update, restore, and the files that checks need. Each first makes a
//! snapshot of what is there, so that nothing a learner typed is lost.

mod aside;
mod manifest;
mod store;
mod update;

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use curriculum::Lab;

pub use manifest::{Kept, Reason, Snapshot};
pub(crate) use store::all;
pub use store::{MOST, MOST_BYTES};
pub use update::{Updated, update};

use crate::{
    Error, Result, Workspace, disk, paths,
    snapshot::{
        aside::Aside,
        manifest::Content,
        store::{Store, look},
    },
    workspace::{lay_down, record_of},
};

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Holds the work as it was before.
    pub kept: Snapshot,
    /// What came back, sorted.
    pub files: Vec<PathBuf>,
}

/// Every snapshot of a workspace, oldest first.
pub fn snapshots(workspace: &Workspace) -> Result<Vec<Snapshot>> {
    // Looking makes nothing where nothing was ever kept.
    if !workspace.kept().join("snapshots").exists() {
        return Ok(Vec::new());
    }
    Store::open(workspace)?.list()
}

/// Puts the starter back, after a snapshot, which it returns. A file that is saved meanwhile is in a snapshot or still
/// in the workspace. Tools' folders (`.git`, environments) stay as they are.
pub fn reset(workspace: &Workspace, lab: &Lab) -> Result<Snapshot> {
    let store = Store::open(workspace)?;
    // Copied first: with the disk full or the pack gone, nothing has moved yet.
    let starter = store.draft()?;
    lay_down(lab, starter.path())?;
    let record = record_of(starter.path())?;
    let kept = store.take(Reason::Reset, &workspace.folder, &paths::work(&workspace.folder)?)?;
    let aside = Aside::new(&store, &kept)?;
    aside.take_all()?;
    aside.lay(&starter)?;
    Workspace { lab_version: lab.version, starter: record, ..store.workspace.clone() }.save()?;
    store.prune();
    Ok(kept)
}

/// Brings a snapshot back, or the one file `only` of it, after a snapshot of what is there now. Where the snapshot holds
/// all of the work, files that were made since then leave; where it holds some files, the others stay.
pub fn restore(workspace: &Workspace, id: &str, only: Option<&str>) -> Result<Restored> {
    let store = Store::open(workspace)?;
    let snapshot = store.find(id)?;
    let mut files: Vec<&Kept> = snapshot.files.iter().collect();
    if let Some(path) = only {
        let wanted = path.trim_start_matches("./");
        files.retain(|file| paths::text(&file.path) == wanted);
        if files.is_empty() {
            return Err(Error::NotInSnapshot { path: path.to_owned(), snapshot: snapshot.id });
        }
    }
    // All of it is read and found sound before anything moves.
    disk::room_for(&workspace.folder, files.iter().map(|file| file.bytes()).sum())?;
    let draft = store.draft()?;
    for file in &files {
        if !file.path.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(Error::Outside { path: paths::text(&file.path) });
        }
        store.fetch(&snapshot, file, draft.path())?;
    }
    let kept = store.take(Reason::Restore, &workspace.folder, &paths::work(&workspace.folder)?)?;
    let aside = Aside::new(&store, &kept)?;
    let whole = only.is_none() && snapshot.reason.whole();
    if whole {
        aside.take_all()?;
    }
    for file in &files {
        aside.make_way(&file.path)?;
    }
    aside.lay(&draft)?;
    if whole {
        let Snapshot { lab_version, starter, .. } = snapshot.clone();
        Workspace { lab_version, starter, ..store.workspace.clone() }.save()?;
    }
    store.prune();
    Ok(Restored { kept, files: files.into_iter().map(|file| file.path.clone()).collect() })
}

/// Puts back the files that a check needs as the pack wrote them, and names those that had changed. The changed ones are
/// kept in a snapshot.
pub fn restore_fixed(workspace: &Workspace, lab: &Lab) -> Result<Vec<String>> {
    let mut changed = Vec::new();
    for path in lab.fixed() {
        let place = paths::inside(&workspace.folder, &path)?;
        let original = lab.original(&path);
        let wanted = fs::read(&original)
            .map_err(|error| Error::Starter { path: original.clone(), detail: error.to_string() })?;
        if fs::read(&place).ok() != Some(wanted) {
            changed.push((path, place, original));
        }
    }
    let replaced: Vec<&Path> = changed
        .iter()
        .filter(|(_, place, _)| place.symlink_metadata().is_ok())
        .map(|(path, ..)| Path::new(path))
        .collect();
    if !replaced.is_empty() {
        let store = Store::open(workspace)?;
        let mut paths = Vec::new();
        for path in &replaced {
            paths.extend(paths::below(&workspace.folder, path)?);
        }
        let kept = store.take(Reason::Fixed, &workspace.folder, &paths)?;
        let aside = Aside::new(&store, &kept)?;
        for path in replaced {
            aside.make_way(path)?;
        }
        store.prune();
    }
    for (_, place, original) in &changed {
        disk::make_parent(place)?;
        disk::copy(original, place)?;
    }
    Ok(changed.into_iter().map(|(path, ..)| path).collect())
}

/// SHA-256 of a file; nothing where no file stands.
pub(crate) fn hash(place: &Path) -> Result<Option<String>> {
    Ok(match look(place)? {
        Some(Content::File { hash, .. }) => Some(hash),
        _ => None,
    })
}
