//! Takes a file's place whole or not at all.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

/// Puts `text` in place of `file`, with the permissions that a Unix system gives it, less its mask.
#[cfg_attr(not(unix), expect(unused_variables))]
pub fn replace(file: &Path, text: &str, mode: u32) -> io::Result<()> {
    if file.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let folder = file.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let mut draft = tempfile::Builder::new();
    #[cfg(unix)]
    draft.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    // A name of its own: one that could be guessed may be another's file.
    let mut draft = draft.tempfile_in(folder)?;
    draft.write_all(text.as_bytes())?;
    draft.as_file().sync_all()?;
    draft.persist(file)?;
    File::open(folder)?.sync_all()
}
