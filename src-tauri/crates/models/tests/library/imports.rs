//! Files of the learner's: what is taken, what is refused, and what is left when it is cut off.

use std::fs;
use std::path::Path;
use std::process::Command;

use inference::Memory;
use models::{Error, Import, Origin};
use task::{Cancellation, Fault, Silent};

use crate::support::{Place, model};

fn import(place: &Place, path: &Path, id: Option<&str>, link: bool) -> Result<models::Entry, Error> {
    let import = Import { path: path.into(), id: id.map(str::to_owned), link };
    place.library.import(&import, &Silent, &Cancellation::new())
}

#[test]
fn a_good_file_is_placed_with_what_it_says_of_itself() {
    let place = Place::new();
    let entry = import(&place, &model("qwen3.gguf"), None, false).unwrap();
    let manifest = &entry.manifest;
    assert_eq!((manifest.id.as_str(), manifest.title.as_str(), entry.origin), ("qwen3", "Random qwen3", Origin::Own));
    assert_eq!((manifest.licence.as_str(), manifest.quantization.as_str()), ("CC0-1.0", "BF16"));
    assert_eq!((manifest.parameters.as_str(), manifest.context), ("103K", 256));
    assert_eq!(manifest.bytes, model("qwen3.gguf").metadata().unwrap().len());
    assert_eq!((place.ids(), place.left()), (vec!["qwen3".to_owned()], vec!["qwen3".to_owned()]));

    let again = import(&place, &model("qwen3.gguf"), None, false).unwrap_err();
    assert_eq!((again.code(), again.to_string().as_str()), ("models.exists", "there is a model called qwen3 already"));
    let other = import(&place, &model("qwen3.gguf"), Some("../up"), false).unwrap_err();
    assert_eq!(other.code(), "models.name");
    import(&place, &model("qwen3.gguf"), Some("other"), false).unwrap();
    place.library.remove("qwen3").unwrap();
    assert_eq!((place.ids(), place.left()), (vec!["other".to_owned()], vec!["other".to_owned()]));
    assert_eq!(place.library.remove("qwen3").unwrap_err().code(), "models.unknown");
}

#[test]
fn a_linked_file_stays_where_it_is() {
    let place = Place::new();
    let file = place.folder.path().join("My Model (v2).gguf");
    fs::copy(model("llama-q8.gguf"), &file).unwrap();
    let entry = import(&place, &file, None, true).unwrap();
    assert_eq!((entry.manifest.id.as_str(), entry.file()), ("my-model--v2", Some(file.canonicalize().unwrap())));
    assert_eq!(place.ids(), ["my-model--v2"]);
    assert_eq!(fs::read_dir(entry.folder.unwrap()).unwrap().count(), 1, "its manifest alone");
    // Another file in its place is not offered.
    fs::copy(model("qwen2.gguf"), &file).unwrap();
    assert!(place.ids().is_empty());
    place.library.remove("my-model--v2").unwrap();
    assert!(file.exists());
}

/// The file with another number in its header; its tensors lie a multiple of 32 bytes further on.
fn stating(file: &[u8], key: &str, kind: u32, number: &[u8]) -> Vec<u8> {
    let text = |text: &str| [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat();
    let count = u64::from_le_bytes(file[16..24].try_into().unwrap()) + 2;
    let mut stated =
        [text(key), kind.to_le_bytes().to_vec(), number.to_vec(), text("filler"), vec![8, 0, 0, 0]].concat();
    stated.extend(text(&"-".repeat(31 - (stated.len() + 7) % 32)));
    // What it said of itself before gets another name.
    let mut rest = file[24..].to_vec();
    let before = rest.windows(key.len() + 8).position(|bytes| bytes == text(key));
    if let Some(at) = before {
        rest[at + 8] = b'-';
    }
    [&file[..16], &count.to_le_bytes()[..], &stated[..], &rest[..]].concat()
}

#[test]
fn what_cannot_be_used_is_refused_and_leaves_nothing() {
    let place = Place::new();
    let whole = fs::read(model("llama3.gguf")).unwrap();
    let check = |bytes: &[u8], code: &str, message: &str| {
        let file = place.folder.path().join("file.gguf");
        fs::write(&file, bytes).unwrap();
        for link in [false, true] {
            let error = import(&place, &file, None, link).unwrap_err();
            assert_eq!(error.code(), code, "{error}");
            assert!(error.to_string().contains(message), "{error}");
            assert!(!error.next_step().contains("cargo"), "{}", error.next_step());
            assert!(place.left().is_empty(), "{:?}", place.left());
        }
    };
    check(b"<html>", "inference.not_gguf", "is not a GGUF model file");
    check(&whole[..200_000], "inference.damaged", "lies beyond its end");
    check(&whole[..300], "inference.damaged", "is damaged");
    // Numbers whose products do not fit in 64 bits, and one that divides.
    check(
        &stating(&whole, "llama.attention.head_count", 10, &((1_u64 << 60) + 2).to_le_bytes()),
        "inference.unsupported",
        "`llama.attention.head_count` is 1152921504606846978, which is too much",
    );
    let mut endless = whole.clone();
    let columns = endless.windows(18).position(|bytes| bytes == b"output_norm.weight").unwrap() + 22;
    endless[columns..columns + 8].copy_from_slice(&(1_u64 << 62).to_le_bytes());
    check(&endless, "inference.damaged", "`output_norm.weight` lies beyond its end");
    check(&stating(&whole, "general.alignment", 4, &[0; 4]), "inference.damaged", "says of itself cannot be true");
    // Weights that are all the same compute nothing.
    let mut blank = whole.clone();
    let start = whole.len() - 340_000;
    blank[start..].fill(0);
    check(&blank, "inference.unsupported", "what its weights compute says nothing");
    let mut other = whole.clone();
    let at = whole.windows(5).position(|bytes| bytes == b"llama").unwrap();
    other[at..at + 5].copy_from_slice(b"mamba");
    check(
        &other,
        "inference.unsupported",
        "its architecture is mamba, and llama, qwen2, qwen3, gemma3 and phi3 can be run",
    );

    let gone = import(&place, &place.folder.path().join("none.gguf"), None, false).unwrap_err();
    assert_eq!((gone.code(), gone.next_step().as_str()), ("inference.missing", "Look at the path, then try again."));
    let mut small = Place::new();
    small.library.memory = Memory::new(300_000);
    let error = import(&small, &model("llama3.gguf"), None, false).unwrap_err();
    assert_eq!((error.code(), small.left().len()), ("inference.too_large", 0));
    let stopped = Cancellation::new();
    stopped.cancel();
    let asked = Import { path: model("llama3.gguf"), id: None, link: false };
    assert!(matches!(place.library.import(&asked, &Silent, &stopped), Err(Error::Cancelled)));
    assert!(place.left().is_empty());
}

#[test]
fn of_two_imports_of_one_name_one_is_told() {
    let place = Place::new();
    let (first, second) = std::thread::scope(|scope| {
        let run = || scope.spawn(|| import(&place, &model("phi4.gguf"), Some("phi"), false));
        let (first, second) = (run(), run());
        (first.join().unwrap(), second.join().unwrap())
    });
    assert!(first.is_ok() != second.is_ok());
    assert_eq!(first.err().or(second.err()).unwrap().code(), "models.exists");
    assert_eq!((place.ids(), place.left()), (vec!["phi".to_owned()], vec!["phi".to_owned()]));
}

#[test]
fn a_model_that_is_loaded_stays() {
    let place = Place::new();
    let entry = import(&place, &model("qwen2.gguf"), None, false).unwrap();
    let held = fs::File::open(entry.file().unwrap()).unwrap();
    held.lock_shared().unwrap();
    let error = place.library.remove("qwen2").unwrap_err();
    assert_eq!((error.code(), place.ids().len()), ("models.in_use", 1));
    drop(held);
    place.library.remove("qwen2").unwrap();
}

const OWN: &str = "GROUNDWORK_TEST_IMPORT_INTO";

/// What the next test starts and kills: imports until it is gone.
#[test]
#[ignore = "started by what_a_killed_import_left_is_swept"]
fn imports_until_killed() {
    let mut place = Place::new();
    place.library.own = std::env::var_os(OWN).unwrap().into();
    for number in 0.. {
        let _ = import(&place, &model("llama3.gguf"), Some(&format!("model-{number}")), false);
    }
}

#[test]
fn what_a_killed_import_left_is_swept() {
    let place = Place::new();
    let mut halfway = 0;
    for delay in 0..12 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "imports::imports_until_killed", "--ignored", "--quiet"])
            .env(OWN, &place.library.own)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let cut_off = || place.left().iter().any(|name| name.starts_with('.'));
        while !cut_off() {
            assert_eq!(child.try_wait().unwrap(), None);
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        std::thread::sleep(std::time::Duration::from_millis(7 * delay));
        child.kill().unwrap();
        child.wait().unwrap();
        halfway += usize::from(cut_off());
        // Every model that is listed is whole, whenever the end came.
        let (entries, problems) = place.library.entries();
        assert!(problems.is_empty() && entries.iter().all(|entry| entry.verify().is_ok()), "{problems:?}");
        let ids: Vec<String> = entries.into_iter().map(|entry| entry.manifest.id).collect();
        place.library.sweep();
        assert_eq!(place.left(), ids);
        ids.iter().for_each(|id| place.library.remove(id).unwrap());
    }
    assert!(halfway > 0, "no import was cut off");
    assert!(place.left().is_empty());
}
