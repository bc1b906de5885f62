//! One run at a time uses the target folder that all clones share: another clone's build would put its programs in the place
//! of those that a test is about to start. Never says what is built.

use std::fs::{File, TryLockError};
use std::io::Write as _;

use anyhow::{Context, Result};

use crate::places::Places;
use crate::shell;

/// The right to build into the target folder and to run what lies there, until it is dropped or its process ends.
#[derive(Debug)]
pub struct Turn {
    _held: File,
}

impl Turn {
    /// Waits for it, and says for which clone.
    pub fn take(places: &Places) -> Result<Self> {
        std::fs::create_dir_all(&places.target)?;
        let path = places.target.join("turn");
        let mut held = File::options().create(true).append(true).open(&path)?;
        match held.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = std::fs::read_to_string(&path).unwrap_or_default();
                shell::announce(&format!("waiting for {holder}, which builds or runs in {}", places.target.display()));
                held.lock()?;
            }
            Err(TryLockError::Error(error)) => return Err(error).context(format!("could not lock {}", path.display())),
        }
        held.set_len(0)?;
        held.write_all(places.root.to_string_lossy().as_bytes())?;
        Ok(Self { _held: held })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_second_clone_waits_for_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let [one, two] = ["one", "two"].map(|name| {
            let at = |name: &str| folder.path().join(name);
            Places { root: at(name), cache: at("cache"), target: at("target") }
        });
        let held = one.target.join("turn");
        let first = Turn::take(&one).unwrap();
        assert!(matches!(File::open(&held).unwrap().try_lock(), Err(TryLockError::WouldBlock)));
        assert_eq!(std::fs::read_to_string(&held).unwrap(), one.root.to_str().unwrap());
        let (sender, receiver) = mpsc::channel();
        let (root, file) = (two.root.clone(), held.clone());
        std::thread::spawn(move || {
            let _second = Turn::take(&two).unwrap();
            sender.send(std::fs::read_to_string(file).unwrap()).unwrap();
        });
        assert!(receiver.try_recv().is_err());
        drop(first);
        assert_eq!(receiver.recv().unwrap(), root.to_str().unwrap());
    }
}
