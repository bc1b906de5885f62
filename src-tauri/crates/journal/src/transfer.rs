//! The record as one file, to be kept elsewhere or carried to another machine: written out, and taken in, in place of the
//! journal that is there. What was there is moved aside, never deleted.
//!
//! A record is laid beside the journal first, whole and sound. The next opening takes it in, once nobody has the journal
//! open.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use task::Fault;
use uuid::Uuid;

use crate::{
    Error, Journal,
    column::At,
    error::folder,
    open,
    rescue::{self, beside},
};

/// Of the settings in a record that was written out: the folder that held the learner's workspaces.
const WORKSPACES: &str = "workspaces";

/// How every file of SQLite begins.
const HEADER: &[u8] = b"SQLite format 3\0";

/// Tables that no other program's file has together.
const OURS: &str = "SELECT count(*) = 4 FROM sqlite_master
    WHERE type = 'table' AND name IN ('workspaces', 'reports', 'latest_outcomes', 'evidence')";

/// Removes settings by how their names begin.
const FORGET: &str = "DELETE FROM settings WHERE substr(key, 1, length(?1)) = ?1";

/// What a record holds, to tell one from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub workspaces: u32,
    pub outcomes: u32,
    /// When the last check ran.
    pub latest: Option<Timestamp>,
}

/// Tells the learner that another record is the journal now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("The record that you imported is your journal now{}.", kept(before.as_deref()))]
pub struct Imported {
    /// The journal of before; `None` where there was none.
    pub before: Option<PathBuf>,
}

fn kept(before: Option<&Path>) -> String {
    before.map(|before| format!("; the one of before is {}", before.display())).unwrap_or_default()
}

impl Fault for Imported {
    fn code(&self) -> &'static str {
        "journal.imported"
    }

    fn next_step(&self) -> String {
        match self.before {
            Some(_) => "Look at your plan. To go back, import that file.".into(),
            None => "Look at your plan.".into(),
        }
    }
}

impl Journal {
    /// Writes all that is recorded now to `file`, which its owner alone can read then. Only an earlier record is replaced, whole
    /// or not at all. `workspaces` is the folder that holds the learner's workspaces; on another machine [`lay_in`] puts that
    /// one's in its place.
    pub fn export(&self, file: &Path, workspaces: &Path) -> Result<Summary, Error> {
        if same(file, self.path()) || (file.exists() && !is_record(file)) {
            return Err(Error::Taken { file: file.to_owned() });
        }
        // A name of its own: one that could be guessed may be another's file.
        let draft = beside(file, &format!(".{}.new", Uuid::new_v4().simple()));
        let Some(name) = draft.to_str() else { return Err(Error::Unnameable { path: file.to_owned() }) };
        let failed = |detail: String| Error::Unwritable { file: file.to_owned(), detail };
        let written = empty(&draft).map_err(|error| failed(error.to_string())).and_then(|()| {
            let summary = self.copy(name, workspaces).map_err(|error| match self.explain(&error) {
                of_the_journal @ (Error::Damaged { .. } | Error::Busy { .. }) => of_the_journal,
                _ => failed(error.to_string()),
            })?;
            put(&draft, file).map_err(|error| failed(error.to_string()))?;
            Ok(summary)
        });
        if written.is_err() {
            rescue::remove(&draft);
        }
        written
    }

    /// By a connection of its own: the journal is read and written meanwhile, and the copy is of one moment.
    fn copy(&self, to: &str, workspaces: &Path) -> rusqlite::Result<Summary> {
        plain(self.path())?.execute("VACUUM INTO ?", [to])?;
        let copy = plain(Path::new(to))?;
        if let Some(workspaces) = workspaces.to_str() {
            copy.execute("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", [WORKSPACES, workspaces])?;
        }
        summary(&copy)
    }

    /// The record that the opening of this journal took in.
    pub fn imported(&self) -> Option<&Imported> {
        self.0.imported.as_ref()
    }
}

/// Lays a copy of the record in `file` beside the journal at `path`, for the next opening to take in; one that lay there
/// already makes way. Workspaces that were in the folder of the record's machine are looked for in `workspaces`, and settings
/// whose names begin with one of `forget` stay behind. Refuses what is no record, a damaged one, and one of a newer Groundwork.
pub fn lay_in(path: &Path, file: &Path, workspaces: &Path, forget: &[&str]) -> Result<Summary, Error> {
    let unfit = |reason: String| Error::Unfit { file: file.to_owned(), reason };
    if same(file, path) {
        return Err(unfit("it is the journal that is in use".into()));
    }
    match begins_as_ours(file) {
        Ok(true) => {}
        Ok(false) => return Err(no_record(file)),
        Err(error) => return Err(unfit(format!("it cannot be read ({error})"))),
    }
    let draft = path.with_extension("import.new.db");
    rescue::remove(&draft);
    let copied = fs::create_dir_all(folder(path)).and_then(|()| rescue::copy_whole(file, &draft));
    let prepared = copied.map_err(|error| Error::of_file(path, &error)).and_then(|()| {
        let summary = prepare(&draft, workspaces, forget).map_err(|error| match error {
            Error::Newer { found, known, .. } => Error::Newer { path: file.to_owned(), found, known },
            Error::Damaged { detail, .. } => unfit(format!("it is damaged ({detail})")),
            Error::Unfit { .. } => no_record(file),
            Error::Full { .. } => Error::Full { path: path.to_owned() },
            other => other,
        })?;
        put(&draft, &laid(path)).map_err(|error| Error::of_file(path, &error))?;
        Ok(summary)
    });
    if prepared.is_err() {
        rescue::remove(&draft);
    }
    prepared
}

/// The record that lies beside the journal and waits to be taken in.
pub fn laid_in(path: &Path) -> Result<Option<Summary>, Error> {
    let laid = laid(path);
    if !laid.exists() {
        return Ok(None);
    }
    plain(&laid).and_then(|record| summary(&record)).map(Some).map_err(|error| Error::explain(&laid, &error))
}

/// Takes away the record that waits, if one does. The file that it came from stays.
pub fn call_off(path: &Path) -> Result<(), Error> {
    match fs::remove_file(laid(path)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::of_file(path, &error)),
        _ => Ok(()),
    }
}

/// Puts the record that waits in the journal's place, unless somebody has the journal open. `users` is what all lock who have.
pub(crate) fn take_in(path: &Path, users: &File) -> Result<Option<Imported>, Error> {
    let laid = laid(path);
    if !laid.exists() || matches!(users.try_lock(), Err(TryLockError::WouldBlock)) {
        return Ok(None);
    }
    let before = path.exists().then(|| rescue::unused(path, "before"));
    if let Some(before) = &before {
        // Its log goes into it, so that one rename moves it whole; where it is damaged, they are moved one by one.
        if !rescue::emptied(path) {
            let _ = plain(path).and_then(|journal| journal.execute_batch("PRAGMA journal_mode = DELETE"));
        }
        rescue::move_aside(path, before)?;
    }
    fs::rename(&laid, path).and_then(|()| sync(&folder(path))).map_err(|error| Error::of_file(path, &error))?;
    rescue::no_longer_asked_for(path);
    let _ = users.unlock();
    Ok(Some(Imported { before }))
}

fn laid(path: &Path) -> PathBuf {
    path.with_extension("import.db")
}

fn no_record(file: &Path) -> Error {
    Error::Unfit { file: file.to_owned(), reason: "it is no record of Groundwork".into() }
}

/// Brings a copy to the format of this program and to this machine, as one file without a log.
fn prepare(draft: &Path, workspaces: &Path, forget: &[&str]) -> Result<Summary, Error> {
    let explain = |error: rusqlite::Error| Error::explain(draft, &error);
    if !plain(draft).and_then(|copy| copy.query_row(OURS, [], |row| row.get::<_, bool>(0))).map_err(explain)? {
        return Err(no_record(draft));
    }
    let copy = open::connect(draft)?;
    if let Some(fault) = open::faults(&copy).map_err(explain)?.into_iter().next() {
        return Err(Error::Damaged { path: draft.to_owned(), detail: fault });
    }
    rebase(&copy, workspaces)
        .and_then(|()| forget.iter().try_for_each(|begins| copy.execute(FORGET, [begins]).map(drop)))
        .and_then(|()| copy.execute_batch("PRAGMA journal_mode = DELETE"))
        .and_then(|()| summary(&copy))
        .map_err(explain)
}

/// Has the workspaces where this machine keeps them.
fn rebase(copy: &Connection, workspaces: &Path) -> rusqlite::Result<()> {
    let of_record = copy.query_row("SELECT value FROM settings WHERE key = ?", [WORKSPACES], |row| row.get(0));
    let before: Option<String> = of_record.optional()?;
    copy.execute("DELETE FROM settings WHERE key = ?", [WORKSPACES])?;
    let Some(before) = before else { return Ok(()) };
    let mut select = copy.prepare("SELECT rowid, folder FROM workspaces")?;
    let rows = select.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
    for (row, folder) in rows.collect::<rusqlite::Result<Vec<_>>>()? {
        let now = Path::new(&folder).strip_prefix(&before).map(|within| workspaces.join(within));
        if let Some(now) = now.ok().as_deref().and_then(Path::to_str) {
            copy.execute("UPDATE workspaces SET folder = ? WHERE rowid = ?", (now, row))?;
        }
    }
    Ok(())
}

fn summary(record: &Connection) -> rusqlite::Result<Summary> {
    let counts = "SELECT (SELECT count(*) FROM workspaces), count(*), max(started_at) FROM outcomes";
    record.query_row(counts, [], |row| {
        let latest = row.get::<_, Option<At>>(2)?.map(|at| at.0);
        Ok(Summary { workspaces: row.get(0)?, outcomes: row.get(1)?, latest })
    })
}

/// A connection to a file that is there, which neither makes nor changes tables.
fn plain(file: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

fn is_record(file: &Path) -> bool {
    let read_only = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let ours = Connection::open_with_flags(file, read_only)
        .and_then(|record| record.query_row(OURS, [], |row| row.get::<_, bool>(0)));
    ours.unwrap_or(false)
}

fn begins_as_ours(file: &Path) -> io::Result<bool> {
    let mut header = Vec::new();
    File::open(file)?.take(HEADER.len() as u64).read_to_end(&mut header)?;
    Ok(header == HEADER)
}

fn same(file: &Path, other: &Path) -> bool {
    matches!((file.canonicalize(), other.canonicalize()), (Ok(file), Ok(other)) if file == other)
}

/// A file without anything in it that its owner alone can read. SQLite fills it.
fn empty(file: &Path) -> io::Result<()> {
    fs::create_dir_all(folder(file))?;
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}

/// Places a whole file by one rename.
fn put(draft: &Path, file: &Path) -> io::Result<()> {
    File::open(draft)?.sync_all()?;
    fs::rename(draft, file)?;
    sync(&folder(file))
}

fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
