//! Journal entries in the terminal, and the check that reads them.

use std::{fs, io::Write};

use crate::support::Home;

const CHECK: &str = r#"
[[steps.checks]]
id = "joined"
title = "A community"
kind = "entry"
sort = "community"
url = true
"#;

fn add<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["entry", "add", "orientation", "--sort", "community"], more].concat()
}

#[test]
fn an_entry_is_kept_and_judged() {
    let home = Home::with_own_pack();
    let lab = home.resources.join("labs/orientation/lab.toml");
    fs::OpenOptions::new().append(true).open(lab).unwrap().write_all(CHECK.as_bytes()).unwrap();
    let said = home.run(&add(&["--title", "MLOps"]));
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("groundwork lab start orientation"), "{}", said.err);

    home.must(&["lab", "start", "orientation", "--no-editor"]);
    let lines = home.json(&add(&["--title", "MLOps", "--text", "They build gateways."]));
    assert_eq!((&lines[0]["type"], &lines[0]["title"]), (&"entry".into(), &"MLOps".into()));
    assert_eq!((&lines[1]["check"], &lines[1]["status"]), (&"joined".into(), &"failed".into()));
    assert_eq!(lines[1]["summary"], "The entry “MLOps” has no address.");
    assert_eq!(lines.len(), 2, "no other check reads entries: {lines:#?}");

    let text = home.must(&add(&["--title", "MLOps", "--url", "https://mlops.community"]));
    assert!(text.contains("MLOps  https://mlops.community") && text.contains("passed   A community"), "{text}");
    let found = home.json(&["lab", "check", "orientation"]);
    let joined = found.iter().find(|line| line["check"] == "joined").unwrap();
    assert_eq!(joined["status"], "passed", "{joined:#?}");

    let said = home.run(&add(&["--title", "MLOps", "--url", "mlops.community"]));
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("\"mlops.community\" is not an address of the web."), "{}", said.err);

    for lab in [&["orientation"][..], &[]] {
        let listed = home.json(&[&["entry", "list"], lab].concat());
        let texts: Vec<_> = listed.iter().map(|entry| (&entry["lab"], &entry["text"], &entry["url"])).collect();
        let address = "https://mlops.community".into();
        let lab = "orientation".into();
        assert_eq!(texts, [(&lab, &"They build gateways.".into(), &().into()), (&lab, &"".into(), &address)]);
    }
    assert_eq!(home.run(&["entry", "list", "nowhere"]).code, Some(1));

    // The newest of that title, the one with the address: the check is red again, and its exit says so.
    let taken = home.run(&["entry", "remove", "orientation", "MLOps"]);
    assert_eq!(taken.code, Some(1), "{taken:#?}");
    assert!(taken.out.contains("Taken back: ") && taken.out.contains("has no address"), "{taken:#?}");
    assert_eq!(home.json(&["entry", "list"]).len(), 1);
    let said = home.run(&["entry", "remove", "orientation", "Unknown"]);
    assert!(said.code == Some(1) && said.err.contains("No entry of orientation is called \"Unknown\"."), "{said:#?}");
}
