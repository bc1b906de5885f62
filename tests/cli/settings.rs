//! What the Settings screen has, from the terminal: where things lie, the editor, the record as a file, repairs.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{compare::Serving, faults::complains, models::model};
use crate::{
    packs::install_workshop,
    support::{Home, Said, said},
};

/// Programs that write down what they are asked for, in front of all others.
fn with_programs(home: &Home, names: &[&str]) -> PathBuf {
    let folder = home.folder.path().join("programs");
    fs::create_dir_all(&folder).unwrap();
    for name in names {
        let file = folder.join(name);
        fs::write(&file, "#!/bin/sh\necho \"$@\" > \"$0.told\"\n").unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

fn run(home: &Home, arguments: &[&str]) -> Said {
    let others = std::env::var("PATH").unwrap();
    let path = format!("{}:{others}", home.folder.path().join("programs").display());
    let mut command = home.command(arguments);
    said(command.env("PATH", path).env_remove("VISUAL").env_remove("EDITOR").output().unwrap())
}

/// The doctor, where no engine is anybody's.
fn doctor(home: &Home, more: &[&str]) -> Said {
    let nowhere = format!("unix://{}/none.sock", home.folder.path().display());
    said(home.command(&[&["doctor"], more].concat()).env("DOCKER_HOST", nowhere).output().unwrap())
}

#[test]
fn folders_are_listed_with_what_they_take() {
    let home = Home::new();
    home.must(&["lab", "start", "orientation", "--no-editor"]);
    let listed = home.json(&["folders"]);
    let of = |kind: &str| listed.iter().find(|folder| folder["kind"] == kind).unwrap().clone();
    let path = |name: &str| json!(home.folder.path().join(name).to_str().unwrap());
    assert_eq!((&of("workspaces")["path"], &of("data")["path"]), (&path("workspaces"), &path("data")));
    assert!(of("workspaces")["bytes"].as_f64().unwrap() > 1000.0 && of("data")["bytes"].as_f64().unwrap() > 1000.0);
    assert_eq!((&of("models")["path"], &of("portfolio")["bytes"]), (&path("data/models"), &json!(0.0)));
    home.must(&["export"]);
    let text = home.must(&["folders"]);
    assert!(text.contains("portfolio         0.0 MB") && text.contains("models           nothing"), "{text}");
}

#[test]
fn the_chosen_editor_is_opened_and_a_bad_one_is_told() {
    let home = Home::new();
    let programs = with_programs(&home, &["code", "mine", "xdg-terminal-exec", "kak"]);
    let must = |arguments: &[&str]| {
        let said = run(&home, arguments);
        assert_eq!(said.code, Some(0), "{arguments:?}: {said:#?}");
        said.out
    };
    // An editor is not waited for.
    let told = |name: &str| {
        let (file, since) = (programs.join(format!("{name}.told")), Instant::now());
        loop {
            match fs::read_to_string(&file) {
                Ok(text) if text.ends_with('\n') => {
                    fs::remove_file(&file).unwrap();
                    return text;
                }
                _ => assert!(since.elapsed() < Duration::from_secs(60), "{name} was not started"),
            }
            sleep(Duration::from_millis(20));
        }
    };
    let listed = must(&["editor", "list"]);
    assert!(listed.contains("kak                  Kakoune, in a terminal"), "{listed}");
    assert!(listed.contains("Visual Studio Code is used."), "{listed}");
    complains(&run(&home, &["editor", "use", "not-there"]), &["`not-there`", "groundwork editor use"]);

    assert!(must(&["editor", "use", "mine --fast"]).contains("mine --fast is used: you chose it."));
    assert!(must(&["editor", "try"]).contains("mine has a file open."));
    let asked = told("mine");
    assert!(asked.starts_with("--fast ") && asked.trim().ends_with("data/editor/try.txt"), "{asked}");
    must(&["lab", "start", "orientation"]);
    let asked = told("mine");
    assert!(asked.contains("workspaces/orientation/"), "{asked}");

    must(&["editor", "use", "kak"]);
    must(&["editor", "try"]);
    let asked = told("xdg-terminal-exec");
    assert!(asked.contains("programs/kak +3 ") && asked.trim().ends_with("data/editor/try.txt"), "{asked}");

    fs::remove_file(programs.join("kak")).unwrap();
    complains(&run(&home, &["editor", "try"]), &["`kak`", "Choose another in Settings"]);
    assert!(run(&home, &["doctor"]).out.contains("warning  Editor"));
    must(&["editor", "use"]);
    must(&["editor", "try"]);
    let asked = told("code");
    assert!(asked.contains(" --goto ") && asked.trim().ends_with("try.txt:3"), "{asked}");
}

#[test]
fn a_record_goes_out_and_comes_in_on_another_machine() {
    let home = Home::new();
    home.must(&["lab", "start", "orientation", "--no-editor"]);
    home.run(&["lab", "check", "orientation"]);
    home.must(&["entry", "add", "orientation", "--sort", "decision", "--title", "One file", "--text", "Both read it."]);
    home.must(&["editor", "use", "sh"]);
    let written = home.must(&["data", "export"]);
    let file = written.split(" holds ").next().unwrap();
    assert!(written.contains(" holds 1 workspace and ") && file.ends_with(".db"), "{written}");
    let passed_in = |home: &Home| home.json(&["plan"])[0]["checksPassed"].clone();
    let passed = passed_in(&home);

    // Its folder is brought along by hand.
    let other = Home::new();
    other.must(&["entry", "list"]);
    crate::support::copy(&home.folder.path().join("workspaces"), &other.folder.path().join("workspaces"));
    let imported = &other.json(&["data", "import", file])[0];
    assert_eq!((&imported["type"], &imported["holds"]["workspaces"]), (&json!("imported"), &json!(1)));
    assert_eq!(passed_in(&other), passed);
    assert!(other.must(&["entry", "list"]).contains("One file"));
    // A file from elsewhere does not say what runs here.
    assert_eq!(other.json(&["editor", "list"])[0]["chosen"], json!(null));
    let there = other.json(&["lab", "check", "orientation"]);
    assert!(there.iter().any(|line| line["status"] == "passed"), "the workspace is found in its place: {there:#?}");

    let before = imported["before"].as_str().unwrap();
    let back = other.must(&["data", "import", before]);
    assert!(back.contains("Your record holds 0 workspaces and 0 outcomes now."), "{back}");
    assert_eq!(passed_in(&other), json!(0));
}

#[test]
fn what_is_no_record_is_refused_and_so_is_a_journal_in_use() {
    let home = Home::new();
    let page = home.folder.path().join("page.db");
    fs::write(&page, "<html>").unwrap();
    complains(&home.run(&["data", "import", "page.db"]), &["page.db cannot be imported", "groundwork data export"]);
    complains(&home.run(&["data", "export", "page.db"]), &["page.db is something else", "not there yet"]);
    assert_eq!(fs::read_to_string(&page).unwrap(), "<html>");

    home.must(&["data", "export", "record.db"]);
    let serving = Serving::start(&home);
    complains(&home.run(&["data", "import", "record.db"]), &["Another Groundwork has the journal", "Close the other"]);
    drop(serving);
    assert!(home.must(&["data", "import", "record.db"]).contains("The one of before is kept."));
}

#[test]
fn a_chosen_pack_that_cannot_be_read_is_mended() {
    let home = Home::new();
    install_workshop(&home, 1);
    let id = home.json(&["pack", "list"]).iter().find(|pack| pack["shipped"] == false).unwrap()["id"].clone();
    home.must(&["pack", "use", id.as_str().unwrap()]);
    fs::remove_dir_all(home.folder.path().join("data/packs")).unwrap();
    let found = doctor(&home, &[]);
    assert!(found.out.contains("warning  Pack") && found.out.contains("groundwork doctor --repair"), "{found:?}");
    let mended = doctor(&home, &["--repair"]);
    assert!(mended.out.contains("is open.") && mended.out.contains("good     Pack"), "{mended:?}");
    assert!(!doctor(&home, &[]).out.contains("--repair"));
}

#[test]
fn a_model_of_the_learners_that_was_altered_makes_way_for_the_shipped_one() {
    let home = Home::new();
    let own = home.folder.path().join("own.gguf");
    fs::copy(model("qwen3.gguf"), &own).unwrap();
    home.must(&["model", "import", "own.gguf", "--name", "mine", "--link"]);
    home.must(&["model", "use", "mine"]);
    let mut bytes = fs::read(&own).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&own, bytes).unwrap();
    let findings = home.json(&["doctor"]);
    let found = findings.iter().find(|finding| finding["name"] == "Model").unwrap();
    assert_eq!(
        (&found["state"], &found["repair"]),
        (&json!("bad"), &json!({ "by": "use_model", "id": "smollm2-135m-instruct" }))
    );
    let mended = doctor(&home, &["--repair"]);
    assert!(mended.out.contains("good     Model"), "{mended:?}");
}
