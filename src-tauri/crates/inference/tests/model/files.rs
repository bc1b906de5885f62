//! Model files that are not what they should be: each one clear error with a next step, and never a crash.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use inference::{Engine, EngineOptions, FileError, Manifest, ModelFile};
use task::{Cancellation, Fault, Progress, Reporter, Silent};

use crate::real;

/// A copy of the model file that `change` has been at.
fn altered(folder: &Path, change: impl FnOnce(&mut File)) -> PathBuf {
    let copy = folder.join("model.gguf");
    fs::copy(real::file(), &copy).unwrap();
    let mut file = File::options().write(true).open(&copy).unwrap();
    change(&mut file);
    copy
}

/// What an engine says when it is told to load `file`.
async fn load(folder: &Path, file: &Path) -> inference::Error {
    let options = EngineOptions::new(real::manifest(), file.into(), folder.join("verified.json"));
    let engine = Engine::start(options).unwrap();
    let error = engine.load().await.unwrap_err();
    assert_eq!(engine.status().problem, Some(error.clone()));
    error
}

#[tokio::test]
async fn a_file_cut_short_altered_or_missing() {
    let folder = tempfile::tempdir().unwrap();
    let cut = altered(folder.path(), |file| file.set_len(50_000_000).unwrap());
    let error = load(folder.path(), &cut).await;
    assert_eq!(error.code(), "inference.cut_short");
    assert!(error.to_string().ends_with("is cut short: 50000000 of 98362432 bytes are there"), "{error}");
    assert!(error.next_step().contains("`groundwork model download`"), "{}", error.next_step());

    let byte = |file: &mut File| {
        file.seek(SeekFrom::Start(60_000_000)).unwrap();
        file.write_all(b"!").unwrap();
    };
    let error = load(folder.path(), &altered(folder.path(), byte)).await;
    assert_eq!(error.code(), "inference.altered");
    assert!(
        error.to_string().contains("its SHA-256 begins ") && error.to_string().ends_with("not b179c9523d0e"),
        "{error}"
    );

    let error = load(folder.path(), &altered(folder.path(), |file| file.set_len(98_362_433).unwrap())).await;
    assert_eq!(error.code(), "inference.altered");
    assert!(error.to_string().ends_with("it has 98362433 bytes, not 98362432"), "{error}");

    let error = load(folder.path(), &folder.path().join("none.gguf")).await;
    assert_eq!(error.code(), "inference.missing");
    assert!(error.next_step().contains("install Groundwork again"), "{}", error.next_step());
}

#[test]
fn a_next_step_is_one_that_a_learner_can_take() {
    let (file, detail) = (PathBuf::from("/home/ada/models/mine.gguf"), String::new());
    for error in [
        FileError::Missing { file: file.clone() },
        FileError::CutShort { file: file.clone(), expected: 2, actual: 1 },
        FileError::Altered { file: file.clone(), difference: detail.clone() },
        FileError::NotGguf { file: file.clone() },
        FileError::Damaged { file: file.clone(), detail: detail.clone() },
        FileError::Unsupported { file: file.clone(), detail: detail.clone() },
        FileError::TooLarge { file: file.clone(), needed: 2, limit: 1 },
        FileError::Unreadable { file: file.clone(), detail: detail.clone() },
        FileError::Manifest { file, detail },
        FileError::Cancelled,
    ] {
        let next_step = error.next_step();
        let wrong = ["cargo", "Delete", "assets/"].iter().find(|word| next_step.contains(**word));
        assert_eq!(wrong, None, "{next_step}");
    }
}

#[test]
fn what_is_no_model_file() {
    let folder = tempfile::tempdir().unwrap();
    let check = |bytes: &[u8], code: &str| {
        let path = folder.path().join("model.gguf");
        fs::write(&path, bytes).unwrap();
        assert_eq!(ModelFile::open(&path).unwrap_err().code(), code, "{:?}", bytes.get(..32));
    };
    check(b"", "inference.not_gguf");
    check(b"GG", "inference.not_gguf");
    check(b"<!doctype html>", "inference.not_gguf");
    check(b"GGUF", "inference.damaged");
    check(b"GGUF\x09\0\0\0", "inference.damaged");
    // The header breaks off in each of its parts.
    let head = &fs::read(real::file()).unwrap()[..2_000_000];
    for length in [12, 24, 100, 5_000, 900_000, 1_700_000] {
        check(&head[..length], "inference.damaged");
    }
    assert_eq!(ModelFile::open(&folder.path().join("none")).unwrap_err().code(), "inference.missing");
}

/// Counts the reports: none means that the file was not read.
#[derive(Default)]
struct Counting(std::sync::Mutex<Vec<Progress>>);

impl Reporter for Counting {
    fn progress(&self, progress: Progress) {
        self.0.lock().unwrap().push(progress);
    }

    fn output(&self, _: &str) {}
}

#[test]
fn a_file_found_right_is_not_read_again_until_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("state/verified.json");
    let copy = altered(folder.path(), |_| ());
    let (manifest, go) = (real::manifest(), Cancellation::new());
    let reads = || {
        let counting = Counting::default();
        let verified = manifest.verify_cached(&copy, &cache, &counting, &go);
        let reports = counting.0.into_inner().unwrap();
        assert!(reports.iter().all(|report| report.total == Some(98_362_432)));
        (verified, reports.last().map_or(0, |report| report.done))
    };
    assert_eq!(reads(), (Ok(()), 98_362_432));
    assert_eq!(reads(), (Ok(()), 0));

    let mut file = File::options().write(true).open(&copy).unwrap();
    file.seek(SeekFrom::Start(7_000)).unwrap();
    file.write_all(b"!").unwrap();
    drop(file);
    assert!(matches!(reads().0, Err(FileError::Altered { .. })));

    fs::copy(real::file(), &copy).unwrap();
    assert_eq!(reads(), (Ok(()), 98_362_432));
    fs::write(&cache, "not JSON").unwrap();
    assert_eq!(reads(), (Ok(()), 98_362_432));
    go.cancel();
    fs::remove_file(&cache).unwrap();
    assert_eq!(reads().0, Err(FileError::Cancelled));
}

#[test]
fn a_manifest_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.toml");
    let check = |text: &str, expected: &str| {
        fs::write(&path, text).unwrap();
        let error = Manifest::load(&path).unwrap_err();
        assert_eq!(error.code(), "inference.manifest");
        assert!(error.to_string().contains(expected), "{error}");
    };
    check("id = ", "model.toml cannot be used: line 1: ");
    check("id = \"x\"\nname = \"y\"", "line 2: unknown field `name`, expected one of `id`, ");
    check("", "line 1: missing field `id`");
    assert!(real::manifest().verify(&real::file(), &Silent, &Cancellation::new()).is_ok());
}
