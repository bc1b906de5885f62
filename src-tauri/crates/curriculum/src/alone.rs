//! A `lab.toml` by its text alone, without the folder around it.

use std::path::Path;

use crate::{Lab, Problem, document::Document, lab};

/// Reads the text of a `lab.toml` as far as it can be read, and tells what is wrong with it. Its folder is not looked for, so
/// the guide's pages and the starter are always told to be missing.
pub fn parse_lab(text: &str) -> (Option<Lab>, Vec<Problem>) {
    match Document::parse(Path::new("lab.toml"), text.to_owned()) {
        Err(problem) => (None, vec![problem]),
        // A folder that cannot be there: below a file.
        Ok(document) => lab::read(Path::new("/dev/null/pack"), "alone", &document),
    }
}
