//! A library in a folder of its own, and small models that can really be computed with.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use inference::Memory;
use models::{Library, Source};
use sha2::{Digest, Sha256};
use task::{Cancellation, Progress, Reporter};

pub struct Place {
    pub folder: tempfile::TempDir,
    pub library: Library,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("catalogue")).unwrap();
        let library = Library {
            catalogue: at("catalogue"),
            bundled: at("bundled"),
            own: at("own"),
            verified: at("verified.json"),
            memory: Memory::new(1 << 30),
        };
        Self { folder, library }
    }

    /// Adds a model to the catalogue.
    pub fn list(&self, id: &str, file: &[u8], more: &str) {
        let (bytes, sha256) = (file.len(), sha256(file));
        let text = format!(
            "id = '{id}'\ntitle = 'Tiny'\narchitecture = 'llama'\nfile = '{id}.gguf'\nbytes = {bytes}\nsha256 = '{sha256}'\nlicence = 'CC0-1.0'\n\
             context = 256\nparameters = '1K'\nquantization = 'F16'\nsource = 'nowhere'\n{more}"
        );
        fs::write(self.library.catalogue.join(format!("{id}.toml")), text).unwrap();
    }

    pub fn ids(&self) -> Vec<String> {
        let (entries, problems) = self.library.entries();
        assert!(problems.is_empty(), "{problems:?}");
        let installed = entries.into_iter().filter(|entry| entry.verify().is_ok());
        installed.map(|entry| entry.manifest.id).collect()
    }

    /// Names in the learner's folder, but for those that are always there.
    pub fn left(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.library.own).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.retain(|name| name != ".door" && name != ".incoming");
        names.sort();
        names
    }
}

pub fn source(address: &str) -> Source {
    Source { version: "test".into(), index: format!("{address}/simple"), mirror: None }
}

pub fn model(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../inference/tests/fixtures/architectures");
    folder.join(name)
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Keeps what it hears.
#[derive(Default)]
pub struct Hearing(pub Mutex<Vec<Progress>>);

impl Reporter for Hearing {
    fn progress(&self, progress: Progress) {
        self.0.lock().unwrap().push(progress);
    }

    fn output(&self, _: &str) {}
}

/// Cancels when it hears of this.
pub struct Stopping {
    pub at: &'static str,
    pub cancellation: Cancellation,
}

impl Reporter for Stopping {
    fn progress(&self, progress: Progress) {
        self.output(&progress.what);
    }

    fn output(&self, line: &str) {
        if line.starts_with(self.at) {
            self.cancellation.cancel();
        }
    }
}
