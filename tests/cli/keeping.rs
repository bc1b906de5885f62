//! Snapshots, restores and updates in the terminal: nothing a learner wrote is out of reach.

use std::fs;

use serde_json::{Value, json};

use super::faults::complains;
use crate::support::Home;

#[test]
fn what_a_reset_took_is_listed_and_comes_back_whole_or_file_by_file() {
    let home = Home::new();
    home.must(&["lab", "start", "orientation", "--no-editor"]);
    assert!(home.must(&["lab", "snapshots", "orientation"]).contains("No snapshots yet"));
    let notes = home.workspace().join("notes.md");
    fs::write(&notes, "my own words").unwrap();
    fs::write(home.workspace().join("my plan.txt"), "first this").unwrap();
    let starter = fs::read_to_string(home.workspace().join("ask.py")).unwrap();
    fs::write(home.workspace().join("ask.py"), "print('mine')").unwrap();

    let reset = &home.json(&["lab", "reset", "orientation"])[0];
    let id = reset["snapshot"].as_str().unwrap();
    assert_eq!((&reset["type"], &reset["lab"]), (&json!("reset"), &json!("orientation")));
    assert!(!notes.exists());

    let list = home.json(&["lab", "snapshots", "orientation"]);
    assert_eq!(list.len(), 1);
    assert_eq!(
        (&list[0]["type"], &list[0]["id"], &list[0]["reason"]),
        (&json!("snapshot"), &reset["snapshot"], &json!("reset"))
    );
    let files = list[0]["files"].as_array().unwrap();
    assert!(files.contains(&json!({ "path": "my plan.txt", "bytes": 10.0 })), "{files:#?}");
    let text = home.must(&["lab", "snapshots", "orientation"]);
    for part in [id, "before a reset", "    notes.md\n", "files"] {
        assert!(text.contains(part), "{part}: {text}");
    }

    let out = home.must(&["lab", "restore", "orientation", id, "--file", "notes.md"]);
    assert!(out.starts_with("notes.md is back. What you had is kept: `groundwork lab restore orientation "), "{out}");
    assert_eq!(fs::read_to_string(&notes).unwrap(), "my own words");
    assert_eq!(fs::read_to_string(home.workspace().join("ask.py")).unwrap(), starter);

    let restored = &home.json(&["lab", "restore", "orientation", id])[0];
    assert_eq!(fs::read_to_string(home.workspace().join("ask.py")).unwrap(), "print('mine')");
    assert_eq!(fs::read_to_string(home.workspace().join("my plan.txt")).unwrap(), "first this");
    home.must(&["lab", "restore", "orientation", restored["kept"].as_str().unwrap()]);
    assert_eq!(fs::read_to_string(home.workspace().join("ask.py")).unwrap(), starter, "a restore can be undone");

    complains(&home.run(&["lab", "restore", "orientation", "2020"]), &["no snapshot", "groundwork lab snapshots"]);
    complains(&home.run(&["lab", "restore", "orientation", id, "--file", "nowhere.py"]), &["nowhere.py"]);
}

#[test]
fn a_newer_version_keeps_the_learners_files_and_says_what_has_to_pass_again() {
    let home = Home::with_own_pack();
    home.must(&["lab", "start", "orientation", "--no-editor"]);
    complains(&home.run(&["lab", "update", "orientation"]), &["no newer one"]);
    let lab = home.resources.join("labs/orientation");
    fs::copy(lab.join("solution/profile.toml"), home.workspace().join("profile.toml")).unwrap();
    let mine = fs::read_to_string(home.workspace().join("profile.toml")).unwrap();
    home.run(&["lab", "check", "orientation"]);
    let card = |home: &Home| home.json(&["plan"])[0]["phases"][0]["labs"][0].clone();
    let passed = card(&home)["passed"].as_u64().unwrap();
    assert!(passed >= 2, "profile-filled and others");

    newer(&home);
    let now = card(&home);
    assert_eq!((now["passed"].as_u64(), &now["stale"]), (Some(passed - 1), &json!(1)), "{now:#?}");
    assert!(home.must(&["lab", "list"]).contains("(1 to run again)"));
    let said = home.must(&["lab", "start", "orientation", "--no-editor"]);
    assert!(
        said.contains("Version 2 of this lab is here") && said.contains("groundwork lab update orientation"),
        "{said}"
    );

    let lines = home.json(&["lab", "update", "orientation"]);
    let updated = lines.iter().find(|line| line["type"] == "updated").unwrap();
    assert_eq!((&updated["from"], &updated["to"]), (&json!(1), &json!(2)));
    assert_eq!(updated["replaced"], json!(["ask.py"]));
    assert_eq!(updated["added"], json!(["extra.md"]));
    assert_eq!(updated["beside"], json!(["profile.toml.new"]));
    assert_eq!(updated["stale"][0]["id"], "workspace");
    assert_eq!(updated["stale"][0]["checks"], json!(["profile.toml is filled in"]));
    let again = lines.iter().find(|line| line["check"] == "profile-filled").unwrap();
    assert_eq!((&again["status"], &again["stale"]), (&json!("passed"), &json!(false)), "it ran at once");
    assert_eq!(fs::read_to_string(home.workspace().join("profile.toml")).unwrap(), mine);
    assert!(fs::read_to_string(home.workspace().join("ask.py")).unwrap().ends_with("# version 2\n"));
    assert_eq!((card(&home)["passed"].as_u64(), &card(&home)["stale"]), (Some(passed), &json!(0)));

    let list = home.json(&["lab", "snapshots", "orientation"]);
    assert_eq!(
        (&list[0]["id"], &list[0]["reason"], &list[0]["labVersion"]),
        (&updated["kept"], &json!("update"), &json!(1))
    );
    complains(&home.run(&["lab", "update", "orientation"]), &["version 2"]);
    // Evidence of both versions is one line of the page.
    assert!(home.must(&["export", "--output", "-"]).contains("profile.toml is filled in"));
}

#[test]
fn a_pass_of_before_the_change_is_shown_as_such_until_its_check_runs() {
    let home = Home::with_own_pack();
    home.must(&["lab", "start", "orientation", "--no-editor"]);
    let profile = home.resources.join("labs/orientation/solution/profile.toml");
    fs::copy(&profile, home.workspace().join("profile.toml")).unwrap();
    home.run(&["lab", "check", "orientation"]);
    newer(&home);
    let plan = home.must(&["plan"]);
    assert!(plan.contains("1 passed before the lab changed"), "{plan}");
    let page = home.must(&["export", "--output", "-"]);
    let claims = |page: &str| page.contains("| profile.toml is filled in |");
    assert!(!claims(&page) && page.contains("; passed on ") && page.contains(", before the lab changed"), "{page}");
    let lines = home.json(&["lab", "check", "orientation"]);
    assert!(lines.iter().any(|line| line["type"] == "newVersion" && line["to"] == 2), "{lines:#?}");
    let stale = |line: &Value| line["stale"] == true;
    assert!(!lines.iter().any(stale), "what ran is judged by the lab as it is now");
    assert!(!home.must(&["plan"]).contains("before the lab changed"));
}

/// Makes version 2 of lab 0: another limit in a check, changed files, a new one.
fn newer(home: &Home) {
    let lab = home.resources.join("labs/orientation");
    let change = |file: &str, change: &dyn Fn(String) -> String| {
        let text = fs::read_to_string(lab.join(file)).unwrap();
        let changed = change(text.clone());
        assert_ne!(changed, text, "{file}");
        fs::write(lab.join(file), changed).unwrap();
    };
    change("lab.toml", &|text| text.replace("\nversion = 1\n", "\nversion = 2\n").replace("max = 40", "max = 39"));
    change("starter/ask.py", &|text| text + "\n# version 2\n");
    change("starter/profile.toml", &|text| text + "\n# version 2\n");
    fs::write(lab.join("starter/extra.md"), "New in version 2.\n").unwrap();
}
