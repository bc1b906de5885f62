//! Node and the window's npm packages. Installs the packages exactly as the lock file names them.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::{Map, Value};

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
        let (stamp, lock) = (stamp(places), lock(places)?);
        if files::stamped(&stamp, &lock) {
            return Ok(None);
        }
        if !as_locked(places) {
            return Ok(Some("ui/node_modules has not what ui/package-lock.json names".to_owned()));
        }
        files::stamp(&stamp, &lock)?;
        Ok(None)
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

/// Whether npm's own list of what it installed, which lies beside the packages, is that of the lock file.
fn as_locked(places: &Places) -> bool {
    let packages = |file: &str| -> Option<Map<String, Value>> {
        let text = std::fs::read_to_string(places.ui().join(file)).ok()?;
        serde_json::from_str::<Value>(&text).ok()?["packages"].as_object().cloned()
    };
    let both = packages("package-lock.json").zip(packages("node_modules/.package-lock.json"));
    both.is_some_and(|(named, there)| same(&named, &there))
}

/// Of the packages that are named, those of other systems may lack; what is there is just what is named.
fn same(named: &Map<String, Value>, there: &Map<String, Value>) -> bool {
    let alike = |place: &String, package: &Value| {
        let named = named.get(place);
        named.is_some_and(|named| ["version", "integrity"].iter().all(|key| named[*key] == package[*key]))
    };
    there.iter().all(|(place, package)| alike(place, package))
        && named.iter().all(|(place, package)| {
            // The clone itself is named by the empty place.
            there.contains_key(place) || place.is_empty() || package["optional"] == true
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn packages_are_compared_with_the_lock_file() {
        let package = |version: &str| json!({ "version": version, "integrity": format!("sha512-{version}") });
        let named = json!({
            "": { "name": "ui" },
            "node_modules/a": package("1.0.0"),
            "node_modules/b": package("2.0.0"),
            "node_modules/mac": { "version": "1.0.0", "optional": true },
        });
        let (a, b) = (package("1.0.0"), package("2.0.0"));
        for (there, expected) in [
            (json!({ "node_modules/a": a, "node_modules/b": b }), true),
            (json!({ "node_modules/a": a }), false),
            (json!({ "node_modules/a": a, "node_modules/b": package("2.0.1") }), false),
            (json!({ "node_modules/a": a, "node_modules/b": b, "node_modules/c": a }), false),
        ] {
            let same = super::same(named.as_object().unwrap(), there.as_object().unwrap());
            assert_eq!(same, expected, "{there}");
        }
    }

    #[test]
    fn versions_are_read() {
        assert_eq!(super::major("v20.20.2"), Some(20));
        assert_eq!(super::major(""), None);
    }
}
