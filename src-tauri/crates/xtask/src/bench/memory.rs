//! The memory of a program with all its processes, as the kernel's proportional set size: a page that several
//! processes share counts once. Linux only.

use std::collections::BTreeMap;
use std::path::Path;

/// Megabytes of `root` and every process below it.
pub fn proportional_set_megabytes(root: u32) -> f64 {
    let parents = parents();
    let below = |&&process: &&u32| {
        let mut at = Some(process);
        while let Some(process) = at {
            if process == root {
                return true;
            }
            at = parents.get(&process).copied();
        }
        false
    };
    let kilobytes: f64 = parents.keys().filter(below).map(|process| of_process(*process)).sum();
    kilobytes / 1000.0
}

/// Each process and its parent.
fn parents() -> BTreeMap<u32, u32> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return BTreeMap::new() };
    let processes = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let pairs = processes.filter_map(|process: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        Some((process, parent(&stat)?))
    });
    pairs.collect()
}

/// The fourth field. The second, the name, may hold spaces and brackets.
fn parent(stat: &str) -> Option<u32> {
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

fn of_process(process: u32) -> f64 {
    let rollup = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("smaps_rollup"));
    let rollup = rollup.unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_with_brackets_does_not_hide_the_parent() {
        assert_eq!(super::parent("7 (a (b) c) S 3 7 7 0"), Some(3));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_takes_memory() {
        assert!(super::proportional_set_megabytes(std::process::id()) > 0.5);
    }
}
