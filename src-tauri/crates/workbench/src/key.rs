//! A workspace's key to the gateway: kept beside the workspace where only its owner can read it, and in the journal as a
//! hash. A renewed one makes the one of before worthless at once, in whichever process the gateway runs.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use uuid::Uuid;
use workspaces::Workspace;

use crate::{Problem, Workbench, replace::replace, view::Key};

/// Ends a workspace's key as programs have it that Groundwork starts, so that a call tells who made it.
const STARTED: &str = "-started";

/// Characters of a key that are shown.
const SHOWN: usize = 9;

impl Workbench {
    /// The keys of all workspaces, the oldest workspace first.
    pub fn keys(&self) -> Result<Vec<Key>, Problem> {
        let mut keys = Vec::new();
        // Where no pack can be read, keys are listed all the same.
        let pack = self.pack().ok();
        let labs = pack.iter().flat_map(|pack| &pack.labs);
        let known: HashMap<Uuid, &str> = labs.map(|lab| (lab.id, lab.slug.as_str())).collect();
        let rows = self.journal.workspaces()?;
        // Oldest first: the newest of each lab stays.
        let newest: HashMap<Uuid, Uuid> = rows.iter().map(|row| (row.lab, row.id)).collect();
        for row in rows {
            let key = Workspace::known(&row.folder, row.id)
                .ok()
                .and_then(|workspace| fs::read_to_string(file(&workspace)).ok());
            let begins = key.and_then(|key| key.get(..SHOWN).map(str::to_owned)).unwrap_or_default();
            let last_used = self.journal.calls(row.id, Timestamp::UNIX_EPOCH..=Timestamp::MAX, 1)?;
            let last_used = last_used.first().map(|call| format!("{:.0}", call.at));
            let renewable = newest.get(&row.lab) == Some(&row.id) && known.get(&row.lab) == Some(&row.slug.as_str());
            keys.push(Key { lab: row.slug, begins, last_used, renewable });
        }
        Ok(keys)
    }

    /// Gives a started lab's workspace a fresh key and stops its services, which hold the one of before.
    pub async fn renew_key(&self, slug: &str) -> Result<(), Problem> {
        let (lab, row) = self.recorded(slug)?;
        let workspace = Workspace::known(&row.folder, row.id)?;
        let key = make(&workspace)?;
        self.journal.record_workspace(&journal::Workspace { key_hash: gateway::hash_key(&key), ..row })?;
        self.serve_anew(&lab).await
    }
}

/// The key of a workspace; a fresh one where there is none.
pub fn of(workspace: &Workspace) -> Result<String, Problem> {
    let file = file(workspace);
    match fs::read_to_string(&file) {
        Ok(key) if key.trim().starts_with("gw-") => Ok(key.trim().into()),
        Ok(_) => make(workspace),
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(workspace),
        Err(error) => Err(unwritable(&file, &error)),
    }
}

/// A key as a program has it that Groundwork starts.
pub fn started(key: &str) -> String {
    format!("{key}{STARTED}")
}

/// The key itself, and whether a program has it that Groundwork started.
pub fn read(key: &str) -> (&str, bool) {
    key.strip_suffix(STARTED).map_or((key, false), |key| (key, true))
}

fn file(workspace: &Workspace) -> PathBuf {
    workspace.kept().join("key")
}

fn make(workspace: &Workspace) -> Result<String, Problem> {
    workspace.keep()?;
    let (file, key) = (file(workspace), gateway::new_key());
    replace(&file, &format!("{key}\n"), 0o600).map_err(|error| unwritable(&file, &error))?;
    Ok(key)
}

fn unwritable(file: &Path, error: &io::Error) -> Problem {
    let message = format!("The workspace's key {} cannot be kept: {error}.", file.display());
    Problem::new("workspace.key", message, "Make that file readable and writable for your user, then try again.")
}
