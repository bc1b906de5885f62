use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use tokio::time::timeout;
use workspaces::{Mode, Saves, Watcher};

use crate::support::{HANG, ground, put, read};

const DEBOUNCE: Duration = Duration::from_millis(20);

fn watch(folder: &Path, mode: Mode) -> (Watcher, Saves) {
    let (watcher, saves) = match mode {
        Mode::Events => Watcher::start(folder, DEBOUNCE).unwrap(),
        Mode::Polling => Watcher::start_polling(folder).unwrap(),
    };
    assert_eq!(watcher.mode(), mode);
    (watcher, saves)
}

/// Every path reported up to and with `last`.
async fn until(saves: &mut Saves, last: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    while !seen.contains(last) {
        let batch =
            timeout(HANG, saves.recv()).await.unwrap_or_else(|_| panic!("{last} was not reported; {seen:?} was"));
        seen.extend(batch.expect("the watcher ended").into_iter().map(|saved| saved.path));
    }
    seen
}

fn rename(folder: &Path, from: &str, to: &str) {
    fs::rename(folder.join(from), folder.join(to)).unwrap();
}

#[tokio::test]
async fn every_way_to_save_is_seen() {
    type Act = fn(&Path);
    let ways: [(&str, &str, Act); 12] = [
        ("create", "new.py", |folder| put(folder, "new.py", "x")),
        ("modify", "old.py", |folder| put(folder, "old.py", "changed")),
        ("modify to the same length", "same.py", |folder| put(folder, "same.py", "zzz")),
        ("save by rename", "old.py", |folder| {
            put(folder, "old.py.tmp.4711", "renamed");
            rename(folder, "old.py.tmp.4711", "old.py");
        }),
        ("save as vim does", "old.py", |folder| {
            rename(folder, "old.py", "old.py~");
            put(folder, "old.py", "by vim");
            fs::remove_file(folder.join("old.py~")).unwrap();
        }),
        ("save as JetBrains does", "old.py", |folder| {
            put(folder, "old.py___jb_tmp___", "by an IDE");
            rename(folder, "old.py", "old.py___jb_old___");
            rename(folder, "old.py___jb_tmp___", "old.py");
            fs::remove_file(folder.join("old.py___jb_old___")).unwrap();
        }),
        ("a new folder with a file", "a/b/c/deep.py", |folder| put(folder, "a/b/c/deep.py", "deep")),
        ("a file in that folder", "a/b/c/deeper.py", |folder| put(folder, "a/b/c/deeper.py", "deeper")),
        ("a folder that is moved", "moved/b/c/deep.py", |folder| rename(folder, "a", "moved")),
        ("a file in the moved folder", "moved/b/c/deep.py", |folder| put(folder, "moved/b/c/deep.py", "again")),
        ("delete", "old.py", |folder| fs::remove_file(folder.join("old.py")).unwrap()),
        ("delete a folder", "moved/b/c/deep.py", |folder| fs::remove_dir_all(folder.join("moved")).unwrap()),
    ];
    for mode in [Mode::Events, Mode::Polling] {
        let ground = ground(&[("old.py", "x"), ("same.py", "aaa")]);
        let folder = ground.start().folder;
        let (_watcher, mut saves) = watch(&folder, mode);
        for (way, path, act) in ways {
            act(&folder);
            let seen = until(&mut saves, path).await;
            assert!(seen.iter().all(|path| !path.contains('~') && !path.contains("jb")), "{way}: {seen:?}");
        }
    }
}

#[tokio::test]
async fn what_tools_write_and_what_checks_read_is_no_save() {
    for mode in [Mode::Events, Mode::Polling] {
        let ground = ground(&[("ask.py", "x"), ("__pycache__/old.pyc", ""), (".venv/pyvenv.cfg", "")]);
        let workspace = ground.start();
        let folder = &workspace.folder;
        let (_watcher, mut saves) = watch(folder, mode);
        for path in [
            ".git/index",
            ".groundwork/snapshots/x/ask.py",
            "__pycache__/ask.pyc",
            ".venv/lib/site.py",
            "node_modules/x/y.js",
            ".ask.py.swp",
            ".#ask.py",
            "#ask.py#",
            "ask.py~",
            "4913",
        ] {
            put(folder, path, "noise");
        }
        read(folder, "ask.py").unwrap();
        workspaces::snapshots(&workspace).unwrap();
        put(folder, ".groundwork/activate", "secret");
        put(folder, "last.py", "");
        assert_eq!(until(&mut saves, "last.py").await, BTreeSet::from(["last.py".to_owned()]), "{mode:?}");
    }
}

/// An environment that a learner makes is noise from the moment one can tell that it is one.
#[tokio::test]
async fn an_environment_made_meanwhile_is_no_save() {
    let ground = ground(&[("ask.py", "x")]);
    let folder = ground.start().folder;
    let (_watcher, mut saves) = watch(&folder, Mode::Events);
    put(&folder, "mine/pyvenv.cfg", "");
    put(&folder, "mine/lib/site.py", "");
    put(&folder, "last.py", "");
    until(&mut saves, "last.py").await;
    put(&folder, "mine/lib/other.py", "");
    put(&folder, "later.py", "");
    assert_eq!(until(&mut saves, "later.py").await, BTreeSet::from(["later.py".to_owned()]));
}

/// The reader of the reports is as slow as a check; the last state of each path still reaches it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_quick_saves_lose_none() {
    for mode in [Mode::Events, Mode::Polling] {
        let ground = ground(&[("ask.py", "x")]);
        let folder = ground.start().folder;
        let (_watcher, mut saves) = watch(&folder, mode);
        let place = folder.clone();
        let writer = std::thread::spawn(move || {
            let mut last = BTreeMap::new();
            for save in 0..1000 {
                let path = format!("{}/{}.txt", save % 3, save % 37);
                if save % 2 == 0 {
                    put(&place, &path, &save.to_string());
                } else {
                    put(&place, "draft.part", &save.to_string());
                    fs::create_dir_all(place.join((save % 3).to_string())).unwrap();
                    rename(&place, "draft.part", &path);
                }
                last.insert(path, save.to_string());
            }
            last
        });
        let mut seen = BTreeMap::new();
        let mut last = None;
        let mut writer = Some(writer);
        timeout(HANG, async {
            loop {
                if writer.as_ref().is_some_and(std::thread::JoinHandle::is_finished) {
                    last = writer.take().map(|writer| writer.join().unwrap());
                }
                if last.as_ref().is_some_and(|last| *last == seen) {
                    break;
                }
                let Ok(batch) = timeout(Duration::from_millis(100), saves.recv()).await else { continue };
                tokio::time::sleep(Duration::from_millis(5)).await;
                for saved in batch.unwrap().iter().filter(|saved| saved.path.ends_with("txt")) {
                    seen.insert(saved.path.clone(), read(&folder, &saved.path).unwrap_or_default());
                }
            }
        })
        .await
        .unwrap_or_else(|_| panic!("{mode:?}: {last:?} was written, {seen:?} was seen"));
    }
}

#[tokio::test]
async fn polling_sees_a_save_of_the_same_length_in_the_same_tick() {
    let ground = ground(&[("ask.py", "x")]);
    let folder = ground.start().folder;
    let (_watcher, mut saves) = watch(&folder, Mode::Polling);
    put(&folder, "tick.py", "aaaa");
    let written = folder.join("tick.py").metadata().unwrap().modified().unwrap();
    until(&mut saves, "tick.py").await;
    put(&folder, "tick.py", "bbbb");
    fs::File::options().append(true).open(folder.join("tick.py")).unwrap().set_modified(written).unwrap();
    until(&mut saves, "tick.py").await;
}

#[tokio::test]
async fn a_file_that_is_touched_back_in_time_is_seen() {
    let ground = ground(&[("ask.py", "x")]);
    let folder = ground.start().folder;
    let (_watcher, mut saves) = watch(&folder, Mode::Events);
    let file = fs::File::options().append(true).open(folder.join("ask.py")).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    until(&mut saves, "ask.py").await;
}

#[tokio::test]
async fn a_folder_that_is_deleted_and_made_again_is_still_watched() {
    let ground = ground(&[("ask.py", "x")]);
    let folder = ground.start().folder;
    let (_watcher, mut saves) = watch(&folder, Mode::Events);
    for round in 0..50 {
        let path = format!("src/{round}.py");
        put(&folder, &path, "");
        until(&mut saves, &path).await;
        fs::remove_dir_all(folder.join("src")).unwrap();
    }
}

#[tokio::test]
async fn dropping_the_watcher_ends_the_reports() {
    let ground = ground(&[("ask.py", "x")]);
    let folder = ground.start().folder;
    let (watcher, mut saves) = watch(&folder, Mode::Events);
    drop(watcher);
    put(&folder, "ask.py", "y");
    assert!(timeout(HANG, saves.recv()).await.unwrap().is_none());
}

#[cfg(unix)]
#[tokio::test]
async fn a_workspace_behind_a_link_is_watched() {
    let ground = ground(&[("ask.py", "x")]);
    let folder = ground.start().folder;
    let link = ground.folder.path().join("shortcut");
    std::os::unix::fs::symlink(&folder, &link).unwrap();
    let (_watcher, mut saves) = watch(&link, Mode::Events);
    put(&folder, "ask.py", "y");
    until(&mut saves, "ask.py").await;
}

/// Not a test of its own: run where the system sends no events, or not for every folder.
#[tokio::test]
#[ignore = "run by without_events_the_folder_is_read"]
async fn a_save_is_seen_by_reading() {
    let ground = ground(&[("a/ask.py", "x"), ("b/ask.py", "x"), ("c/ask.py", "x"), ("d/ask.py", "x")]);
    let folder = ground.start().folder;
    let (watcher, mut saves) = Watcher::start(&folder, DEBOUNCE).unwrap();
    assert_eq!(watcher.mode(), Mode::Polling);
    for path in ["a/ask.py", "d/ask.py", "e/new.py"] {
        put(&folder, path, "y");
        until(&mut saves, path).await;
    }
}

#[cfg(target_os = "linux")]
#[test]
fn without_events_the_folder_is_read() {
    for limit in ["max_inotify_instances", "max_inotify_watches"] {
        let few = if limit.ends_with("instances") { 0 } else { 3 };
        crate::support::apart(&format!(
            "echo {few} > /proc/sys/user/{limit} && exec \"$0\" watching::a_save_is_seen_by_reading --exact --ignored"
        ));
    }
}
