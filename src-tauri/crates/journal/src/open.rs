//! Opens the file: one opener at a time, the durable settings, the format's history.

use std::{
    fs::{self, File, TryLockError},
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use rusqlite_migration::{M, Migrations};

use crate::{
    Error, Imported, Rescued, answers, entries, error::folder, evidence, gateway_calls, narratives, notes, outcomes,
    reports, rescue, settings, time_on_task, transfer, workspaces,
};

/// How long a reader or writer waits for another process.
const PATIENCE: Duration = Duration::from_secs(5);

/// The format's history. A released entry never changes; a later format adds entries at the end.
const HISTORY: &[M<'static>] = &[
    M::up(workspaces::CREATE),
    M::up(reports::CREATE),
    M::up(outcomes::CREATE),
    M::up(evidence::CREATE),
    M::up(gateway_calls::CREATE),
    M::up(answers::CREATE),
    M::up(time_on_task::CREATE),
    M::up(settings::CREATE),
    M::up(entries::CREATE),
    M::up(gateway_calls::ADD_INJECTED),
    M::up(outcomes::ADD_DEFINITION),
    M::up(gateway_calls::ADD_COST),
    M::up(notes::CREATE),
    M::up(gateway_calls::ADD_STARTED),
    M::up(narratives::CREATE),
];

/// The connection, the lock that all who have the journal open share, and what became of a damaged file and of a record
/// that waited.
pub(crate) fn open(path: &Path) -> Result<(Connection, File, Option<Rescued>, Option<Imported>), Error> {
    fs::create_dir_all(folder(path)).map_err(|error| Error::of_file(path, &error))?;
    let _only_opener = lock(path)?;
    let users = File::create(path.with_extension("users")).map_err(|error| Error::of_file(path, &error))?;
    rescue::finish(path)?;
    let imported = transfer::take_in(path, &users)?;
    let (connection, rescued) = match sound(path) {
        Err(Error::Damaged { .. }) => {
            // Whoever has it open would go on writing to the file that is set aside.
            if matches!(users.try_lock(), Err(TryLockError::WouldBlock)) {
                return Err(Error::InUse { path: path.to_owned() });
            }
            let rescued = rescue::rescue(path)?;
            let _ = users.unlock();
            (connect(path)?, Some(rescued))
        }
        opened => (opened?, None),
    };
    // Where the file system has no locks, nobody is told that it is in use.
    let _ = users.try_lock_shared();
    Ok((connection, users, rescued, imported))
}

/// Opens and, where a damage was met before, looks at the whole file first.
fn sound(path: &Path) -> Result<Connection, Error> {
    // SQLite would take an emptied file for a new one and throw its log away.
    if rescue::emptied(path) {
        return Err(Error::Damaged { path: path.to_owned(), detail: "the file is empty".into() });
    }
    let connection = connect(path)?;
    if rescue::asked_for(path) {
        let faults = faults(&connection).map_err(|error| Error::explain(path, &error))?;
        if let Some(first) = faults.into_iter().next() {
            return Err(Error::Damaged { path: path.to_owned(), detail: first });
        }
        rescue::no_longer_asked_for(path);
    }
    Ok(connection)
}

/// A connection with the durable settings, on the format that this program writes.
pub(crate) fn connect(path: &Path) -> Result<Connection, Error> {
    let explain = |error| Error::explain(path, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(explain)?;
    connection.busy_timeout(PATIENCE).map_err(explain)?;
    // SQLite opens a file that it may not write all the same, and fails at the first write.
    if connection.is_readonly(rusqlite::MAIN_DB).map_err(explain)? {
        return Err(Error::ReadOnly { path: path.to_owned() });
    }
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(explain)?;
    let known = HISTORY.len() as i64;
    if found > known {
        return Err(Error::Newer { path: path.to_owned(), found, known });
    }
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON;
             PRAGMA checkpoint_fullfsync = ON; PRAGMA foreign_keys = ON;",
        )
        .map_err(explain)?;
    match Migrations::from_slice(HISTORY).to_latest(&mut connection) {
        Ok(()) => Ok(connection),
        Err(rusqlite_migration::Error::RusqliteError { err, .. }) => Err(explain(err)),
        Err(other) => Err(Error::Refused { path: path.to_owned(), detail: other.to_string() }),
    }
}

/// What is wrong in the whole file: what SQLite finds, else what we cannot read. Some damage stops its own search; that is
/// then the last of the faults.
pub(crate) fn faults(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut faults = Vec::new();
    let mut check = connection.prepare("PRAGMA integrity_check")?;
    for line in check.query_map([], |row| row.get::<_, String>(0))? {
        match line {
            Ok(line) if line == "ok" => {}
            Ok(line) => faults.push(line),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {
                faults.push(error.to_string());
                break;
            }
            Err(error) => return Err(error),
        }
    }
    if faults.is_empty() {
        for (table, reads) in rescue::TABLES {
            let rows = rescue::unreadable(connection, table, reads)?;
            faults.extend(rows.iter().map(|row| format!("row {row} of {table} cannot be read")));
        }
    }
    Ok(faults)
}

/// Held while a journal opens, so that two processes neither make the same tables nor set the same file aside, and while
/// a writer waits for its turn. A file of its own: locks on the journal itself are SQLite's.
pub(crate) fn lock(path: &Path) -> Result<File, Error> {
    let file = File::create(path.with_extension("lock")).map_err(|error| Error::of_file(path, &error))?;
    let since = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if since.elapsed() < PATIENCE => sleep(Duration::from_millis(5)),
            Err(TryLockError::WouldBlock) => return Err(Error::Busy { path: path.to_owned() }),
            // A file system without locks: SQLite's own still guard every write.
            Err(TryLockError::Error(_)) => return Ok(file),
        }
    }
}
