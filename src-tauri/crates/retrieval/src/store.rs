//! The file of one collection: its tables, and connections with the durable settings. Never decides what is written.
//!
//! A vector never changes under its key: a new one gets a new, higher key. So whoever knows all keys up to one needs to
//! look only at those above it, and at `changes` for what went away or changed its payload. A vector's row has its id and
//! version too: an answer without payloads is read from it alone.

use std::{
    fs::{File, TryLockError},
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};

use crate::Error;

/// How long a reader or writer waits for another process.
const PATIENCE: Duration = Duration::from_secs(10);

/// The format's history. A released entry never changes; a later format adds entries at the end.
const HISTORY: &[M<'static>] = &[M::up(
    "CREATE TABLE collection (
         one INTEGER PRIMARY KEY CHECK (one = 1), identity BLOB NOT NULL, generation BLOB NOT NULL, settings TEXT NOT NULL,
         sequence INTEGER NOT NULL, points INTEGER NOT NULL, newest INTEGER NOT NULL, floor INTEGER NOT NULL,
         due INTEGER
     ) STRICT;
     CREATE TABLE namespaces (
         number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, points INTEGER NOT NULL
     ) STRICT;
     CREATE TABLE points (
         key INTEGER PRIMARY KEY, namespace INTEGER NOT NULL, id TEXT NOT NULL, number BLOB,
         payload TEXT NOT NULL, UNIQUE (namespace, id)
     ) STRICT;
     CREATE INDEX points_by_number ON points (namespace, number) WHERE number IS NOT NULL;
     CREATE TABLE vectors (
         key INTEGER PRIMARY KEY, version INTEGER NOT NULL, id TEXT NOT NULL, vector BLOB NOT NULL
     ) STRICT;
     CREATE TABLE changes (sequence INTEGER NOT NULL, key INTEGER NOT NULL);
     CREATE INDEX changes_by_sequence ON changes (sequence);
     CREATE TABLE waiting (number INTEGER PRIMARY KEY AUTOINCREMENT, due INTEGER NOT NULL, write TEXT NOT NULL) STRICT;",
)];

/// A connection on the format that this program writes.
pub(crate) fn connect(path: &Path, create: bool) -> Result<Connection, Error> {
    let explain = |error| Error::explain(path, &error);
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let mut connection = Connection::open_with_flags(path, flags).map_err(explain)?;
    connection.busy_timeout(PATIENCE).map_err(explain)?;
    if connection.is_readonly(rusqlite::MAIN_DB).map_err(explain)? {
        return Err(Error::ReadOnly { path: path.to_owned() });
    }
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(explain)?;
    let known = HISTORY.len() as i64;
    if found > known {
        return Err(Error::Newer { path: path.to_owned(), found, known });
    }
    // A search reads a page for each vector that it compares: small ones are quicker to fetch.
    connection
        .execute_batch(
            "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON;
             PRAGMA checkpoint_fullfsync = ON; PRAGMA cache_size = -2048;",
        )
        .map_err(explain)?;
    connection.set_prepared_statement_cache_capacity(64);
    if found == known {
        return Ok(connection);
    }
    match Migrations::from_slice(HISTORY).to_latest(&mut connection) {
        Ok(()) => Ok(connection),
        Err(rusqlite_migration::Error::RusqliteError { err, .. }) => Err(explain(err)),
        Err(other) => Err(Error::Refused { path: path.to_owned(), detail: other.to_string() }),
    }
}

/// The turn to write, held until the write lock is: SQLite keeps no queue for that, and who writes without a break would
/// starve the others.
pub(crate) fn turn(path: &Path) -> Result<File, Error> {
    let file = File::create(path.with_extension("lock")).map_err(|error| Error::of_file(path, &error))?;
    let since = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if since.elapsed() < PATIENCE => sleep(Duration::from_millis(2)),
            Err(TryLockError::WouldBlock) => return Err(Error::Busy { path: path.to_owned() }),
            // A file system without locks: SQLite's own still guard every write.
            Err(TryLockError::Error(_)) => return Ok(file),
        }
    }
}
