//! What the author of a lab writes into the journal for its proof: `entries.toml` beside the files of the solution, or of
//! a mutant, whose entries then stand in place of the solution's.

use std::path::Path;

use serde::{Deserialize, de::DeserializeOwned};

use crate::{Lab, Problem, document::Document};

/// The file; it is never laid into a workspace.
pub const ENTRIES: &str = "entries.toml";

/// One entry, as a learner would write it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenEntry {
    pub sort: String,
    pub title: String,
    pub text: String,
    pub url: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntriesFile {
    entries: Vec<WrittenEntry>,
}

/// The entries in `folder` of a lab of the pack in the folder `pack`; `None` where it has no such file.
pub fn entries(pack: &Path, lab: &Lab, folder: &Path) -> Result<Option<Vec<WrittenEntry>>, Problem> {
    Ok(beside(pack, lab, folder, ENTRIES)?.map(|EntriesFile { entries }| entries))
}

/// The file `name` in `folder` of a lab, read; `None` where there is none.
pub(crate) fn beside<T: DeserializeOwned>(
    pack: &Path,
    lab: &Lab,
    folder: &Path,
    name: &str,
) -> Result<Option<T>, Problem> {
    let file = Path::new(&lab.slug).join(folder).join(name);
    if !pack.join(&file).exists() {
        return Ok(None);
    }
    Document::read_part(pack, &file)?.get().map(Some)
}
