#![cfg(unix)]

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use task::Fault;
use workspaces::Editor;

use crate::support::{HANG, read};

/// A search path with programs that write down their arguments.
fn installed(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        let path = folder.path().join(name);
        fs::write(&path, "#!/bin/sh\necho \"$@\" > \"$0.told\"\n").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

#[test]
fn the_users_choice_comes_first_if_it_has_a_window() {
    for (programs, visual, editor, expected) in [
        (&["code", "subl", "xdg-open"][..], None, None, Some("Visual Studio Code")),
        (&["code", "subl"], Some("subl --wait"), None, Some("Sublime Text")),
        (&["code", "subl"], Some("vim"), Some("subl"), Some("Sublime Text")),
        (&["code", "vim"], Some("/usr/bin/vim"), Some("nano"), Some("Visual Studio Code")),
        (&["mine", "code"], Some("mine"), None, Some("mine")),
        (&["code"], Some("not-installed"), None, Some("Visual Studio Code")),
        (&["vim", "nano", "xdg-open"], Some(""), Some("vim"), Some("xdg-open")),
        (&["vim", "nano"], None, Some("vim"), None),
        (&[], None, None, None),
    ] {
        let path = installed(programs);
        let found = Editor::find(path.path().as_os_str(), visual, editor);
        let name = found.as_ref().ok().map(|editor| editor.name.as_str());
        assert_eq!(name, expected, "{programs:?} {visual:?} {editor:?}");
        if let Err(error) = found {
            assert_eq!(error.code(), "editor.none");
        }
    }
}

#[tokio::test]
async fn each_editor_is_told_of_the_line_in_its_own_way() {
    let work = tempfile::tempdir().unwrap();
    let folder = work.path().to_str().unwrap();
    for (program, with_line, without) in [
        ("codium", format!("{folder} --goto ask.py:7"), folder.to_owned()),
        ("zed", format!("{folder} ask.py:7"), folder.to_owned()),
        ("pycharm", format!("{folder} --line 7 ask.py"), folder.to_owned()),
        ("kate", "--line 7 ask.py".into(), folder.to_owned()),
        ("gvim", "+7 ask.py".into(), folder.to_owned()),
        ("xdg-open", "ask.py".into(), folder.to_owned()),
    ] {
        let path = installed(&[program]);
        let editor = Editor::find(path.path().as_os_str(), None, None).unwrap();
        for (file, expected) in [(Some((Path::new("ask.py"), 7)), with_line), (None, without)] {
            tokio::time::timeout(HANG, editor.open(work.path(), file)).await.expect("it hangs").unwrap();
            assert_eq!(read(path.path(), &format!("{program}.told")).unwrap().trim(), expected, "{program}");
        }
    }
}

#[tokio::test]
async fn an_editor_that_fails_at_once_is_an_error() {
    let path = installed(&["code"]);
    fs::write(path.path().join("code"), "#!/bin/sh\nexit 3\n").unwrap();
    let editor = Editor::find(path.path().as_os_str(), None, None).unwrap();
    let error = editor.open(path.path(), None).await.unwrap_err();
    assert_eq!(error.to_string(), "Visual Studio Code did not open the folder: exit status: 3");
}

#[test]
fn a_chosen_editor_is_that_one_or_says_why_it_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join("my editor");
    fs::write(&odd, "").unwrap();
    for (programs, chosen, expected) in [
        (&["code", "subl"][..], "subl --new-window", Ok(("Sublime Text", false))),
        (&["code", "xterm", "nvim"], " nvim -p ", Ok(("Neovim", true))),
        (&["code", "konsole", "vim"], "vim", Ok(("Vim", true))),
        (&["code"], odd.to_str().unwrap(), Ok(("my editor", false))),
        (&["code"], "zed", Err("no such program on the PATH")),
        (&["code"], "", Err("no such program on the PATH")),
        (&["code", "vim"], "vim", Err("needs a terminal")),
    ] {
        let path = installed(programs);
        let found = Editor::chosen(path.path().as_os_str(), chosen);
        match (&found, expected) {
            (Ok(editor), Ok(expected)) => assert_eq!((editor.name.as_str(), editor.in_terminal()), expected),
            (Err(error), Err(why)) => {
                assert_eq!(error.code(), "editor.missing");
                assert!(error.to_string().contains(why), "{error}");
                assert!(error.next_step().contains("groundwork editor use"), "{}", error.next_step());
            }
            _ => panic!("{chosen:?}: {found:?}"),
        }
    }
}

#[test]
fn the_editors_of_a_machine_are_known_by_their_commands() {
    let commands = |programs: &[&str]| {
        let path = installed(programs);
        Editor::installed(path.path().as_os_str()).into_iter().map(|(command, _)| command).collect::<Vec<_>>()
    };
    assert_eq!(commands(&["nvim", "kate", "code", "unknown"]), ["code", "kate"]);
    assert_eq!(commands(&["nvim", "kate", "xterm"]), ["kate", "nvim"]);
}

#[tokio::test]
async fn an_editor_of_the_terminal_gets_a_window_with_one() {
    let path = installed(&["xterm", "nvim"]);
    let editor = Editor::chosen(path.path().as_os_str(), "nvim -p").unwrap();
    editor.open(path.path(), Some((Path::new("ask.py"), 7))).await.unwrap();
    let told = read(path.path(), "xterm.told").unwrap();
    assert_eq!(told.trim(), format!("-e {} -p +7 ask.py", path.path().join("nvim").display()));
}

#[tokio::test]
async fn a_folder_is_shown_by_what_the_system_has_for_it() {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let path = installed(&[opener]);
    workspaces::show_folder(path.path().as_os_str(), path.path()).await.unwrap();
    assert_eq!(read(path.path(), &format!("{opener}.told")).unwrap().trim(), path.path().to_str().unwrap());

    let nothing = installed(&[]);
    let error = workspaces::show_folder(nothing.path().as_os_str(), path.path()).await.unwrap_err();
    assert_eq!(error.code(), "folder.not_shown");
    assert!(error.next_step().contains(path.path().to_str().unwrap()), "{}", error.next_step());
}
