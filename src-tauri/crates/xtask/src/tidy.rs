//! The rules of ARCHITECTURE.md that a machine can check: who may depend on whom, and what a file may hold.
//! Each rule finds its own kind of breach and says what to do; none changes a file.

pub mod layers;
mod text;

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;

use anyhow::{Result, bail};

use crate::files;

/// A breach of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// `path` or `path:line`.
    pub place: String,
    pub message: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.message)
    }
}

/// All breaches of the clone at `root`.
pub fn breaches(root: &Path) -> Result<Vec<Breach>> {
    let packages = layers::packages(root)?;
    let mut breaches = layers::breaches(&packages);
    let architecture = std::fs::read_to_string(root.join("src-tauri/ARCHITECTURE.md")).unwrap_or_default();
    breaches.extend(layers::undocumented(&packages, &architecture));
    for path in files::list(root, ".")? {
        // Pictures and fonts are not text and hold nothing for the rules.
        let Ok(content) = std::fs::read_to_string(root.join(&path)) else { continue };
        breaches.extend(text::breaches(&text::File { path: &path, text: &content }));
    }
    Ok(breaches)
}

pub fn tidy(root: &Path) -> Result<()> {
    let breaches = breaches(root)?;
    for breach in &breaches {
        println!("{breach}");
    }
    match breaches.len() {
        0 => Ok(()),
        1 => bail!("1 breach of the rules in src-tauri/ARCHITECTURE.md"),
        count => bail!("{count} breaches of the rules in src-tauri/ARCHITECTURE.md"),
    }
}
