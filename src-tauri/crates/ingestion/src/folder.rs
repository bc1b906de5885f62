//! A folder's files in order, and one file's bytes with their hash. Follows no link, reads nothing hidden, and goes on past
//! what cannot be read. Knows no format.

use std::{
    fs::File,
    io::Read,
    path::{Component, Path, PathBuf},
};

use ignore::WalkBuilder;
use sha2::{Digest, Sha256};

use crate::{Document, Error, Result, format};

/// How a folder is walked.
#[derive(Debug, Clone, Copy)]
pub struct Walk {
    /// Whether what a `.gitignore` of the folder names is left out.
    pub gitignore: bool,
    /// The largest file that is read, in bytes.
    pub most_bytes: u64,
}

impl Default for Walk {
    fn default() -> Self {
        Self { gitignore: true, most_bytes: 20_000_000 }
    }
}

/// What a folder holds.
#[derive(Debug, Default)]
pub struct Walked {
    /// By name, in the order of its bytes.
    pub sources: Vec<Source>,
    /// What cannot be read, one for each file or folder.
    pub problems: Vec<Error>,
}

/// A file that can become a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub path: PathBuf,
    /// Its path relative to the root, parted by `/`: what a document is known by.
    pub name: String,
    most_bytes: u64,
}

/// A file's bytes, not yet parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    pub name: String,
    /// Of the bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
    pub bytes: Vec<u8>,
}

/// Lists the files below `root`, or `root` itself where it is a file. Hidden files are skipped, and so are links: what
/// one leads to inside the folder is listed under its own name, and one that leads out is told.
pub fn walk(root: &Path, walk: &Walk) -> Result<Walked> {
    let real_root = root.canonicalize().map_err(Error::at(root))?;
    let mut walked = Walked::default();
    if real_root.is_file() {
        walked.add(root, Path::new(root.file_name().unwrap_or(root.as_os_str())), walk);
        return Ok(walked);
    }
    let mut builder = WalkBuilder::new(&real_root);
    // Rules of the surroundings would make the same folder another one elsewhere.
    builder.standard_filters(false).hidden(true).git_ignore(walk.gitignore).require_git(false).follow_links(false);
    for entry in builder.build() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                walked.problems.push(Error::Walk { path: culprit(&error, root), detail: error.to_string() });
                continue;
            }
        };
        if let Some(error) = entry.error() {
            walked.problems.push(Error::Walk { path: entry.path().into(), detail: error.to_string() });
        }
        let Some(kind) = entry.file_type() else { continue };
        let inside = entry.path().strip_prefix(&real_root).unwrap_or(entry.path());
        if kind.is_symlink() && leads_out(entry.path(), &real_root) {
            walked.problems.push(Error::Outside { path: inside.into() });
        }
        if kind.is_file() {
            walked.add(&root.join(inside), inside, walk);
        }
    }
    walked.sources.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(walked)
}

impl Walked {
    fn add(&mut self, path: &Path, inside: &Path, walk: &Walk) {
        let parts = inside.components().map(|part| match part {
            Component::Normal(part) => part.to_str(),
            _ => None,
        });
        match parts.collect::<Option<Vec<&str>>>() {
            Some(parts) => {
                let (path, name) = (path.into(), parts.join("/"));
                self.sources.push(Source { path, name, most_bytes: walk.most_bytes });
            }
            None => self.problems.push(Error::Name { path: inside.into() }),
        }
    }
}

/// The path that an error of the walk speaks of.
fn culprit(error: &ignore::Error, root: &Path) -> PathBuf {
    match error {
        ignore::Error::WithPath { path, .. } => path.clone(),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => culprit(err, root),
        ignore::Error::Loop { child, .. } => child.clone(),
        _ => root.into(),
    }
}

/// A link to nowhere leads out too: nobody knows where it went.
fn leads_out(link: &Path, real_root: &Path) -> bool {
    !link.canonicalize().is_ok_and(|target| target.starts_with(real_root))
}

impl Source {
    /// The file's bytes and their hash.
    ///
    /// # Errors
    /// The file cannot be read, or is larger than the walk allowed.
    pub fn read(&self) -> Result<Original> {
        let mut bytes = Vec::new();
        let file = File::open(&self.path).map_err(Error::at(&self.path))?;
        // A file may grow while it is read, so its length is no bound.
        file.take(self.most_bytes + 1).read_to_end(&mut bytes).map_err(Error::at(&self.path))?;
        if bytes.len() as u64 > self.most_bytes {
            return Err(Error::TooLarge { name: self.name.clone(), most: self.most_bytes });
        }
        Ok(Original::new(self.name.clone(), bytes))
    }
}

impl Original {
    /// Bytes that did not come from a folder; the name's ending decides their format.
    pub fn new(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        let sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Self { name: name.into(), sha256, bytes }
    }

    /// Parses the bytes.
    ///
    /// # Errors
    /// The file is not text and no PDF, or a PDF that is encrypted, scanned, damaged or hostile.
    pub fn document(&self) -> Result<Document> {
        format::document(self)
    }
}

#[cfg(test)]
mod tests;
