//! Lab 0 in the terminal, on the real model, from first start to the exported page.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::Stdio,
};

use serde_json::Value;

use crate::support::{Home, MEASURES};

#[test]
fn lab_0_goes_from_first_start_to_the_exported_page() {
    let home = Home::new();
    let said = home.run(&["lab", "check", "orientation"]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("groundwork lab start orientation"), "{}", said.err);

    let out = home.must(&["lab", "start", "orientation", "--no-editor"]);
    assert!(out.contains("source .groundwork/activate"), "{out}");
    let first = home.json(&["lab", "check", "orientation"]);
    let fails = first.iter().find(|line| line["status"] == "failed").expect("an untouched starter fails");
    for part in ["summary", "expected", "actual", "nextStep"] {
        assert!(fails[part].is_string(), "a failure says its {part}: {fails:#?}");
    }
    assert_eq!(first.last().unwrap()["type"], "report");
    let failed = fails["check"].as_str().unwrap();
    let small = home.run(&["lab", "explain", "orientation", failed]);
    assert!(small.code == Some(1) && small.err.contains("too small to explain a failure"), "{small:#?}");
    let refused = home.run(&["lab", "explain", "orientation", "nothing"]);
    assert!(refused.code == Some(1) && refused.err.contains("no check \"nothing\""), "{refused:#?}");

    home.solve();
    let measured = home.in_its_shell(MEASURES);
    assert_eq!(measured.code, Some(0), "{measured:#?}");
    for (check, answers) in home.quizzes() {
        let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
        home.must(&[&["lab", "answer", "orientation", &check][..], &answers].concat());
    }
    let said = home.run(&["lab", "check", "orientation"]);
    assert_eq!(said.code, Some(0), "{said:#?}");
    let again = home.run(&["lab", "check", "orientation"]);
    assert_eq!(again.code, Some(0), "the solution passes twice in a row: {again:#?}");
    let passed = home.run(&["lab", "explain", "orientation", failed]);
    assert!(passed.code == Some(1) && passed.err.contains("no failure to explain"), "{passed:#?}");

    let plan = &home.json(&["plan"])[0];
    assert_eq!(plan["phases"][0]["labs"][0]["state"], "done");
    assert_eq!(plan["day"], 1);
    let burn_up = &home.json(&["plan"])[1];
    let today = &burn_up["points"][0];
    assert_eq!((&burn_up["type"], &today["day"]), (&"burn_up".into(), &1.into()));
    assert_eq!(today["passed"], plan["phases"][0]["labs"][0]["checks"], "{burn_up:#}");
    assert!(home.must(&["plan"]).contains("No forecast yet"), "one day is no pace");
    let milestone = &home.json(&["roadmap"])[0]["years"][0]["milestones"][0];
    let evidence = &milestone["evidence"][0];
    assert_eq!(evidence["lab"], "orientation", "{milestone:#}");
    assert!(evidence["measurements"].as_array().is_some_and(|all| !all.is_empty()), "{milestone:#}");

    let page = home.must(&["export", "--format", "markdown", "--output", "-"]);
    assert!(page.contains("# ") && page.contains("| ") && page.to_lowercase().contains("self-checked"), "{page}");
    let out = home.must(&["export", "--format", "markdown"]);
    let path = out.trim().strip_prefix("Written to ").unwrap();
    assert_eq!(fs::read_to_string(path).unwrap().trim_end(), page.trim_end());
}

#[test]
fn watching_reports_a_save_and_what_it_changed() {
    let home = Home::new();
    home.must(&["lab", "start", "orientation", "--no-editor"]);
    let mut watch = home.command(&["lab", "watch", "orientation", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let mut wait_for = |wanted: &dyn Fn(&Value) -> bool| loop {
        let line = lines.next().expect("the watch ended").unwrap();
        let line: Value = serde_json::from_str(&line).unwrap();
        if wanted(&line) {
            return line;
        }
    };
    wait_for(&|line| line["type"] == "workspace_changed");
    let edited = "profile.toml";
    fs::copy(home.resources.join("labs/orientation/solution").join(edited), home.workspace().join(edited)).unwrap();
    let saved = wait_for(&|line| line["type"] == "saved");
    assert_eq!(saved["save"]["path"], edited);
    let outcome = wait_for(&|line| line["type"] == "check_finished" && line["outcome"]["status"] == "passed");
    assert!(outcome["outcome"]["check"].is_string());
    watch.kill().unwrap();
    watch.wait().unwrap();

    let plan = &home.json(&["plan"])[0];
    assert!(plan["checksPassed"].as_u64().unwrap() >= 1, "what was acknowledged survives a kill: {plan:#?}");
}

#[test]
fn a_reset_keeps_what_the_learner_wrote() {
    let home = Home::new();
    home.must(&["lab", "start", "orientation", "--no-editor"]);
    fs::write(home.workspace().join("notes.md"), "my own words").unwrap();
    let reset = &home.json(&["lab", "reset", "orientation"])[0];
    let snapshot = reset["snapshot"].as_str().unwrap();
    assert_ne!(fs::read_to_string(home.workspace().join("notes.md")).unwrap_or_default(), "my own words");
    home.must(&["lab", "restore", "orientation", snapshot]);
    assert_eq!(fs::read_to_string(home.workspace().join("notes.md")).unwrap(), "my own words");
}
