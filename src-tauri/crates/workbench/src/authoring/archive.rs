//! Archives of packs: build one, install one.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use packs::{Kept, Limits};
use serde::Serialize;

use crate::{Problem, ShelvedPack, Workbench};

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

/// How an installation ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Installed {
    pub pack: ShelvedPack,
    /// Whether this very version was there already, and nothing was done.
    pub already: bool,
}

impl Workbench {
    /// Installs an archive into the data folder, after every hash in it is right and its pack has no flaw. Nothing of it
    /// is run. An older version than is there is refused unless `older`.
    pub async fn install_pack(&self, archive: &Path, older: bool) -> Result<Installed, Problem> {
        let file = File::open(archive).map_err(|error| {
            let message = format!("{} cannot be read: {error}.", archive.display());
            Problem::new("packs.unreadable", message, "Name the .gwpack file that you were given.")
        })?;
        let store = self.options.pack_store();
        let unpacked = packs::unpack(file, &store, &Limits::default())?;
        let pack = super::sound(unpacked.folder())?;
        if (pack.id, pack.version) != (unpacked.manifest.id, unpacked.manifest.version) {
            let message = "The archive's manifest names another pack or version than its pack.toml.";
            return Err(Problem::new("packs.manifest", message, "Build it again with `groundwork pack build`."));
        }
        self.new_here(&pack)?;
        let (installed, already) = match unpacked.keep(&store, older)? {
            Kept::New(installed) => (installed, false),
            Kept::Already(installed) => (installed, true),
        };
        // A new version of the open pack lies in another folder.
        self.reopen().await;
        let id = installed.id.to_string();
        let pack = self.packs().into_iter().find(|pack| pack.id == id && !pack.shipped);
        let pack = pack.ok_or_else(|| Problem::broken("The pack was installed and is not there."))?;
        Ok(Installed { pack, already })
    }
    /// Refuses a pack whose id or labs are another's here: work and progress belong to a lab by its id.
    fn new_here(&self, pack: &curriculum::Pack) -> Result<(), Problem> {
        let shipped = self.options.resources.join("labs");
        let installed = packs::installed(&self.options.pack_store()).into_iter().map(|pack| (pack.folder, false));
        for (folder, shipped) in std::iter::once((shipped, true)).chain(installed) {
            let Some(other) = curriculum::survey(&folder).pack else { continue };
            if other.id == pack.id {
                if !shipped {
                    continue;
                }
                let message = format!("Its id is that of the pack that came with Groundwork, {}.", other.title);
                let next_step = "Give it an id of its own: `id` in pack.toml, any new UUID.";
                return Err(Problem::new("packs.same_id", message, next_step));
            }
            let same = pack.labs.iter().find(|lab| other.labs.iter().any(|known| known.id == lab.id));
            if let Some(lab) = same {
                let message =
                    format!("The lab {} has the id of a lab of {}, which is here already.", lab.slug, other.title);
                let next_step = "Give each lab that was copied an id of its own: `id` in its lab.toml, any new UUID.";
                return Err(Problem::new("packs.same_lab", message, next_step));
            }
        }
        Ok(())
    }
}
