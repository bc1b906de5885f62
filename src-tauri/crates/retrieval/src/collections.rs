//! The folder of all collections: one folder each, named after it. Never reads a point.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use uuid::Uuid;

use crate::{Collection, Error, Settings, collection};

/// All collections of one folder. Clones share the open ones.
#[derive(Debug, Clone)]
pub struct Collections(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    root: PathBuf,
    open: Mutex<HashMap<String, Collection>>,
}

impl Collections {
    /// Opens the folder, or makes it. Reads no collection yet.
    pub fn open(root: &Path) -> Result<Self, Error> {
        fs::create_dir_all(root).map_err(|error| Error::of_file(&root.join("."), &error))?;
        // What a deletion that was cut off left.
        for entry in fs::read_dir(root).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(GONE) {
                bury(&entry.path());
            }
        }
        Ok(Self(Arc::new(Shared { root: root.to_owned(), open: Mutex::default() })))
    }

    /// Makes a collection, whole or not at all.
    ///
    /// A name has 1 to 200 characters, none of them a control character or one of `< > : " / \ | ? *`, and no dot at its
    /// head. Fails where there is one of that name already, or the settings are out of bounds.
    pub fn create(&self, name: &str, settings: &Settings) -> Result<Collection, Error> {
        let folder = self.folder(name)?;
        settings.check()?;
        if folder.exists() {
            return Err(Error::Exists { name: name.to_owned() });
        }
        let prepared = self.0.root.join(format!("{COMING}{}", Uuid::new_v4()));
        let made = fs::create_dir(&prepared)
            .map_err(|error| Error::of_file(&prepared, &error))
            .and_then(|()| collection::create(&prepared.join(FILE), settings))
            // A folder never takes the place of one that is not empty, so of two who create one name one fails.
            .and_then(|()| {
                fs::rename(&prepared, &folder).map_err(|error| match folder.exists() {
                    true => Error::Exists { name: name.to_owned() },
                    false => Error::of_file(&folder, &error),
                })
            })
            .and_then(|()| sync(&self.0.root));
        if made.is_err() {
            let _ = fs::remove_dir_all(&prepared);
        }
        made?;
        self.get(name)
    }

    /// A collection, opened where it is not open yet.
    pub fn get(&self, name: &str) -> Result<Collection, Error> {
        let file = self.folder(name)?.join(FILE);
        // Nobody waits for the disk of another collection than their own.
        let known = self.opened().get(name).cloned();
        if let Some(known) = known {
            if known.lives() {
                return Ok(known);
            }
            let mut opened = self.opened();
            if opened.get(name).is_some_and(|held| held.is(&known)) {
                opened.remove(name);
            }
        }
        if !file.exists() {
            return Err(Error::Unknown { name: name.to_owned() });
        }
        let collection = Collection::open(name, &file)?;
        // Of two who open it at once both get the first's.
        Ok(self.opened().entry(name.to_owned()).or_insert(collection).clone())
    }

    /// The names of all collections, in order.
    pub fn list(&self) -> Result<Vec<String>, Error> {
        let root = &self.0.root;
        let entries = fs::read_dir(root).map_err(|error| Error::of_file(&root.join("."), &error))?;
        let folders = entries.flatten().filter(|entry| entry.path().join(FILE).exists());
        let mut names: Vec<_> = folders.filter_map(|entry| name(entry.file_name().to_str()?)).collect();
        names.sort();
        Ok(names)
    }

    /// Removes a collection with all it holds, also one that cannot be read. Handles of it, here and in other processes,
    /// find it unknown from then on.
    pub fn delete(&self, name: &str) -> Result<(), Error> {
        let folder = self.folder(name)?;
        // Windows renames no folder of open files.
        self.opened().remove(name);
        let gone = self.0.root.join(format!("{GONE}{}", Uuid::new_v4()));
        // Gone in one step: whatever ends this process, it is there as it was or not at all.
        fs::rename(&folder, &gone).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::Unknown { name: name.to_owned() },
            _ => Error::of_file(&folder, &error),
        })?;
        sync(&self.0.root)?;
        bury(&gone);
        Ok(())
    }

    fn opened(&self) -> MutexGuard<'_, HashMap<String, Collection>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn folder(&self, name: &str) -> Result<PathBuf, Error> {
        let refuse = |reason: &str| Err(Error::Name { name: name.to_owned(), reason: reason.to_owned() });
        if name.is_empty() || name.chars().count() > 200 {
            return refuse("it has to have 1 to 200 characters");
        }
        if name.contains(|character: char| character.is_control() || "<>:\"/\\|?*".contains(character)) {
            return refuse("it holds a character that files cannot have");
        }
        if name.starts_with('.') {
            return refuse("it begins with a dot");
        }
        let folder = folder(name);
        if folder.len() > 250 { refuse("it is too long for a folder") } else { Ok(self.0.root.join(folder)) }
    }
}

const FILE: &str = "points.db";
const COMING: &str = ".new-";
const GONE: &str = ".gone-";

/// Ends a deleted collection for those who still have its file open, and takes it away. What fails here is done by the
/// next opening.
fn bury(gone: &Path) {
    let _ = collection::end(&gone.join(FILE));
    let _ = fs::remove_dir_all(gone);
}

/// File systems that know no case, and Windows' names of devices, must not make one of two names: what is not a small
/// letter, a digit, `-` or `_` is written as `%` and two digits a byte.
fn folder(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    let device =
        ["con", "prn", "aux", "nul", "com", "lpt"].iter().any(|device| name.starts_with(device)) && name.len() <= 4;
    let write = |(at, byte): (usize, u8)| {
        if plain(byte) && !(device && at == 0) { char::from(byte).to_string() } else { format!("%{byte:02x}") }
    };
    name.bytes().enumerate().map(write).collect()
}

fn name(folder: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), folder.as_bytes());
    while let [first, after @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = after.get(2..)?;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    let name = String::from_utf8(bytes).ok()?;
    (self::folder(&name) == folder).then_some(name)
}

/// A rename is on the disk once its folder is.
pub(crate) fn sync(folder: &Path) -> Result<(), Error> {
    match fs::File::open(folder).and_then(|folder| folder.sync_all()) {
        // Windows opens no folders and needs no sync of them.
        Err(error) if cfg!(unix) => Err(Error::of_file(folder, &error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_its_folder_are_told_apart_from_all_others() {
        for (written, in_folder) in [
            ("docs-1", "docs-1"),
            ("Docs", "%44ocs"),
            ("a b", "a%20b"),
            ("é", "%c3%a9"),
            ("con", "%63on"),
            ("100%", "100%25"),
        ] {
            assert_eq!(folder(written), in_folder);
            assert_eq!(name(in_folder).as_deref(), Some(written));
        }
        for foreign in ["Docs", "%64ocs", "%zz", "%c3", "a%2"] {
            assert_eq!(name(foreign), None, "{foreign}");
        }
    }
}
