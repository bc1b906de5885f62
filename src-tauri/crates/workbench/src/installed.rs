//! The models that are installed now. Groundwork's processes share their store, so what one of them brings, removes or
//! chooses counts in the others too.

use std::{
    ffi::OsString,
    fs,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use gateway::Served;
use journal::Journal;

use crate::{
    Options,
    model::{CHOSEN, LocalModels},
};

pub struct Installed {
    options: Options,
    journal: Journal,
    seen: Mutex<Seen>,
}

struct Seen {
    mark: Mark,
    models: LocalModels,
    served: Arc<Served>,
}

impl Seen {
    fn new(mark: Mark, models: LocalModels) -> Self {
        Self { mark, served: Arc::new(models.served()), models }
    }
}

impl Installed {
    pub fn new(options: Options, journal: Journal) -> Self {
        // A change while they are read is seen the next time.
        let mark = Mark::of(&options, &journal);
        let seen = Seen::new(mark, LocalModels::find(&options, &journal));
        Self { options, journal, seen: Mutex::new(seen) }
    }

    pub fn models(&self) -> LocalModels {
        self.look(|seen| seen.models.clone())
    }

    /// What the gateway serves: the same value until something changes.
    pub fn served(&self) -> Arc<Served> {
        self.look(|seen| seen.served.clone())
    }

    fn look<T>(&self, at: impl FnOnce(&Seen) -> T) -> T {
        let mark = Mark::of(&self.options, &self.journal);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.mark != mark {
            *seen = Seen::new(mark, seen.models.again(&self.options, &self.journal));
        }
        at(&seen)
    }
}

/// What changes with the models: the folders of the store, and which model is chosen.
#[derive(PartialEq)]
struct Mark {
    folders: Vec<(OsString, Option<SystemTime>)>,
    chosen: Option<String>,
}

impl Mark {
    fn of(options: &Options, journal: &Journal) -> Self {
        Self { folders: folders(&options.model_store()), chosen: journal.setting(CHOSEN).ok().flatten() }
    }
}

/// Each with the time when something in it was last placed. What begins with a dot is not a model yet.
fn folders(store: &Path) -> Vec<(OsString, Option<SystemTime>)> {
    let entries = fs::read_dir(store).into_iter().flatten().flatten();
    let entries = entries.filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."));
    let time = |entry: &fs::DirEntry| entry.metadata().ok()?.modified().ok();
    let mut folders: Vec<_> = entries.map(|entry| (entry.file_name(), time(&entry))).collect();
    folders.sort();
    folders
}
