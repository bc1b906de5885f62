//! A disk that is full or may not be written, in the terminal: said with a next step, and nothing lost.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use super::faults::complains;
use crate::support::{Home, apart};

#[test]
fn a_full_disk_is_named_and_what_was_recorded_stays() {
    apart(&["-rm"], "cli::disk::on_a_full_disk");
}

#[test]
#[ignore = "started by a_full_disk_is_named_and_what_was_recorded_stays"]
fn on_a_full_disk() {
    let home = Home::on_a_small_disk(400);
    home.must(&["lab", "start", "orientation", "--no-editor"]);
    fs::copy(home.resources.join("labs/orientation/solution/profile.toml"), home.workspace().join("profile.toml"))
        .unwrap();
    let passed = |out: &str| out.contains("passed   profile.toml is filled in");
    assert!(passed(&home.run(&["lab", "check", "orientation"]).out));

    for command in
        [&["lab", "check", "orientation"][..], &["lab", "reset", "orientation"], &["export", "--output", "page.md"]]
    {
        // A command that fails may give back some room.
        home.fill();
        let said = home.run(command);
        complains(&said, &[]);
        assert!(["is full", "No space left"].iter().any(|words| said.err.contains(words)), "{said:#?}");
    }

    home.make_room();
    home.must(&["export", "--output", "page.md"]);
    let page = fs::read_to_string(home.folder.path().join("page.md")).unwrap();
    assert!(page.contains("profile.toml is filled in"), "{page}");
    assert!(passed(&home.run(&["lab", "check", "orientation"]).out));
}

#[test]
fn a_collection_on_a_full_disk_keeps_what_it_had() {
    apart(&["-rm"], "cli::disk::a_collection_and_no_room");
}

#[test]
#[ignore = "started by a_collection_on_a_full_disk_keeps_what_it_had"]
fn a_collection_and_no_room() {
    let home = Home::on_a_small_disk(40);
    let folder = home.folder.path().join("handbook");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("backups.md"), "Every database is copied at two in the morning.").unwrap();
    let ingest = ["collection", "ingest", "handbook", "handbook"];
    home.must(&ingest);
    let first = || home.json(&["collection", "query", "handbook", "When are copies made?"]).remove(0);
    let before = first();

    // Enough room for the journal's and the index's own files, not for these chunks.
    let long = (0..1500).map(|line| format!("Incident {line} was closed by the storage team. ")).collect::<String>();
    fs::write(folder.join("incidents.md"), &long).unwrap();
    home.fill();
    home.leave_room(300);
    let said = home.run(&ingest);
    complains(&said, &["points.db", "is full", "Free some space"]);
    assert_eq!(first(), before);
    assert_eq!(home.json(&["collection", "list"])[0]["points"], 1);

    home.make_room();
    assert!(home.must(&ingest).contains("1 new, 0 changed, 1 unchanged"));
    assert_eq!(first()["payload"]["source"], "backups.md");
}

#[test]
fn a_journal_that_may_not_be_written_is_named() {
    apart(&["--user", "--map-user=1000"], "cli::disk::where_nothing_may_be_written");
}

#[test]
#[ignore = "started by a_journal_that_may_not_be_written_is_named"]
fn where_nothing_may_be_written() {
    let home = Home::new();
    home.must(&["plan"]);
    let data = home.folder.path().join("data");
    let journal = data.join("journal.db");
    let allow = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();

    allow(&journal, 0o444);
    complains(&home.run(&["plan"]), &["journal.db", "read-only"]);
    allow(&journal, 0o644);
    home.must(&["plan"]);

    fs::remove_dir_all(&data).unwrap();
    allow(home.folder.path(), 0o555);
    complains(&home.run(&["plan"]), &[home.folder.path().to_str().unwrap()]);
    allow(home.folder.path(), 0o755);
}

#[test]
fn a_read_only_disk_is_named() {
    apart(&["-rm"], "cli::disk::on_a_read_only_disk");
}

#[test]
#[ignore = "started by a_read_only_disk_is_named"]
fn on_a_read_only_disk() {
    let home = Home::on_a_small_disk(40);
    home.must(&["plan"]);
    home.write_protect();
    complains(&home.run(&["plan"]), &[home.folder.path().to_str().unwrap()]);
}
