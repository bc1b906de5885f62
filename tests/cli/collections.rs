//! Collections from the terminal: a folder taken in, changed, taken in again, asked, measured, written out, deleted.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    thread::sleep,
    time::Duration,
};

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    compare::{Serving, Talking},
    faults::complains,
};
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

const INGEST: [&str; 4] = ["collection", "ingest", "handbook", "handbook"];

fn ingest(home: &Home) -> String {
    home.must(&INGEST)
}

/// So many documents of about two chunks each.
fn incidents(folder: &Path, count: usize) {
    for number in 0..count {
        let text =
            format!("# Incident {number}\n\n{}", format!("Host {number} lost its disk and was drained. ").repeat(40));
        fs::write(folder.join(format!("incident-{number:03}.md")), text).unwrap();
    }
}

/// The payloads of all chunks.
fn payloads(home: &Home) -> Vec<Value> {
    let file = home.folder.path().join("points.jsonl");
    home.must(&["collection", "export", "handbook", "--output", file.to_str().unwrap()]);
    let lines = fs::read_to_string(&file).unwrap();
    lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["payload"].take()).collect()
}

fn points(home: &Home) -> u64 {
    let listed = home.must(&["collection", "list", "--json"]);
    let first = listed.lines().next().map(|line| serde_json::from_str::<Value>(line).unwrap());
    first.map_or(0, |listed| listed["points"].as_u64().unwrap())
}

/// Kills a run once there are more points than before. How many there are then.
fn killed(home: &Home, before: u64) -> u64 {
    let mut run = home.command(&INGEST).stderr(Stdio::null()).spawn().unwrap();
    while points(home) <= before {
        assert_eq!(run.try_wait().unwrap(), None, "it ended before it could be killed");
        sleep(Duration::from_millis(20));
    }
    run.kill().unwrap();
    run.wait().unwrap();
    points(home)
}

/// Every document is there, with each chunk once.
fn is_whole(home: &Home, documents: usize) {
    let name = |payload: &Value| format!("{} {}", payload["source"], payload["ordinal"]);
    let mut chunks: Vec<String> = payloads(home).iter().map(name).collect();
    let written = chunks.len();
    chunks.sort();
    chunks.dedup();
    assert_eq!(chunks.len(), written, "a chunk is there twice");
    assert_eq!(chunks.iter().filter(|chunk| chunk.ends_with(" 0")).count(), documents, "a document is missing");
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
    let id = home.json(&["collection", "query", "handbook", "acknowledges", "--keyword"])[0]["id"].clone();
    let near = home.json(&["collection", "query", "handbook", "--point", id.as_str().unwrap(), "--limit", "2"]);
    assert!(near.len() == 2 && near[0]["id"] == id, "{near:?}");
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
    let index = |options: &[&str]| {
        home.must(&[&["collection", "rebuild", "handbook"], options].concat());
        let index = home.json(&["collection", "list"]).remove(0)["index"].take();
        ["connectivity", "expansionOfBuild", "expansion"].map(|key| index[key].as_u64().unwrap())
    };
    assert_eq!(index(&["--m", "8", "--ef-construction", "32"]), [8, 32, 64]);
    assert_eq!(index(&["--ef", "99"]), [8, 32, 99]);
    let mut stands = home.json(&["collection", "bench", "handbook"]);
    stands.retain(|line| line["recall"].is_number());
    assert_eq!(stands.last().unwrap()["recall"], 1.0);
    assert!(stands.iter().all(|stand| stand["recall"].as_f64().unwrap() >= 0.95), "{stands:?}");
    assert_eq!(home.run(&["collection", "delete", "handbook"]).code, Some(1), "nobody said yes");
    home.must(&["collection", "delete", "handbook", "--yes"]);
    assert!(home.json(&["collection", "query", "handbook", "restore"])[0]["code"] == "retrieval.unknown");
}

#[test]
fn nothing_of_a_document_steers_the_terminal() {
    let (home, folder) = documents();
    fs::write(folder.join("odd\u{1b}[2J.md"), "Quokkas \u{1b}[31mare\u{202e} marsupials.\n").unwrap();
    fs::write(folder.join("scan\u{1b}[2J.pdf"), b"%PDF-1.7\nnothing").unwrap();
    let taken_in = ingest(&home);
    let found = home.must(&["collection", "query", "handbook", "quokkas", "--keyword"]);
    assert!(taken_in.contains(r"scan\u{1b}[2J.pdf"), "{taken_in:?}");
    assert!(found.contains(r"odd\u{1b}[2J.md") && found.contains("Quokkas"), "{found:?}");
    assert!(!(taken_in + &found).contains(['\u{1b}', '\u{202e}']), "{found:?}");
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
    incidents(&folder, 200);
    let mut before = 0;
    for _ in 0..3 {
        before = killed(&home, before);
    }
    let said = ingest(&home);
    assert!(said.contains("0 changed") && !said.contains(" 0 unchanged"), "{said}");
    assert!(ingest(&home).contains("0 new, 0 changed, 203 unchanged"));
    is_whole(&home, 203);
}

#[test]
fn a_long_document_is_gone_on_with_where_a_run_was_killed() {
    let (home, folder) = documents();
    let part = |number: u32| {
        format!("# Incident {number}\n\n{}\n", format!("Host {number} lost its disk and was drained. ").repeat(12))
    };
    fs::write(folder.join("incidents.md"), (0..150).map(part).collect::<String>()).unwrap();
    for same in [true, false] {
        let mut kept = killed(&home, 0);
        if !same {
            // As if another version had cut it.
            let of_first = json!({"must": [{"key": "ordinal", "match": {"value": 0}}]});
            let change = json!({"payload": {"text": "Something else."}, "filter": of_first});
            Serving::start(&home).ask(Method::POST, "/collections/handbook/points/payload?wait=true", &change);
            kept = 0;
        }
        let said = ingest(&home);
        let payloads = payloads(&home);
        let written = payloads.len() as u64 - kept;
        assert!(
            said.contains(&format!("4 new, 0 changed, 0 unchanged, 0 gone, 0 not read; {written} chunks")),
            "{said}"
        );
        assert!(payloads.iter().all(|payload| payload.get("unfinished").is_none()), "{payloads:?}");
        is_whole(&home, 4);
        assert!(ingest(&home).contains("0 new, 0 changed, 4 unchanged, 0 gone, 0 not read; 0 chunks written."));
        home.must(&["collection", "delete", "handbook", "--yes"]);
    }
}

#[test]
fn a_run_tells_how_far_it_is_and_one_that_is_cancelled_is_gone_on_with() {
    let (home, folder) = documents();
    incidents(&folder, 200);
    let mut run = Talking::start(&home, &INGEST);
    run.until("incident-100.md");
    run.interrupt();
    let lines = run.rest();
    assert_eq!(lines.last().unwrap()["code"], "task.cancelled", "{lines:#?}");
    let lines = Talking::start(&home, &INGEST).rest();
    let done: Vec<f64> = lines.iter().filter_map(|line| line["step"]["done"].as_f64()).collect();
    assert!(done.is_sorted() && done.first() == Some(&0.0) && done.last() == Some(&203.0), "{done:?}");
    assert!(lines.iter().all(|line| line["step"]["total"].as_f64().is_none_or(|total| total == 203.0)), "{lines:#?}");
    let said = lines.iter().filter_map(|line| line["step"]["text"].as_str()).next_back().unwrap();
    let counts: Vec<usize> = said.split([' ', ',']).filter_map(|word| word.parse().ok()).collect();
    let [new, changed, unchanged, ..] = counts[..] else { panic!("{said}") };
    assert!(new > 0 && changed == 0 && unchanged > 0 && new + unchanged == 203, "{said}");
    is_whole(&home, 203);
}

#[test]
fn documents_that_say_nothing_are_taken_in_once_and_go_with_their_text() {
    let (home, folder) = documents();
    fs::write(folder.join("empty.md"), "\n").unwrap();
    assert!(ingest(&home).contains("3 new, 0 changed, 1 unchanged"));
    assert!(ingest(&home).contains("0 new, 0 changed, 4 unchanged"));
    fs::write(folder.join("runbooks/paging.md"), "").unwrap();
    assert!(ingest(&home).contains("0 new, 1 changed, 3 unchanged, 0 gone"));
    assert!(payloads(&home).iter().all(|payload| payload["source"] != "runbooks/paging.md"));
    assert!(ingest(&home).contains("0 new, 0 changed, 4 unchanged, 0 gone"));
}

#[test]
fn a_chunk_has_as_many_tokens_as_the_model_reads_of_it() {
    let (home, folder) = documents();
    incidents(&folder, 1);
    ingest(&home);
    let serving = Serving::start(&home);
    for payload in payloads(&home) {
        let asked = json!({"model": "all-minilm-l6-v2", "input": payload["text"]});
        let embedded = serving.ask(Method::POST, "/v1/embeddings", &asked);
        assert_eq!(payload["tokens"], embedded["usage"]["prompt_tokens"], "{payload:#}");
    }
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
    let other = home.run(&["collection", "reembed", "handbook", "copy", "--field", "source"]);
    complains(&other, &["holds vectors of the field \"text\"", "or another collection"]);
    let first = |name: &str| home.json(&["collection", "query", name, "Who is called at night?"]).remove(0);
    assert_eq!(first("handbook"), first("copy"));
}

#[test]
fn a_collection_that_cannot_be_read_hides_no_other_and_can_be_deleted() {
    let home = Home::new();
    for name in ["good", "worn"] {
        home.must(&["collection", "create", name, "--dimension", "3"]);
    }
    fs::write(home.folder.path().join("data/collections/worn/points.db"), vec![0x5a; 20_000]).unwrap();
    let listed = home.must(&["collection", "list"]);
    assert!(
        listed.contains("good  0 points") && listed.contains("worn  ") && listed.contains("is damaged"),
        "{listed}"
    );
    assert!(listed.contains("Delete the collection and upsert its points anew"), "{listed}");
    let lines = home.json(&["collection", "list"]);
    assert!(lines[0]["type"] == "collection" && lines[0]["name"] == "good", "{lines:?}");
    assert!(lines[1]["type"] == "unreadable" && lines[1]["problem"]["code"] == "retrieval.damaged", "{lines:?}");
    home.must(&["collection", "delete", "worn", "--yes"]);
    assert_eq!(home.json(&["collection", "list"]).len(), 1);
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
