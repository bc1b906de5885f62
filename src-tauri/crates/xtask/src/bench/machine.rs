//! What a bench ran on.

use anyhow::Result;
use serde_json::{Value, json};

use crate::places::Places;
use crate::shell;

pub fn describe(places: &Places) -> Result<Value> {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once([':', '='])?.1.trim().trim_matches('"').to_owned())
    };
    let kilobytes = field(&read("/proc/meminfo"), "MemTotal");
    let kilobytes: f64 = kilobytes.and_then(|text| text.trim_end_matches(" kB").parse().ok()).unwrap_or(0.0);
    Ok(json!({
        "cpu": field(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
        "threads": std::thread::available_parallelism()?.get(),
        "memory_gb": (kilobytes / 1e5).round() / 10.0,
        "system": field(&read("/etc/os-release"), "PRETTY_NAME").unwrap_or_else(|| std::env::consts::OS.to_owned()),
        "kernel": read("/proc/sys/kernel/osrelease").trim_end(),
        "rustc": shell::read(shell::command(places, "rustc").arg("--version"))?,
    }))
}
