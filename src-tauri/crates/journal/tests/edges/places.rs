//! A disk, a folder and a file that the journal cannot write, each made by the kernel. The test binary starts itself
//! again in a namespace of its own: root may write anywhere otherwise.

use std::{env, fs, path::PathBuf, process::Command};

use journal::{Error, Journal};
use task::Fault;

/// Runs one of the ignored tests below inside `inside`.
fn run(test: &str, inside: &[&str], folder: &std::path::Path) {
    let output = Command::new(inside[0])
        .args(&inside[1..])
        .arg(env::current_exe().unwrap())
        .args(["--exact", &format!("places::{test}"), "--ignored", "--nocapture"])
        .env("JOURNAL_FOLDER", folder)
        .output()
        .expect("unshare (util-linux) is not installed");
    let said = String::from_utf8_lossy(&output.stderr);
    let mend = "where user namespaces are forbidden, allow them: sysctl kernel.unprivileged_userns_clone=1";
    assert!(output.status.success(), "{said}\n{mend}");
}

fn folder() -> PathBuf {
    env::var_os("JOURNAL_FOLDER").unwrap_or_default().into()
}

fn record(journal: &Journal, text: &str) -> Result<(), Error> {
    journal.record_setting(text, &text.repeat(20))
}

#[test]
fn a_full_disk() {
    let folder = tempfile::tempdir().unwrap();
    let inside =
        ["unshare", "-rm", "sh", "-c", "mount -t tmpfs -o size=600k tmpfs \"$JOURNAL_FOLDER\" && exec \"$@\"", "sh"];
    run("on_a_full_disk", &inside, folder.path());
}

#[test]
#[ignore = "started by a_full_disk"]
fn on_a_full_disk() {
    let folder = folder();
    let ballast = folder.join("ballast");
    fs::write(&ballast, vec![0; 100_000]).unwrap();
    let path = folder.join("journal.db");
    let journal = Journal::open(&path).unwrap();
    let mut kept = Vec::new();
    let error = loop {
        let key = format!("key {}", kept.len());
        match record(&journal, &key) {
            Ok(()) => kept.push(key),
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), "journal.disk_full", "{error}");
    assert!(kept.len() > 10, "{}", kept.len());
    let all_there = |journal: &Journal| {
        for key in &kept {
            assert!(journal.setting(key).unwrap().is_some(), "{key}");
        }
        assert!(journal.check().unwrap().problems.is_empty());
    };
    all_there(&journal);

    fs::remove_file(&ballast).unwrap();
    record(&journal, "room again").unwrap();
    drop(journal);
    all_there(&Journal::open(&path).unwrap());

    // No room even to begin.
    let _ = fs::write(&ballast, vec![0; 1_000_000]);
    let error = Journal::open(&folder.join("new/journal.db")).unwrap_err();
    assert_eq!(error.code(), "journal.disk_full", "{error}");
}

/// As a user who is not root, which the caller may be.
const AS_USER: [&str; 3] = ["unshare", "--user", "--map-user=1000"];

#[test]
fn a_read_only_file_and_a_read_only_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    Journal::open(&path).unwrap().record_setting("theme", "dark").unwrap();
    run("where_nothing_may_be_written", &AS_USER, folder.path());
    assert_eq!(Journal::open(&path).unwrap().setting("theme").unwrap().as_deref(), Some("dark"));
}

#[test]
#[ignore = "started by a_read_only_file_and_a_read_only_folder"]
fn where_nothing_may_be_written() {
    let folder = folder();
    let path = folder.join("journal.db");
    let allow = |path: &std::path::Path, allowed| {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(allowed)).unwrap();
    };

    allow(&path, 0o444);
    let error = Journal::open(&path).unwrap_err();
    assert_eq!(error.code(), "journal.read_only", "{error}");
    assert!(error.to_string().contains("journal.db"), "{error}");
    allow(&path, 0o644);

    for file in ["journal.db", "new.db", "new/journal.db"] {
        allow(&folder, 0o555);
        let error = Journal::open(&folder.join(file)).unwrap_err();
        allow(&folder, 0o755);
        assert_eq!(error.code(), "journal.folder", "{file}: {error}");
        assert!(error.to_string().contains(folder.to_str().unwrap()), "{error}");
    }
}
