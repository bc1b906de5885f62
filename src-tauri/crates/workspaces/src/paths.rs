//! Which paths belong to the learner's work, and that none of them leaves the workspace.

use std::{
    ffi::OsStr,
    path::{Component, Path, PathBuf},
};

use walkdir::WalkDir;

use crate::{Error, Result};

/// Our own folder inside a workspace.
pub(crate) const PRIVATE: &str = ".groundwork";
/// Begins the names of the files that we write before a rename.
pub(crate) const TEMPORARY: &str = ".groundwork-";

const FOLDERS: &[&str] = &[
    PRIVATE,
    ".git",
    ".hg",
    ".venv",
    "venv",
    "__pycache__",
    "node_modules",
    // A workspace is the home of the programs that run in it.
    ".cache",
    ".local",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
];

/// Folders that tools fill: not the learner's work, neither watched nor copied.
pub(crate) fn ignored_folder(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    FOLDERS.contains(&name) || path.join("pyvenv.cfg").exists()
}

/// Files that editors and we ourselves write beside the real one.
pub(crate) fn ignored_file(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    let vim = name == "4913"
        || (name.starts_with('.') && [".swp", ".swo", ".swx", ".un~"].iter().any(|end| name.ends_with(end)));
    let emacs = name.starts_with(".#") || (name.starts_with('#') && name.ends_with('#') && name.len() > 1);
    let others = name.ends_with('~')
        || name.ends_with("___jb_tmp___")
        || name.ends_with("___jb_old___")
        || name.ends_with(".kate-swp")
        || name.starts_with(".goutputstream-")
        || name.starts_with(TEMPORARY);
    vim || emacs || others
}

/// Whether a path relative to `root` is the learner's work.
pub(crate) fn is_work(root: &Path, relative: &Path) -> bool {
    let folders = relative.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
    relative.file_name().is_some_and(|name| !ignored_file(name))
        && folders.into_iter().all(|folder| !ignored_folder(&root.join(folder)))
}

/// `/`-separated, whatever the system's separator.
pub fn text(relative: &Path) -> String {
    let parts: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

/// The place of `path` inside `root`; refuses absolute paths, `..`, and symbolic links that lead out.
pub(crate) fn inside(root: &Path, path: impl AsRef<Path>) -> Result<PathBuf> {
    let path = path.as_ref();
    let outside = || Error::Outside { path: path.display().to_string() };
    if !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(outside());
    }
    let root = root.canonicalize().map_err(Error::at(root))?;
    let place = root.join(path);
    // The deepest part that exists decides: what does not exist cannot lead anywhere.
    let real = place.ancestors().find_map(|part| part.canonicalize().ok());
    if real.is_some_and(|real| real.starts_with(&root)) { Ok(place) } else { Err(outside()) }
}

/// `path` itself where a file or a link stands there, and the work below it where a folder does.
pub(crate) fn below(root: &Path, path: &Path) -> Result<Vec<PathBuf>> {
    let place = root.join(path);
    if !place.symlink_metadata().is_ok_and(|found| found.is_dir()) {
        return Ok(vec![path.to_path_buf()]);
    }
    Ok(work(&place)?.into_iter().map(|inner| path.join(inner)).collect())
}

/// Every file and link of the learner's work below `folder`, relative to it, sorted.
pub fn work(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let walk = WalkDir::new(folder).min_depth(1).sort_by_file_name().into_iter();
    for entry in walk.filter_entry(|entry| match entry.file_type().is_dir() {
        true => !ignored_folder(entry.path()),
        false => !ignored_file(entry.file_name()),
    }) {
        let entry = match entry {
            Ok(entry) => entry,
            // A file that vanished while we looked is not work any more.
            Err(error) if error.io_error().is_some_and(|io| io.kind() == std::io::ErrorKind::NotFound) => continue,
            Err(error) => {
                let path = error.path().unwrap_or(folder).to_path_buf();
                return Err(Error::at(&path)(error.into()));
            }
        };
        if !entry.file_type().is_dir()
            && let Ok(relative) = entry.path().strip_prefix(folder)
        {
            found.push(relative.to_path_buf());
        }
    }
    Ok(found)
}
