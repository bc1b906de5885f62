//! Where snapshots lie, in what is kept beside the workspace: `snapshots/objects/SHA-256` holds each content once,
//! `snapshots/ID.toml` is a snapshot. A manifest is written after its objects and removed before them, so a process that is killed leaves a
//! whole snapshot or none. One operation at a time, over all processes. Never touches the learner's files.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use walkdir::WalkDir;

use super::manifest::{Content, Kept, Reason, Snapshot};
use crate::{Error, Result, Workspace, disk, paths};

/// Kept at most; the oldest go first, the newest never does.
pub const MOST: usize = 50;
/// Bytes of contents kept at most, where the newest snapshot alone is not larger.
pub const MOST_BYTES: u64 = 256 << 20;
/// Bytes that a snapshot leaves free on the disk.
const SPARE: u64 = 1 << 20;

const OBJECTS: &str = "objects";
const DRAFT: &str = "draft-";
const MOVED: &str = "moved-";

/// The open store of one workspace. Others wait until it is dropped.
pub(crate) struct Store {
    /// As its marker says now.
    pub workspace: Workspace,
    folder: PathBuf,
    _turn: File,
}

impl Store {
    /// Takes the turn, and finishes what a process that was killed, or an earlier version, left behind.
    pub fn open(workspace: &Workspace) -> Result<Self> {
        let workspace = Workspace::known(&workspace.folder, workspace.id)?;
        let folder = workspace.keep()?.join("snapshots");
        let objects = folder.join(OBJECTS);
        fs::create_dir_all(&objects).map_err(Error::at(&objects))?;
        let file = folder.join("lock");
        let turn = File::create(&file).map_err(Error::at(&file))?;
        // A file system without locks: one window at a time is the common case there.
        let _ = turn.lock();
        let store = Self { workspace, folder, _turn: turn };
        store.sweep()?;
        Ok(store)
    }

    /// A folder of ours on the workspace's disk, gone when it is dropped.
    pub fn draft(&self) -> Result<TempDir> {
        tempfile::Builder::new().prefix(DRAFT).tempdir_in(&self.folder).map_err(Error::at(&self.folder))
    }

    /// Where work goes that makes way, once `kept` holds it.
    pub fn moved(&self, kept: &Snapshot) -> PathBuf {
        self.folder.join(format!("{MOVED}{}", kept.id))
    }

    /// Oldest first. A manifest that cannot be read is left out, and its objects stay.
    pub fn list(&self) -> Result<Vec<Snapshot>> {
        Ok(self.read()?.0)
    }

    pub fn find(&self, id: &str) -> Result<Snapshot> {
        let (readable, damaged) = self.read()?;
        let lost = damaged.into_iter().find(|file| file.file_stem().is_some_and(|name| name == id));
        if let Some(file) = lost {
            return Err(Error::SnapshotDamaged { snapshot: id.to_owned(), what: file.display().to_string() });
        }
        let unknown = || Error::NoSnapshot { id: id.to_owned(), slug: self.workspace.slug.clone() };
        readable.into_iter().find(|snapshot| snapshot.id == id).ok_or_else(unknown)
    }

    /// Makes a snapshot of these paths below `root`, on the disk when it returns. What has vanished is left out. Where
    /// the disk has no room for it, nothing has changed.
    pub fn take(&self, reason: Reason, root: &Path, paths: &[PathBuf]) -> Result<Snapshot> {
        let files = self.gather(root, paths)?;
        let known = self.list()?;
        // What is replaced again and again by the same thing is kept once.
        let again = |old: &&Snapshot| !reason.whole() && old.reason == reason && old.files == files;
        if let Some(same) = known.iter().rev().find(again) {
            return Ok(same.clone());
        }
        // Later than every other, also when the clock was set back.
        let after = known.last().map(|newest| newest.at + SignedDuration::from_nanos(1));
        let at = after.map_or(Timestamp::now(), |after| after.max(Timestamp::now()));
        let time = at.strftime("%Y-%m-%dT%H-%M-%SZ").to_string();
        let names = std::iter::once(time.clone()).chain((2..).map(|n: u32| format!("{time}-{n}")));
        let id = names.into_iter().find(|id| !self.manifest(id).exists()).unwrap_or(time);
        let Workspace { lab_version, starter, .. } = &self.workspace;
        let snapshot = Snapshot { id, at, reason, lab_version: *lab_version, files, starter: starter.clone() };
        self.record(&snapshot)?;
        Ok(snapshot)
    }

    /// Writes a kept file into `folder`, or says that its content is not what was kept.
    pub fn fetch(&self, snapshot: &Snapshot, kept: &Kept, folder: &Path) -> Result<()> {
        let to = folder.join(&kept.path);
        // A manifest that somebody wrote by hand may name a file below a link.
        paths::inside(folder, kept.path.parent().unwrap_or(&kept.path))?;
        disk::make_parent(&to)?;
        let (hash, mode) = match &kept.content {
            Content::Link { link } => return disk::link(link, &to).map_err(Error::at(&to)),
            Content::File { hash, mode, .. } => (hash, *mode),
        };
        let damaged =
            || Error::SnapshotDamaged { snapshot: snapshot.id.clone(), what: kept.path.display().to_string() };
        let object = self.object(hash).filter(|object| object.is_file()).ok_or_else(damaged)?;
        let mut source = File::open(&object).map_err(Error::at(&object))?;
        let mut found = String::new();
        let draft = disk::draft(&to, |file| {
            found = disk::copy_hashed(&mut source, file)?.0;
            disk::set_mode(file, mode)
        });
        let draft = draft.map_err(Error::at(&to))?;
        if found != *hash {
            return Err(damaged());
        }
        draft.persist_noclobber(&to).map(drop).map_err(|failed| Error::at(&to)(failed.error))
    }

    /// Holds the bounds: the oldest snapshots go, and whatever no snapshot names. The work is done by then, so what
    /// cannot be removed now is left for the next time.
    pub fn prune(&self) {
        if let Err(error) = self.remove_surplus(MOST, MOST_BYTES) {
            tracing::warn!(%error, "old snapshots were not removed");
        }
    }

    fn remove_surplus(&self, most: usize, most_bytes: u64) -> Result<()> {
        let (readable, damaged) = self.read()?;
        let (mut named, mut bytes, mut full) = (BTreeSet::new(), 0, false);
        for (age, snapshot) in readable.iter().rev().enumerate() {
            let before = named.clone();
            for (hash, size) in snapshot.files.iter().filter_map(Kept::object) {
                if named.insert(hash.to_owned()) {
                    bytes += size;
                }
            }
            full = full || (age > 0 && (age >= most || bytes > most_bytes));
            if full {
                named = before;
                let file = self.manifest(&snapshot.id);
                fs::remove_file(&file).map_err(Error::at(&file))?;
            }
        }
        disk::sync_folder(&self.folder)?;
        if !damaged.is_empty() {
            return Ok(());
        }
        let objects = self.folder.join(OBJECTS);
        for entry in fs::read_dir(&objects).map_err(Error::at(&objects))? {
            let entry = entry.map_err(Error::at(&objects))?;
            if !entry.file_name().to_str().is_some_and(|name| named.contains(name)) {
                fs::remove_file(entry.path()).map_err(Error::at(&entry.path()))?;
            }
        }
        Ok(())
    }

    /// Turns leftovers into snapshots: files that a cut-off or a just finished operation moved away and that were saved
    /// in between, and the plain folders of earlier versions.
    fn sweep(&self) -> Result<()> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(Error::at(&self.folder))? {
            found.push(entry.map_err(Error::at(&self.folder))?);
        }
        found.sort_by_key(fs::DirEntry::file_name);
        for entry in found {
            let (place, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if name.starts_with(paths::TEMPORARY) {
                fs::remove_file(&place).map_err(Error::at(&place))?;
            }
            if name == OBJECTS || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                continue;
            }
            if let Some(id) = name.strip_prefix(MOVED) {
                self.keep_changed(&place, id)?;
            } else if !name.starts_with(DRAFT) {
                self.convert(&place, &name)?;
            }
            fs::remove_dir_all(&place).map_err(Error::at(&place))?;
        }
        Ok(())
    }

    /// Keeps the files below `folder` that the snapshot `id` does not hold as they are now.
    fn keep_changed(&self, folder: &Path, id: &str) -> Result<()> {
        let kept = self.list()?.into_iter().find(|snapshot| snapshot.id == id);
        let kept: BTreeMap<_, _> =
            kept.iter().flat_map(|kept| &kept.files).map(|file| (&file.path, &file.content)).collect();
        let mut changed = Vec::new();
        for path in all(folder)? {
            let now = look(&folder.join(&path))?;
            if now.is_some_and(|now| !kept.get(&path).is_some_and(|then| then.same(&now))) {
                changed.push(path);
            }
        }
        if !changed.is_empty() {
            self.take(Reason::Meanwhile, folder, &changed)?;
        }
        Ok(())
    }

    /// A snapshot of an earlier version is a folder that is named after its time.
    fn convert(&self, folder: &Path, name: &str) -> Result<()> {
        if self.manifest(name).exists() {
            return Ok(());
        }
        let files = self.gather(folder, &all(folder)?)?;
        let (date, time) = name.split_once('T').unwrap_or((name, ""));
        let stated = format!("{date}T{}", time.replace('-', ":")).parse().ok();
        let modified = || folder.metadata().and_then(|data| data.modified()).ok()?.try_into().ok();
        let at = stated.or_else(modified).unwrap_or(Timestamp::UNIX_EPOCH);
        let starter = BTreeMap::new();
        let lab_version = self.workspace.lab_version;
        self.record(&Snapshot { id: name.to_owned(), at, reason: Reason::Earlier, lab_version, files, starter })
    }

    fn record(&self, snapshot: &Snapshot) -> Result<()> {
        let file = self.manifest(&snapshot.id);
        let text = toml::to_string(snapshot)
            .map_err(|error| Error::Io { path: file.clone(), source: io::Error::other(error) })?;
        disk::write(&file, text.as_bytes())?;
        disk::sync_folder(&self.folder)
    }

    /// The contents of these paths as objects, on the disk when it returns.
    fn gather(&self, root: &Path, paths: &[PathBuf]) -> Result<Vec<Kept>> {
        let mut files = Vec::new();
        let mut missing = BTreeMap::new();
        for path in paths {
            let Some(content) = look(&root.join(path))? else { continue };
            if let Content::File { hash, bytes, .. } = &content
                && !self.holds(hash)
            {
                missing.insert(hash.clone(), *bytes);
            }
            files.push(Kept { path: path.clone(), content });
        }
        disk::room_for(&self.folder, missing.values().sum::<u64>().saturating_add(SPARE))?;
        for file in &mut files {
            if let Content::File { hash, bytes, .. } = &mut file.content
                && missing.contains_key(hash)
                // One that vanishes here was removed by its owner: the name stays without content to restore.
                && let Some((copied, size)) = self.put(&root.join(&file.path))?
            {
                missing.remove(&copied);
                (*hash, *bytes) = (copied, size);
            }
        }
        files.retain(|file| !matches!(&file.content, Content::File { hash, .. } if missing.contains_key(hash)));
        disk::sync_folder(&self.folder.join(OBJECTS))?;
        Ok(files)
    }

    /// Copies a file to the objects; what is copied has the name, whatever the file held a moment ago.
    fn put(&self, from: &Path) -> Result<Option<(String, u64)>> {
        let mut source = match File::open(from) {
            Err(error) if disk::is_gone(&error) => return Ok(None),
            opened => opened.map_err(Error::at(from))?,
        };
        let objects = self.folder.join(OBJECTS);
        let mut copied = (String::new(), 0);
        let draft = disk::draft(&objects.join("new"), |file| {
            copied = disk::copy_hashed(&mut source, file)?;
            Ok(())
        });
        let to = objects.join(&copied.0);
        draft.and_then(|draft| Ok(draft.persist(&to)?)).map_err(Error::at(&to))?;
        Ok(Some(copied))
    }

    /// Whether the object is there, and sound: a damaged one is written anew.
    fn holds(&self, hash: &str) -> bool {
        let sound =
            |object: PathBuf| File::open(object).and_then(|mut file| disk::copy_hashed(&mut file, &mut io::sink()));
        self.object(hash).is_some_and(|object| sound(object).is_ok_and(|(found, _)| found == hash))
    }

    /// Where the object lies. A manifest that somebody wrote by hand names no other file.
    fn object(&self, hash: &str) -> Option<PathBuf> {
        let digits = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        digits.then(|| self.folder.join(OBJECTS).join(hash))
    }

    fn manifest(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.toml"))
    }

    /// The snapshots, oldest first, and the manifests that cannot be read.
    fn read(&self) -> Result<(Vec<Snapshot>, Vec<PathBuf>)> {
        let (mut readable, mut damaged) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(&self.folder).map_err(Error::at(&self.folder))? {
            let file = entry.map_err(Error::at(&self.folder))?.path();
            let Some(id) = file.file_name().and_then(|name| name.to_str()?.strip_suffix(".toml")) else { continue };
            let text = fs::read_to_string(&file);
            match text
                .map_err(|error| error.to_string())
                .and_then(|text| toml::from_str::<Snapshot>(&text).map_err(|error| error.message().to_owned()))
            {
                Ok(snapshot) => readable.push(Snapshot { id: id.to_owned(), ..snapshot }),
                Err(error) => {
                    tracing::warn!(file = %file.display(), error, "a snapshot cannot be read");
                    damaged.push(file);
                }
            }
        }
        readable.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
        Ok((readable, damaged))
    }
}

impl Kept {
    fn object(&self) -> Option<(&str, u64)> {
        match &self.content {
            Content::File { hash, bytes, .. } => Some((hash, *bytes)),
            Content::Link { .. } => None,
        }
    }
}

/// What stands at `place`; nothing where it is gone, or is neither a file nor a link.
pub(crate) fn look(place: &Path) -> Result<Option<Content>> {
    let seen = place.symlink_metadata().and_then(|seen| {
        if seen.is_symlink() {
            return Ok(Some(Content::Link { link: fs::read_link(place)? }));
        }
        if !seen.is_file() {
            return Ok(None);
        }
        let (hash, bytes) = disk::copy_hashed(&mut File::open(place)?, &mut io::sink())?;
        Ok(Some(Content::File { hash, bytes, mode: disk::mode(&seen) }))
    });
    match seen {
        Err(error) if disk::is_gone(&error) => Ok(None),
        seen => seen.map_err(Error::at(place)),
    }
}

/// Every file and link below `folder`, relative to it: in a folder of ours, whatever its name.
pub(crate) fn all(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in WalkDir::new(folder).min_depth(1).sort_by_file_name() {
        let entry = entry.map_err(|error| Error::at(folder)(error.into()))?;
        if let Ok(path) = entry.path().strip_prefix(folder)
            && !entry.file_type().is_dir()
        {
            found.push(path.to_path_buf());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_oldest_go_first_and_the_newest_stays_whatever_its_size() {
        // Contents of the snapshots, oldest first; the most of them and of bytes; how many are left.
        for (contents, most, bytes, left) in [
            (&["a", "bb", "ccc"][..], 3, 100, 3),
            (&["a", "bb", "ccc"], 2, 100, 2),
            (&["a", "bb", "ccc"], 3, 5, 2),
            (&["a", "bb", "ccc"], 3, 4, 1),
            (&["a", "bb", "a very long text"], 3, 4, 1),
            // Once kept, a content weighs once.
            (&["abc", "abc", "abc"], 3, 3, 3),
            // An older one that would fit again does not outlive a younger.
            (&["a", "a very long text", "a"], 3, 4, 1),
            (&["a"], 0, 0, 1),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let workspace = Workspace {
                id: Uuid::nil(),
                folder: folder.path().to_path_buf(),
                lab: Uuid::nil(),
                slug: "first".into(),
                lab_version: 1,
                created_at: Timestamp::UNIX_EPOCH,
                starter: BTreeMap::new(),
            };
            fs::create_dir(workspace.private()).unwrap();
            workspace.save().unwrap();
            let store = Store::open(&workspace).unwrap();
            let work = tempfile::tempdir().unwrap();
            for content in contents {
                fs::write(work.path().join("file"), content).unwrap();
                store.take(Reason::Reset, work.path(), &["file".into()]).unwrap();
            }
            store.remove_surplus(most, bytes).unwrap();
            let list = store.list().unwrap();
            assert_eq!(list.len(), left, "{contents:?} {most} {bytes}");
            let kept: BTreeSet<&str> = contents[contents.len() - left..].iter().copied().collect();
            assert_eq!(all(&store.folder.join(OBJECTS)).unwrap().len(), kept.len(), "{contents:?} {most} {bytes}");
            let to = tempfile::tempdir().unwrap();
            for (snapshot, content) in list.iter().rev().zip(contents.iter().rev()) {
                let to = to.path().join(&snapshot.id);
                fs::create_dir(&to).unwrap();
                store.fetch(snapshot, &snapshot.files[0], &to).unwrap();
                assert_eq!(fs::read_to_string(to.join("file")).unwrap(), *content);
            }
        }
    }
}
