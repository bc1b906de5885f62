//! Where installed packs lie: `STORE/ID/VERSION`, each put there whole by one rename.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use uuid::Uuid;

use crate::{Error, Manifest, Result, manifest, unpack::Unpacked};

/// Begins the names of folders that are still being unpacked.
pub(crate) const INCOMING: &str = ".incoming-";
/// A folder that has been incoming for so long was left by a crash.
const FORGOTTEN: Duration = Duration::from_secs(24 * 60 * 60);

/// A pack in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    pub id: Uuid,
    pub version: u32,
    pub folder: PathBuf,
}

impl Installed {
    /// The text of its manifest, which holds the hash of every file.
    pub fn manifest(&self) -> Result<String> {
        let file = self.folder.join(manifest::NAME);
        fs::read_to_string(&file).map_err(Error::at(&file))
    }
}

/// How keeping a pack ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    New(Installed),
    /// This very content was there.
    Already(Installed),
}

/// The packs in the store, each in its one version that counts: the highest, should a crash have left two.
pub fn installed(store: &Path) -> Vec<Installed> {
    let mut found: Vec<Installed> = entries(store)
        .filter_map(|(name, folder)| {
            let id = Uuid::try_parse(&name).ok()?;
            let (version, folder) = versions(&folder).max()?;
            Some(Installed { id, version, folder })
        })
        .collect();
    found.sort_by_key(|pack| pack.id);
    found
}

fn versions(folder: &Path) -> impl Iterator<Item = (u32, PathBuf)> {
    entries(folder).filter_map(|(name, folder)| Some((name.parse().ok()?, folder)))
}

fn entries(folder: &Path) -> impl Iterator<Item = (String, PathBuf)> {
    let found = fs::read_dir(folder).into_iter().flat_map(|entries| entries.flatten());
    found.filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
}

impl Unpacked {
    /// Puts the pack into the store in place of any other version of it. An older one than is there is refused unless
    /// `older`.
    pub fn keep(self, store: &Path, older: bool) -> Result<Kept> {
        let text = self.manifest.text()?;
        let Manifest { id, version, .. } = self.manifest;
        let mut spoilt = None;
        if let Some(there) = installed(store).into_iter().find(|pack| pack.id == id) {
            if there.version == version {
                if fs::read_to_string(there.folder.join(manifest::NAME)).is_ok_and(|known| known != text) {
                    return Err(Error::SameVersion { version });
                }
                if self.manifest.describes(&there.folder) {
                    return Ok(Kept::Already(there));
                }
                // Files of it were lost or changed: the whole ones take their place.
                let aside = store.join(format!("{INCOMING}{}", Uuid::new_v4()));
                fs::rename(&there.folder, &aside).map_err(Error::at(&there.folder))?;
                spoilt = Some(aside);
            }
            if there.version > version && !older {
                return Err(Error::Older { installed: there.version, offered: version });
            }
        }
        let place = store.join(id.to_string());
        let folder = place.join(version.to_string());
        self.finish(&text)
            .and_then(|()| {
                fs::create_dir_all(&place)?;
                fs::rename(self.folder.path(), &folder)?;
                sync_folder(&place)?;
                sync_folder(store)
            })
            .map_err(Error::at(&folder))?;
        for (_, other) in versions(&place).filter(|(other, _)| *other != version) {
            fs::remove_dir_all(&other).map_err(Error::at(&other))?;
        }
        if let Some(aside) = spoilt {
            fs::remove_dir_all(&aside).map_err(Error::at(&aside))?;
        }
        sweep(store);
        Ok(Kept::New(Installed { id, version, folder }))
    }

    /// Writes the manifest beside the files, and has everything on the disk.
    fn finish(&self, text: &str) -> io::Result<()> {
        let folder = self.folder.path();
        let file = folder.join(manifest::NAME);
        fs::write(&file, text)?;
        fs::File::open(&file)?.sync_all()?;
        #[cfg(unix)]
        fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        for entry in walkdir::WalkDir::new(folder).into_iter().filter_entry(|entry| entry.file_type().is_dir()) {
            sync_folder(entry?.path())?;
        }
        Ok(())
    }
}

/// Removes what a crash left behind.
fn sweep(store: &Path) {
    let old = |path: &Path| {
        let changed = path.metadata().and_then(|found| found.modified());
        changed.is_ok_and(|changed| changed.elapsed().is_ok_and(|age| age > FORGOTTEN))
    };
    for (_, folder) in entries(store).filter(|(name, folder)| name.starts_with(INCOMING) && old(folder)) {
        let _ = fs::remove_dir_all(folder);
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { fs::File::open(folder)?.sync_all() } else { Ok(()) }
}
