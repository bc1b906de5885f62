//! Files that a machine takes and gives, as the archives in which engines carry them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use bollard::query_parameters::{DownloadFromContainerOptions, UploadToContainerOptions};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use tokio_util::io::ReaderStream;

use super::Machine;
use crate::Error;
use crate::image::append;

/// What stands at a path of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Nothing,
    /// More bytes than were asked for at most.
    TooLarge,
    File(Vec<u8>),
    /// Its files, by their paths below it. Links are left out.
    Folder(BTreeMap<String, Vec<u8>>),
}

impl Machine {
    /// Copies files of a folder of this computer, with some changed in the copy; those without content are left out.
    pub async fn copy(
        &self,
        from: &Path,
        paths: Vec<PathBuf>,
        into: &str,
        changes: &BTreeMap<String, Option<Vec<u8>>>,
    ) -> Result<(), Error> {
        let (from, into, changes) = (from.to_path_buf(), into.to_owned(), changes.clone());
        let packing = tokio::task::spawn_blocking(move || pack(&from, &paths, &into, &changes));
        let packed = packing.await.map_err(|error| Error::Lost { detail: error.to_string() })??;
        let chunks = ReaderStream::with_capacity(tokio::fs::File::from_std(packed), 64 * 1024);
        let archive = bollard::body_try_stream(chunks.map_ok(Bytes::from));
        Ok(self.engine.docker.upload_to_container(&self.id, Some(at_the_top()), archive).await?)
    }

    /// Writes files by their absolute paths.
    pub async fn write(&self, files: &BTreeMap<String, Vec<u8>>) -> Result<(), Error> {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, content) in files {
            put(&mut archive, Path::new(path.trim_start_matches('/')), content)
                .map_err(Error::disk(Path::new(path)))?;
        }
        let archive = archive.into_inner().map_err(Error::disk(Path::new("/")))?;
        let archive = bollard::body_full(archive.into());
        Ok(self.engine.docker.upload_to_container(&self.id, Some(at_the_top()), archive).await?)
    }

    /// What stands at an absolute path; `most` bytes of an archive at most.
    pub async fn read(&self, path: &str, most: u64) -> Result<Found, Error> {
        let options = DownloadFromContainerOptions { path: path.to_owned() };
        let mut archive = Vec::new();
        let mut told = std::pin::pin!(self.engine.docker.download_from_container(&self.id, Some(options)));
        while let Some(piece) = told.next().await {
            match piece.map_err(Error::from) {
                Ok(piece) => archive.extend_from_slice(&piece),
                Err(error) if error.is_missing() => return Ok(Found::Nothing),
                Err(error) => return Err(error),
            }
            if archive.len() as u64 > most {
                return Ok(Found::TooLarge);
            }
        }
        unpacked(&archive).map_err(Error::disk(Path::new(path)))
    }
}

fn at_the_top() -> UploadToContainerOptions {
    UploadToContainerOptions { path: "/".to_owned(), ..UploadToContainerOptions::default() }
}

fn pack(
    from: &Path,
    paths: &[PathBuf],
    into: &str,
    changes: &BTreeMap<String, Option<Vec<u8>>>,
) -> Result<File, Error> {
    let file = tempfile::tempfile().map_err(Error::disk(&std::env::temp_dir()))?;
    let into = Path::new(into.trim_start_matches('/'));
    let mut archive = tar::Builder::new(file);
    let changed = |path: &Path| changes.keys().any(|changed| Path::new(changed) == path);
    for path in paths.iter().filter(|path| !changed(path)) {
        let place = from.join(path);
        match append(&mut archive, &place, &into.join(path)) {
            // A file that vanished meanwhile is not work any more.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            added => added.map_err(Error::disk(&place))?,
        }
    }
    for (path, content) in changes {
        if let Some(content) = content {
            put(&mut archive, &into.join(path), content).map_err(Error::disk(Path::new(path)))?;
        }
    }
    let mut file = archive.into_inner().map_err(Error::disk(from))?;
    file.seek(SeekFrom::Start(0)).map_err(Error::disk(from))?;
    Ok(file)
}

fn put(archive: &mut tar::Builder<impl std::io::Write>, path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    archive.append_data(&mut header, path, content)
}

/// An engine's archive of a path begins with the path's own name.
fn unpacked(archive: &[u8]) -> std::io::Result<Found> {
    let mut files = BTreeMap::new();
    let mut is_folder = false;
    for entry in tar::Archive::new(Cursor::new(archive)).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        let kind = entry.header().entry_type();
        is_folder |= kind.is_dir();
        if !kind.is_file() {
            continue;
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        let below = path.trim_start_matches('/').split_once('/').map(|(_, below)| below.to_owned());
        match below.filter(|_| is_folder) {
            Some(below) => drop(files.insert(below, content)),
            None => return Ok(Found::File(content)),
        }
    }
    Ok(if is_folder && !files.is_empty() { Found::Folder(files) } else { Found::Nothing })
}
