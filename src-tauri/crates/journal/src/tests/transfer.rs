use std::{
    fs,
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use task::Fault;

use super::*;
use crate::{Error, call_off, laid_in, lay_in};

const HOME: &str = "/home/ada/Groundwork";

/// A record with one workspace, one passed check and a setting, written out.
fn written(folder: &Path) -> PathBuf {
    let journal = Journal::open(&folder.join("of-ada/journal.db")).unwrap();
    journal.record_workspace(&workspace(HERE, "one")).unwrap();
    journal.record_report(HERE, 3, at(0), at(1), &[outcome("answers", Status::Passed, 1)]).unwrap();
    for (name, value) in [("pack", "mine"), ("editor", "sh"), ("allowed.mine", "digest"), ("allow", "stays")] {
        journal.record_setting(name, value).unwrap();
    }
    let file = folder.join("out/record.db");
    let summary = journal.export(&file, Path::new(HOME)).unwrap();
    assert_eq!((summary.workspaces, summary.outcomes, summary.latest), (1, 1, Some(at(1))));
    file
}

/// A journal of somebody else, closed.
fn other(folder: &Path) -> PathBuf {
    let path = folder.join("here/journal.db");
    Journal::open(&path).unwrap().record_setting("pack", "before").unwrap();
    path
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_record_comes_back_whole_and_the_one_of_before_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (file, path) = (written(folder.path()), other(folder.path()));
    assert_eq!(names(&folder.path().join("out")), ["record.db"], "nothing is left beside it");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    let laid = lay_in(&path, &file, Path::new("/srv/labs"), &["editor", "allowed."]).unwrap();
    assert_eq!(laid_in(&path).unwrap(), Some(laid));
    let journal = Journal::open(&path).unwrap();
    assert_eq!(journal.setting("pack").unwrap().as_deref(), Some("mine"));
    assert_eq!(journal.latest_outcomes(HERE).unwrap(), [outcome("answers", Status::Passed, 1)]);
    assert_eq!(journal.evidence(HERE).unwrap().len(), 1);
    assert_eq!(journal.workspaces().unwrap()[0].folder, Path::new("/srv/labs/orientation-one"));
    for (name, value) in [("workspaces", None), ("editor", None), ("allowed.mine", None), ("allow", Some("stays"))] {
        assert_eq!(journal.setting(name).unwrap().as_deref(), value, "{name}");
    }
    let before = journal.imported().unwrap().before.clone().unwrap();
    assert!(journal.imported().unwrap().to_string().contains(before.to_str().unwrap()));
    drop(journal);
    assert!(Journal::open(&path).unwrap().imported().is_none(), "told once");

    // The way back.
    lay_in(&path, &before, Path::new("/srv/labs"), &[]).unwrap();
    let journal = Journal::open(&path).unwrap();
    assert_eq!(journal.setting("pack").unwrap().as_deref(), Some("before"));
    assert!(journal.workspaces().unwrap().is_empty());
}

#[test]
fn what_is_written_while_others_write_is_of_one_moment() {
    let (folder, journal) = journal();
    let file = folder.path().join("record.db");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for turn in 0..50 {
                let outcomes = ["first", "second"].map(|check| outcome(check, Status::Passed, turn));
                journal.record_report(HERE, 3, at(turn), at(turn), &outcomes).unwrap();
            }
        });
        for _ in 0..5 {
            let summary = journal.export(&file, Path::new(HOME)).unwrap();
            assert_eq!(summary.outcomes % 2, 0, "a report is there whole or not at all");
        }
    });
    journal.export(&file, Path::new(HOME)).unwrap();
    let copy = Connection::open(&file).unwrap();
    assert_eq!(copy.query_row("SELECT count(*) FROM outcomes", [], |row| row.get::<_, i64>(0)), Ok(100));
}

#[test]
fn a_record_waits_while_somebody_has_the_journal_open() {
    let folder = tempfile::tempdir().unwrap();
    let (file, path) = (written(folder.path()), other(folder.path()));
    let open = Journal::open(&path).unwrap();
    lay_in(&path, &file, Path::new(HOME), &[]).unwrap();
    assert!(Journal::open(&path).unwrap().imported().is_none());
    open.record_setting("pack", "until the end").unwrap();
    drop(open);

    let journal = Journal::open(&path).unwrap();
    let before = journal.imported().unwrap().before.clone().unwrap();
    assert_eq!(journal.setting("pack").unwrap().as_deref(), Some("mine"));
    let kept = Connection::open(before).unwrap();
    let kept = kept.query_row("SELECT value FROM settings WHERE key = 'pack'", [], |row| row.get::<_, String>(0));
    assert_eq!(kept.unwrap(), "until the end");
    assert_eq!(laid_in(&path).unwrap(), None);
}

#[test]
fn a_record_that_waits_can_be_called_off_and_one_that_was_cut_off_is_taken_in() {
    let folder = tempfile::tempdir().unwrap();
    let (file, path) = (written(folder.path()), other(folder.path()));
    lay_in(&path, &file, Path::new(HOME), &[]).unwrap();
    call_off(&path).unwrap();
    call_off(&path).unwrap();
    assert!(Journal::open(&path).unwrap().imported().is_none());
    assert!(file.exists());

    lay_in(&path, &file, Path::new(HOME), &[]).unwrap();
    // The journal had moved; the record had not yet.
    fs::rename(&path, path.with_file_name("journal.before-1.db")).unwrap();
    let journal = Journal::open(&path).unwrap();
    assert_eq!(journal.imported().unwrap().before, None);
    assert_eq!(journal.setting("pack").unwrap().as_deref(), Some("mine"));
}

#[test]
fn a_damaged_journal_makes_way_with_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let (file, path) = (written(folder.path()), other(folder.path()));
    fs::write(&path, "").unwrap();
    fs::write(path.with_file_name("journal.db-wal"), "the newest pages").unwrap();
    lay_in(&path, &file, Path::new(HOME), &[]).unwrap();
    let journal = Journal::open(&path).unwrap();
    assert!(journal.rescued().is_none());
    let before = journal.imported().unwrap().before.clone().unwrap();
    assert_eq!(fs::read_to_string(format!("{}-wal", before.display())).unwrap(), "the newest pages");
}

#[test]
fn what_is_no_sound_record_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (file, path) = (written(folder.path()), other(folder.path()));
    let before = names(path.parent().unwrap());
    let refused = |name: &str, make: &dyn Fn(&Path)| -> Error {
        let bad = folder.path().join(name);
        make(&bad);
        let error = lay_in(&path, &bad, Path::new(HOME), &[]).unwrap_err();
        assert_eq!(names(path.parent().unwrap()), before, "{name}");
        error
    };
    let changed = |sql: &'static str| {
        let file = file.clone();
        move |bad: &Path| {
            fs::copy(&file, bad).unwrap();
            Connection::open(bad).unwrap().execute_batch(sql).unwrap();
        }
    };
    for (name, error, words) in [
        ("nowhere.db", refused("nowhere.db", &|_| ()), "cannot be read"),
        ("a folder", refused("folder", &|bad| fs::create_dir(bad).unwrap()), "cannot be read"),
        ("page.db", refused("page.db", &|bad| fs::write(bad, "<html>").unwrap()), "no record of Groundwork"),
        ("music.db", refused("music.db", &changed("DROP TABLE evidence")), "no record of Groundwork"),
        ("cut.db", refused("cut.db", &|bad| fs::write(bad, &fs::read(&file).unwrap()[..5000]).unwrap()), "damaged"),
        ("odd.db", refused("odd.db", &changed("UPDATE outcomes SET measured = 'what'")), "damaged"),
    ] {
        assert_eq!(error.code(), "record.unfit", "{name}: {error}");
        assert!(error.to_string().contains(words), "{name}: {error}");
    }
    let newer = refused("newer.db", &changed("PRAGMA user_version = 1000"));
    assert_eq!(newer.code(), "journal.newer");
    assert!(newer.to_string().contains("newer.db"), "{newer}");
    let own = lay_in(&path, &path, Path::new(HOME), &[]).unwrap_err();
    assert!(own.to_string().contains("in use"), "{own}");
    assert_eq!(Journal::open(&path).unwrap().setting("pack").unwrap().as_deref(), Some("before"));
}

#[test]
fn a_record_replaces_nothing_but_a_record() {
    let (folder, journal) = journal();
    let thesis = folder.path().join("thesis.odt");
    fs::write(&thesis, "years of work").unwrap();
    for file in [thesis.as_path(), journal.path()] {
        assert_eq!(journal.export(file, Path::new(HOME)).unwrap_err().code(), "record.taken", "{file:?}");
    }
    assert_eq!(fs::read_to_string(&thesis).unwrap(), "years of work");
    let file = folder.path().join("record.db");
    journal.export(&file, Path::new(HOME)).unwrap();
    journal.record_report(HERE, 3, at(0), at(1), &[outcome("answers", Status::Passed, 1)]).unwrap();
    assert_eq!(journal.export(&file, Path::new(HOME)).unwrap().outcomes, 1);

    let error = journal.export(&thesis.join("record.db"), Path::new(HOME)).unwrap_err();
    assert_eq!(error.code(), "record.unwritable");
    assert!(error.next_step().contains("another file"), "{}", error.next_step());
}
