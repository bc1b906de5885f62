use std::fs;

use serde_json::json;
use task::Fault;

use super::*;

#[test]
fn a_full_disk_refuses_what_is_new_and_keeps_what_is_there() {
    let (_folder, collection) = collection(64, Metric::Cosine);
    let group = |n: usize| {
        (0..20).map(|m| point(&format!("{n}-{m}"), &[1.0 + n as f32; 64], json!({ "n": n }))).collect::<Vec<_>>()
    };
    collection.limit_pages(60);
    let mut kept = 0;
    let error = loop {
        match collection.upsert("", group(kept)) {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
    };
    assert!(kept > 0);
    assert_eq!(error.code(), "retrieval.disk_full");
    assert_eq!(collection.count("", None).unwrap(), 20 * kept as u64, "a group is kept whole or not at all");
    let n = Filter::Field(Path::key("n"), Test::Present);
    assert_eq!(collection.count("", Some(&n)).unwrap(), 20 * kept as u64);
    assert_eq!(collection.search(&Search::new("", Query::nearest(vec![1.0; 64]), 10_000)).unwrap().len(), 20 * kept);
    collection.limit_pages(1_000_000);
    collection.upsert("", group(kept)).unwrap();
    assert_eq!(collection.count("", None).unwrap(), 20 * (kept as u64 + 1));
}

#[test]
fn a_file_that_is_no_collection_and_one_of_a_newer_format_are_left_alone() {
    let (folder, collection) = collection(2, Metric::Dot);
    drop(collection);
    let path = folder.path().join("docs/points.db");
    let open = || Collections::open(folder.path()).unwrap().get("docs").unwrap_err();
    let newer = rusqlite::Connection::open(&path).unwrap();
    newer.execute_batch("PRAGMA user_version = 1000").unwrap();
    drop(newer);
    let before = fs::read(&path).unwrap();
    assert_eq!(open().code(), "retrieval.newer");
    assert_eq!(fs::read(&path).unwrap(), before);
    fs::write(&path, vec![0x5a; 20_000]).unwrap();
    assert_eq!(open().code(), "retrieval.damaged");
    assert_eq!(fs::read(&path).unwrap(), vec![0x5a; 20_000]);
}

#[test]
fn what_cannot_be_read_is_deleted_all_the_same() {
    let (folder, collection) = collection(2, Metric::Dot);
    drop(collection);
    let collections = Collections::open(folder.path()).unwrap();
    let settings = Settings::new(2, Metric::Dot);
    fs::write(folder.path().join("docs/points.db"), vec![0x5a; 20_000]).unwrap();
    assert_eq!(collections.get("docs").unwrap_err().code(), "retrieval.damaged");
    collections.create("other", &settings).unwrap();
    assert_eq!(collections.list().unwrap(), ["docs", "other"]);
    collections.delete("docs").unwrap();
    assert_eq!(collections.list().unwrap(), ["other"]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing stays on the disk");
    collections.create("docs", &settings).unwrap();
}

#[test]
fn a_deletion_that_was_cut_off_is_brought_to_its_end_for_all_who_have_the_collection_open() {
    let (folder, held) = collection(1, Metric::Dot);
    held.upsert("", vec![point("a", &[1.0], json!({}))]).unwrap();
    assert_eq!(held.describe().unwrap().points, 1);
    // As a deletion leaves it that was killed after its first step.
    fs::rename(folder.path().join("docs"), folder.path().join(".gone-1")).unwrap();
    let collections = Collections::open(folder.path()).unwrap();
    assert!(collections.list().unwrap().is_empty());
    collections.create("docs", &Settings::new(1, Metric::Dot)).unwrap();
    assert_eq!(held.describe().unwrap_err().code(), "retrieval.unknown");
    assert_eq!(held.upsert("", vec![point("b", &[1.0], json!({}))]).unwrap_err().code(), "retrieval.unknown");
    assert_eq!(collections.get("docs").unwrap().describe().unwrap().points, 0);
}
