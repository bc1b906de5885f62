//! A model on its way into the library: in a folder that nobody reads, and placed whole by one rename. What a crash leaves
//! is found by its lock, which died with its owner, and swept.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use inference::Manifest;

use crate::{Error, download};

/// Begins the names of folders that are not placed yet, or no longer.
const UNPLACED: &str = ".unplaced-";
/// Held while such folders, and those of downloads, are made and swept.
const DOOR: &str = ".door";
pub(crate) const MANIFEST: &str = "manifest.toml";

pub(crate) struct Placing {
    library: PathBuf,
    pub folder: PathBuf,
    lock_file: PathBuf,
    lock: Option<File>,
}

impl Placing {
    pub fn begin(library: &Path) -> Result<Self, Error> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let _door = door(library)?;
        sweep_behind(library);
        let name = format!("{UNPLACED}{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let (folder, lock_file) = (library.join(&name), library.join(format!("{name}.lock")));
        let lock = File::create(&lock_file).map_err(Error::disk(&lock_file))?;
        lock.lock().map_err(Error::disk(&lock_file))?;
        fs::create_dir(&folder).map_err(Error::disk(&folder))?;
        Ok(Self { library: library.into(), folder, lock_file, lock: Some(lock) })
    }

    /// Writes the manifest beside the model's files: first, so that a full disk is met while they lie where they came.
    pub fn describe(&self, manifest: &Manifest) -> Result<(), Error> {
        let path = self.folder.join(MANIFEST);
        let text =
            toml::to_string(manifest).map_err(|error| Error::Disk { path: path.clone(), detail: error.to_string() })?;
        let mut file = File::create(&path).map_err(Error::disk(&path))?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(Error::disk(&path))
    }

    /// Offers the model, whose files lie in the folder, under its name.
    pub fn place(&self, id: &str) -> Result<(), Error> {
        sync(&self.folder);
        let to = self.library.join(id);
        if to.exists() {
            return Err(Error::Exists { id: id.into() });
        }
        // A folder with files in it is not replaced: of two at once, one comes too late.
        fs::rename(&self.folder, &to).map_err(|error| match to.exists() {
            true => Error::Exists { id: id.into() },
            false => Error::disk(&to)(error),
        })?;
        sync(&self.library);
        Ok(())
    }
}

impl Drop for Placing {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
        self.lock = None;
        let _ = fs::remove_file(&self.lock_file);
    }
}

/// Takes a placed model's folder away: at once for who looks, whatever deleting takes.
pub(crate) fn displace(library: &Path, id: &str) -> Result<(), Error> {
    let placing = Placing::begin(library)?;
    let from = library.join(id);
    let to = placing.folder.join(id);
    fs::rename(&from, &to).map_err(Error::disk(&from))?;
    sync(library);
    Ok(())
}

/// Removes what a process left that is no more, and downloads that are old.
pub(crate) fn sweep(library: &Path) {
    if library.is_dir()
        && let Ok(_door) = door(library)
    {
        sweep_behind(library);
        download::sweep_behind(library);
    }
}

/// Whoever holds it makes or removes what others must not be at.
pub(crate) fn door(library: &Path) -> Result<File, Error> {
    fs::create_dir_all(library).map_err(Error::disk(library))?;
    let path = library.join(DOOR);
    let file = File::create(&path).map_err(Error::disk(&path))?;
    file.lock().map_err(Error::disk(&path))?;
    Ok(file)
}

fn sweep_behind(library: &Path) {
    let names = fs::read_dir(library).into_iter().flatten().flatten();
    for path in
        names.filter(|entry| entry.file_name().to_string_lossy().starts_with(UNPLACED)).map(|entry| entry.path())
    {
        let (folder, lock_file) = match path.extension() {
            Some(_) => (path.with_extension(""), path),
            None => (path.clone(), path.with_extension("lock")),
        };
        let alive = File::open(&lock_file).is_ok_and(|lock| lock.try_lock().is_err());
        if !alive {
            let _ = fs::remove_dir_all(&folder);
            let _ = fs::remove_file(&lock_file);
        }
    }
}

/// So that a rename outlives a loss of power. Where folders cannot be synced, the system does it by itself.
fn sync(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}
