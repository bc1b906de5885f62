//! Writing so that a crash leaves the old bytes or the new ones, never half: write, fsync, rename.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use tempfile::{NamedTempFile, TempPath};

use crate::{Error, Result};

/// Bytes that a user may still write on the disk that holds `path`, or that would hold it.
pub fn free_space(path: &Path) -> Result<u64> {
    let place = path.ancestors().find(|place| place.exists()).unwrap_or(Path::new("."));
    fs4::available_space(place).map_err(Error::at(place))
}

/// Replaces a file whole. Only its owner can read it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let written = draft(path, |file| file.write_all(bytes)).and_then(|draft| Ok(draft.persist(path)?));
    written.map(drop).map_err(Error::at(path))
}

/// Copies a file to a free place, for its owner to write. What stands there already is an error, never overwritten.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    let filled = draft(to, |file| {
        let mut source = fs::File::open(from)?;
        io::copy(&mut source, file)?;
        file.set_permissions(writable(source.metadata()?.permissions()))
    });
    filled.and_then(|draft| Ok(draft.persist_noclobber(to)?)).map(drop).map_err(Error::at(to))
}

/// Moves a file of ours to `to`, unless something stands there by now.
pub(crate) fn move_to_free(from: &Path, to: &Path) -> Result<()> {
    let file = TempPath::try_from_path(from).map_err(Error::at(from))?;
    match file.persist_noclobber(to) {
        Ok(()) => Ok(()),
        Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(failed) => Err(Error::at(to)(failed.error)),
    }
}

/// Makes what was renamed into or out of `folder` survive a power cut.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        fs::File::open(folder).and_then(|file| file.sync_all()).map_err(Error::at(folder))?;
    }
    Ok(())
}

/// A whole file beside `path`, on the disk already.
fn draft(path: &Path, fill: impl FnOnce(&mut fs::File) -> io::Result<()>) -> io::Result<NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(crate::paths::TEMPORARY).tempfile_in(folder)?;
    fill(file.as_file_mut())?;
    file.as_file().sync_all()?;
    Ok(file)
}

#[cfg(unix)]
fn writable(mut permissions: fs::Permissions) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    permissions.set_mode(permissions.mode() | 0o600);
    permissions
}

#[cfg(not(unix))]
#[expect(clippy::permissions_set_readonly_false, reason = "there is only the one bit to clear")]
fn writable(mut permissions: fs::Permissions) -> fs::Permissions {
    permissions.set_readonly(false);
    permissions
}
