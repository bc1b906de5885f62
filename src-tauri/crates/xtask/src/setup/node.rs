//! Node and the window's npm packages. Installs the packages exactly as the lock file names them.

use std::path::PathBuf;

use anyhow::Result;

use super::Need;
use crate::places::Places;
use crate::{files, shell};

const OLDEST: u32 = 20;

pub const NODE: Need = Need {
    name: "Node",
    tests_only: false,
    missing: |places| {
        let said = shell::read(shell::command(places, "node").arg("--version")).unwrap_or_default();
        Ok(match major(&said) {
            Some(version) if version >= OLDEST && shell::find(places, "npm").is_some() => None,
            Some(version) if version >= OLDEST => Some("npm was not found".to_owned()),
            Some(_) => Some(format!("{said} is too old, {OLDEST} or newer is needed")),
            None => Some("it was not found".to_owned()),
        })
    },
    mend: None,
    by_hand: |_| format!("install Node {OLDEST} or newer, with npm"),
};

/// `v20.20.2` is 20.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

pub const PACKAGES: Need = Need {
    name: "npm packages",
    tests_only: false,
    missing: |places| {
        let there = files::stamped(&stamp(places), &lock(places)?);
        Ok((!there).then(|| "ui/package-lock.json has changed since the last npm ci".to_owned()))
    },
    mend: Some(|places| {
        let mut npm = shell::command(places, "npm");
        shell::run(npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(places.ui()))?;
        files::stamp(&stamp(places), &lock(places)?)
    }),
    by_hand: |_| "npm ci, in the folder ui".to_owned(),
};

/// Inside node_modules, so that deleting the folder deletes it too.
fn stamp(places: &Places) -> PathBuf {
    places.ui().join("node_modules/.installed")
}

fn lock(places: &Places) -> Result<String> {
    files::digest(&places.root, &["ui/package-lock.json".to_owned()])
}

#[cfg(test)]
mod tests {
    #[test]
    fn versions_are_read() {
        assert_eq!(super::major("v20.20.2"), Some(20));
        assert_eq!(super::major(""), None);
    }
}
