//! Archives of packs: build one, install one, list what there is.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use packs::{Kept, Limits};
use serde::Serialize;

use crate::{Problem, Workbench};

/// A built archive.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Archived {
    pub file: PathBuf,
    pub title: String,
    pub version: u32,
    pub files: usize,
    pub bytes: u64,
}

/// Writes the archive of a pack that has no flaw.
pub fn build(folder: &Path, output: &Path) -> Result<Archived, Problem> {
    let pack = super::sound(folder)?;
    let manifest = packs::build(&pack, output)?;
    Ok(Archived {
        file: output.to_owned(),
        title: manifest.title,
        version: manifest.version,
        files: manifest.files.len(),
        bytes: output.metadata().map_or(0, |found| found.len()),
    })
}

/// A pack on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InstalledPack {
    pub id: String,
    pub title: String,
    pub version: u32,
    pub labs: usize,
    pub folder: PathBuf,
    /// Whether it came with the program.
    pub shipped: bool,
    /// Why it cannot be used.
    pub problem: Option<Problem>,
}

/// How an installation ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Installed {
    pub pack: InstalledPack,
    /// Whether this very version was there already, and nothing was done.
    pub already: bool,
}

impl Workbench {
    /// Installs an archive into the data folder, after every hash in it is right and its pack has no flaw. Nothing of it
    /// is run. An older version than is there is refused unless `older`.
    pub fn install_pack(&self, archive: &Path, older: bool) -> Result<Installed, Problem> {
        let file = File::open(archive).map_err(|error| {
            let message = format!("{} cannot be read: {error}.", archive.display());
            Problem::new("packs.unreadable", message, "Name the .gwpack file that you were given.")
        })?;
        let store = self.pack_store();
        let unpacked = packs::unpack(file, &store, &Limits::default())?;
        let pack = super::sound(unpacked.folder())?;
        if (pack.id, pack.version) != (unpacked.manifest.id, unpacked.manifest.version) {
            let message = "The archive's manifest names another pack or version than its pack.toml.";
            return Err(Problem::new("packs.manifest", message, "Build it again with `groundwork pack build`."));
        }
        let (installed, already) = match unpacked.keep(&store, older)? {
            Kept::New(installed) => (installed, false),
            Kept::Already(installed) => (installed, true),
        };
        Ok(Installed { pack: read(&installed.folder, false), already })
    }

    /// The shipped pack, then the installed ones.
    pub fn packs(&self) -> Vec<InstalledPack> {
        let installed = packs::installed(&self.pack_store());
        let shipped = read(&self.options.resources.join("labs"), true);
        std::iter::once(shipped).chain(installed.iter().map(|pack| read(&pack.folder, false))).collect()
    }

    fn pack_store(&self) -> PathBuf {
        self.options.data.join("packs")
    }
}

fn read(folder: &Path, shipped: bool) -> InstalledPack {
    let curriculum::Survey { pack, problems } = curriculum::survey(folder);
    let problem = (!problems.is_empty()).then(|| crate::pack::problem(problems));
    let (id, title, version, labs) = pack.map_or_else(
        || (String::new(), folder.display().to_string(), 0, 0),
        |pack| (pack.id.to_string(), pack.title, pack.version, pack.labs.len()),
    );
    InstalledPack { id, title, version, labs, folder: folder.to_owned(), shipped, problem }
}
