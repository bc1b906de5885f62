//! What there is: models that came with the product, those of the catalogue, and those that the learner brought.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use inference::{FileError, Manifest, Memory};
use task::{Cancellation, Silent};

use crate::Error;
use crate::placing::{self, MANIFEST};

/// Where models lie and what they may take.
#[derive(Debug, Clone)]
pub struct Library {
    /// The catalogue: a manifest for each model.
    pub catalogue: PathBuf,
    /// The files of models that came with the product: read only.
    pub bundled: PathBuf,
    /// The learner's own: a folder for each model.
    pub own: PathBuf,
    /// Notes on files found right before.
    pub verified: PathBuf,
    /// The bound that a file which is tried shares with the models that are loaded.
    pub memory: Memory,
}

/// One model.
#[derive(Debug, Clone)]
pub struct Entry {
    pub manifest: Manifest,
    pub origin: Origin,
    /// Where its files lie; `None` while it is not installed.
    pub folder: Option<PathBuf>,
    verified: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Bundled,
    /// Known by name, and fetched when asked for.
    Catalogue,
    /// A file of the learner's.
    Own,
}

impl Entry {
    /// Whether its files are there and what they should be. Reads them whole if they were never found right.
    pub fn verify(&self) -> Result<(), FileError> {
        let Some(folder) = &self.folder else {
            return Err(FileError::Missing { file: self.manifest.file.clone().into() });
        };
        self.manifest.verify_folder(folder, &self.verified, &Silent, &Cancellation::new())
    }

    /// The weights, where they are installed.
    pub fn file(&self) -> Option<PathBuf> {
        // A path from the root stands for itself.
        self.folder.as_ref().map(|folder| folder.join(&self.manifest.file))
    }
}

impl Library {
    /// Every model: those that came with the product, then the catalogue's, then the learner's, each by name. A manifest
    /// that cannot be read is left out and told of beside.
    pub fn entries(&self) -> (Vec<Entry>, Vec<FileError>) {
        let (mut entries, mut problems) = (Vec::new(), Vec::new());
        let mut add = |path: &Path, entry: &dyn Fn(Manifest) -> Entry| match Manifest::load(path) {
            Ok(manifest) => entries.push(entry(manifest)),
            Err(problem) => problems.push(problem),
        };
        for path in sorted(&self.catalogue).filter(|path| path.extension().is_some_and(|end| end == "toml")) {
            add(&path, &|manifest| {
                let own = self.own.join(&manifest.id);
                let (origin, folder) = match manifest.bundled {
                    true => (Origin::Bundled, Some(self.bundled.clone())),
                    false => (Origin::Catalogue, own.join(MANIFEST).is_file().then_some(own)),
                };
                Entry { manifest, origin, folder, verified: self.verified.clone() }
            });
        }
        for folder in sorted(&self.own).filter(|folder| is_placed(folder)) {
            add(&folder.join(MANIFEST), &|manifest| {
                let folder = Some(folder.clone());
                Entry { manifest, origin: Origin::Own, folder, verified: self.verified.clone() }
            });
        }
        // A model of the catalogue that is installed lies among the learner's too.
        let known: Vec<String> =
            entries.iter().filter(|entry| entry.origin != Origin::Own).map(|entry| entry.manifest.id.clone()).collect();
        entries.retain(|entry| entry.origin != Origin::Own || !known.contains(&entry.manifest.id));
        entries.sort_by_key(|entry| entry.origin != Origin::Bundled);
        (entries, problems)
    }

    pub fn find(&self, id: &str) -> Result<Entry, Error> {
        let (entries, _) = self.entries();
        entries.into_iter().find(|entry| entry.manifest.id == id).ok_or_else(|| Error::Unknown { id: id.into() })
    }

    /// Takes a model of the learner's, or one that was fetched, off the disk. A file that was linked stays where it is.
    pub fn remove(&self, id: &str) -> Result<(), Error> {
        let entry = self.find(id)?;
        if entry.origin == Origin::Bundled {
            return Err(Error::Bundled { id: id.into() });
        }
        let Some(file) = entry.file() else { return Err(Error::Unknown { id: id.into() }) };
        // Whoever has it loaded holds a lock on it. A file that is gone is in nobody's way.
        let lock = File::open(&file).ok();
        if let Some(lock) = &lock
            && matches!(lock.try_lock(), Err(TryLockError::WouldBlock))
        {
            return Err(Error::InUse { id: id.into() });
        }
        placing::displace(&self.own, id)
    }

    /// Removes what an import or a download left that was cut off, and what came of downloads that nobody goes on with.
    pub fn sweep(&self) {
        placing::sweep(&self.own);
    }

    /// That a new model may have this name.
    pub(crate) fn free(&self, id: &str) -> Result<(), Error> {
        let letter = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-._".contains(letter);
        let begins = id.starts_with(|first: char| first.is_ascii_alphanumeric());
        if !begins || id.len() > 64 || !id.chars().all(letter) {
            return Err(Error::Name { id: id.into() });
        }
        match self.find(id) {
            Ok(_) => Err(Error::Exists { id: id.into() }),
            Err(_) => Ok(()),
        }
    }
}

fn is_placed(folder: &Path) -> bool {
    let hidden = folder.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
    !hidden && folder.join(MANIFEST).is_file()
}

fn sorted(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut paths: Vec<PathBuf> = entries.collect();
    paths.sort();
    paths.into_iter()
}
