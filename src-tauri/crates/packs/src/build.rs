//! Makes one archive of a pack's folder, the same bytes for the same files.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use curriculum::Pack;
use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};
use tar::{Builder, Header};
use tempfile::NamedTempFile;
use walkdir::{DirEntry, WalkDir};

use crate::{Entry, Error, Limits, Manifest, Result, manifest, name, unpack, unpack::hex};

/// What tools leave in folders; no part of a pack.
const LEFT_BY_TOOLS: &[&str] =
    &[".git", ".hg", "__pycache__", ".DS_Store", "Thumbs.db", ".venv", "node_modules", ".pytest_cache", ".groundwork"];

/// Writes the archive of a pack to `output`, whole or not at all, and answers with its manifest.
///
/// Files stand in the order of their paths, with one time and one of two modes, so equal packs make equal archives. A link
/// becomes the file that it leads to. What would be refused is not written.
pub fn build(pack: &Pack, output: &Path) -> Result<Manifest> {
    let files = files(&pack.folder)?;
    let entries = files.iter().map(|(name, path)| describe(name, path)).collect::<Result<_>>()?;
    let manifest = Manifest::new(pack.id, pack.version, pack.title.clone(), entries)?;
    write(&manifest, &files, output)?;
    Ok(manifest)
}

/// All that is wrong with the names of the files that an archive of `folder` would hold.
pub fn names(folder: &Path) -> Vec<Error> {
    match files(folder) {
        Ok(files) => name::wrong(files.iter().map(|(name, _)| name.as_str())),
        Err(error) => vec![error],
    }
}

/// The files that belong into an archive, sorted by their names there.
fn files(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).follow_links(true).min_depth(1).into_iter().filter_entry(belongs) {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(folder).to_path_buf();
            Error::at(path)(error.into())
        })?;
        if entry.file_type().is_file() {
            files.push((name_of(folder, entry.path())?, entry.into_path()));
        }
    }
    files.sort();
    Ok(files)
}

/// Hidden and private folders at the top are not read as labs, and do not travel.
fn belongs(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let archive = entry.path().extension().is_some_and(|end| end == "gwpack");
    !(entry.depth() == 1 && name.starts_with(['.', '_']) || LEFT_BY_TOOLS.contains(&&*name) || archive)
}

fn name_of(pack: &Path, path: &Path) -> Result<String> {
    let relative = path.strip_prefix(pack).unwrap_or(path);
    let parts: Option<Vec<&str>> = relative.iter().map(|part| part.to_str()).collect();
    let unreadable = || Error::Name { name: relative.to_string_lossy().into_owned(), reason: "is not UTF-8" };
    Ok(parts.ok_or_else(unreadable)?.join("/"))
}

fn describe(name: &str, path: &Path) -> Result<Entry> {
    let (mut hash, mut bytes, mut chunk) = (Sha256::new(), 0, vec![0; 64 << 10]);
    let mut file = File::open(path).map_err(Error::at(path))?;
    loop {
        match file.read(&mut chunk).map_err(Error::at(path))? {
            0 => return Ok(Entry { path: name.to_owned(), bytes, sha256: hex(&hash.finalize()) }),
            count => {
                hash.update(&chunk[..count]);
                bytes += count as u64;
            }
        }
    }
}

fn write(manifest: &Manifest, files: &[(String, PathBuf)], output: &Path) -> Result<()> {
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let text = manifest.text()?;
    let drafted = || -> io::Result<NamedTempFile> {
        fs::create_dir_all(folder)?;
        let mut draft = tempfile::Builder::new().prefix(".groundwork-").tempfile_in(folder)?;
        let packed = GzBuilder::new().mtime(0).write(io::BufWriter::new(draft.as_file_mut()), Compression::best());
        let mut archive = Builder::new(packed);
        append(&mut archive, manifest::NAME, text.len() as u64, 0o644, text.as_bytes())?;
        for (entry, (name, path)) in manifest.files.iter().zip(files) {
            // Cut to what was hashed: a file that grows meanwhile must not shift the next one.
            append(&mut archive, name, entry.bytes, mode(path)?, File::open(path)?.take(entry.bytes))?;
        }
        archive.into_inner()?.finish()?.flush()?;
        draft.as_file().sync_all()?;
        #[cfg(unix)]
        draft.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
        Ok(draft)
    };
    let draft = drafted().map_err(Error::at(output))?;
    let archive = draft.reopen().map_err(Error::at(output))?;
    unpack(archive, folder, &Limits::default()).map_err(|why| match why {
        Error::Disk { .. } => why,
        why => Error::Refused { why: Box::new(why) },
    })?;
    draft.persist(output).map_err(|error| Error::at(output)(error.error))?;
    Ok(())
}

fn append(archive: &mut Builder<impl Write>, name: &str, bytes: u64, mode: u32, content: impl Read) -> io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_path(name)?;
    header.set_size(bytes);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_cksum();
    archive.append(&header, content)
}

/// Whether its owner may run a file is the one thing that is kept of its mode.
fn mode(path: &Path) -> io::Result<u32> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        Ok(if path.metadata()?.permissions().mode() & 0o100 != 0 { 0o755 } else { 0o644 })
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        Ok(0o644)
    }
}
