//! Any tree that a learner can make comes back byte for byte, also after `kill -9`.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use proptest::{collection::btree_map, prelude::*, sample::select};
use workspaces::{Workspace, reset, restore, snapshots};

use crate::support::{Place, ground, put, read, tree};

const FOLDER: &str = "GROUNDWORK_TEST_FOLDER";

/// Names as people and programs give them. None is a beginning of another, so that no file stands where a folder must.
const NAMES: &[&str] =
    &["ask.py", "with space", "émoji 🙂", "100%", "%41", "-rf", "line\nbreak", "quote\"'", "ends.", ".hidden", "UPPER"];

fn place() -> impl Strategy<Value = Place> {
    let bytes = prop_oneof![Just(Vec::new()), proptest::collection::vec(any::<u8>(), 1..200)];
    prop_oneof![
        4 => (bytes, select(&[0o644, 0o600, 0o755, 0o444][..])).prop_map(|(bytes, mode)| Place::File(bytes, mode)),
        1 => select(&["ask.py", "../outside", "/nowhere/at all", "%41"][..]).prop_map(|to| Place::Link(to.into())),
    ]
}

fn path() -> impl Strategy<Value = PathBuf> {
    (proptest::collection::vec(select(&["folder", "fol der", "ü"][..]), 0..3), select(NAMES))
        .prop_map(|(folders, name)| folders.iter().collect::<PathBuf>().join(name))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_tree_comes_back(first in btree_map(path(), place(), 0..8), second in btree_map(path(), place(), 0..8)) {
        let ground = ground(&[("ask.py", "starter")]);
        let workspace = ground.start();
        let folder = &workspace.folder;
        fs::remove_file(folder.join("ask.py")).unwrap();
        lay(folder, &first);
        let starter = [(PathBuf::from("ask.py"), Place::File(b"starter".to_vec(), 0o644))].into();
        let kept_first = reset(&workspace, &ground.lab).unwrap();
        prop_assert_eq!(plain(tree(folder)), plain(starter));
        fs::remove_file(folder.join("ask.py")).unwrap();
        lay(folder, &second);
        let kept_second = restore(&workspace, &kept_first.id, None).unwrap().kept;
        prop_assert_eq!(tree(folder), owned(first));
        restore(&workspace, &kept_second.id, None).unwrap();
        prop_assert_eq!(tree(folder), owned(second));
    }
}

/// A file that came back can be written by its owner.
fn owned(tree: BTreeMap<PathBuf, Place>) -> BTreeMap<PathBuf, Place> {
    let owned = |place| match place {
        Place::File(bytes, mode) => Place::File(bytes, mode | 0o600),
        link => link,
    };
    tree.into_iter().map(|(path, place)| (path, owned(place))).collect()
}

/// Without modes, which a starter gets from the test's own user.
fn plain(tree: BTreeMap<PathBuf, Place>) -> Vec<(PathBuf, Vec<u8>)> {
    let bytes = |place| match place {
        Place::File(bytes, _) => bytes,
        Place::Link(to) => to.into_os_string().into_encoded_bytes(),
    };
    tree.into_iter().map(|(path, place)| (path, bytes(place))).collect()
}

fn lay(folder: &Path, tree: &BTreeMap<PathBuf, Place>) {
    use std::os::unix::fs::PermissionsExt;
    for (path, place) in tree {
        let at = folder.join(path);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        match place {
            Place::File(bytes, mode) => {
                fs::write(&at, bytes).unwrap();
                fs::set_permissions(&at, fs::Permissions::from_mode(*mode)).unwrap();
            }
            Place::Link(to) => std::os::unix::fs::symlink(to, &at).unwrap(),
        }
    }
}

#[test]
fn a_name_that_is_no_text_comes_back() {
    use std::os::unix::ffi::OsStrExt;
    let ground = ground(&[("ask.py", "starter")]);
    let workspace = ground.start();
    let odd = workspace.folder.join(std::ffi::OsStr::from_bytes(b"caf\xe9%.txt"));
    fs::write(&odd, "mine").unwrap();
    let kept = reset(&workspace, &ground.lab).unwrap();
    assert!(!odd.exists());
    restore(&workspace, &kept.id, None).unwrap();
    assert_eq!(fs::read_to_string(&odd).unwrap(), "mine");
}

/// What the process that is killed types, file by file.
fn typed(turn: usize, file: usize) -> String {
    format!("turn {turn}, file {file}\n").repeat(200)
}

const FILES: usize = 12;
const KILLS: usize = 40;

/// Not a test of its own: the process that the test below kills.
#[test]
#[ignore = "run by kill_9_in_the_middle_loses_nothing"]
fn exchanger() {
    let Some(parent) = env::var_os(FOLDER) else { return };
    let parent = PathBuf::from(parent);
    let mut lab = ground(&[]).lab;
    lab.folder = parent.join("pack/first");
    let workspace = Workspace::open(&parent.join("home/first")).unwrap();
    let begin: usize = read(&parent, "turn").unwrap().parse().unwrap();
    for turn in begin.. {
        for file in 0..FILES {
            put(&workspace.folder, &format!("part {file}/text.md"), &typed(turn, file));
        }
        // From now on this turn's words must be found.
        eprintln!("{turn}");
        let kept = reset(&workspace, &lab).unwrap();
        if turn % 2 == 0 {
            restore(&workspace, &kept.id, None).unwrap();
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn kill_9_in_the_middle_loses_nothing() {
    let ground = ground(&[("ask.py", "starter"), ("part 0/text.md", "starter")]);
    let workspace = ground.start();
    let mut turn = 0;
    for kill in 0..KILLS {
        put(ground.folder.path(), "turn", &turn.to_string());
        let mut process = Command::new(env::current_exe().unwrap())
            .args(["--exact", "trees::exchanger", "--ignored", "--nocapture"])
            .env(FOLDER, ground.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let first = lines.next().expect("it types").unwrap();
        // After another share of the exchange each time; a quick disk and a slow one are both met at all points.
        std::thread::sleep(std::time::Duration::from_micros(rand_below(kill) * 700));
        process.kill().unwrap();
        process.wait().unwrap();
        let last = lines.map_while(Result::ok).last().unwrap_or(first);
        turn = last.parse().unwrap_or_else(|_| panic!("it failed by itself: {last}"));

        let list = snapshots(&workspace).unwrap();
        for file in 0..FILES {
            let path = format!("part {file}/text.md");
            let words = typed(turn, file);
            // Half a file is one that was being typed when the process was killed; this turn's were complete.
            let here = read(&workspace.folder, &path).is_some_and(|found| found == words);
            let kept = || {
                list.iter().rev().any(|one| {
                    let held = one.files.iter().any(|kept| kept.path == Path::new(&path));
                    held && content(&workspace, &one.id, &path) == words
                })
            };
            assert!(here || kept(), "kill {kill}, turn {turn}: {path} is lost");
        }
        turn += 1;
    }
    // Each that is listed is whole.
    for one in snapshots(&workspace).unwrap() {
        for file in &one.files {
            content(&workspace, &one.id, file.path.to_str().unwrap());
        }
    }
}

/// Spreads the kills over the exchange.
fn rand_below(kill: usize) -> u64 {
    (kill as u64 * 7) % 40
}

/// A kept file's text, brought back in a copy of the workspace.
fn content(workspace: &Workspace, id: &str, path: &str) -> String {
    let copy = tempfile::tempdir().unwrap();
    let (folder, home) = (copy.path().join("first"), workspace.folder.parent().unwrap());
    let kept = copy.path().join(workspace.kept().strip_prefix(home).unwrap());
    for (from, to) in [(&workspace.folder, &folder), (&workspace.kept(), &kept)] {
        for entry in walkdir::WalkDir::new(from) {
            let entry = entry.unwrap();
            let to = to.join(entry.path().strip_prefix(from).unwrap());
            match entry.file_type().is_dir() {
                true => fs::create_dir_all(to).unwrap(),
                false => drop(fs::copy(entry.path(), to).unwrap()),
            }
        }
    }
    restore(&Workspace::open(&folder).unwrap(), id, Some(path)).unwrap();
    read(&folder, path).unwrap()
}
