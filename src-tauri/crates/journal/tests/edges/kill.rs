//! `kill -9` at random moments loses nothing that was acknowledged.
//!
//! The test binary starts itself again as one or two writers on one journal and kills them; the next round goes on
//! with the file as it was left, so recovery itself is killed too.

use std::{
    collections::BTreeSet,
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use journal::{Call, Journal, Measured, Outcome, Status, Workspace};
use rusqlite::{Connection, config::DbConfig};
use uuid::Uuid;

const KILLS: usize = 120;
const WORKSPACE: Uuid = Uuid::from_u128(1);

#[test]
fn a_killed_process_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let mut acknowledged = BTreeSet::new();
    let mut kills = 0;
    while kills < KILLS {
        let mut writers: Vec<Writer> = (0..rand::random_range(1..=2)).map(|_| Writer::start(&path)).collect();
        // Three rounds in four wait until writing has begun, so that a slow machine is killed there too.
        if rand::random_range(0..4) > 0 {
            acknowledged.insert(writers[0].lines.recv_timeout(Duration::from_secs(30)).unwrap());
        }
        // By time and by number of writes, so that a slow disk and a quick one are both met at all points.
        let deadline = Instant::now() + Duration::from_micros(rand::random_range(0..80_000));
        for _ in 0..rand::random_range(0..40) {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = writers[0].lines.recv_timeout(left) else { break };
            acknowledged.insert(line);
        }
        thread::sleep(Duration::from_micros(rand::random_range(0..2_000)));
        writers.iter_mut().for_each(Writer::kill);
        kills += writers.len();
        for writer in writers {
            acknowledged.extend(writer.lines);
        }
        verify(&path, &acknowledged);
    }
    eprintln!("{kills} kills, {} acknowledged", acknowledged.len());
    assert!(acknowledged.len() > KILLS / 4, "the writers hardly wrote");
    let integrity = Journal::open(&path).unwrap().check().unwrap();
    assert!(integrity.problems.is_empty() && integrity.set_aside.is_empty(), "{integrity:?}");
}

struct Writer {
    process: Child,
    lines: Receiver<String>,
}

impl Writer {
    fn start(path: &Path) -> Self {
        let mut process = Command::new(env::current_exe().unwrap())
            .args(["--exact", "kill::writer", "--ignored", "--nocapture"])
            .env("JOURNAL_PATH", path)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let mut output = BufReader::new(process.stderr.take().unwrap());
        thread::spawn(move || {
            let mut line = String::new();
            // A line without its end was cut off by the kill: never acknowledged.
            while output.read_line(&mut line).is_ok_and(|bytes| bytes > 0) && line.ends_with('\n') {
                if sender.send(line.trim_end().to_owned()).is_err() {
                    break;
                }
                line.clear();
            }
        });
        Self { process, lines }
    }

    fn kill(&mut self) {
        use std::os::unix::process::ExitStatusExt;
        self.process.kill().unwrap();
        let status = self.process.wait().unwrap();
        assert_eq!(status.signal(), Some(9), "a writer ended by itself: {status}");
    }
}

/// Looks at the file as the kill left it, and leaves its log as long as it is.
fn verify(path: &Path, acknowledged: &BTreeSet<String>) {
    if !path.exists() {
        return assert!(acknowledged.is_empty());
    }
    let connection = Connection::open(path).unwrap();
    connection.busy_timeout(Duration::from_secs(5)).unwrap();
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    let text = |sql: &str| -> Vec<String> {
        connection.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(text("PRAGMA integrity_check"), ["ok"]);
    if text("SELECT name FROM sqlite_schema WHERE name = 'settings'").is_empty() {
        return assert!(acknowledged.is_empty());
    }
    let recorded: BTreeSet<String> = text(
        "SELECT 'outcome ' || check_id FROM outcomes UNION ALL SELECT 'call ' || path FROM gateway_calls
         UNION ALL SELECT 'answer ' || check_id FROM answers UNION ALL SELECT 'setting ' || key FROM settings",
    )
    .into_iter()
    .collect();
    let lost: Vec<_> = acknowledged.difference(&recorded).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");

    for (rule, broken) in [
        ("no row refers to nothing", "SELECT \"table\" FROM pragma_foreign_key_check"),
        (
            "a report recorded whole has all its outcomes",
            "SELECT id || '' FROM reports WHERE finished_at IS NOT NULL
             AND lab_version <> (SELECT count(*) FROM outcomes WHERE report = reports.id)",
        ),
        (
            "every pass is evidence",
            "SELECT check_id FROM outcomes WHERE status = 'passed' AND check_id NOT IN (SELECT check_id FROM evidence)",
        ),
        (
            "the latest outcome is the latest",
            "SELECT newest.check_id FROM (SELECT check_id, max(id) AS id FROM outcomes GROUP BY check_id) AS newest
             LEFT JOIN latest_outcomes ON latest_outcomes.check_id = newest.check_id
             WHERE latest_outcomes.outcome IS NOT newest.id",
        ),
    ] {
        assert_eq!(text(broken), [""; 0], "{rule}");
    }
}

#[test]
#[ignore = "the process that the test above kills"]
fn writer() {
    let Some(path) = env::var_os("JOURNAL_PATH") else { return };
    let journal = Journal::open(Path::new(&path)).unwrap();
    journal.record_workspace(&workspace()).unwrap();
    let me = std::process::id();
    for n in 0.. {
        let now = Timestamp::now();
        let name = |part: &str| format!("{me}-{n}-{part}");
        match rand::random_range(0..6) {
            0 | 1 => {
                let report = journal.begin_report(WORKSPACE, 1, now).unwrap();
                for part in ["a", "b"] {
                    journal.record_outcome(report, &outcome(name(part), now)).unwrap();
                    acknowledge("outcome", &name(part));
                }
            }
            2 | 3 => {
                let mut outcomes: Vec<_> = ["a", "b", "c"].map(|part| outcome(name(part), now)).into();
                outcomes.push(outcome("every time".into(), now));
                journal.record_report(WORKSPACE, outcomes.len() as u32, now, now, &outcomes).unwrap();
                for outcome in outcomes {
                    acknowledge("outcome", &outcome.check);
                }
            }
            4 => {
                journal.record_call(WORKSPACE, &call(name("call"), now)).unwrap();
                acknowledge("call", &name("call"));
            }
            _ => {
                journal.touch(WORKSPACE, now).unwrap();
                journal.record_answer(WORKSPACE, &name("quiz"), &["a".into()], now).unwrap();
                acknowledge("answer", &name("quiz"));
                journal.record_setting(&name("key"), "value").unwrap();
                acknowledge("setting", &name("key"));
            }
        }
    }
}

/// One write for the line: it arrives whole or not at all.
fn acknowledge(what: &str, name: &str) {
    std::io::stderr().write_all(format!("{what} {name}\n").as_bytes()).unwrap();
}

fn workspace() -> Workspace {
    Workspace {
        id: WORKSPACE,
        lab: Uuid::from_u128(2),
        slug: "orientation".into(),
        pack: Uuid::from_u128(3),
        lab_version: 1,
        folder: "/work".into(),
        key_hash: "hash".into(),
        created_at: Timestamp::UNIX_EPOCH,
    }
}

fn outcome(check: String, started_at: Timestamp) -> Outcome {
    let status = if rand::random_range(0..2) == 0 { Status::Passed } else { Status::Failed };
    Outcome {
        check,
        status,
        started_at,
        millis: 1.0,
        summary: "x".repeat(rand::random_range(0..3_000)),
        expected: None,
        actual: None,
        place: None,
        next_step: None,
        blocked_by: None,
        measured: vec![Measured { name: "time".into(), value: "1".into(), unit: "ms".into() }],
        definition: None,
    }
}

fn call(path: String, at: Timestamp) -> Call {
    Call {
        at,
        method: "POST".into(),
        path,
        dialect: "openai".into(),
        status: 200,
        model: None,
        stream: false,
        prompt_tokens: 1,
        cached_tokens: 0,
        completion_tokens: 1,
        finish_reason: None,
        first_token_ms: None,
        millis: 1.0,
        cost: None,
        currency: None,
        error: None,
        injected: false,
        started: true,
    }
}
