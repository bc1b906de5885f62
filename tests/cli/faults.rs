//! Bad input and broken machines: one clear error with a next step, and nothing lost.

use std::{
    fs::{self, OpenOptions},
    io::{Seek, SeekFrom, Write},
    net::TcpListener,
    process::Stdio,
};

use crate::support::{Home, Said, copy};

/// The failure that a command must end with: exit code 1, and texts that its error must hold.
pub fn complains(said: &Said, texts: &[&str]) {
    assert_eq!(said.code, Some(1), "{said:#?}");
    assert!(said.err.contains(" next: "), "a next step: {said:#?}");
    for text in texts {
        assert!(said.err.contains(text), "{text:?} is missing: {said:#?}");
    }
}

pub fn edit(home: &Home, file: &str, change: impl Fn(String) -> String) {
    let path = home.resources.join(file);
    fs::write(&path, change(fs::read_to_string(&path).unwrap())).unwrap();
}

/// A way to damage a pack: its name, the change, and what the error must hold.
type Damage = (&'static str, fn(String) -> String, &'static [&'static str]);

#[test]
fn a_damaged_pack_is_named_with_its_line() {
    let lab = "labs/orientation/lab.toml";
    let cases: [Damage; 3] = [
        ("syntax", |text| format!("{text}\nthis is = = not toml\n"), &["lab.toml:"]),
        ("kind", |text| text.replacen("kind = \"file\"", "kind = \"flie\"", 1), &["flie", "file", "lab.toml:"]),
        ("escape", |text| text.replacen("path = \"profile.toml\"", "path = \"../../etc/passwd\"", 1), &["lab.toml:"]),
    ];
    for (name, change, texts) in cases {
        let home = Home::with_own_pack();
        edit(&home, lab, change);
        let said = home.run(&["plan"]);
        println!("{name}: {}", said.err);
        complains(&said, texts);
    }
}

/// A home whose model file is `missing`, `cut short` or `altered`.
pub fn with_bad_model(damage: &str) -> Home {
    let home = Home::with_own_pack();
    let models = home.resources.join("models");
    let shipped = models.canonicalize().unwrap();
    fs::remove_file(&models).unwrap();
    copy(&shipped, &models);
    let files = fs::read_dir(&models).unwrap().map(|entry| entry.unwrap().path());
    let file = files.into_iter().find(|file| file.extension().is_some_and(|end| end == "gguf")).unwrap();
    match damage {
        "missing" => fs::remove_file(&file).unwrap(),
        "cut short" => OpenOptions::new().write(true).open(&file).unwrap().set_len(1_000_000).unwrap(),
        _ => {
            let mut file = OpenOptions::new().write(true).open(&file).unwrap();
            file.seek(SeekFrom::Start(50_000_000)).unwrap();
            file.write_all(b"altered").unwrap();
        }
    }
    home
}

#[test]
fn a_model_file_that_is_missing_cut_short_or_altered_is_never_used() {
    for damage in ["missing", "cut short", "altered"] {
        let home = with_bad_model(damage);
        complains(&home.run(&["model", "chat", "hello"]), &["SmolLM2"]);
        let said = home.run(&["doctor"]);
        assert_eq!(said.code, Some(1), "{damage}: {said:#?}");
    }
}

#[test]
fn a_port_already_taken_is_named_and_the_rest_goes_on() {
    let home = Home::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    complains(&home.run(&["serve", "--port", &port]), &[&port]);
    home.must(&["plan", "--port", &port]);
}

#[test]
fn nobody_has_to_read_what_went_wrong() {
    let home = Home::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = home.command(&["lab", "start", "nowhere"]);
    assert_eq!(command.env("RUST_LOG", "trace").stderr(writer).status().unwrap().code(), Some(1));
    assert!(!home.folder.path().join("data/crash.txt").exists());
}

#[test]
fn a_second_groundwork_shares_the_gateway_of_the_first() {
    let home = Home::new();
    home.must(&["lab", "start", "orientation", "--no-editor"]);
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let mut first = home.command(&["serve", "--port", &free]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(first.stdout.take().unwrap()), &mut line).unwrap();
    assert!(line.contains(&free), "{line}");
    home.solve();
    let said = home.run(&["lab", "check", "orientation", "--port", &free]);
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(said.out.contains("checks passed"), "{said:#?}");
    assert_eq!(said.err, "", "{said:#?}");
}

#[test]
fn no_python_says_how_to_get_one() {
    let home = Home::new();
    let said = crate::support::said(
        home.command(&["lab", "start", "orientation", "--no-editor"]).env("PATH", "/nonexistent").output().unwrap(),
    );
    complains(&said, &["Python"]);
}

#[test]
fn an_unknown_lab_names_the_nearest() {
    complains(&Home::new().run(&["lab", "start", "orientatoin"]), &["orientation"]);
}

#[test]
fn a_data_folder_is_made_and_one_that_cannot_be_is_named() {
    let home = Home::new();
    let data = home.folder.path().join("data");
    fs::remove_dir_all(&data).unwrap();
    home.must(&["plan"]);
    assert!(data.join("journal.db").is_file());
    fs::remove_dir_all(&data).unwrap();
    fs::write(&data, "a file where the folder should be").unwrap();
    complains(&home.run(&["plan"]), &["data"]);
}

#[test]
fn a_corrupt_journal_is_kept_aside_and_told_of() {
    let home = Home::new();
    home.must(&["plan"]);
    let data = home.folder.path().join("data");
    fs::write(data.join("journal.db"), vec![b'x'; 8192]).unwrap();
    let _ = fs::remove_file(data.join("journal.db-wal"));
    let said = home.run(&["plan"]);
    assert_eq!(said.code, Some(0), "the learner can go on: {said:#?}");
    assert!(said.err.contains("The journal was damaged") && said.err.contains("next:"), "{said:#?}");
    let kept = fs::read_dir(&data)
        .unwrap()
        .any(|entry| fs::read(entry.unwrap().path()).is_ok_and(|bytes| bytes.starts_with(b"xxxxxxxx")));
    assert!(kept, "the damaged file is still there: {said:#?}");
}

#[test]
fn whoever_has_heard_enough_ends_it_without_a_word() {
    let home = Home::new();
    let mut command = home.command(&["pack", "kinds"]);
    let mut telling = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(telling.stdout.take());
    let done = telling.wait_with_output().unwrap();
    assert_eq!((done.status.code(), String::from_utf8_lossy(&done.stderr).as_ref()), (Some(1), ""));
}
