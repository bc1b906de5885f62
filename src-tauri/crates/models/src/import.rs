//! A file of the learner's becomes a model: read whole, tried out, and placed with a manifest of its own.

use std::path::{Path, PathBuf};

use inference::{Inspection, Manifest, ModelKind};
use task::{Cancellation, Reporter};

use crate::files::{self, Work};
use crate::placing::Placing;
use crate::{Entry, Error, Library};

/// What to import.
#[derive(Debug, Clone)]
pub struct Import {
    pub path: PathBuf,
    /// The name to ask for it by; `None` makes one of the file's.
    pub id: Option<String>,
    /// Leaves the file where it is, for good.
    pub link: bool,
}

/// How a file comes into the library's folder.
pub(crate) enum Taken {
    Copied,
    /// It lies on the same disk and is ours to move.
    Moved,
    Linked,
}

impl Library {
    /// Nothing is offered unless all of it went well. Blocks for as long as reading and trying the file takes.
    pub fn import(
        &self,
        import: &Import,
        reporter: &dyn Reporter,
        cancellation: &Cancellation,
    ) -> Result<Entry, Error> {
        let taken = if import.link { Taken::Linked } else { Taken::Copied };
        let id = import.id.clone().unwrap_or_else(|| name_of(&import.path));
        self.take(&import.path, &id, &import.path.display().to_string(), &taken, reporter, cancellation)
    }

    /// `source` is where the file was had.
    pub(crate) fn take(
        &self,
        path: &Path,
        id: &str,
        source: &str,
        taken: &Taken,
        reporter: &dyn Reporter,
        cancellation: &Cancellation,
    ) -> Result<Entry, Error> {
        self.free(id)?;
        // A file that is not for us is told of before it is copied.
        inference::look(path).map_err(own)?;
        let path = path.canonicalize().map_err(Error::disk(path))?;
        let placing = Placing::begin(&self.own)?;
        let bytes = path.metadata().map_err(Error::disk(&path))?.len();
        let work = |what| Work { what, total: Some(bytes), reporter, cancellation };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let inside = placing.folder.join(&name);
        let (file, tried, (bytes, sha256)) = match taken {
            Taken::Copied => {
                files::room(&self.own, bytes)?;
                (name, &inside, files::copy(&path, &inside, work(&format!("Copying {id}")))?)
            }
            Taken::Moved => (name, &path, files::hash(&path, work(&format!("Checking {id}")))?),
            Taken::Linked => (path.display().to_string(), &path, files::hash(&path, work(&format!("Checking {id}")))?),
        };
        reporter.output(&format!("Trying {id}: loading it and computing a token."));
        let seen = inference::try_out(tried, &self.memory, cancellation).map_err(own)?;
        placing.describe(&described(id, file, bytes, sha256, source, seen))?;
        // Last, because what lies in the folder is gone with a run that fails.
        if matches!(taken, Taken::Moved) {
            std::fs::rename(&path, &inside).map_err(Error::disk(&inside))?;
        }
        if let Err(error) = placing.place(id) {
            if matches!(taken, Taken::Moved) {
                let _ = std::fs::rename(&inside, &path);
            }
            return Err(error);
        }
        self.find(id)
    }
}

fn described(id: &str, file: String, bytes: u64, sha256: String, source: &str, seen: Inspection) -> Manifest {
    Manifest {
        id: id.into(),
        kind: ModelKind::Text,
        title: seen.title.unwrap_or_else(|| id.into()),
        architecture: seen.architecture,
        file,
        bytes,
        sha256,
        licence: seen.licence.unwrap_or_else(|| "unknown".into()),
        context: seen.context,
        parameters: seen.parameters,
        quantization: seen.quantization,
        source: source.into(),
        bundled: false,
        packages: Vec::new(),
        tokenizer: None,
    }
}

/// A fault of the file's is told as such, whichever part found it.
fn own(error: inference::Error) -> Error {
    match error {
        inference::Error::File(inference::FileError::Cancelled) => Error::Cancelled,
        inference::Error::File(error) => Error::File(error),
        other => Error::Model(other),
    }
}

/// `Qwen3 0.6B Q8_0.gguf` becomes `qwen3-0.6b-q8_0`.
pub(crate) fn name_of(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || "._".contains(letter) { letter } else { '-' };
    let name: String = stem.chars().map(plain).collect();
    name.trim_matches(|letter: char| !letter.is_ascii_alphanumeric()).chars().take(64).collect()
}
