//! Brings a newer version's starter into a workspace without touching what the learner changed.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use curriculum::Lab;

use super::{
    aside::Aside,
    manifest::{Reason, Snapshot},
    store::{Store, all},
};
use crate::{
    Error, Result, Workspace, disk, paths,
    workspace::{lay_down, record_of},
};

/// What an update did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    pub from: u32,
    pub to: u32,
    /// Holds the work as it was before.
    pub kept: Snapshot,
    /// Files that the learner had not changed and that are the new ones now.
    pub replaced: Vec<String>,
    /// Files that the old version did not have.
    pub added: Vec<String>,
    /// Files of the new version that lie beside the learner's own: `ask.py.new`.
    pub beside: Vec<String>,
}

/// What becomes of one file of the new starter.
enum Fate {
    Stays,
    Added,
    Replaced,
    Beside,
}

/// Lays the lab's starter down over the one of an older version. Files that the learner changed stay, and a new version
/// of such a file comes beside it. Files that the new starter does not have stay. Cut off in the middle, it can be asked
/// for again.
pub fn update(workspace: &Workspace, lab: &Lab) -> Result<Updated> {
    let store = Store::open(workspace)?;
    let from = store.workspace.lab_version;
    if from >= lab.version {
        return Err(Error::Current { slug: lab.slug.clone(), version: from });
    }
    let draft = store.draft()?;
    lay_down(lab, draft.path())?;
    let record = record_of(draft.path())?;
    let root = &workspace.folder;
    let mut updated = Updated {
        from,
        to: lab.version,
        kept: store.take(Reason::Update, root, &paths::work(root)?)?,
        replaced: Vec::new(),
        added: Vec::new(),
        beside: Vec::new(),
    };
    let aside = Aside::new(&store, &updated.kept)?;
    for path in all(draft.path())? {
        let (name, fresh) = (paths::text(&path), draft.path().join(&path));
        match fate(&store.workspace.starter, lab, &name, &root.join(&path), &record)? {
            Fate::Stays => std::fs::remove_file(&fresh).map_err(Error::at(&fresh))?,
            Fate::Added => {
                aside.make_way(&path)?;
                updated.added.push(name);
            }
            Fate::Replaced => {
                aside.make_way(&path)?;
                updated.replaced.push(name);
            }
            Fate::Beside => {
                let new = with_new(&path);
                aside.make_way(&new)?;
                disk::rename(&fresh, &draft.path().join(&new))?;
                updated.beside.push(paths::text(&new));
            }
        }
    }
    aside.lay(&draft)?;
    Workspace { lab_version: lab.version, starter: record, ..store.workspace.clone() }.save()?;
    store.prune();
    Ok(updated)
}

/// `old` is the record of the starter that was laid down; an older workspace has none, and then every file that differs
/// counts as changed by the learner.
fn fate(
    old: &BTreeMap<String, String>,
    lab: &Lab,
    name: &str,
    place: &Path,
    new: &BTreeMap<String, String>,
) -> Result<Fate> {
    let (was, is) = (old.get(name), new.get(name));
    let there = place.symlink_metadata().is_ok();
    let mine = super::hash(place)?;
    let fixed = lab.is_fixed(name);
    Ok(if there && mine.as_ref() == is {
        Fate::Stays
    } else if !there && (fixed || was.is_none()) {
        Fate::Added
    } else if fixed || (mine.is_some() && mine.as_ref() == was) {
        Fate::Replaced
    } else if was == is {
        Fate::Stays
    } else {
        Fate::Beside
    })
}

fn with_new(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}
