//! A workspace: a learner's copy of a lab, told from other folders by `.groundwork/workspace.toml`.
//!
//! The programs of its checks may write all of its folder. So what Groundwork itself relies on lies beside it, in
//! `.groundwork/ID` of the folder that holds it: snapshots, the key, the start-up files of shells. Never overwrites a folder
//! that holds anything else.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use curriculum::Lab;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use walkdir::WalkDir;

use crate::{Error, Result, disk, paths, snapshot};

/// A learner's copy of a lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    pub id: Uuid,
    pub folder: PathBuf,
    /// The lab's id: the tie that survives a renamed lab.
    pub lab: Uuid,
    pub slug: String,
    /// The version of the lab whose starter was laid down last.
    pub lab_version: u32,
    pub created_at: Timestamp,
    /// SHA-256 of each file of that starter, by path; empty where an earlier Groundwork laid it down.
    pub(crate) starter: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
struct Marker {
    id: Uuid,
    lab: Uuid,
    slug: String,
    lab_version: u32,
    created_at: Timestamp,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    starter: BTreeMap<String, String>,
}

impl Workspace {
    /// Reads the workspace at `folder`.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = marker(folder);
        let wrong = |detail: String| Error::NotAWorkspace { folder: folder.to_path_buf(), detail };
        // What we write there would land elsewhere.
        if folder.join(paths::PRIVATE).is_symlink() {
            return Err(wrong(format!("its {} is a link", paths::PRIVATE)));
        }
        let text = fs::read_to_string(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => wrong(format!("{} is missing", path.display())),
            _ => Error::at(&path)(error),
        })?;
        let Marker { id, lab, slug, lab_version, created_at, starter } = toml::from_str(&text)
            .map_err(|error| wrong(format!("{} is damaged: {}", path.display(), error.message())))?;
        Ok(Self { id, folder: folder.to_path_buf(), lab, slug, lab_version, created_at, starter })
    }

    /// Reads the workspace `id`, which is known to lie at `folder`: the programs that write there may say anything.
    pub fn known(folder: &Path, id: Uuid) -> Result<Self> {
        let found = Self::open(folder)?;
        if found.id == id {
            return Ok(found);
        }
        let detail = format!("{} names another workspace than the one that was made here", marker(folder).display());
        Err(Error::NotAWorkspace { folder: folder.to_path_buf(), detail })
    }

    /// `.groundwork` in it: ours, not the learner's work.
    #[must_use]
    pub fn private(&self) -> PathBuf {
        self.folder.join(paths::PRIVATE)
    }

    /// What is kept of it where no program of a check can write. On the same disk, so that work moves there by a rename.
    #[must_use]
    pub fn kept(&self) -> PathBuf {
        let beside = self.folder.parent().unwrap_or(&self.folder);
        beside.join(paths::PRIVATE).join(self.id.to_string())
    }

    /// The same, made unless it is there. Only its owner can read it.
    pub fn keep(&self) -> Result<PathBuf> {
        let kept = self.kept();
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(&kept).map_err(Error::at(&kept))?;
        Ok(kept)
    }

    pub(crate) fn save(&self) -> Result<()> {
        let Self { id, lab, slug, lab_version, created_at, starter, folder } = self.clone();
        let marker_file = Marker { id, lab, slug, lab_version, created_at, starter };
        let text = toml::to_string(&marker_file)
            .map_err(|error| Error::NotAWorkspace { folder: folder.clone(), detail: error.to_string() })?;
        disk::write(&marker(&folder), text.as_bytes())
    }
}

fn marker(folder: &Path) -> PathBuf {
    folder.join(paths::PRIVATE).join("workspace.toml")
}

/// Makes `parent/SLUG` from the lab's starter, whole or not at all, or returns the workspace of this lab that is there
/// already, as it is. Any other folder with something in it is refused.
pub fn create(parent: &Path, lab: &Lab) -> Result<Workspace> {
    let folder = parent.join(&lab.slug);
    if let Some(workspace) = adopt(&folder, lab)? {
        return Ok(workspace);
    }
    fs::create_dir_all(parent).map_err(Error::at(parent))?;
    // Built beside its final place, so that the rename stays on one disk.
    let draft = tempfile::Builder::new()
        .prefix(&format!("{}{}-", paths::TEMPORARY, lab.slug))
        .tempdir_in(parent)
        .map_err(Error::at(parent))?;
    lay_down(lab, draft.path())?;
    let workspace = Workspace {
        id: Uuid::new_v4(),
        folder: draft.path().to_path_buf(),
        lab: lab.id,
        slug: lab.slug.clone(),
        lab_version: lab.version,
        created_at: Timestamp::now(),
        starter: record_of(draft.path())?,
    };
    fs::create_dir(workspace.private()).map_err(Error::at(draft.path()))?;
    // The activation names the key: it stays out of a repository that the learner makes here.
    disk::write(&workspace.private().join(".gitignore"), b"*\n")?;
    workspace.save()?;
    disk::sync_folder(&workspace.private())?;
    open_to_others(draft.path()).map_err(Error::at(draft.path()))?;
    disk::sync_folder(draft.path())?;

    // An empty folder is replaced; on Unix the rename itself does that, and refuses one that is no longer empty.
    if cfg!(windows) {
        let _ = fs::remove_dir(&folder);
    }
    match fs::rename(draft.path(), &folder) {
        Ok(()) => disk::sync_folder(parent)?,
        // Someone else was quicker: another window starting the same lab, or a stranger's file.
        Err(error) => return adopt(&folder, lab)?.ok_or_else(|| Error::at(&folder)(error)),
    }
    Ok(Workspace { folder, ..workspace })
}

/// The workspace of this lab at `folder`, `None` where the place is free, an error where something else is there.
fn adopt(folder: &Path, lab: &Lab) -> Result<Option<Workspace>> {
    let occupied = || Error::Occupied { folder: folder.to_path_buf() };
    match Workspace::open(folder) {
        Ok(workspace) if workspace.lab == lab.id => return Ok(Some(workspace)),
        Ok(_) => return Err(occupied()),
        Err(error) if marker(folder).exists() => return Err(error),
        Err(_) => {}
    }
    match folder.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::at(folder)(error)),
        Ok(found) if !found.is_dir() => Err(occupied()),
        Ok(_) => match fs::read_dir(folder).map_err(Error::at(folder))?.next() {
            None => Ok(None),
            Some(_) => Err(occupied()),
        },
    }
}

/// Copies the lab's starter, and what it shares with other labs, into `folder`.
pub(crate) fn lay_down(lab: &Lab, folder: &Path) -> Result<()> {
    for (source, at) in lab.sources() {
        // A path of no parts would end the folder's name with a slash.
        let target = if at.is_empty() { folder.to_path_buf() } else { folder.join(at) };
        lay_folder(&source, &target)?;
    }
    Ok(())
}

fn lay_folder(source: &Path, folder: &Path) -> Result<()> {
    let broken = |path: &Path, detail: String| Error::Starter { path: path.to_path_buf(), detail };
    for entry in WalkDir::new(source) {
        let entry = entry.map_err(|error| broken(error.path().unwrap_or(source), error.to_string()))?;
        let relative = entry.path().strip_prefix(source).unwrap_or(entry.path());
        let to = folder.join(relative);
        if relative.iter().any(|part| part == paths::PRIVATE) {
            return Err(broken(entry.path(), "lies in Groundwork's own folder".into()));
        }
        if entry.file_type().is_dir() {
            fs::create_dir_all(&to).map_err(Error::at(&to))?;
        } else if entry.file_type().is_file() {
            disk::copy(entry.path(), &to)?;
        } else {
            return Err(broken(entry.path(), "is neither a file nor a folder".into()));
        }
    }
    Ok(())
}

/// What a workspace remembers of its starter, so that an update can tell what the learner changed.
pub(crate) fn record_of(starter: &Path) -> Result<BTreeMap<String, String>> {
    let mut record = BTreeMap::new();
    for path in snapshot::all(starter)? {
        if let Some(hash) = snapshot::hash(&starter.join(&path))? {
            record.insert(paths::text(&path), hash);
        }
    }
    Ok(record)
}

/// A temporary folder is private to its owner; a workspace is as open as any folder that the learner makes.
fn open_to_others(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
        fs::set_permissions(folder.join(paths::PRIVATE), fs::Permissions::from_mode(0o700))?;
    }
    let _ = folder;
    Ok(())
}
