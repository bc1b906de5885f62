//! The memory of a program with all its processes, as the kernel's proportional set size: a page that several
//! processes share counts once. Linux only.

use super::processes;

/// Megabytes of `root` and every process below it.
pub fn proportional_set_megabytes(root: u32) -> f64 {
    processes::tree(root).into_iter().map(of_process).sum::<f64>() / 1000.0
}

/// Kilobytes.
fn of_process(process: u32) -> f64 {
    let rollup = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_takes_memory() {
        assert!(super::proportional_set_megabytes(std::process::id()) > 0.5);
    }
}
