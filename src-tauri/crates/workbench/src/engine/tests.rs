use std::{fs, os::unix::fs::PermissionsExt};

use tokio::sync::mpsc;

use super::*;
use crate::{Event, Events, TaskStep, tasks::Tasks};

/// A debootstrap that begins, says where, and never ends.
const ENDLESS: &str = "#!/bin/sh\ntouch \"$4/begun\"\necho \"$4\"\nsleep 600\n";
/// Whoever runs the test, it is root's turn.
const SUDO: &str = "#!/bin/sh\nshift\nexec \"$@\"\n";

#[tokio::test]
async fn a_base_image_that_is_cancelled_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (name, script) in [("debootstrap", ENDLESS), ("sudo", SUDO)] {
        let program = folder.path().join(name);
        fs::write(&program, script).unwrap();
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = std::env::join_paths([folder.path(), Path::new("/usr/bin"), Path::new("/bin")]).unwrap();
    let recipe = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../assets/images/python.sh");
    let file = folder.path().join("python.tar");
    let (sender, mut events) = mpsc::unbounded_channel();
    let tasks = Tasks::new(Events::new(sender));
    let task = tasks.start("Making the base image", move |handle| async move {
        match as_root(&recipe, &file, &path, &handle).await {
            Ok(None) => Err(Problem::cancelled()),
            other => panic!("{other:?}"),
        }
    });
    let mut root = None;
    while let Some(Event::Task { step, .. }) = events.recv().await {
        match step {
            TaskStep::Started { .. } => {}
            TaskStep::Output { text } => {
                assert!(Path::new(&text).join("begun").exists(), "{text}");
                root = Some(text);
                tasks.cancel(task);
            }
            TaskStep::Cancelled => break,
            other => panic!("{other:?}"),
        }
    }
    let root = root.unwrap();
    assert!(!Path::new(&root).exists(), "{root} was left behind");
}
