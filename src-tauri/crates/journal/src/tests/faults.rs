use std::{
    fs,
    path::Path,
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rusqlite::{Connection, Transaction};
use task::Fault;

use super::*;
use crate::Error;

fn record(journal: &Journal, check: &str) -> Result<(), Error> {
    journal.record_report(HERE, 1, at(0), at(1), &[outcome(check, Status::Passed, 1)]).map(drop)
}

fn checks(journal: &Journal) -> Vec<String> {
    journal.evidence(HERE).unwrap().into_iter().map(|evidence| evidence.check).collect()
}

#[test]
fn a_full_disk_refuses_what_is_new_and_keeps_what_is_there() {
    let (_folder, journal) = journal();
    journal.0.connection.lock().unwrap().execute_batch("PRAGMA max_page_count = 60").unwrap();
    let mut kept = Vec::new();
    let error = loop {
        let check = format!("check-{:04}", kept.len());
        match record(&journal, &check) {
            Ok(()) => kept.push(check),
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), "journal.disk_full");
    assert_eq!(checks(&journal), kept);

    journal.0.connection.lock().unwrap().execute_batch("PRAGMA max_page_count = 10000").unwrap();
    record(&journal, "room again").unwrap();
    assert_eq!(journal.check().unwrap().outcomes, Some(kept.len() as u64 + 1));
}

#[test]
fn a_second_writer_waits_and_says_so_when_it_waited_too_long() {
    let (_folder, journal) = journal();
    let other = Connection::open(journal.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| record(&journal, "waited"));
        std::thread::sleep(Duration::from_millis(100));
        assert!(!waiting.is_finished());
        other.execute_batch("COMMIT").unwrap();
        waiting.join().unwrap().unwrap();
    });

    journal.0.connection.lock().unwrap().busy_timeout(Duration::from_millis(20)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = record(&journal, "too long").unwrap_err();
    assert_eq!(error.code(), "journal.busy");
    assert_eq!(checks(&journal), ["waited"], "reading goes on meanwhile");
}

#[test]
fn a_writer_gets_its_turn_beside_one_that_never_rests() {
    let (_folder, journal) = journal();
    let (held, done) = (Barrier::new(2), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let other = Journal::open(journal.path()).unwrap();
            let slow_disk = |_: &Transaction<'_>| -> rusqlite::Result<()> {
                std::thread::sleep(Duration::from_millis(20));
                Ok(())
            };
            held.wait();
            while !done.load(Ordering::Relaxed) {
                other.write(slow_disk).unwrap();
            }
        });
        held.wait();
        let written: Vec<_> = (0..20).map(|turn| record(&journal, &format!("turn {turn}"))).collect();
        done.store(true, Ordering::Relaxed);
        assert!(written.iter().all(Result::is_ok), "{written:?}");
    });
}

#[test]
fn a_journal_of_before_definitions_is_carried_on() {
    let (_folder, journal) = journal();
    journal.record_report(HERE, 1, at(1), at(2), &[outcome("answers", Status::Passed, 1)]).unwrap();
    let older = "ALTER TABLE outcomes DROP COLUMN definition; ALTER TABLE gateway_calls DROP COLUMN cached_tokens;
                 ALTER TABLE gateway_calls DROP COLUMN cost; ALTER TABLE gateway_calls DROP COLUMN currency;
                 ALTER TABLE gateway_calls DROP COLUMN started; DROP TABLE notes;
                 DROP TABLE narratives; PRAGMA user_version = 10;";
    journal.0.connection.lock().unwrap().execute_batch(older).unwrap();
    let path = journal.path().to_owned();
    drop(journal);
    let journal = Journal::open(&path).unwrap();
    let kept = Outcome { definition: None, ..outcome("answers", Status::Passed, 1) };
    assert_eq!(journal.latest_outcomes(HERE).unwrap(), [kept]);
    assert_eq!(journal.evidence(HERE).unwrap().len(), 1);
    journal.record_report(HERE, 2, at(3), at(4), &[outcome("answers", Status::Passed, 3)]).unwrap();
    assert_eq!(journal.standings().unwrap()[0].definition.as_deref(), Some("first"));
}

#[test]
fn a_newer_format_is_left_alone() {
    let (_folder, journal) = journal();
    journal.0.connection.lock().unwrap().execute_batch("PRAGMA user_version = 1000").unwrap();
    let path = journal.path().to_owned();
    drop(journal);
    let before = fs::read(&path).unwrap();
    let error = Journal::open(&path).unwrap_err();
    assert_eq!(error.code(), "journal.newer");
    assert!(error.to_string().contains("its format is 1000"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let error = Journal::open(&folder.path().join("file/journal.db")).unwrap_err();
    assert_eq!(error.code(), "journal.folder");
    assert!(error.to_string().contains("file"), "{error}");
}

#[test]
fn a_missing_folder_is_made() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Journal::open(&folder.path().join("data/groundwork/journal.db")).is_ok());
}

/// 400 recorded checks in a closed file.
fn recorded(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("journal.db");
    let journal = Journal::open(&path).unwrap();
    journal.record_workspace(&workspace(HERE, "one")).unwrap();
    journal.record_setting("theme", "dark").unwrap();
    let outcomes: Vec<_> = (0..400).map(|n| outcome(&format!("check-{n:03}"), Status::Passed, n)).collect();
    journal.record_report(HERE, 1, at(0), at(1), &outcomes).unwrap();
    path
}

/// Overwrites what lies between two fractions of the file.
fn damage(path: &Path, from: f64, to: f64) -> Vec<u8> {
    let mut bytes = fs::read(path).unwrap();
    let place = |fraction: f64| (bytes.len() as f64 * fraction) as usize;
    let range = place(from)..place(to);
    bytes[range].fill(0x5a);
    fs::write(path, &bytes).unwrap();
    bytes
}

#[test]
fn a_file_that_is_no_journal_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = recorded(folder.path());
    let damaged = damage(&path, 0.0, 0.01);

    let journal = Journal::open(&path).unwrap();
    let rescued = journal.rescued().unwrap();
    assert_eq!(rescued.kept, 0);
    assert!(rescued.to_string().contains("journal.corrupt-2"), "{rescued}");
    assert_eq!(fs::read(&rescued.set_aside).unwrap(), damaged, "not a byte of it is lost");
    assert_eq!(journal.check().unwrap().set_aside, std::slice::from_ref(&rescued.set_aside));
    journal.record_workspace(&workspace(HERE, "one")).unwrap();
    record(&journal, "goes on").unwrap();

    // Again within the same second: the first file stays.
    drop(journal);
    damage(&path, 0.0, 0.01);
    assert_eq!(Journal::open(&path).unwrap().check().unwrap().set_aside.len(), 2);
}

#[test]
fn damage_met_while_reading_is_mended_by_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = recorded(folder.path());
    let damaged = damage(&path, 0.5, 0.6);

    let journal = Journal::open(&path).unwrap();
    assert!(journal.rescued().is_none(), "opening does not read the whole file");
    assert_ne!(journal.check().unwrap().problems, [""; 0]);
    drop(journal);

    let journal = Journal::open(&path).unwrap();
    let rescued = journal.rescued().unwrap().clone();
    assert!(rescued.kept > 400, "{rescued}");
    assert_eq!(fs::read(&rescued.set_aside).unwrap(), damaged);
    assert_eq!(journal.setting("theme").unwrap().as_deref(), Some("dark"));
    assert!(checks(&journal).len() > 200, "{}", checks(&journal).len());
    assert_eq!(journal.check().unwrap().problems, [""; 0]);

    drop(journal);
    assert!(Journal::open(&path).unwrap().rescued().is_none(), "told once");
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 4, "the journal, its two locks and the damaged file: {left:?}");
}

#[test]
fn a_damaged_file_stays_while_another_groundwork_writes_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = recorded(folder.path());
    damage(&path, 0.5, 0.6);
    let journal = Journal::open(&path).unwrap();
    assert_ne!(journal.check().unwrap().problems, [""; 0]);

    let refused = Journal::open(&path).unwrap_err();
    assert_eq!(refused.code(), "journal.in_use");
    assert!(refused.next_step().contains("Close the other Groundwork"), "{}", refused.next_step());
    journal.record_setting("theme", "light").unwrap();
    drop(journal);

    let journal = Journal::open(&path).unwrap();
    assert!(journal.rescued().is_some());
    assert_eq!(journal.setting("theme").unwrap().as_deref(), Some("light"));
    assert!(Journal::open(&path).unwrap().rescued().is_none(), "after a rescue, others may open it");
}

/// Where a page of outcomes begins. 13 is a page of rows, and no other table has this word.
fn page_of_outcomes(bytes: &[u8]) -> usize {
    let is_one = |page: &[u8]| page[0] == 13 && page.windows(6).any(|word| word == b"ask.py");
    bytes.chunks(4096).position(is_one).unwrap() * 4096
}

#[test]
fn a_lost_sector_costs_the_rows_that_it_held() {
    for sector in 0..8 {
        let folder = tempfile::tempdir().unwrap();
        let path = recorded(folder.path());
        let mut bytes = fs::read(&path).unwrap();
        let start = page_of_outcomes(&bytes) + sector * 512;
        bytes[start..start + 512].fill(0);
        fs::write(&path, bytes).unwrap();
        fs::write(folder.path().join("journal.damaged"), "").unwrap();

        let journal = Journal::open(&path).unwrap();
        assert!(journal.rescued().is_some(), "sector {sector}");
        let kept = journal.latest_outcomes(HERE).unwrap().len();
        assert!((300..400).contains(&kept), "sector {sector}: {kept}");
        assert_eq!((checks(&journal).len(), journal.check().unwrap().problems.len()), (400, 0), "sector {sector}");
    }
}

#[test]
fn a_row_that_says_nothing_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = recorded(folder.path());
    let mut bytes = fs::read(&path).unwrap();
    let start = page_of_outcomes(&bytes);
    let at = bytes[start..].windows(6).position(|word| word == b"\"unit\"").unwrap();
    bytes[start + at..][..6].fill(0);
    fs::write(&path, bytes).unwrap();

    let journal = Journal::open(&path).unwrap();
    assert_eq!(journal.latest_outcomes(HERE).unwrap_err().code(), "journal.damaged");
    let [problem] = &journal.check().unwrap().problems[..] else { panic!("one row") };
    assert!(problem.ends_with("of outcomes cannot be read"), "{problem}");
    drop(journal);
    let journal = Journal::open(&path).unwrap();
    assert_eq!((journal.latest_outcomes(HERE).unwrap().len(), checks(&journal).len()), (399, 400));
}

#[test]
fn what_only_the_log_holds_is_rescued_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = recorded(folder.path());
    let journal = Journal::open(&path).unwrap();
    record(&journal, "last").unwrap();

    // As a killed process leaves it: the newest pages lie in the log alone.
    let killed = folder.path().join("killed");
    fs::create_dir(&killed).unwrap();
    for name in ["journal.db", "journal.db-wal"] {
        fs::copy(folder.path().join(name), killed.join(name)).unwrap();
    }
    let path = killed.join("journal.db");
    damage(&path, 0.5, 0.6);
    fs::write(killed.join("journal.damaged"), "").unwrap();

    let journal = Journal::open(&path).unwrap();
    assert!(checks(&journal).contains(&"last".to_owned()), "{:?}", journal.rescued());
}

#[test]
fn an_emptied_file_does_not_cost_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    fs::write(&path, "").unwrap();
    fs::write(folder.path().join("journal.db-wal"), "the newest pages").unwrap();
    let journal = Journal::open(&path).unwrap();
    let log = format!("{}-wal", journal.rescued().unwrap().set_aside.display());
    assert_eq!(fs::read_to_string(log).unwrap(), "the newest pages");
}

#[test]
fn a_rescue_that_was_cut_off_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let path = recorded(folder.path());
    // The damaged file had moved; its replacement had not yet.
    fs::rename(&path, folder.path().join("journal.rescued.db")).unwrap();
    assert_eq!(checks(&Journal::open(&path).unwrap()).len(), 400);
}
