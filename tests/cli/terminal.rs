//! The learner's own shell by `groundwork lab shell`, the notes beside a lab, and what a terminal shows of long work.

use std::{
    fs,
    process::{Command, Stdio},
};

use crate::support::{Home, program, said};

#[test]
fn a_shell_of_the_lab_has_its_python_and_reaches_its_gateway() {
    let home = Home::new();
    assert_eq!(home.run(&["lab", "shell", "orientation"]).code, Some(1), "it is not started");
    home.must(&["lab", "start", "orientation", "--no-editor"]);
    let said = home.in_its_shell(
        "pwd\npython -c 'import openai; print(\"models:\", len(openai.OpenAI().models.list().data))'\nexit 3\n",
    );
    assert_eq!(said.code, Some(0), "{said:#?}");
    let workspace = home.workspace().canonicalize().unwrap();
    assert!(said.out.starts_with(workspace.to_str().unwrap()), "{said:#?}");
    assert!(said.out.contains("models: ") && !said.out.contains("models: 0"), "{said:#?}");

    let mut command = home.command(&["lab", "shell", "orientation"]);
    let said = self::said(command.env("SHELL", "/no/such/shell").output().unwrap());
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("the shell /no/such/shell did not start") && said.err.contains("SHELL"), "{said:#?}");
}

#[test]
fn notes_are_kept_printed_and_lost_by_no_bad_file() {
    let home = Home::new();
    assert_eq!(home.run(&["lab", "notes", "orientation"]).code, Some(1), "it is not started");
    home.must(&["lab", "start", "orientation", "--no-editor"]);
    assert!(home.must(&["lab", "notes", "orientation"]).contains("No notes are written yet."));
    let file = home.folder.path().join("notes.md");
    fs::write(&file, "# Größe\n\nwhy 11535?\n").unwrap();
    home.must(&["lab", "notes", "orientation", "--from", file.to_str().unwrap()]);
    assert_eq!(home.must(&["lab", "notes", "orientation"]), "# Größe\n\nwhy 11535?\n");

    fs::write(&file, b"\xff\xfe").unwrap();
    let bad = home.run(&["lab", "notes", "orientation", "--from", file.to_str().unwrap()]);
    assert!(bad.code == Some(1) && bad.err.contains("cannot be read"), "{bad:#?}");
    fs::write(&file, "x".repeat((1 << 20) + 1)).unwrap();
    let long = home.run(&["lab", "notes", "orientation", "--from", file.to_str().unwrap()]);
    assert!(long.code == Some(1) && long.err.contains("longer than a megabyte"), "{long:#?}");
    assert_eq!(home.json(&["lab", "notes", "orientation"])[0]["text"], "# Größe\n\nwhy 11535?\n");
    // A reset takes files back, not what was written beside them.
    home.must(&["lab", "reset", "orientation"]);
    assert_eq!(home.must(&["lab", "notes", "orientation"]), "# Größe\n\nwhy 11535?\n");
}

#[test]
fn a_line_of_long_work_takes_the_place_of_its_bar() {
    let home = Home::new();
    fs::create_dir(home.folder.path().join("handbook")).unwrap();
    fs::write(home.folder.path().join("handbook/paging.md"), "A page goes to the second engineer.\n").unwrap();
    let line = format!("stty cols 80 && '{}' collection ingest handbook handbook", program("groundwork").display());
    let mut terminal = Command::new("script");
    terminal.args(["-qec", &line, "/dev/null"]).envs(home.variables()).env("TERM", "xterm").env("SHELL", "/bin/sh");
    let said = said(terminal.current_dir(home.folder.path()).stdin(Stdio::null()).output().unwrap());
    assert_eq!(said.code, Some(0), "{said:#?}");
    let (before, _) = said.out.split_once("1 new, 0 changed").unwrap_or_else(|| panic!("{said:#?}"));
    assert!(before.ends_with("\r\u{1b}[2K") && before.contains(['\u{2588}', '\u{2591}']), "{before:?}");
}
