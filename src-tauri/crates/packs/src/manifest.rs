//! The first member of an archive: whose pack it is, and size and SHA-256 of every file.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use walkdir::WalkDir;

use crate::{Error, Limits, Result, name, unpack::hex};

/// Its name in the archive, and in the installed folder.
pub(crate) const NAME: &str = "manifest.toml";
const FORMAT: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: u32,
    pub id: Uuid,
    pub version: u32,
    pub title: String,
    /// Sorted by path.
    pub files: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Relative, `/`-separated.
    pub path: String,
    pub bytes: u64,
    /// Lower-case hexadecimal.
    pub sha256: String,
}

impl Manifest {
    pub(crate) fn new(id: Uuid, version: u32, title: String, files: Vec<Entry>) -> Result<Self> {
        let manifest = Self { format: FORMAT, id, version, title, files };
        manifest.names()?;
        Ok(manifest)
    }

    pub(crate) fn text(&self) -> Result<String> {
        toml::to_string(self).map_err(|error| Error::BadManifest { detail: error.to_string() })
    }

    /// Reads the manifest of an archive; every name in it can be used on every system.
    pub(crate) fn read(text: &str, limits: &Limits) -> Result<Self> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let bad = |error: toml::de::Error| Error::BadManifest { detail: error.message().to_owned() };
        let head: Head = toml::from_str(text).map_err(bad)?;
        if head.format != FORMAT {
            return Err(Error::Format { found: head.format, reads: FORMAT });
        }
        let manifest: Self = toml::from_str(text).map_err(bad)?;
        if manifest.files.len() > limits.files {
            return Err(Error::TooMany { most: limits.files });
        }
        if manifest.id.is_nil() {
            return Err(Error::BadManifest { detail: "its id is empty".into() });
        }
        manifest.names()?;
        Ok(manifest)
    }

    /// Whether a folder has these files, these bytes in them, and nothing beside them but the manifest.
    pub(crate) fn describes(&self, folder: &Path) -> bool {
        let whole = |entry: &Entry| {
            let read = fs::read(folder.join(&entry.path));
            read.is_ok_and(|bytes| hex(&Sha256::digest(bytes)) == entry.sha256)
        };
        let there = WalkDir::new(folder).into_iter().flatten().filter(|entry| !entry.file_type().is_dir()).count();
        there == self.files.len() + 1 && self.files.iter().all(whole)
    }

    /// Looks at every name, and at how they stand beside each other.
    fn names(&self) -> Result<()> {
        let wrong = name::wrong(self.files.iter().map(|entry| entry.path.as_str()));
        wrong.into_iter().next().map_or(Ok(()), Err)
    }
}
