//! The clone's own files: what git tracks or would track. Changes none of them.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

/// Paths relative to the clone, below `under` (`.` for all), sorted, without what git ignores.
pub fn list(root: &Path, under: &str) -> Result<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", under])
        .current_dir(root)
        .output()
        .context("could not start git")?;
    if !output.status.success() {
        bail!("git ls-files failed: {}", String::from_utf8_lossy(&output.stderr).trim_end());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut paths: Vec<String> = text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
    paths.sort();
    paths.dedup();
    // Deleted but not yet committed: git still lists it.
    paths.retain(|path| root.join(path).is_file());
    Ok(paths)
}

/// One digest over the names and contents of files.
pub fn digest<'a>(root: &Path, paths: impl IntoIterator<Item = &'a String>) -> Result<String> {
    let mut hash = Sha256::new();
    for path in paths {
        let content = std::fs::read(root.join(path)).with_context(|| format!("could not read {path}"))?;
        hash.update((path.len() as u64).to_le_bytes());
        hash.update(path);
        hash.update((content.len() as u64).to_le_bytes());
        hash.update(content);
    }
    Ok(hex(&hash.finalize()))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whether the stamp says that this was done for just this input.
pub fn stamped(stamp: &Path, input: &str) -> bool {
    std::fs::read_to_string(stamp).is_ok_and(|text| text == input)
}

pub fn stamp(stamp: &Path, input: &str) -> Result<()> {
    if let Some(folder) = stamp.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(stamp, input).with_context(|| format!("could not write {}", stamp.display()))
}
