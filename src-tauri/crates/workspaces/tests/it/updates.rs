use std::fs;

use task::Fault;
use workspaces::{Workspace, reset, restore, snapshots, update};

use crate::support::{Ground, ground, put, read};

/// A lab at version 2. Of the files that the learner may meet, `a` and `b` are theirs and `fixed/t` is the pack's.
fn newer(old: &[(&str, &str)], new: &[(&str, &str)]) -> (Ground, Workspace) {
    let mut ground = ground(old);
    let workspace = ground.start();
    let starter = ground.lab.folder.join("starter");
    fs::remove_dir_all(&starter).unwrap();
    for (path, text) in new {
        put(&starter, path, text);
    }
    ground.lab.version = 2;
    (ground, workspace)
}

#[test]
fn an_update_replaces_what_the_learner_left_alone_and_nothing_else() {
    const NONE: Option<&str> = None;
    // The old starter's text, the learner's, the new starter's; what stands there then, and beside it.
    for (path, old, mine, new, then, beside) in [
        ("a", Some("1"), Some("1"), Some("2"), Some("2"), NONE),
        ("a", Some("1"), Some("mine"), Some("2"), Some("mine"), Some("2")),
        ("a", Some("1"), Some("mine"), Some("1"), Some("mine"), None),
        ("a", Some("1"), Some("2"), Some("2"), Some("2"), None),
        ("a", Some("1"), Some("1"), Some("1"), Some("1"), None),
        ("a", Some("1"), Some("1"), None, Some("1"), None),
        ("a", Some("1"), Some("mine"), None, Some("mine"), None),
        // Removed by the learner: it does not come back, but a new version is shown.
        ("a", Some("1"), None, Some("1"), None, None),
        ("a", Some("1"), None, Some("2"), None, Some("2")),
        // New in this version.
        ("a", None, None, Some("2"), Some("2"), None),
        ("a", None, Some("mine"), Some("2"), Some("mine"), Some("2")),
        ("a", None, Some("2"), Some("2"), Some("2"), None),
        // The pack's own.
        ("fixed/t", Some("1"), Some("mine"), Some("2"), Some("2"), None),
        ("fixed/t", Some("1"), None, Some("2"), Some("2"), None),
        ("fixed/t", Some("1"), Some("mine"), Some("1"), Some("1"), None),
    ] {
        let case = format!("{path} {old:?} {mine:?} {new:?}");
        let file = |text: Option<&'static str>| text.map(|text| (path, text));
        let with = |text| [Some(("other", "same")), file(text)].into_iter().flatten().collect::<Vec<_>>();
        let (mut ground, workspace) = newer(&with(old), &with(new));
        ground.lab.files = crate::support::ground(&with(new)).lab.files;
        match mine {
            Some(text) => put(&workspace.folder, path, text),
            None => drop(fs::remove_file(workspace.folder.join(path))),
        }
        let updated = update(&workspace, &ground.lab).unwrap();
        assert_eq!(read(&workspace.folder, path).as_deref(), then, "{case}");
        assert_eq!(read(&workspace.folder, &format!("{path}.new")).as_deref(), beside, "{case}");
        assert_eq!((updated.from, updated.to), (1, 2), "{case}");
        let told: Vec<_> = [&updated.added, &updated.replaced, &updated.beside].into_iter().flatten().collect();
        let changed = then != mine || beside.is_some();
        assert_eq!(told.len(), usize::from(changed), "{case}: {updated:?}");
        assert_eq!(Workspace::open(&workspace.folder).unwrap().lab_version, 2, "{case}");
        assert_eq!(update(&workspace, &ground.lab).unwrap_err().code(), "lab.current", "{case}");

        restore(&workspace, &updated.kept.id, None).unwrap();
        assert_eq!(read(&workspace.folder, path).as_deref(), mine, "{case}: undone");
        assert_eq!(read(&workspace.folder, &format!("{path}.new")), None, "{case}: undone");
        // The files are of version 1 again, and what was the starter is still known.
        let again = update(&workspace, &ground.lab).unwrap();
        assert_eq!((again.added, again.replaced, again.beside), (updated.added, updated.replaced, updated.beside));
    }
}

#[test]
fn in_a_workspace_of_before_every_file_that_differs_is_the_learners() {
    let (ground, workspace) = newer(&[("a", "1"), ("b", "1"), ("gone", "1")], &[("a", "2"), ("b", "1"), ("gone", "2")]);
    let marker = workspace.folder.join(".groundwork/workspace.toml");
    let text = fs::read_to_string(&marker).unwrap();
    let (before, _) = text.split_once("[starter]").unwrap();
    fs::write(&marker, before).unwrap();
    fs::remove_file(workspace.folder.join("gone")).unwrap();
    let updated = update(&workspace, &ground.lab).unwrap();
    assert_eq!(updated.beside, ["a.new"]);
    assert_eq!(updated.added, ["gone"]);
    assert_eq!(updated.replaced, Vec::<String>::new());
    assert_eq!(read(&workspace.folder, "a").unwrap(), "1");
}

#[test]
fn an_update_of_an_older_pack_or_without_one_changes_nothing() {
    let (mut ground, workspace) = newer(&[("a", "1")], &[("a", "2")]);
    ground.lab.version = 1;
    assert_eq!(update(&workspace, &ground.lab).unwrap_err().code(), "lab.current");
    ground.lab.version = 2;
    fs::remove_dir_all(&ground.lab.folder).unwrap();
    assert_eq!(update(&workspace, &ground.lab).unwrap_err().code(), "workspace.starter");
    assert_eq!(snapshots(&workspace).unwrap(), []);
    assert_eq!(read(&workspace.folder, "a").unwrap(), "1");
}

#[test]
fn after_a_reset_the_newest_starter_is_the_one_that_is_known() {
    let (mut ground, workspace) = newer(&[("a", "1")], &[("a", "2")]);
    reset(&workspace, &ground.lab).unwrap();
    put(&ground.lab.folder.join("starter"), "a", "3");
    ground.lab.version = 3;
    let updated = update(&workspace, &ground.lab).unwrap();
    assert_eq!((updated.from, updated.replaced), (2, vec!["a".to_owned()]));
    assert_eq!(read(&workspace.folder, "a").unwrap(), "3");
}
