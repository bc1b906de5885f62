//! `kill -9` at random moments of a load of upserts, deletions and builds of the index loses nothing that was
//! acknowledged, keeps nothing by half and doubles nothing.
//!
//! The test binary starts itself again as a writer of steps that follow from their numbers alone. So after each kill the
//! collection is that of the last acknowledged step, or of the one after it, to the last point.

use std::{
    collections::BTreeMap,
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc::channel,
    thread,
    time::{Duration, Instant},
};

use retrieval::{Collection, Collections, Include, Metric, Point, PointId, Query, Search, Selection, Settings};
use serde_json::json;

const KILLS: usize = 100;
const GROUP: u64 = 6;
const BEFORE: u64 = 1200;

fn open(root: &Path) -> Collection {
    Collections::open(root).unwrap().get("docs").unwrap()
}

fn point(id: u64, step: u64) -> Point {
    let angle = id as f32;
    let payload = json!({ "step": step, "text": format!("word{id}") });
    Point {
        id: PointId::number(id),
        vector: vec![angle.sin(), angle.cos(), step as f32],
        payload: payload.as_object().unwrap().clone(),
    }
}

/// Ids that a step writes anew, some of them of earlier steps, and those that it deletes.
fn step(number: u64) -> (Vec<u64>, Vec<u64>) {
    let own = (0..GROUP).map(|n| 10_000 + number * GROUP / 2 + n).collect();
    match number % 3 {
        2 => (Vec::new(), (0..GROUP).map(|n| 10_000 + number.saturating_sub(2) * GROUP / 2 + n).collect()),
        _ => (own, Vec::new()),
    }
}

/// Each id and the step that wrote it last, after all steps below `steps`.
fn expected(steps: u64) -> BTreeMap<u64, u64> {
    let mut held: BTreeMap<u64, u64> = (0..BEFORE).map(|id| (id, 0)).collect();
    for number in 0..steps {
        let (written, deleted) = step(number);
        held.extend(written.into_iter().map(|id| (id, number)));
        held.retain(|id, _| !deleted.contains(id));
    }
    held
}

/// What the collection holds, which each way of looking at it has to agree on.
fn held(collection: &Collection) -> BTreeMap<u64, u64> {
    let page = collection.scroll("", None, None, 10_000, Include::ALL).unwrap();
    let records = page.items.iter().map(|record| {
        let payload = record.payload.as_ref().unwrap();
        let (id, step) = (record.id.as_number().unwrap(), payload["step"].as_u64().unwrap());
        assert_eq!(record.vector, Some(point(id, step).vector), "a vector and its payload are of one step");
        (id, step)
    });
    let held: BTreeMap<_, _> = records.collect();
    assert_eq!(held.len(), page.items.len(), "no point is there twice");
    assert_eq!(collection.count("", None).unwrap(), held.len() as u64);
    assert_eq!(collection.describe().unwrap().points, held.len() as u64);
    let newest = *held.last_key_value().unwrap().0;
    for query in [Query::nearest(vec![0.0, 1.0, 0.5]), Query::Keyword { text: format!("word{newest}"), fields: None }] {
        let nearest = matches!(query, Query::Nearest { .. });
        let mut hits: Vec<_> = collection.search(&Search::new("", query, 10_000)).unwrap();
        hits.sort_by_key(|hit| hit.id.as_number());
        let found: Vec<_> = hits.iter().map(|hit| hit.id.as_number().unwrap()).collect();
        assert_eq!(found, if nearest { held.keys().copied().collect() } else { vec![newest] });
    }
    held
}

#[test]
fn a_killed_process_loses_nothing_that_was_acknowledged_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { text_fields: vec!["text".into()], ..Settings::new(3, Metric::Euclidean) };
    let collection = Collections::open(folder.path()).unwrap().create("docs", &settings).unwrap();
    collection.upsert("", (0..BEFORE).map(|id| point(id, 0)).collect()).unwrap();
    drop(collection);
    let mut done = 0;
    for kill in 0..KILLS {
        let began = done;
        let mut writer = Command::new(env::current_exe().unwrap())
            .args(["--exact", "kill::writer", "--ignored", "--nocapture"])
            .env("COLLECTIONS", folder.path())
            .env("STEP", done.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let mut output = BufReader::new(writer.stderr.take().unwrap());
        let reader = thread::spawn(move || {
            let mut line = String::new();
            // A line without its end was cut off by the kill: never acknowledged.
            while output.read_line(&mut line).is_ok_and(|bytes| bytes > 0) && line.ends_with('\n') {
                let _ = sender.send(line.trim_end().parse::<u64>().unwrap());
                line.clear();
            }
        });
        // Most are killed once they write, whatever the machine's speed; some while they open.
        if kill % 5 > 0 {
            done = lines.recv_timeout(Duration::from_secs(60)).unwrap() + 1;
        }
        let deadline = Instant::now() + Duration::from_micros(rand::random_range(0..60_000));
        for _ in 0..rand::random_range(0..30) {
            let Ok(step) = lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) else { break };
            done = step + 1;
        }
        writer.kill().unwrap();
        writer.wait().unwrap();
        reader.join().unwrap();
        done = lines.iter().last().map_or(done, |step| step + 1);

        let found = held(&open(folder.path()));
        if found == expected(done + 1) && found != expected(done) {
            // Committed, and killed before it could say so.
            done += 1;
        }
        assert_eq!(found, expected(done), "kill {kill}, steps {began} to {done}");
    }
    assert!(done > KILLS as u64, "the writers hardly wrote: {done} steps");
}

#[test]
#[ignore = "the other side of the test above"]
fn writer() {
    let (Ok(root), Ok(from)) = (env::var("COLLECTIONS"), env::var("STEP")) else { return };
    let collection = open(Path::new(&root));
    for number in from.parse::<u64>().unwrap().. {
        let (written, deleted) = step(number);
        if !written.is_empty() {
            collection.upsert("", written.into_iter().map(|id| point(id, number)).collect()).unwrap();
        }
        if !deleted.is_empty() {
            collection.delete("", Selection::Ids(deleted.into_iter().map(PointId::number).collect())).unwrap();
        }
        writeln!(std::io::stderr(), "{number}").unwrap();
        if number % 4 == 1 {
            collection.settle(1, &|| false).unwrap();
        }
    }
}
