use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use curriculum::Shared;
use task::Fault;
use workspaces::{Error, Reason, Snapshot, Workspace, reset, restore, restore_fixed, snapshots, update};

use crate::support::{ground, put, read, tree};

#[test]
fn a_reset_brings_the_starter_back_and_keeps_everything_the_learner_typed() {
    let mut ground = ground(&[("ask.py", "starter"), ("data/set.json", "{}")]);
    let workspace = ground.start();
    let folder = &workspace.folder;
    put(folder, "ask.py", "mine");
    put(folder, "extra/answers.txt", "42");
    put(folder, ".github/workflows/ci.yml", "on: push");
    for made in [".git/HEAD", "__pycache__/ask.pyc", ".venv/bin/python", "other/pyvenv.cfg", "other/lib/x.py"] {
        put(folder, made, "made");
    }
    fs::remove_file(folder.join("data/set.json")).unwrap();
    ground.lab.version = 2;

    let kept = reset(&workspace, &ground.lab).unwrap();
    assert_eq!(names(&kept), [".github/workflows/ci.yml", "ask.py", "extra/answers.txt"]);
    assert_eq!((kept.reason, kept.lab_version), (Reason::Reset, 1));
    assert_eq!(read(folder, "ask.py").unwrap(), "starter");
    assert_eq!(read(folder, "data/set.json").unwrap(), "{}");
    assert!(!folder.join("extra").exists());
    assert_eq!(read(folder, ".git/HEAD").unwrap(), "made");
    assert_eq!(read(folder, "other/lib/x.py").unwrap(), "made");
    let reopened = Workspace::open(folder).unwrap();
    assert_eq!((reopened.id, reopened.lab_version), (workspace.id, 2));

    put(folder, "later.txt", "after");
    let restored = restore(&workspace, &kept.id, None).unwrap();
    assert_eq!(read(folder, "ask.py").unwrap(), "mine");
    assert_eq!(read(folder, "extra/answers.txt").unwrap(), "42");
    assert_eq!(read(folder, "data/set.json"), None, "as it was then");
    assert_eq!(read(folder, "later.txt"), None);
    assert_eq!(names(&restored.kept), ["ask.py", "data/set.json", "later.txt"]);
    assert_eq!(Workspace::open(folder).unwrap().lab_version, 1, "the files are of version 1 again");
    let list = snapshots(&workspace).unwrap();
    assert_eq!(list.iter().map(|one| one.reason).collect::<Vec<_>>(), [Reason::Reset, Reason::Restore]);
}

#[test]
fn one_file_comes_back_alone() {
    let ground = ground(&[("ask.py", "starter"), ("notes.md", "")]);
    let workspace = ground.start();
    let folder = &workspace.folder;
    put(folder, "ask.py", "mine");
    put(folder, "notes.md", "thoughts");
    let kept = reset(&workspace, &ground.lab).unwrap();
    put(folder, "later.txt", "after");
    // What stands in the way makes way, also a folder with something in it.
    fs::remove_file(folder.join("ask.py")).unwrap();
    put(folder, "ask.py/inner.txt", "odd");

    let restored = restore(&workspace, &kept.id, Some("./ask.py")).unwrap();
    assert_eq!(restored.files, [PathBuf::from("ask.py")]);
    assert_eq!(read(folder, "ask.py").unwrap(), "mine");
    assert_eq!(read(folder, "notes.md").unwrap(), "");
    assert_eq!(read(folder, "later.txt").unwrap(), "after");
    assert_eq!(names(&restored.kept), ["ask.py/inner.txt", "later.txt", "notes.md"]);

    let error = restore(&workspace, &kept.id, Some("nowhere.py")).unwrap_err();
    assert_eq!(error.code(), "snapshot.file");
    assert_eq!(restore(&workspace, "yesterday", None).unwrap_err().code(), "snapshot.unknown");
    assert!(matches!(restore(&workspace, "../../x", None), Err(Error::NoSnapshot { .. })));
}

#[test]
fn the_same_content_is_kept_once() {
    let ground = ground(&[("a.txt", "same"), ("b.txt", "same")]);
    let workspace = ground.start();
    for _ in 0..5 {
        reset(&workspace, &ground.lab).unwrap();
    }
    assert_eq!(snapshots(&workspace).unwrap().len(), 5);
    assert_eq!(objects(&workspace).len(), 1);
}

#[test]
fn the_list_is_bounded_and_the_newest_stay() {
    let ground = ground(&[("ask.py", "starter")]);
    let workspace = ground.start();
    for turn in 0..workspaces::MOST + 3 {
        put(&workspace.folder, "ask.py", &format!("turn {turn}"));
        reset(&workspace, &ground.lab).unwrap();
    }
    let list = snapshots(&workspace).unwrap();
    assert_eq!(list.len(), workspaces::MOST);
    assert_eq!(objects(&workspace).len(), workspaces::MOST);
    // The oldest that is left can still be restored, though restoring makes one more.
    restore(&workspace, &list[0].id, None).unwrap();
    assert_eq!(read(&workspace.folder, "ask.py").unwrap(), "turn 3");
    assert!(!snapshots(&workspace).unwrap().contains(&list[0]));
}

#[test]
fn a_reset_without_the_pack_changes_nothing() {
    let ground = ground(&[("ask.py", "starter")]);
    let workspace = ground.start();
    put(&workspace.folder, "ask.py", "mine");
    fs::remove_dir_all(&ground.lab.folder).unwrap();
    assert_eq!(reset(&workspace, &ground.lab).unwrap_err().code(), "workspace.starter");
    assert_eq!(read(&workspace.folder, "ask.py").unwrap(), "mine");
    assert_eq!(snapshots(&workspace).unwrap(), []);
}

#[test]
fn a_damaged_object_is_named_and_nothing_changes() {
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 3] = [
        ("altered", |object| fs::write(object, "mean").unwrap()),
        ("cut short", |object| fs::write(object, "").unwrap()),
        ("missing", |object| fs::remove_file(object).unwrap()),
    ];
    for (case, damage) in damages {
        let ground = ground(&[("ask.py", "starter")]);
        let workspace = ground.start();
        put(&workspace.folder, "ask.py", "mine");
        put(&workspace.folder, "deep/notes.md", "mine too");
        let kept = reset(&workspace, &ground.lab).unwrap();
        let object = objects(&workspace).into_iter().find(|object| fs::read(object).unwrap() == b"mine").unwrap();
        damage(&object);
        let before = tree(&workspace.folder);
        let error = restore(&workspace, &kept.id, None).unwrap_err();
        assert_eq!(error.code(), "snapshot.damaged", "{case}");
        assert!(error.to_string().starts_with("ask.py of the snapshot"), "{case}: {error}");
        assert_eq!(tree(&workspace.folder), before, "{case}");
        assert_eq!(snapshots(&workspace).unwrap(), std::slice::from_ref(&kept), "{case}");
        restore(&workspace, &kept.id, Some("deep/notes.md")).unwrap();
        // The same words typed again make the object sound.
        put(&workspace.folder, "ask.py", "mine");
        reset(&workspace, &ground.lab).unwrap();
        restore(&workspace, &kept.id, None).unwrap();
        assert_eq!(read(&workspace.folder, "ask.py").unwrap(), "mine", "{case}");
    }
}

#[test]
fn a_damaged_manifest_spoils_neither_the_list_nor_its_objects() {
    let ground = ground(&[("ask.py", "starter")]);
    let workspace = ground.start();
    put(&workspace.folder, "ask.py", "mine");
    let kept = reset(&workspace, &ground.lab).unwrap();
    // What moved away is compared with the snapshot while it can be read.
    assert_eq!(snapshots(&workspace).unwrap(), std::slice::from_ref(&kept));
    let file = workspace.kept().join(format!("snapshots/{}.toml", kept.id));
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, "at = 1").unwrap();
    assert_eq!(restore(&workspace, &kept.id, None).unwrap_err().code(), "snapshot.damaged");
    let other = reset(&workspace, &ground.lab).unwrap();
    assert_eq!(snapshots(&workspace).unwrap(), [other]);
    fs::write(&file, text).unwrap();
    restore(&workspace, &kept.id, None).unwrap();
    assert_eq!(read(&workspace.folder, "ask.py").unwrap(), "mine");
}

#[test]
fn a_manifest_written_by_hand_leads_nowhere_else() {
    let ground = ground(&[("ask.py", "starter")]);
    let workspace = ground.start();
    put(&workspace.folder, "ask.py", "mine");
    let kept = reset(&workspace, &ground.lab).unwrap();
    let file = workspace.kept().join(format!("snapshots/{}.toml", kept.id));
    let text = fs::read_to_string(&file).unwrap();
    let outside = ground.folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    let below_a_link = format!("{text}\n[[files]]\npath = \"way\"\nlink = {outside:?}\n");
    let hash = text.lines().find(|line| line.starts_with("hash")).unwrap();
    let below_a_link = format!("{below_a_link}[[files]]\npath = \"way/evil\"\n{hash}\nbytes = 4\n");
    for evil in [
        text.replace("\"ask.py\"", "\"../evil\""),
        text.replace("\"ask.py\"", &format!("{:?}", outside.join("evil"))),
        text.replace("hash = \"", "hash = \"../../../../"),
        below_a_link,
    ] {
        assert_ne!(evil, text);
        fs::write(&file, evil).unwrap();
        restore(&workspace, &kept.id, None).unwrap_err();
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
        assert_eq!(read(&workspace.folder, "ask.py").unwrap(), "starter");
    }
}

#[test]
fn the_folders_of_earlier_versions_become_snapshots() {
    let ground = ground(&[("ask.py", "starter")]);
    let workspace = ground.start();
    let old = "2026-03-02T09-15-00.5Z";
    put(&workspace.kept().join("snapshots"), &format!("{old}/ask.py"), "mine of March");
    put(&workspace.kept().join("snapshots"), &format!("{old}/notes/deep.md~"), "kept, whatever its name");
    let list = snapshots(&workspace).unwrap();
    assert_eq!(list.len(), 1);
    assert_eq!((list[0].id.as_str(), list[0].reason), (old, Reason::Earlier));
    assert_eq!(list[0].at, "2026-03-02T09:15:00.5Z".parse().unwrap());
    assert!(!workspace.kept().join("snapshots").join(old).exists());
    put(&workspace.folder, "later.txt", "after");
    restore(&workspace, old, None).unwrap();
    assert_eq!(read(&workspace.folder, "ask.py").unwrap(), "mine of March");
    assert_eq!(read(&workspace.folder, "notes/deep.md~").unwrap(), "kept, whatever its name");
    assert_eq!(read(&workspace.folder, "later.txt").unwrap(), "after", "it may have held a part only");
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
    let mut found: BTreeSet<String> = snapshots(&workspace).unwrap().iter().flat_map(names).collect();
    found.extend(tree(&workspace.folder).into_keys().map(|path| path.display().to_string()));
    let lost: Vec<_> =
        (0..saves).map(|save| format!("saved/{save}.txt")).filter(|name| !found.contains(name)).collect();
    assert_eq!(lost, Vec::<String>::new());
    assert_eq!(read(&workspace.folder, "ask.py").unwrap(), "starter");
}

#[test]
fn what_an_open_file_gets_after_a_reset_is_kept() {
    let ground = ground(&[("ask.py", "starter")]);
    let workspace = ground.start();
    let log = workspace.folder.join("run.log");
    let mut open = fs::File::create(&log).unwrap();
    std::io::Write::write_all(&mut open, b"before ").unwrap();
    reset(&workspace, &ground.lab).unwrap();
    assert!(!log.exists());
    std::io::Write::write_all(&mut open, b"after").unwrap();
    drop(open);
    let list = snapshots(&workspace).unwrap();
    assert_eq!(list.iter().map(|one| one.reason).collect::<Vec<_>>(), [Reason::Reset, Reason::Meanwhile]);
    restore(&workspace, &list[1].id, None).unwrap();
    assert_eq!(fs::read_to_string(&log).unwrap(), "before after");
    assert_eq!(read(&workspace.folder, "ask.py").unwrap(), "starter", "the others stay");
}

#[test]
fn fixed_files_are_restored_and_only_those() {
    let ground = ground(&[("ask.py", "starter"), ("fixed/test_ask.py", "assert ask()")]);
    let workspace = ground.start();
    let folder = &workspace.folder;
    assert_eq!(restore_fixed(&workspace, &ground.lab).unwrap(), Vec::<String>::new());
    assert!(!workspace.kept().join("snapshots").exists(), "nothing changed, nothing kept");

    put(folder, "ask.py", "mine");
    // The same change again and again pushes no other snapshot out.
    for _ in 0..3 {
        put(folder, "fixed/test_ask.py", "pass");
        assert_eq!(restore_fixed(&workspace, &ground.lab).unwrap(), ["fixed/test_ask.py"]);
        assert_eq!(read(folder, "ask.py").unwrap(), "mine");
        assert_eq!(read(folder, "fixed/test_ask.py").unwrap(), "assert ask()");
    }
    let list = snapshots(&workspace).unwrap();
    assert_eq!((list.len(), list[0].reason, names(&list[0])), (1, Reason::Fixed, vec!["fixed/test_ask.py".to_owned()]));
    restore(&workspace, &list[0].id, None).unwrap();
    assert_eq!(read(folder, "fixed/test_ask.py").unwrap(), "pass");
    assert_eq!(read(folder, "ask.py").unwrap(), "mine");

    fs::remove_dir_all(folder.join("fixed")).unwrap();
    assert_eq!(restore_fixed(&workspace, &ground.lab).unwrap(), ["fixed/test_ask.py"]);
    assert_eq!(read(folder, "fixed/test_ask.py").unwrap(), "assert ask()");

    fs::remove_file(folder.join("fixed/test_ask.py")).unwrap();
    put(folder, "fixed/test_ask.py/inside.txt", "odd");
    assert_eq!(restore_fixed(&workspace, &ground.lab).unwrap(), ["fixed/test_ask.py"]);
    assert_eq!(names(snapshots(&workspace).unwrap().last().unwrap()), ["fixed/test_ask.py/inside.txt"]);
}

#[test]
fn what_labs_share_is_laid_down_beside_the_starter_and_restored() {
    let mut ground = ground(&[("ask.py", "starter")]);
    let shared = ground.folder.path().join("pack/shared/corpus");
    put(&shared, "notes/first.md", "one");
    put(&shared, "second.md", "two");
    ground.lab.shared = vec![Shared { from: "corpus".into(), to: "data/corpus".into() }];
    let workspace = ground.start();
    let folder = &workspace.folder;
    assert_eq!(read(folder, "data/corpus/notes/first.md").unwrap(), "one");
    assert_eq!(restore_fixed(&workspace, &ground.lab).unwrap(), Vec::<String>::new());
    put(folder, "data/corpus/second.md", "mine");
    put(folder, "data/corpus/third.md", "mine as well");
    assert_eq!(restore_fixed(&workspace, &ground.lab).unwrap(), ["data/corpus/second.md"]);
    assert_eq!(read(folder, "data/corpus/second.md").unwrap(), "two");
    assert_eq!(read(folder, "data/corpus/third.md").unwrap(), "mine as well");

    // A newer version of the lab brings the newer corpus.
    put(&shared, "second.md", "two, mended");
    ground.lab.version = 2;
    assert_eq!(update(&workspace, &ground.lab).unwrap().replaced, ["data/corpus/second.md"]);
    assert_eq!(read(folder, "data/corpus/second.md").unwrap(), "two, mended");
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

#[cfg(target_os = "linux")]
#[test]
fn a_snapshot_that_the_disk_cannot_hold_is_refused_before_anything_moves() {
    crate::support::apart(
        "mount -t tmpfs -o size=6m tmpfs /mnt && TMPDIR=/mnt exec \"$0\" --exact snapshots::on_a_small_disk --ignored",
    );
}

#[test]
#[ignore = "started by a_snapshot_that_the_disk_cannot_hold_is_refused_before_anything_moves"]
fn on_a_small_disk() {
    let ground = ground(&[("ask.py", "starter")]);
    let workspace = ground.start();
    put(&workspace.folder, "ask.py", "mine");
    put(&workspace.folder, "large.bin", &"x".repeat(4_000_000));
    let before = tree(&workspace.folder);
    let error = reset(&workspace, &ground.lab).unwrap_err();
    assert_eq!(error.code(), "workspace.no_room", "{error}");
    assert!(error.to_string().contains("is full") && error.next_step().starts_with("Free some space"), "{error}");
    assert_eq!(tree(&workspace.folder), before);
    assert_eq!(snapshots(&workspace).unwrap(), []);
    fs::remove_file(workspace.folder.join("large.bin")).unwrap();
    reset(&workspace, &ground.lab).unwrap();
}

fn names(snapshot: &Snapshot) -> Vec<String> {
    snapshot.files.iter().map(|file| file.path.to_str().unwrap().to_owned()).collect()
}

fn objects(workspace: &Workspace) -> Vec<PathBuf> {
    let objects = fs::read_dir(workspace.kept().join("snapshots/objects")).unwrap();
    objects.map(|entry| entry.unwrap().path()).collect()
}
