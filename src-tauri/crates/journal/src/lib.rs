//! The learner's record: workspaces, reports and their outcomes, evidence, gateway calls, answers, entries, notes,
//! narratives, time on task and settings, in one SQLite file. The only writer of that file; one module per table.
//!
//! Every method that writes returns after the commit has reached the disk (write-ahead log, full sync), so what was
//! acknowledged survives `kill -9`. Several processes may share the file. Never decides what an outcome means, and
//! never deletes a file that may hold a record.

mod answers;
mod column;
mod entries;
mod error;
mod evidence;
mod gateway_calls;
mod narratives;
mod notes;
mod open;
mod outcomes;
mod reports;
mod rescue;
mod settings;
mod time_on_task;
mod transfer;
mod workspaces;

#[cfg(test)]
mod tests;

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use entries::Entry;
pub use error::Error;
pub use evidence::{Evidence, FirstPass, Pass};
pub use gateway_calls::{Call, Usage};
pub use narratives::Narrative;
pub use notes::Notes;
pub use outcomes::{Measured, Outcome, Standing, Status};
pub use reports::{Report, ReportId};
pub use rescue::Rescued;
pub use transfer::{Imported, Summary, call_off, laid_in, lay_in};
pub use workspaces::Workspace;

/// One open journal; clones share it.
#[derive(Debug, Clone)]
pub struct Journal(Arc<Open>);

#[derive(Debug)]
struct Open {
    path: PathBuf,
    connection: Mutex<Connection>,
    rescued: Option<Rescued>,
    imported: Option<Imported>,
    /// Locked: the file of a journal that is open is not set aside.
    _users: File,
}

/// What [`Journal::check`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integrity {
    /// One for each fault, most in SQLite's own words; empty when the file is sound.
    pub problems: Vec<String>,
    /// How many it holds, where damage lets them be counted.
    pub outcomes: Option<u64>,
    /// Damaged journals that were moved aside earlier and are still beside this one.
    pub set_aside: Vec<PathBuf>,
}

impl Journal {
    /// Opens the journal at `path`, or makes it there with its folder.
    ///
    /// A damaged file is moved aside, what can be read of it is carried over, and [`Journal::rescued`] tells of it. A record
    /// that [`lay_in`] laid beside it takes its place, unless somebody else has it open, and [`Journal::imported`] tells of it.
    /// Fails where the file or its folder cannot be written, the disk is full, another process holds the file or has it
    /// open while it is damaged, or a newer Groundwork wrote it; the file is then as it was.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let (connection, users, rescued, imported) = open::open(path)?;
        let (path, connection) = (path.to_owned(), Mutex::new(connection));
        Ok(Self(Arc::new(Open { path, connection, rescued, imported, _users: users })))
    }

    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// What became of a damaged journal that this opening found.
    pub fn rescued(&self) -> Option<&Rescued> {
        self.0.rescued.as_ref()
    }

    /// Reads the whole file and every row of it. A fault found here is mended by the next [`Journal::open`].
    pub fn check(&self) -> Result<Integrity, Error> {
        let (problems, outcomes) = self.read(|connection| {
            let problems = open::faults(connection)?;
            let outcomes = connection.query_row("SELECT count(*) FROM outcomes", [], |row| row.get(0));
            Ok((problems, outcomes.ok()))
        })?;
        if !problems.is_empty() {
            rescue::ask_for(self.path());
        }
        Ok(Integrity { problems, outcomes, set_aside: rescue::set_aside(self.path()) })
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Error> {
        read(&self.lock()).map_err(|error| self.explain(&error))
    }

    /// One transaction: all of `write` or nothing. It takes the write lock at once, because a transaction that begins
    /// as a reader fails without waiting when another process has written in between. SQLite keeps no queue for that
    /// lock: who waits for it holds the turn, so that a process which writes without a break has to let others in.
    fn write<T>(&self, write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T, Error> {
        let mut connection = self.lock();
        let turn = open::lock(self.path())?;
        let written = connection.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|transaction| {
            drop(turn);
            let value = write(&transaction)?;
            transaction.commit()?;
            Ok(value)
        });
        written.map_err(|error| self.explain(&error))
    }

    /// A panic elsewhere leaves the connection usable: its transaction was rolled back as it unwound.
    fn lock(&self) -> std::sync::MutexGuard<'_, Connection> {
        self.0.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn explain(&self, error: &rusqlite::Error) -> Error {
        let error = Error::explain(self.path(), error);
        if matches!(error, Error::Damaged { .. }) {
            rescue::ask_for(self.path());
        }
        error
    }
}
