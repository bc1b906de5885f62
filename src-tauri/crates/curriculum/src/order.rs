//! Finds a circle among things that wait for each other.

use std::collections::{BTreeMap, BTreeSet};

/// The members of one circle in `waits` (name to the names it waits for), each waiting for the next; names that are
/// not keys are left alone.
pub fn circle<'a>(waits: &BTreeMap<&'a str, Vec<&'a str>>) -> Option<Vec<&'a str>> {
    let mut followers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut open: BTreeMap<&str, usize> = BTreeMap::new();
    for (&name, awaited) in waits {
        let known: BTreeSet<&str> = awaited.iter().copied().filter(|other| waits.contains_key(other)).collect();
        open.insert(name, known.len());
        known.into_iter().for_each(|other| followers.entry(other).or_default().push(name));
    }
    let mut free: Vec<&str> = open.iter().filter(|(_, count)| **count == 0).map(|(&name, _)| name).collect();
    while let Some(name) = free.pop() {
        open.remove(name);
        for &follower in followers.get(name).into_iter().flatten() {
            if let Some(count) = open.get_mut(follower) {
                *count -= 1;
                if *count == 0 {
                    free.push(follower);
                }
            }
        }
    }
    // Whatever is still open waits for something open: walking along must come back to where it was.
    let mut walked: Vec<&str> = Vec::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut at = *open.keys().next()?;
    while seen.insert(at) {
        walked.push(at);
        at = waits.get(at)?.iter().copied().find(|other| open.contains_key(other))?;
    }
    let first = walked.iter().position(|&name| name == at)?;
    Some(walked.split_off(first))
}
