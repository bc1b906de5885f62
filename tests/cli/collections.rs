//! Collections from the terminal: a folder taken in, changed, taken in again, asked, measured, written out, deleted.

use std::{fs, path::PathBuf, process::Stdio, thread::sleep, time::Duration};

use serde_json::Value;

use super::faults::complains;
use crate::support::Home;

const BACKUPS: &str = "# Backups\n\nEvery database is copied at two in the morning.\n\n## Restore\n\nAsk the on-call \
     engineer for the key, then run the restore job in the recovery account.\n";
const PAGING: &str = "# Paging\n\nA page that nobody acknowledges goes to the second engineer after ten minutes.\n";
const COSTS: &str = "service,owner,monthly cost\ningress,network,410\nvector store,search,2200\n";

/// A home, and a folder of documents in it.
fn documents() -> (Home, PathBuf) {
    let home = Home::new();
    let folder = home.folder.path().join("handbook");
    fs::create_dir_all(folder.join("runbooks")).unwrap();
    fs::write(folder.join("runbooks/backups.md"), BACKUPS).unwrap();
    fs::write(folder.join("runbooks/paging.md"), PAGING).unwrap();
    fs::write(folder.join("costs.csv"), COSTS).unwrap();
    (home, folder)
}

fn ingest(home: &Home) -> String {
    home.must(&["collection", "ingest", "handbook", "handbook"])
}

#[test]
fn a_folder_is_taken_in_asked_and_brought_up_to_date() {
    let (home, folder) = documents();
    assert!(home.must(&["collection", "list"]).contains("There are no collections yet."));
    assert!(ingest(&home).contains("3 new, 0 changed, 0 unchanged, 0 gone, 0 not read"));
    let listed = home.json(&["collection", "list"]).remove(0);
    assert_eq!((&listed["name"], &listed["model"]), (&Value::from("handbook"), &Value::from("all-minilm-l6-v2")));
    let points = listed["points"].as_u64().unwrap();
    assert!(points >= 3 && listed["dimension"] == 384, "{listed}");

    let first = |arguments: &[&str]| -> String {
        let found = home.json(&[&["collection", "query", "handbook"], arguments].concat());
        found[0]["payload"]["source"].as_str().unwrap().to_owned()
    };
    assert_eq!(first(&["How do I get lost data back?"]), "runbooks/backups.md");
    assert_eq!(first(&["who is called at night when nobody answers"]), "runbooks/paging.md");
    assert_eq!(first(&["acknowledges", "--keyword"]), "runbooks/paging.md");
    assert_eq!(first(&["vector store", "--hybrid"]), "costs.csv");
    assert_eq!(first(&["How do I get lost data back?", "--where", "source=costs.csv"]), "costs.csv");
    let shown = home.must(&["collection", "query", "handbook", "restore", "--limit", "1"]);
    assert!(shown.contains("runbooks/backups.md lines "), "{shown}");

    assert!(ingest(&home).contains("0 new, 0 changed, 3 unchanged, 0 gone, 0 not read; 0 chunks written."));
    fs::write(folder.join("runbooks/paging.md"), PAGING.replace("ten minutes", "a quarter of an hour")).unwrap();
    fs::write(folder.join("new.txt"), "Feature flags are switched off before a release.").unwrap();
    fs::write(folder.join("scan.pdf"), b"%PDF-1.7\nnothing").unwrap();
    fs::remove_file(folder.join("costs.csv")).unwrap();
    let said = ingest(&home);
    assert!(said.contains("1 new, 1 changed, 1 unchanged, 1 gone, 1 not read") && said.contains("scan.pdf"), "{said}");
    let texts: Vec<String> = home
        .json(&["collection", "query", "handbook", "quarter", "--keyword", "--limit", "50"])
        .iter()
        .map(|found| found["payload"]["text"].as_str().unwrap().to_owned())
        .collect();
    assert!(texts.len() == 1 && texts[0].contains("a quarter of an hour"), "{texts:?}");
    assert!(home.must(&["collection", "query", "handbook", "ingress", "--keyword"]).contains("Nothing was found."));

    // Another way of cutting makes other chunks of the same files.
    let again = home.must(&["collection", "ingest", "handbook", "handbook", "--chunker", "heading", "--overlap", "0"]);
    assert!(again.contains("0 new, 3 changed, 0 unchanged"), "{again}");

    let file = home.folder.path().join("points.jsonl");
    home.must(&["collection", "export", "handbook", "--output", file.to_str().unwrap()]);
    let lines: Vec<Value> =
        fs::read_to_string(&file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let points = home.json(&["collection", "list"]).remove(0)["points"].as_u64().unwrap();
    assert_eq!(lines.len() as u64, points);
    assert!(lines.iter().all(|line| line["vector"].as_array().unwrap().len() == 384));

    assert!(home.must(&["collection", "rebuild", "handbook"]).contains(&format!("built from {points} points")));
    let mut stands = home.json(&["collection", "bench", "handbook"]);
    stands.retain(|line| line["recall"].is_number());
    assert_eq!(stands.last().unwrap()["recall"], 1.0);
    assert!(stands.iter().all(|stand| stand["recall"].as_f64().unwrap() >= 0.95), "{stands:?}");
    assert_eq!(home.run(&["collection", "delete", "handbook"]).code, Some(1), "nobody said yes");
    home.must(&["collection", "delete", "handbook", "--yes"]);
    assert!(home.json(&["collection", "query", "handbook", "restore"])[0]["code"] == "retrieval.unknown");
}

#[test]
fn what_is_out_of_reach_for_now_is_kept() {
    let (home, folder) = documents();
    ingest(&home);
    let points = || home.json(&["collection", "list"]).remove(0)["points"].clone();
    let before = points();
    fs::rename(folder.join("runbooks"), home.folder.path().join("aside")).unwrap();
    std::os::unix::fs::symlink("runbooks", folder.join("runbooks")).unwrap();
    assert!(ingest(&home).contains("0 gone, 1 not read"));
    assert_eq!(points(), before);
    fs::remove_file(folder.join("runbooks")).unwrap();
    assert!(ingest(&home).contains("2 gone, 0 not read"));
}

#[test]
fn a_run_that_is_killed_is_gone_on_with_and_doubles_nothing() {
    let (home, folder) = documents();
    for number in 0..60 {
        let text =
            format!("# Incident {number}\n\n{}", format!("Host {number} lost its disk and was drained. ").repeat(40));
        fs::write(folder.join(format!("incident-{number:02}.md")), text).unwrap();
    }
    let points = || {
        let listed = home.must(&["collection", "list", "--json"]);
        let first = listed.lines().next().map(|line| serde_json::from_str::<Value>(line).unwrap());
        first.map_or(0, |listed| listed["points"].as_u64().unwrap())
    };
    let mut before = 0;
    for _ in 0..3 {
        let mut run =
            home.command(&["collection", "ingest", "handbook", "handbook"]).stderr(Stdio::null()).spawn().unwrap();
        while points() <= before {
            assert_eq!(run.try_wait().unwrap(), None, "it ended before it could be killed");
            sleep(Duration::from_millis(20));
        }
        run.kill().unwrap();
        run.wait().unwrap();
        before = points();
    }
    let said = ingest(&home);
    assert!(said.contains("0 changed") && !said.contains(" 0 unchanged"), "{said}");
    assert!(ingest(&home).contains("0 new, 0 changed, 63 unchanged"));
    let file = home.folder.path().join("points.jsonl");
    home.must(&["collection", "export", "handbook", "--output", file.to_str().unwrap()]);
    let mut chunks: Vec<String> = fs::read_to_string(&file)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["payload"].take())
        .map(|payload| format!("{} {}", payload["source"], payload["ordinal"]))
        .collect();
    let written = chunks.len();
    chunks.sort();
    chunks.dedup();
    assert_eq!(chunks.len(), written, "a chunk is there twice");
    assert_eq!(chunks.iter().filter(|chunk| chunk.ends_with(" 0")).count(), 63, "a document is missing");
}

#[test]
fn texts_are_embedded_anew_into_another_collection() {
    let (home, _) = documents();
    ingest(&home);
    let points = home.json(&["collection", "list"])[0]["points"].as_u64().unwrap();
    let reembed = |field: &str| home.must(&["collection", "reembed", "handbook", "copy", "--field", field]);
    assert!(reembed("nothing").contains(&format!("0 points written to copy, {points} without a text in \"nothing\"")));
    assert!(reembed("text").contains(&format!("{points} points written to copy, 0 without")));
    assert!(reembed("text").contains("0 points written to copy, 0 without"), "the second run had nothing to do");
    let first = |name: &str| home.json(&["collection", "query", name, "Who is called at night?"]).remove(0);
    assert_eq!(first("handbook"), first("copy"));
}

#[test]
fn mistakes_say_what_to_do() {
    let (home, _) = documents();
    home.must(&["collection", "create", "own", "--dimension", "3", "--metric", "dot"]);
    let table: [(&[&str], &[&str]); 10] = [
        (&["collection", "create", "own"], &["There is a collection \"own\" already.", "choose another name"]),
        (&["collection", "create", "a/b"], &["\"a/b\" cannot be a collection's name", "letters, digits"]),
        (&["collection", "create", "x", "--metric", "manhattan"], &["no metric", "cosine, dot or euclidean"]),
        (
            &["collection", "ingest", "own", "handbook"],
            &["vectors of 3 numbers; this one has 384", "collection reembed own NEW-NAME"],
        ),
        (&["collection", "ingest", "docs", "nowhere"], &["nowhere cannot be read", "that is there"]),
        (
            &["collection", "ingest", "docs", "handbook", "--chunker", "best"],
            &["no chunker", "recursive, heading, fixed"],
        ),
        (
            &["collection", "ingest", "docs", "handbook", "--tokens", "999"],
            &["reads 256 tokens", "256 tokens or fewer"],
        ),
        (&["collection", "bench", "own"], &["holds no points", "Take documents in first"]),
        (&["collection", "reembed", "own", "own"], &["vectors of two models", "Name another collection"]),
        (&["collection", "reembed", "gone", "own"], &["no collection \"gone\"", "list the collections"]),
    ];
    for (arguments, words) in table {
        complains(&home.run(arguments), words);
    }
}
