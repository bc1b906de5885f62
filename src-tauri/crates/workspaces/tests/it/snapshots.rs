use std::{fs, path::Path};

use task::Fault;
use workspaces::{Workspace, reset, restore_fixed, snapshot};

use crate::support::{ground, put, read};

#[test]
fn a_snapshot_holds_the_work_and_not_what_tools_made() {
    let ground = ground(&[("ask.py", "starter")]);
    let workspace = ground.start();
    let folder = &workspace.folder;
    put(folder, "ask.py", "mine");
    put(folder, "notes/deep/idea.md", "idea");
    put(folder, ".github/workflows/ci.yml", "on: push");
    for made in [".git/HEAD", "__pycache__/ask.pyc", ".venv/bin/python", "other/pyvenv.cfg", "other/lib/x.py"] {
        put(folder, made, "made");
    }
    let kept = snapshot(&workspace).unwrap();
    assert!(kept.starts_with(folder.join(".groundwork/snapshots")));
    assert_eq!(files(&kept), [".github/workflows/ci.yml", "ask.py", "notes/deep/idea.md"]);
    assert_eq!(read(&kept, "ask.py").unwrap(), "mine");
    assert_eq!(read(folder, "ask.py").unwrap(), "mine");
    assert_ne!(snapshot(&workspace).unwrap(), kept);
}

#[test]
fn a_reset_brings_the_starter_back_and_keeps_everything_the_learner_typed() {
    let mut ground = ground(&[("ask.py", "starter"), ("data/set.json", "{}")]);
    let workspace = ground.start();
    let folder = &workspace.folder;
    put(folder, "ask.py", "mine");
    put(folder, "extra/answers.txt", "42");
    put(folder, ".git/HEAD", "ref");
    fs::remove_file(folder.join("data/set.json")).unwrap();
    ground.lab.version = 2;

    let kept = reset(&workspace, &ground.lab).unwrap();
    assert_eq!(files(&kept), ["ask.py", "extra/answers.txt"]);
    assert_eq!(read(&kept, "ask.py").unwrap(), "mine");
    assert_eq!(read(&kept, "extra/answers.txt").unwrap(), "42");
    assert_eq!(read(folder, "ask.py").unwrap(), "starter");
    assert_eq!(read(folder, "data/set.json").unwrap(), "{}");
    assert!(!folder.join("extra").exists());
    assert_eq!(read(folder, ".git/HEAD").unwrap(), "ref");
    let reopened = Workspace::open(folder).unwrap();
    assert_eq!((reopened.id, reopened.lab_version), (workspace.id, 2));
}

#[test]
fn a_reset_without_the_pack_changes_nothing() {
    let ground = ground(&[("ask.py", "starter")]);
    let workspace = ground.start();
    put(&workspace.folder, "ask.py", "mine");
    fs::remove_dir_all(&ground.lab.folder).unwrap();
    assert_eq!(reset(&workspace, &ground.lab).unwrap_err().code(), "workspace.starter");
    assert_eq!(read(&workspace.folder, "ask.py").unwrap(), "mine");
    assert_eq!(fs::read_dir(workspace.private()).unwrap().count(), 2, "no half snapshot");
}

#[test]
fn a_save_in_the_middle_of_a_reset_is_kept_somewhere() {
    let ground = ground(&[("ask.py", "starter")]);
    let workspace = ground.start();
    let saves = 2000;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for save in 0..saves {
                // As an editor does whose folder was just tidied away.
                let place = workspace.folder.join(format!("saved/{save}.txt"));
                while fs::create_dir_all(place.parent().unwrap()).and_then(|()| fs::write(&place, "typed")).is_err() {}
            }
        });
        for _ in 0..10 {
            reset(&workspace, &ground.lab).unwrap();
        }
    });
    let everywhere = walkdir::WalkDir::new(&workspace.folder).into_iter().flatten();
    let names: std::collections::BTreeSet<_> = everywhere
        .filter(|entry| entry.path().extension().is_some_and(|kind| kind == "txt"))
        .map(|entry| entry.file_name().to_owned())
        .collect();
    assert_eq!(names.len(), saves);
    assert_eq!(read(&workspace.folder, "ask.py").unwrap(), "starter");
}

#[test]
fn fixed_files_are_restored_and_only_those() {
    let ground = ground(&[("ask.py", "starter"), ("fixed/test_ask.py", "assert ask()")]);
    let workspace = ground.start();
    let folder = &workspace.folder;
    assert_eq!(restore_fixed(&workspace, &ground.lab).unwrap(), Vec::<String>::new());
    assert!(!folder.join(".groundwork/snapshots").exists(), "nothing changed, nothing kept");

    put(folder, "ask.py", "mine");
    put(folder, "fixed/test_ask.py", "pass");
    assert_eq!(restore_fixed(&workspace, &ground.lab).unwrap(), ["fixed/test_ask.py"]);
    assert_eq!(read(folder, "ask.py").unwrap(), "mine");
    assert_eq!(read(folder, "fixed/test_ask.py").unwrap(), "assert ask()");
    let kept = fs::read_dir(folder.join(".groundwork/snapshots")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(read(&kept, "fixed/test_ask.py").unwrap(), "pass");

    fs::remove_dir_all(folder.join("fixed")).unwrap();
    assert_eq!(restore_fixed(&workspace, &ground.lab).unwrap(), ["fixed/test_ask.py"]);
    assert_eq!(read(folder, "fixed/test_ask.py").unwrap(), "assert ask()");
}

#[cfg(unix)]
#[test]
fn a_fixed_file_is_never_written_through_a_link_that_leads_out() {
    let ground = ground(&[("fixed/test.py", "assert")]);
    let workspace = ground.start();
    let outside = ground.folder.path().join("outside");
    put(&outside, "test.py", "theirs");
    fs::remove_dir_all(workspace.folder.join("fixed")).unwrap();
    std::os::unix::fs::symlink(&outside, workspace.folder.join("fixed")).unwrap();
    assert_eq!(restore_fixed(&workspace, &ground.lab).unwrap_err().code(), "workspace.outside");
    assert_eq!(read(&outside, "test.py").unwrap(), "theirs");
}

fn files(folder: &Path) -> Vec<String> {
    let all = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    let files = all.filter(|entry| entry.file_type().is_file());
    files.map(|entry| entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned()).collect()
}
