//! Lays one folder over another, and tells what a folder holds.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use walkdir::WalkDir;

/// What lies at the top of a solution or a mutant and is no file of the workspace.
const OURS: [&str; 3] = ["mutant.toml", curriculum::ENTRIES, curriculum::CALLS];

/// Copies every file of `from` into `to`, but for ours at its top.
pub fn lay_over(from: &Path, to: &Path) -> io::Result<()> {
    for (name, path) in files(from) {
        if OURS.iter().any(|ours| name == Path::new(ours)) {
            continue;
        }
        let place = to.join(&name);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(path, place)?;
    }
    Ok(())
}

/// The files below a folder: their paths inside it, and where they lie.
pub fn files(folder: &Path) -> impl Iterator<Item = (PathBuf, PathBuf)> + use<> {
    let folder = folder.to_owned();
    WalkDir::new(&folder)
        .follow_links(true)
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .filter_map(move |entry| Some((entry.path().strip_prefix(&folder).ok()?.to_owned(), entry.into_path())))
}

/// The contents of the files that `names` tells, to see later whether they changed.
pub fn contents<'a>(folder: &Path, names: impl Iterator<Item = &'a str>) -> BTreeMap<String, Option<Vec<u8>>> {
    names.map(|name| (name.to_owned(), fs::read(folder.join(name)).ok())).collect()
}
