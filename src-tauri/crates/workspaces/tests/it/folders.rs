use std::{collections::BTreeMap, fs, process::Command};

use task::Fault;
use uuid::Uuid;
use workspaces::{Error, Workspace, create, free_space, write_activation};

use crate::support::{ground, put, read};

#[test]
fn a_workspace_is_the_starter_and_is_found_again() {
    let ground = ground(&[("ask.py", "print()\n"), ("data/set.json", "{}")]);
    // A pack that was installed by someone else is read-only.
    let original = ground.lab.folder.join("starter/ask.py");
    let mut permissions = original.metadata().unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&original, permissions).unwrap();

    let workspace = ground.start();
    assert_eq!(workspace.folder, ground.parent().join("first"));
    assert_eq!(read(&workspace.folder, "ask.py").unwrap(), "print()\n");
    assert_eq!(read(&workspace.folder, "data/set.json").unwrap(), "{}");
    assert!(!workspace.folder.join("ask.py").metadata().unwrap().permissions().readonly());
    assert_eq!(read(&workspace.folder, ".groundwork/.gitignore").unwrap(), "*\n");
    assert_eq!(Workspace::open(&workspace.folder).unwrap(), workspace);
    let beside: Vec<_> = fs::read_dir(ground.parent()).unwrap().collect();
    assert_eq!(beside.len(), 1, "nothing half made is left: {beside:?}");
}

#[test]
fn starting_again_keeps_what_the_learner_wrote() {
    let ground = ground(&[("ask.py", "")]);
    let first = ground.start();
    put(&first.folder, "ask.py", "mine");
    let again = ground.start();
    assert_eq!(again, first);
    assert_eq!(read(&again.folder, "ask.py").unwrap(), "mine");
}

#[test]
fn two_windows_that_start_a_lab_at_once_share_one_workspace() {
    let ground = ground(&[("ask.py", "")]);
    let ids: Vec<_> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..8).map(|_| scope.spawn(|| ground.start().id)).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn a_folder_with_anything_else_in_it_is_left_alone() {
    type Prepare = fn(&std::path::Path);
    let cases: [(&str, Prepare, &str); 4] = [
        ("other files", |folder| put(folder, "thesis.txt", "years"), "workspace.occupied"),
        ("a file of that name", |folder| put(folder.parent().unwrap(), "first", "years"), "workspace.occupied"),
        (
            "another lab's workspace",
            |folder| {
                let mut other = ground(&[("a", "")]);
                other.lab.id = Uuid::new_v4();
                create(folder.parent().unwrap(), &other.lab).unwrap();
            },
            "workspace.occupied",
        ),
        (
            "a damaged workspace",
            |folder| put(folder, ".groundwork/workspace.toml", "id = 1"),
            "workspace.not_a_workspace",
        ),
    ];
    for (case, prepare, code) in cases {
        let ground = ground(&[("ask.py", "")]);
        let folder = ground.parent().join("first");
        fs::create_dir_all(ground.parent()).unwrap();
        prepare(&folder);
        let before = listing(&ground.parent());
        let error = create(&ground.parent(), &ground.lab).unwrap_err();
        assert_eq!(error.code(), code, "{case}");
        assert!(error.next_step().contains(folder.to_str().unwrap()), "{case}: {}", error.next_step());
        assert_eq!(listing(&ground.parent()), before, "{case}");
    }
}

fn listing(folder: &std::path::Path) -> Vec<(std::path::PathBuf, Option<String>)> {
    let all = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter();
    all.map(|entry| entry.unwrap().into_path()).map(|path| (path.clone(), fs::read_to_string(path).ok())).collect()
}

#[test]
fn an_empty_folder_is_used() {
    let ground = ground(&[("ask.py", "x")]);
    fs::create_dir_all(ground.parent().join("first")).unwrap();
    assert_eq!(read(&ground.start().folder, "ask.py").unwrap(), "x");
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    // Read-only even for root.
    let parent = std::path::Path::new("/sys/kernel");
    if !parent.exists() {
        return;
    }
    let error = create(parent, &ground(&[("ask.py", "")]).lab).unwrap_err();
    assert_eq!(error.code(), "workspace.not_writable", "{error}");
    assert!(error.next_step().contains("/sys/kernel"), "{}", error.next_step());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_nothing_half_made_and_loses_nothing() {
    crate::support::apart("exec \"$0\" folders::on_a_disk_of_64_kilobytes --exact --ignored");
}

#[test]
#[ignore = "started by the test above, where it may mount"]
fn on_a_disk_of_64_kilobytes() {
    let mut ground = ground(&[("ask.py", "small")]);
    let disk = ground.parent();
    fs::create_dir_all(&disk).unwrap();
    let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).arg(&disk).status();
    assert!(mount.unwrap().success());
    let workspace = ground.start();
    put(&workspace.folder, "ask.py", "the learner's own");
    put(&ground.lab.folder.join("starter"), "big.bin", &"x".repeat(100_000));

    let reset = workspaces::reset(&workspace, &ground.lab);
    (ground.lab.id, ground.lab.slug) = (Uuid::new_v4(), "second".into());
    let started = create(&disk, &ground.lab);
    let names = fs::read_dir(&disk).unwrap().map(|entry| entry.unwrap().file_name());
    let (kept, beside) = (read(&workspace.folder, "ask.py"), names.filter(|name| name != ".groundwork").count());
    assert!(Command::new("umount").arg(&disk).status().unwrap().success());

    assert!(matches!(reset, Err(Error::Full { .. })), "{reset:?}");
    assert!(matches!(started, Err(Error::Full { .. })), "{started:?}");
    assert_eq!(kept.unwrap(), "the learner's own");
    assert_eq!(beside, 1);
}

#[test]
fn free_space_is_known_before_the_folder_is() {
    let folder = tempfile::tempdir().unwrap();
    assert!(free_space(&folder.path().join("not/yet/there")).unwrap() > 0);
}

#[cfg(unix)]
#[test]
fn the_activation_gives_a_shell_the_very_same_values() {
    use std::os::unix::fs::PermissionsExt;
    let ground = ground(&[("ask.py", "")]);
    let workspace = ground.start();
    let nasty = r#"it's $HOME "and" `this` \ \n"#;
    let variables = BTreeMap::from([
        ("OPENAI_API_KEY".to_owned(), nasty.to_owned()),
        ("OPENAI_BASE_URL".to_owned(), "http://127.0.0.1:11535/v1".to_owned()),
    ]);
    let path = write_activation(&workspace, &variables, None).unwrap();
    assert_eq!(path, workspace.folder.join(".groundwork/activate"));
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let script = r#"set -eu; . .groundwork/activate; printf '%s|%s' "$OPENAI_API_KEY" "$OPENAI_BASE_URL""#;
    let shell = Command::new("sh").args(["-c", script]).current_dir(&workspace.folder).output().unwrap();
    assert_eq!(String::from_utf8(shell.stdout).unwrap(), format!("{nasty}|http://127.0.0.1:11535/v1"));
}

/// The programs of checks write in the workspace, so nothing that Groundwork relies on may be led astray from there.
#[cfg(unix)]
#[test]
fn what_is_planted_in_a_workspace_leads_nowhere() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let ground = ground(&[("ask.py", "starter")]);
    let workspace = ground.start();
    assert!(!workspace.keep().unwrap().starts_with(&workspace.folder));
    assert_eq!(workspace.kept().metadata().unwrap().permissions().mode() & 0o777, 0o700);
    let outside = ground.folder.path().join("outside");
    put(&outside, "diary/today.txt", "private");
    let private = workspace.private();
    symlink(&outside, private.join("snapshots")).unwrap();
    symlink(outside.join("diary/today.txt"), private.join("key.new")).unwrap();
    put(&workspace.folder, "ask.py", "mine");
    let kept = workspaces::reset(&workspace, &ground.lab).unwrap();
    assert_eq!(workspaces::snapshots(&workspace).unwrap(), [kept]);
    assert_eq!(read(&outside, "diary/today.txt").unwrap(), "private");
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1, "nothing was made there");

    // Another workspace's name brings none of what is kept of that one.
    let marker = private.join("workspace.toml");
    let text = fs::read_to_string(&marker).unwrap();
    fs::write(&marker, text.replace(&workspace.id.to_string(), &Uuid::nil().to_string())).unwrap();
    assert_eq!(workspaces::snapshots(&workspace).unwrap_err().code(), "workspace.not_a_workspace");
    fs::write(&marker, text).unwrap();
    fs::rename(&private, outside.join("private")).unwrap();
    symlink(outside.join("private"), &private).unwrap();
    assert_eq!(Workspace::open(&workspace.folder).unwrap_err().code(), "workspace.not_a_workspace");
}
