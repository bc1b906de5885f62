//! Writing so that a crash leaves the old bytes or the new ones, never half: write, fsync, rename.

use std::{
    fs,
    io::{self, Read, Write},
    path::Path,
};

use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, TempPath};

use crate::{Error, Result};

/// Bytes that a user may still write on the disk that holds `path`, or that would hold it.
pub fn free_space(path: &Path) -> Result<u64> {
    let place = path.ancestors().find(|place| place.exists()).unwrap_or(Path::new("."));
    fs4::available_space(place).map_err(Error::at(place))
}

/// Refuses to begin what the disk that holds `path` has no room for.
pub(crate) fn room_for(path: &Path, needed: u64) -> Result<()> {
    let free = free_space(path)?;
    if free < needed { Err(Error::NoRoom { path: path.to_path_buf(), needed, free }) } else { Ok(()) }
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

/// Copies to the end; answers with the SHA-256 of what was copied and its length.
pub(crate) fn copy_hashed(from: &mut impl Read, to: &mut impl Write) -> io::Result<(String, u64)> {
    let (mut hash, mut block, mut length) = (Sha256::new(), vec![0; 64 << 10], 0);
    loop {
        let read = match from.read(&mut block) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(&block[..read]);
        to.write_all(&block[..read])?;
        length += read as u64;
    }
    Ok((hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(), length))
}

/// Whether nothing stands there, or no longer.
pub(crate) fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    make_parent(to)?;
    fs::rename(from, to).map_err(Error::at(to))
}

pub(crate) fn make_parent(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(Error::at(folder))
}

/// A whole file beside `path`, on the disk already.
pub(crate) fn draft(path: &Path, fill: impl FnOnce(&mut fs::File) -> io::Result<()>) -> io::Result<NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(crate::paths::TEMPORARY).tempfile_in(folder)?;
    fill(file.as_file_mut())?;
    file.as_file().sync_all()?;
    Ok(file)
}

#[cfg(unix)]
pub(crate) fn link(target: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

#[cfg(not(unix))]
pub(crate) fn link(target: &Path, at: &Path) -> io::Result<()> {
    fs::copy(at.parent().unwrap_or(at).join(target), at).map(drop)
}

/// The permission bits of a file, without those that lend a user's rights.
#[cfg(unix)]
pub(crate) fn mode(file: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(file.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
pub(crate) fn mode(_: &fs::Metadata) -> Option<u32> {
    None
}

/// Gives a file its permission bits back; its owner may write it in any case.
#[cfg(unix)]
pub(crate) fn set_mode(file: &fs::File, mode: Option<u32>) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let bits = mode.map_or(0o644, |mode| (mode & 0o777) | 0o600);
    file.set_permissions(fs::Permissions::from_mode(bits))
}

#[cfg(not(unix))]
pub(crate) fn set_mode(_: &fs::File, _: Option<u32>) -> io::Result<()> {
    Ok(())
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
