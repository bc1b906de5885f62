//! A program with all the processes below it, and the processor time that they take. Linux only.

use std::collections::BTreeMap;
use std::path::Path;

/// Ticks of a second in /proc: USER_HZ.
const TICKS: f64 = 100.0;

/// `root` and every process below it.
pub fn tree(root: u32) -> Vec<u32> {
    let parents = parents();
    let below = |process: &u32| {
        let mut at = Some(*process);
        while let Some(process) = at {
            if process == root {
                return true;
            }
            at = parents.get(&process).copied();
        }
        false
    };
    parents.keys().copied().filter(below).collect()
}

/// Seconds of a core that `root` and every process below it have taken so far, with those of them that have ended.
pub fn cpu_seconds(root: u32) -> f64 {
    let stats = tree(root).into_iter().filter_map(|process| read(format!("/proc/{process}/stat")));
    // Their own, then that of children which have ended; of the user and of the system each.
    stats.map(|stat| ticks(&stat, 4)).sum::<f64>() / TICKS
}

/// Seconds of a core that the threads of `process` have taken so far whose names begin with `name`.
pub fn cpu_seconds_of_threads(process: u32, name: &str) -> f64 {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let stats = threads.filter_map(|thread| read(thread.path().join("stat")));
    stats.filter(|stat| named(stat).starts_with(name)).map(|stat| ticks(&stat, 2)).sum::<f64>() / TICKS
}

/// Each process and its parent.
fn parents() -> BTreeMap<u32, u32> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return BTreeMap::new() };
    let processes = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    processes.filter_map(|process: u32| Some((process, parent(&read(format!("/proc/{process}/stat"))?)?))).collect()
}

fn read(path: impl AsRef<Path>) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

/// What stands after the name, which may hold spaces and brackets.
fn fields(stat: &str) -> impl Iterator<Item = &str> {
    stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split(' ')
}

fn named(stat: &str) -> &str {
    let after = stat.split_once('(').map_or("", |(_, rest)| rest);
    after.rsplit_once(") ").map_or("", |(name, _)| name)
}

fn parent(stat: &str) -> Option<u32> {
    fields(stat).nth(1)?.parse().ok()
}

/// The sum of so many fields from `utime` on, the fourteenth of all.
fn ticks(stat: &str, count: usize) -> f64 {
    fields(stat).skip(11).take(count).filter_map(|field| field.parse::<f64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_hide_what_comes_after_it() {
        let stat = "7 (a (b) c) S 3 7 7 0 -1 4194560 100 0 0 0 12 5 40 2 20 0 1 0 99 0 0";
        assert_eq!((named(stat), parent(stat)), ("a (b) c", Some(3)));
        assert_eq!((ticks(stat, 2), ticks(stat, 4)), (17.0, 59.0));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_child_is_below_this_process_until_it_has_ended() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let here = tree(std::process::id());
        assert!(here.contains(&std::process::id()) && here.contains(&child.id()), "{here:?}");
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!tree(std::process::id()).contains(&child.id()));
    }
}
