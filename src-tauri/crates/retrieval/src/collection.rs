//! One open collection: its connections, its transactions, what it is and how it stands. What can be done with points
//! is in the modules below. Never holds a lock while it waits for the disk of another process, but the writer's own.

mod indexing;
mod keywords;
mod read;
mod search;
mod values;
mod write;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    Change, Description, Error, Settings, Sizes,
    columns::{Columns, Standing},
    store,
};

pub use values::Order;

/// Connections for readers that are kept for the next one.
const IDLE: usize = 8;

/// An open collection; clones share it.
///
/// Reads run beside each other and beside a write, each on the state of one moment. Writes run one after another and
/// return once they are on the disk. A group of points in one call is one transaction: all or none.
#[derive(Debug, Clone)]
pub struct Collection(Arc<Open>);

#[derive(Debug)]
struct Open {
    name: String,
    identity: Uuid,
    file: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    columns: Mutex<Columns>,
    indexing: indexing::Indexing,
    /// The settings as they were last read, with the text that they were read from.
    settings: Mutex<Arc<(String, Settings)>>,
}

/// What a transaction sees of the collection as a whole.
#[derive(Debug, Clone)]
struct View {
    standing: Standing,
    settings: Arc<(String, Settings)>,
    /// When the first change that is kept out of sight comes into it, in milliseconds since 1970.
    due: Option<u64>,
}

/// Why a transaction ended early.
#[derive(Debug)]
enum Failure {
    Sql(rusqlite::Error),
    Ours(Error),
}

type Attempt<T> = Result<T, Failure>;

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

/// Lays down a new file.
pub(crate) fn create(file: &Path, settings: &Settings) -> Result<(), Error> {
    let mut connection = store::connect(file, true)?;
    let explain = |error| Error::explain(file, &error);
    let transaction = connection.transaction().map_err(explain)?;
    transaction
        .execute(
            "INSERT INTO collection (one, identity, generation, settings, sequence, points, newest, floor)
             VALUES (1, ?1, ?2, ?3, 0, 0, 0, 0)",
            (Uuid::new_v4(), Uuid::new_v4(), written(settings)?),
        )
        .map_err(explain)?;
    keywords::create(&transaction, settings).map_err(explain)?;
    transaction.commit().map_err(explain)?;
    connection.close().map_err(|(_, error)| explain(error))
}

/// Leaves nothing in a file that a handle of it, here or elsewhere, could read or write.
pub(crate) fn end(file: &Path) -> Result<(), Error> {
    let connection = store::connect(file, false)?;
    connection.execute("DELETE FROM collection", []).map(drop).map_err(|error| Error::explain(file, &error))
}

fn written(settings: &Settings) -> Result<String, Error> {
    serde_json::to_string(settings).map_err(|error| Error::request(error.to_string()))
}

impl Collection {
    pub(crate) fn open(name: &str, file: &Path) -> Result<Self, Error> {
        let writer = store::connect(file, false)?;
        let explain = |error| Error::explain(file, &error);
        let kept: Option<(String, Uuid)> = writer
            .query_row("SELECT settings, identity FROM collection", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map_err(explain)?;
        let (text, identity) = kept.ok_or_else(|| Error::Unknown { name: name.to_owned() })?;
        let settings = parsed(file, &text)?;
        Ok(Self(Arc::new(Open {
            name: name.to_owned(),
            identity,
            file: file.to_owned(),
            writer: Mutex::new(writer),
            readers: Mutex::default(),
            columns: Mutex::default(),
            indexing: indexing::Indexing::default(),
            settings: Mutex::new(Arc::new((text, settings))),
        })))
    }

    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is and how it stands now.
    pub fn describe(&self) -> Result<Description, Error> {
        self.read(|_, view| {
            Ok(Description {
                name: self.0.name.clone(),
                identity: self.0.identity,
                settings: view.settings.1.clone(),
                points: view.standing.points,
                sequence: view.standing.sequence,
                indexed: self.indexed(view),
                indexing: self.indexing(),
                compared_up_to: indexing::FEW,
            })
        })
    }

    /// What it takes of the disk.
    pub fn sizes(&self) -> Result<Sizes, Error> {
        self.read(|connection, _| {
            // The file itself grows only when the log is worked into it.
            let points = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
            let points = connection.query_row(points, [], |row| row.get(0))?;
            // None where there is no such file.
            let index = self.0.index_file().metadata().map_or(0, |metadata| metadata.len());
            Ok(Sizes { points, index })
        })
    }

    /// Changes what is adjustable. New text fields are read from all payloads, which takes its time where there are many of
    /// them. A model can be named once, where none was.
    pub fn change(&self, change: &Change) -> Result<(), Error> {
        self.revise(|_| (change.clone(), ()))
    }

    /// As [`Collection::change`], where the change follows from the settings: nobody changes them meanwhile.
    pub fn revise<T>(&self, change: impl FnOnce(&Settings) -> (Change, T)) -> Result<T, Error> {
        self.write_transaction(|transaction, view| {
            let mut settings = view.settings.1.clone();
            let (change, value) = change(&settings);
            if let Some(model) = &change.model {
                self.same_model(&settings, model)?;
                settings.model = Some(model.clone());
            }
            let fields = change.text_fields.as_ref().filter(|fields| **fields != settings.text_fields);
            settings.text_fields = change.text_fields.clone().unwrap_or(settings.text_fields);
            settings.expansion = change.expansion.unwrap_or(settings.expansion);
            settings.connectivity = change.connectivity.unwrap_or(settings.connectivity);
            settings.expansion_of_build = change.expansion_of_build.unwrap_or(settings.expansion_of_build);
            settings.delay = change.delay.unwrap_or(settings.delay);
            settings.notes = change.notes.clone().unwrap_or(settings.notes);
            settings.check()?;
            transaction.execute("UPDATE collection SET settings = ?1", [written(&settings)?])?;
            if fields.is_some() {
                keywords::recreate(transaction, &settings)?;
            }
            Ok(value)
        })
    }

    /// Changes the notes that are kept now, in one step: of two who change them at once neither undoes the other.
    pub fn annotate<T>(&self, change: impl FnOnce(&mut Map<String, Value>) -> T) -> Result<T, Error> {
        self.revise(|settings| {
            let mut notes = settings.notes.clone();
            let value = change(&mut notes);
            (Change { notes: Some(notes), ..Change::default() }, value)
        })
    }

    /// Fails where vectors of this model do not belong here. Where the collection names no model, only the dimension
    /// tells, and every write and search looks at that by itself.
    pub fn expect_model(&self, model: &str) -> Result<(), Error> {
        self.read(|_, view| Ok(self.same_model(&view.settings.1, model)?))
    }

    fn same_model(&self, settings: &Settings, model: &str) -> Result<(), Error> {
        match &settings.model {
            Some(expected) if expected != model => {
                Err(Error::Model { name: self.0.name.clone(), expected: expected.clone(), found: model.to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// Whether both are handles of one opening.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether its file is still the one that the name leads to. Waits for no writer: a disk that is busy or slow is told
    /// of by whoever reads.
    pub(crate) fn lives(&self) -> bool {
        let seen = || self.with_reader(|connection| self.view(connection));
        self.0.file.exists() && !matches!(seen(), Err(Error::Unknown { .. } | Error::Damaged { .. }))
    }

    /// Runs `read` on the state of one moment, once what was kept out of sight until now has come into it.
    fn read<T>(&self, read: impl FnOnce(&Connection, &View) -> Attempt<T>) -> Result<T, Error> {
        self.read_holding(|| (), |connection, view, ()| read(connection, view))
    }

    /// The same, holding what `hold` gives from before the state is taken: what follows the file from one read to the
    /// next must not have seen a later state.
    fn read_holding<H, T>(
        &self,
        hold: impl Fn() -> H,
        read: impl FnOnce(&Connection, &View, H) -> Attempt<T>,
    ) -> Result<T, Error> {
        let mut read = Some(read);
        loop {
            let held = hold();
            let value = self.with_reader(|connection| {
                let reading = Reading::begin(connection)?;
                let view = self.view(connection)?;
                let value = match read.take_if(|_| view.due.is_none_or(|due| due > now())) {
                    Some(read) => read(connection, &view, held).map(Some),
                    None => Ok(None),
                };
                drop(reading);
                value
            })?;
            match value {
                Some(value) => return Ok(value),
                None => self.surface()?,
            }
        }
    }

    fn with_reader<T>(&self, read: impl FnOnce(&Connection) -> Attempt<T>) -> Result<T, Error> {
        let pooled = lock(&self.0.readers).pop();
        let connection = match pooled {
            Some(connection) => connection,
            None => store::connect(&self.0.file, false).map_err(|error| self.explain(error.into()))?,
        };
        let value = read(&connection);
        let mut readers = lock(&self.0.readers);
        if readers.len() < IDLE && connection.is_autocommit() {
            readers.push(connection);
        }
        drop(readers);
        value.map_err(|failure| self.explain(failure))
    }

    /// One transaction: all of `write` or nothing.
    fn write_transaction<T>(&self, write: impl FnOnce(&Transaction<'_>, &View) -> Attempt<T>) -> Result<T, Error> {
        let mut connection = lock(&self.0.writer);
        let turn = store::turn(&self.0.file).map_err(|error| self.explain(error.into()))?;
        let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(Failure::from);
        let done = begun.and_then(|transaction| {
            drop(turn);
            let view = self.view(&transaction)?;
            let value = write(&transaction, &view)?;
            transaction.commit()?;
            Ok(value)
        });
        done.map_err(|failure| self.explain(failure))
    }

    fn view(&self, connection: &Connection) -> Attempt<View> {
        let mut row =
            connection.prepare_cached("SELECT sequence, newest, points, floor, due, settings FROM collection")?;
        let mut rows = row.query([])?;
        let Some(row) = rows.next()? else { return Err(Error::Unknown { name: self.0.name.clone() }.into()) };
        let standing = Standing { sequence: row.get(0)?, newest: row.get(1)?, points: row.get(2)?, floor: row.get(3)? };
        let mut settings = lock(&self.0.settings);
        let text = row.get_ref(5)?.as_str().map_err(rusqlite::Error::from)?;
        if settings.0 != text {
            *settings = Arc::new((text.to_owned(), parsed(&self.0.file, text)?));
        }
        Ok(View { standing, settings: Arc::clone(&settings), due: row.get(4)? })
    }

    fn explain(&self, failure: Failure) -> Error {
        match failure {
            // Deleted, here or by another process.
            _ if !self.0.file.exists() => Error::Unknown { name: self.0.name.clone() },
            Failure::Sql(error) => Error::explain(&self.0.file, &error),
            Failure::Ours(error) => error,
        }
    }
}

/// A transaction that only reads, by statements that stay prepared.
struct Reading<'a>(&'a Connection);

impl<'a> Reading<'a> {
    fn begin(connection: &'a Connection) -> rusqlite::Result<Self> {
        connection.prepare_cached("BEGIN")?.execute([])?;
        Ok(Self(connection))
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        // What fails here has nothing to lose, and a connection still in it refuses the next one.
        let _ = self.0.prepare_cached("ROLLBACK").and_then(|mut end| end.execute([]));
    }
}

fn parsed(file: &Path, text: &str) -> Result<Settings, Error> {
    serde_json::from_str(text)
        .map_err(|error| Error::Damaged { path: file.to_owned(), detail: format!("its settings: {error}") })
}

/// A panic elsewhere leaves these usable: a transaction rolls back as it unwinds, and columns follow the file again.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Milliseconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_millis() as u64
}

#[cfg(test)]
impl Collection {
    pub(crate) fn built_columns(&self) -> Vec<(crate::Path, usize)> {
        lock(&self.0.columns).built()
    }

    /// Stands in for somebody whose filter makes new columns.
    pub(crate) fn while_columns_are_held<T>(&self, work: impl FnOnce() -> T) -> T {
        let _held = lock(&self.0.columns);
        work()
    }

    /// Stands in for a disk of so many pages.
    pub(crate) fn limit_pages(&self, pages: u32) {
        lock(&self.0.writer).execute_batch(&format!("PRAGMA max_page_count = {pages}")).unwrap();
    }
}
