//! Which names every system can hold, so that a pack built on one can be installed on another.

use std::collections::{BTreeMap, BTreeSet};

use curriculum::unfit;

use crate::{Error, manifest};

/// The longest path, and the longest part of one: what the header of an archive's member holds (ustar). It fits below a
/// learner's folder on every system.
const LONGEST: usize = 155;
const LONGEST_PART: usize = 100;

/// Names that Windows keeps for devices, whatever their ending.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Why a pack may not hold a file of this name, or `None` where it may.
pub fn unportable(path: &str) -> Option<&'static str> {
    if let Some(reason) = unfit(path) {
        return Some(reason);
    }
    if path.len() > LONGEST {
        return Some("is longer than 155 bytes");
    }
    path.split('/').find_map(|part| {
        if part.len() > LONGEST_PART {
            return Some("has a part that is longer than 100 bytes");
        }
        if part.contains(|c: char| c.is_control() || "<>\"|?*".contains(c)) {
            return Some("has a character that Windows cannot hold");
        }
        if part.ends_with(['.', ' ']) {
            return Some("ends in a dot or a space, which Windows drops");
        }
        device(part).then_some("is a device on Windows")
    })
}

/// All that is wrong with the names of a pack's files, and with how they stand beside each other.
pub(crate) fn wrong<'a>(paths: impl Iterator<Item = &'a str>) -> Vec<Error> {
    let mut wrong = Vec::new();
    let mut plain: BTreeMap<String, &str> = BTreeMap::new();
    let mut folders: BTreeMap<String, &str> = BTreeMap::new();
    for path in paths {
        if let Some(reason) = unportable(path) {
            wrong.push(Error::Name { name: path.to_owned(), reason });
            continue;
        }
        if path.eq_ignore_ascii_case(manifest::NAME) {
            wrong.push(Error::Name { name: path.to_owned(), reason: "is kept for the archive's manifest" });
        }
        match plain.insert(path.to_lowercase(), path) {
            Some(other) if other == path => wrong.push(Error::Twice { name: path.to_owned() }),
            Some(other) => wrong.push(Error::SameButCase { one: other.to_owned(), other: path.to_owned() }),
            None => {}
        }
        for (end, _) in path.match_indices('/') {
            let folder = &path[..end];
            if let Some(other) = folders.insert(folder.to_lowercase(), folder)
                && other != folder
            {
                wrong.push(Error::SameButCase { one: other.to_owned(), other: folder.to_owned() });
            }
        }
    }
    let files: BTreeSet<&String> = plain.keys().collect();
    let both = folders.iter().filter(|(folder, _)| files.contains(folder));
    wrong.extend(both.map(|(_, name)| Error::FileAndFolder { name: (*name).to_owned() }));
    wrong
}

fn device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let numbered = |prefix: &str| {
        let rest = stem.strip_prefix(prefix).unwrap_or_default();
        let mut digits = rest.chars();
        matches!((digits.next(), digits.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    };
    DEVICES.contains(&stem.as_str()) || numbered("com") || numbered("lpt")
}
