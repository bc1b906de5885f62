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
