//! Takes a file's place whole or not at all.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

use tempfile::NamedTempFile;

/// Puts `text` in place of `file`, with the permissions that a Unix system gives it, less its mask.
pub fn replace(file: &Path, text: &str, mode: u32) -> io::Result<()> {
    fs::create_dir_all(folder(file))?;
    let mut draft = draft(file, mode)?;
    draft.write_all(text.as_bytes())?;
    place(draft, file)
}

/// An empty file that may take the place of `file`; gone when it is dropped.
#[cfg_attr(not(unix), expect(unused_variables))]
pub fn draft(file: &Path, mode: u32) -> io::Result<NamedTempFile> {
    if file.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let mut draft = tempfile::Builder::new();
    #[cfg(unix)]
    draft.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    // A name of its own: one that could be guessed may be another's file.
    draft.tempfile_in(folder(file))
}

/// Has what is written take the file's place.
pub fn place(draft: NamedTempFile, file: &Path) -> io::Result<()> {
    draft.as_file().sync_all()?;
    draft.persist(file)?;
    if cfg!(unix) { File::open(folder(file))?.sync_all() } else { Ok(()) }
}

fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
