//! The shipped pack proves itself: the starter fails where it says, the solution passes, each mutant is caught.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use crate::support::{Home, copy};

fn started() -> Home {
    let home = Home::new();
    home.must(&["lab", "start", "orientation", "--no-editor"]);
    for (check, answers) in home.quizzes() {
        let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
        home.must(&[&["lab", "answer", "orientation", &check][..], &answers].concat());
    }
    home
}

/// The ids of the checks that failed; blocked ones wait for these and do not count.
fn failed(outcomes: &[Value]) -> BTreeSet<String> {
    let failed = outcomes.iter().filter(|line| line["status"] == "failed" || line["status"] == "error");
    failed.map(|line| line["check"].as_str().unwrap().to_owned()).collect()
}

fn read(path: &Path) -> toml::Table {
    fs::read_to_string(path).unwrap().parse().unwrap()
}

#[test]
fn the_starter_fails_first_on_its_named_check() {
    let home = started();
    let lab = read(&home.resources.join("labs/orientation/lab.toml"));
    let outcomes = home.json(&["lab", "check", "orientation"]);
    let first = outcomes.iter().find(|line| line["type"] == "outcome" && line["status"] != "passed").unwrap();
    assert_eq!(first["check"].as_str(), lab["starter_fails_on"].as_str());
}

#[test]
fn every_mutant_is_caught_by_exactly_the_checks_it_names() {
    let home = started();
    let mutants = home.resources.join("labs/orientation/mutants");
    let mut tried = 0;
    for mutant in fs::read_dir(mutants).unwrap() {
        let mutant = mutant.unwrap().path();
        let named = read(&mutant.join("mutant.toml"));
        let named: BTreeSet<String> =
            named["fails"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect();
        home.solve();
        copy(&mutant, &home.workspace());
        let outcomes = home.json(&["lab", "check", "orientation"]);
        assert_eq!(failed(&outcomes), named, "{}: {outcomes:#?}", mutant.display());
        tried += 1;
    }
    assert!(tried >= 3, "a lab has at least three mutants");
}
