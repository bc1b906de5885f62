//! A damaged journal: carry over what can be read, set the file aside. Never deletes it.
//!
//! The new journal is complete before the old one moves, so a rescue that is cut off loses nothing and is finished or
//! done again by the next opening.

use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use rusqlite::{Connection, Row, params_from_iter, types::Value};
use task::Fault;

use crate::{
    Error, column::Json, entries, error::folder, evidence, gateway_calls, open, outcomes, reports, workspaces,
};

/// Tells the learner what became of a damaged journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "The journal was damaged. {kept} of its records could be read and are in a new journal; the damaged file is now {}.",
    set_aside.display()
)]
pub struct Rescued {
    pub set_aside: PathBuf,
    /// Rows carried over.
    pub kept: u64,
}

impl Fault for Rescued {
    fn code(&self) -> &'static str {
        "journal.rescued"
    }

    fn next_step(&self) -> String {
        "Look at your labs and run the checks of any that seems to miss something: what passes is recorded anew. Keep \
         the damaged file until then."
            .into()
    }
}

/// Whether a row can be read.
type Reads = fn(&Row<'_>) -> rusqlite::Result<()>;

/// Every table, those that others refer to first; `latest_outcomes` is made anew.
pub(crate) const TABLES: [(&str, Reads); 11] = [
    ("workspaces", |row| workspaces::of_row(row).map(drop)),
    ("reports", |row| reports::of_row(row).map(drop)),
    ("outcomes", |row| outcomes::of_row(row).map(drop)),
    ("evidence", |row| evidence::of_row(row).map(drop)),
    ("gateway_calls", |row| gateway_calls::of_row(row).map(drop)),
    ("answers", |row| row.get::<_, Json<Vec<String>>>("chosen").map(drop)),
    ("time_on_task", |_| Ok(())),
    ("settings", |_| Ok(())),
    ("entries", |row| entries::of_row(row).map(drop)),
    ("notes", |_| Ok(())),
    ("narratives", |row| row.get::<_, u32>("revision").map(drop)),
];

/// Leaves a mark that the next opening looks at the whole file. Where no mark can be left, the next damage does it.
pub(crate) fn ask_for(path: &Path) {
    let _ = File::create(mark(path));
}

pub(crate) fn asked_for(path: &Path) -> bool {
    mark(path).exists()
}

pub(crate) fn no_longer_asked_for(path: &Path) {
    let _ = fs::remove_file(mark(path));
}

/// Whether the journal has lost its contents but not its log.
pub(crate) fn emptied(path: &Path) -> bool {
    let length = |suffix| fs::metadata(beside(path, suffix)).map(|file| file.len());
    matches!((length(""), length("-wal")), (Ok(0), Ok(1..)))
}

/// Puts a rescued journal in place whose rescue was cut off after the damaged file had moved.
pub(crate) fn finish(path: &Path) -> Result<(), Error> {
    if !path.exists() && new(path).exists() {
        fs::rename(new(path), path).map_err(|error| Error::of_file(path, &error))?;
    }
    Ok(())
}

pub(crate) fn rescue(path: &Path) -> Result<Rescued, Error> {
    let kept = carry_over(path, &new(path))?;
    let set_aside = unused(path, "corrupt");
    move_aside(path, &set_aside)?;
    finish(path)?;
    no_longer_asked_for(path);
    Ok(Rescued { set_aside, kept })
}

/// Moves the journal with what SQLite put beside it.
pub(crate) fn move_aside(path: &Path, to: &Path) -> Result<(), Error> {
    // The log first: SQLite deletes one that lies beside no journal.
    for suffix in ["-wal", "-shm", ""] {
        let from = beside(path, suffix);
        if from.exists() {
            fs::rename(&from, beside(to, suffix)).map_err(|error| Error::of_file(path, &error))?;
        }
    }
    Ok(())
}

/// Copies a journal with its log, which may have its newest pages.
pub(crate) fn copy_whole(file: &Path, copy: &Path) -> io::Result<()> {
    for suffix in ["", "-wal"] {
        match fs::copy(beside(file, suffix), beside(copy, suffix)) {
            Err(error) if suffix.is_empty() || error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Reads a copy, because reading a journal with a log writes to it.
fn carry_over(path: &Path, new: &Path) -> Result<u64, Error> {
    let copy = path.with_extension("copy.db");
    for file in [new, &copy] {
        remove(file);
    }
    let copied = copy_whole(path, &copy).map_err(|error| Error::of_file(path, &error));
    let kept = copied.and_then(|()| {
        let mut to = open::connect(new)?;
        let transaction = to.transaction().map_err(|error| Error::explain(path, &error))?;
        let mut kept = 0;
        if let Ok(from) = Connection::open(&copy) {
            for (table, reads) in TABLES {
                kept += copy_rows(&from, &transaction, table);
                let lost = remove_unreadable(&transaction, table, reads);
                kept -= lost.map_err(|error| Error::explain(path, &error))?;
            }
        }
        outcomes::renew_latest(&transaction)
            .and_then(|()| evidence::renew(&transaction))
            .and_then(|()| transaction.commit())
            // One file, no log beside it, so that one rename puts it in place.
            .and_then(|()| to.execute_batch("PRAGMA journal_mode = DELETE"))
            .map_err(|error| Error::explain(path, &error))?;
        Ok(kept)
    });
    remove(&copy);
    kept
}

/// Copies rows from the front until one cannot be read, then from the back until one cannot be read.
fn copy_rows(from: &Connection, to: &Connection, table: &str) -> u64 {
    let mut kept = 0;
    for order in ["ASC", "DESC"] {
        let end = copy_run(from, to, table, order, &mut kept);
        if matches!(end, Ok(())) {
            break;
        }
    }
    kept
}

fn copy_run(from: &Connection, to: &Connection, table: &str, order: &str, kept: &mut u64) -> rusqlite::Result<()> {
    let mut select = from.prepare(&format!("SELECT * FROM {table} ORDER BY rowid {order}"))?;
    let names: Vec<String> = select.column_names().into_iter().map(str::to_owned).collect();
    let columns = names.join(", ");
    let marks = vec!["?"; names.len()].join(", ");
    let mut insert = to.prepare(&format!("INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})"))?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let values = (0..names.len()).map(|column| row.get::<_, Value>(column)).collect::<rusqlite::Result<Vec<_>>>();
        // A row that refers to one that is lost is lost with it.
        if let Ok(values) = values {
            *kept += insert.execute(params_from_iter(values)).unwrap_or(0) as u64;
        }
    }
    Ok(())
}

/// Removes the rows that were carried over and tell nothing.
fn remove_unreadable(connection: &Connection, table: &str, reads: Reads) -> rusqlite::Result<u64> {
    let rows = unreadable(connection, table, reads)?;
    let mut remove = connection.prepare(&format!("DELETE FROM {table} WHERE rowid = ?"))?;
    rows.iter().try_for_each(|row| remove.execute([row]).map(drop))?;
    Ok(rows.len() as u64)
}

/// The rows that SQLite finds sound and we cannot read: what is lost of a page may be the end of a value alone.
pub(crate) fn unreadable(connection: &Connection, table: &str, reads: Reads) -> rusqlite::Result<Vec<i64>> {
    let mut select = connection.prepare(&format!("SELECT *, rowid FROM {table}"))?;
    let number = select.column_count() - 1;
    let mut rows = select.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if reads(row).is_err() {
            found.push(row.get(number)?);
        }
    }
    Ok(found)
}

/// Damaged journals beside this one, oldest first.
pub(crate) fn set_aside(path: &Path) -> Vec<PathBuf> {
    let prefix = format!("{}.corrupt-", stem(path));
    let Ok(entries) = fs::read_dir(folder(path)) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(&prefix) && name.ends_with(".db")
        })
        .collect();
    found.sort();
    found
}

/// A name for a journal that is set aside, with the time.
pub(crate) fn unused(path: &Path, why: &str) -> PathBuf {
    let time = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let name = |extra: String| path.with_file_name(format!("{}.{why}-{time}{extra}.db", stem(path)));
    let mut unused = name(String::new());
    let mut copies = 1;
    while unused.exists() {
        copies += 1;
        unused = name(format!("-{copies}"));
    }
    unused
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn mark(path: &Path) -> PathBuf {
    path.with_extension("damaged")
}

fn new(path: &Path) -> PathBuf {
    path.with_extension("rescued.db")
}

pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Removes a file of our own making, with what SQLite put beside it.
pub(crate) fn remove(file: &Path) {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let _ = fs::remove_file(beside(file, suffix));
    }
}
