//! The packs of this machine, the shipped one and those installed, and which of them is open.
//!
//! An installed pack is untrusted. Nothing of it runs before the learner has seen what it may run and allowed this very
//! content; an update is other content.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError},
    time::SystemTime,
};

use curriculum::Pack;
use journal::Journal;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{Options, Problem, Workbench, consent, pack, view};

/// The learner's choice: the id of an installed pack; empty for the shipped one.
const CHOSEN: &str = "pack";

/// What people call the shipped pack.
pub const SHIPPED: &str = "shipped";

/// The pack that is open.
#[derive(Debug, Clone)]
pub struct Opened {
    pub pack: Arc<Pack>,
    /// Of an installed pack: what names its content.
    pub digest: Option<String>,
    /// Why the chosen pack is not the one that is open.
    pub instead: Option<Problem>,
}

/// A pack on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShelvedPack {
    pub id: String,
    pub title: String,
    pub version: u32,
    pub labs: usize,
    pub folder: PathBuf,
    /// Whether it came with the program.
    pub shipped: bool,
    pub open: bool,
    /// Why it cannot be used.
    pub problem: Option<Problem>,
}

/// A pack that could be chosen when it was last read.
#[derive(Debug, Clone)]
pub struct Usable {
    folder: PathBuf,
    placed: Placed,
    id: String,
    title: String,
}

/// When something was last placed in a pack's folder, and in the one around it: no other pack takes its place, here or
/// by another process, without that.
type Placed = [Option<SystemTime>; 2];

/// The pack that the learner chose; where that one cannot be used, the shipped one, and why.
pub fn open(options: &Options, journal: &Journal) -> Result<Opened, Problem> {
    let chosen = journal.setting(CHOSEN)?.unwrap_or_default();
    let instead = match chosen.as_str() {
        "" => None,
        id => match open_installed(options, id) {
            Ok(opened) => return Ok(opened),
            Err(problem) => Some(Problem {
                message: format!("{} The shipped pack is open in its place.", problem.message),
                ..problem
            }),
        },
    };
    Ok(Opened { pack: pack::load(&options.resources.join("labs"))?, digest: None, instead })
}

fn open_installed(options: &Options, id: &str) -> Result<Opened, Problem> {
    let installed = packs::installed(&options.pack_store()).into_iter().find(|pack| pack.id.to_string() == id);
    let Some(installed) = installed else {
        let next_step = "Install its file again, or go on with the shipped one: groundwork pack use shipped.";
        return Err(Problem::new("pack.gone", "The pack that you chose is no longer installed.", next_step));
    };
    let pack = pack::load(&installed.folder)?;
    let manifest = installed.manifest()?;
    Ok(Opened { pack, digest: Some(hex(&Sha256::digest(manifest))), instead: None })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read(folder: PathBuf, shipped: bool, open: Option<&Pack>) -> ShelvedPack {
    let curriculum::Survey { pack, problems } = curriculum::survey(&folder);
    let problem = (!problems.is_empty()).then(|| pack::problem(problems));
    let (id, title, version, labs) = pack.map_or_else(
        || (String::new(), folder.display().to_string(), 0, 0),
        |pack| (pack.id.to_string(), pack.title, pack.version, pack.labs.len()),
    );
    let open = open.is_some_and(|open| open.folder == folder);
    ShelvedPack { id, title, version, labs, folder, shipped, open, problem }
}

fn placed(folder: &Path) -> Placed {
    let changed = |folder: &Path| folder.metadata().ok()?.modified().ok();
    [changed(folder), folder.parent().and_then(changed)]
}

impl Usable {
    fn read(folder: PathBuf, placed: Placed) -> Option<Self> {
        let ShelvedPack { id, title, folder, problem: None, .. } = read(folder, false, None) else { return None };
        Some(Self { folder, placed, id, title })
    }
}

impl Workbench {
    /// The shipped pack, then the installed ones, as they are now.
    pub fn packs(&self) -> Vec<ShelvedPack> {
        let opened = self.opened().ok();
        let open = opened.as_ref().map(|opened| &*opened.pack);
        let shipped = read(self.options.resources.join("labs"), true, open);
        let installed = packs::installed(&self.options.pack_store());
        std::iter::once(shipped).chain(installed.into_iter().map(|pack| read(pack.folder, false, open))).collect()
    }

    /// The packs to choose from; none where there is no choice. A plan asks for them, so what could be used is read
    /// again only where another may be in its place.
    pub(crate) fn choices(&self) -> Vec<view::PackChoice> {
        let installed = packs::installed(&self.options.pack_store());
        if installed.is_empty() {
            return Vec::new();
        }
        let shipped = self.options.resources.join("labs");
        let folders = std::iter::once(shipped).chain(installed.into_iter().map(|pack| pack.folder));
        let mut usable = self.usable.lock().unwrap_or_else(PoisonError::into_inner);
        let found = folders.filter_map(|folder| {
            // Before it is read: what changes meanwhile is seen the next time.
            let placed = placed(&folder);
            let known = usable.iter().find(|known| known.folder == folder && known.placed == placed).cloned();
            known.or_else(|| Usable::read(folder, placed))
        });
        *usable = found.collect();
        let opened = self.opened().ok();
        let open = |folder: &Path| opened.as_ref().is_some_and(|opened| opened.pack.folder == folder);
        let choice = |pack: &Usable| view::PackChoice {
            id: pack.id.clone(),
            title: pack.title.clone(),
            open: open(&pack.folder),
        };
        usable.iter().map(choice).collect()
    }

    /// Opens another pack, by its id, the beginning of its id, or `shipped`. What runs for the one before is stopped.
    pub async fn use_pack(&self, name: &str) -> Result<ShelvedPack, Problem> {
        let packs = self.packs();
        let named = |pack: &&ShelvedPack| pack.id == name || (pack.shipped && name == SHIPPED);
        let begins = |pack: &&ShelvedPack| name.len() >= 4 && pack.id.starts_with(name);
        let found = packs.iter().find(named).or_else(|| packs.iter().find(begins));
        let found = found.ok_or_else(|| {
            let next_step = "Run `groundwork pack list` to see the packs of this machine.";
            Problem::new("pack.unknown", format!("No pack on this machine is called {name}."), next_step)
        })?;
        if let Some(problem) = &found.problem {
            return Err(problem.clone());
        }
        self.journal.record_setting(CHOSEN, if found.shipped { "" } else { &found.id })?;
        self.reopen().await;
        Ok(ShelvedPack { open: true, ..found.clone() })
    }

    /// Opens the chosen pack anew, after what runs for the one before has stopped.
    pub(crate) async fn reopen(&self) {
        self.close_sessions().await;
        let opened = open(&self.options, &self.journal);
        *self.opened.write().unwrap_or_else(PoisonError::into_inner) = opened;
    }

    /// What the open pack may run, where the learner has not allowed it yet.
    pub fn consent(&self) -> Result<Option<view::Consent>, Problem> {
        let opened = self.opened()?;
        let Some(digest) = &opened.digest else { return Ok(None) };
        if self.journal.setting(&consent::key(&opened.pack))?.as_ref() == Some(digest) {
            return Ok(None);
        }
        consent::view(&opened.pack, digest).map(Some)
    }

    /// Allows what [`Workbench::consent`] showed, named by its digest.
    pub fn allow_pack(&self, digest: &str) -> Result<(), Problem> {
        let opened = self.opened()?;
        if opened.digest.as_deref() != Some(digest) {
            let message = "This is no longer the content of the pack that is open.";
            return Err(Problem::new("pack.changed", message, "Look again at what it may run, then allow that."));
        }
        Ok(self.journal.record_setting(&consent::key(&opened.pack), digest)?)
    }

    /// Refuses to run anything of a pack that the learner has not allowed.
    pub(crate) fn permit(&self) -> Result<(), Problem> {
        match self.consent()? {
            None => Ok(()),
            Some(asked) => Err(Problem::new(
                consent::NOT_ALLOWED,
                format!(
                    "{}, version {}, did not come with Groundwork, and its labs run programs.",
                    asked.title, asked.version
                ),
                "Read what it may run, and allow it: groundwork pack allow.",
            )),
        }
    }
}
