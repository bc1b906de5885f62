//! What the labs share: the corpus with its labels and questions, and the library of resources. Whoever changes one of these
//! files hears here what no longer fits.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn clone() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn corpus() -> PathBuf {
    clone().join("labs/shared/corpus")
}

fn lines(file: &str) -> Vec<Value> {
    let text = fs::read_to_string(corpus().join(file)).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{file}: {error}: {line}")))
        .collect()
}

/// Paths of the documents, from their folder.
fn documents() -> BTreeSet<String> {
    let folder = corpus().join("documents");
    let mut found = BTreeSet::new();
    for part in fs::read_dir(&folder).unwrap() {
        for file in fs::read_dir(part.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            found.insert(path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned());
        }
    }
    found
}

#[test]
fn every_label_stands_where_it_says_and_every_document_has_its_line() {
    let documents = documents();
    let labels = lines("labels/personal-data.jsonl");
    let named: BTreeSet<String> = labels.iter().map(|line| line["document"].as_str().unwrap().to_owned()).collect();
    assert_eq!(named, documents);
    let mut count = 0;
    for line in &labels {
        let document = line["document"].as_str().unwrap();
        let text: Vec<char> = fs::read_to_string(corpus().join("documents").join(document)).unwrap().chars().collect();
        let mut end = 0;
        for label in line["labels"].as_array().unwrap() {
            let [from, to] = ["start", "end"].map(|key| label[key].as_u64().unwrap() as usize);
            let found: String = text[from..to].iter().collect();
            assert_eq!(found, label["text"].as_str().unwrap(), "{document} at {from}");
            assert!(from >= end, "{document}: labels overlap at {from}");
            end = to;
            count += 1;
        }
    }
    let readme = fs::read_to_string(corpus().join("README.md")).unwrap();
    let told = |number: usize| readme.contains(&number.to_string()) || readme.contains(&thousands(number));
    assert!(
        told(count) && told(documents.len()),
        "the README tells of other counts than {count} and {}",
        documents.len()
    );
}

fn thousands(number: usize) -> String {
    format!("{},{:03}", number / 1000, number % 1000)
}

#[test]
fn every_question_is_judged_by_documents_and_headings_that_are_there() {
    let documents = documents();
    let questions = lines("golden/questions.jsonl");
    let ids: BTreeSet<&str> = questions.iter().map(|question| question["id"].as_str().unwrap()).collect();
    assert!(ids.len() == questions.len() && ids.len() >= 120, "{} questions, {} ids", questions.len(), ids.len());
    for question in &questions {
        let (id, relevant) = (&question["id"], question["relevant"].as_array().unwrap());
        assert_eq!(relevant.is_empty(), question["kind"] == "absent", "{id}");
        for judged in relevant {
            let document = judged["document"].as_str().unwrap();
            assert!(documents.contains(document), "{id}: {document} is not there");
            assert!(matches!(judged["grade"].as_u64(), Some(1 | 2)), "{id}: {judged}");
            if let Some(heading) = judged["heading"].as_str() {
                let text = fs::read_to_string(corpus().join("documents").join(document)).unwrap();
                let stands =
                    text.lines().any(|line| line.trim_start_matches('#').trim() == heading && line.starts_with('#'));
                assert!(stands, "{id}: {document} has no heading {heading:?}");
            }
        }
    }
}

#[test]
fn the_library_of_resources_names_labs_of_the_plan_and_addresses_once() {
    let pack: toml::Table = fs::read_to_string(clone().join("labs/pack.toml")).unwrap().parse().unwrap();
    let planned: BTreeSet<&str> =
        pack["plan"]["labs"].as_array().unwrap().iter().map(|lab| lab["slug"].as_str().unwrap()).collect();
    let library: toml::Table =
        fs::read_to_string(clone().join("assets/resources/year-1.toml")).unwrap().parse().unwrap();
    let mut ids = BTreeSet::new();
    for resource in library["resources"].as_array().unwrap() {
        let text = |key: &str| resource[key].as_str().unwrap_or_else(|| panic!("{resource}: {key}"));
        assert!(ids.insert(text("id")), "{} is there twice", text("id"));
        assert!(text("url").starts_with("https://"), "{}", text("id"));
        for key in ["title", "kind", "publisher", "date", "cost", "level", "take", "skip", "known", "checked"] {
            assert!(!text(key).trim().is_empty(), "{}: {key} is empty", text("id"));
        }
        let labs = resource["labs"].as_array().unwrap();
        let unknown = labs.iter().find(|lab| !planned.contains(lab.as_str().unwrap()));
        assert!(!labs.is_empty() && unknown.is_none(), "{}: {unknown:?}", text("id"));
    }
    assert!(ids.len() >= 50, "{}", ids.len());

    let present: Vec<&&str> =
        planned.iter().filter(|slug| clone().join("labs").join(slug).join("lab.toml").exists()).collect();
    assert!(present.len() >= 10, "{present:?}");
    for slug in present {
        let is_about =
            |resource: &&toml::Value| resource["labs"].as_array().unwrap().contains(&toml::Value::from(*slug));
        let about = library["resources"].as_array().unwrap().iter().filter(is_about);
        assert!(about.count() >= 2, "the library has hardly anything about {slug}");
    }
}
