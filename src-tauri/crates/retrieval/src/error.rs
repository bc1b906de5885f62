//! Why a collection could not be opened, read or written, in the learner's words.

use std::{
    io,
    path::{Path, PathBuf},
};

use rusqlite::{ErrorCode, ffi};
use task::{Fault, Owner};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("\"{name}\" cannot be a collection's name: {reason}.")]
    Name { name: String, reason: String },
    #[error("There is a collection \"{name}\" already.")]
    Exists { name: String },
    #[error("There is no collection \"{name}\".")]
    Unknown { name: String },
    #[error("There is no point \"{id}\" to compare with.")]
    UnknownPoint { id: String },
    #[error("The collection \"{name}\" holds vectors of {expected} numbers; this one has {found}.")]
    Dimension { name: String, expected: usize, found: usize },
    #[error("The collection \"{name}\" holds vectors of the model {expected}; these are of {found}.")]
    Model { name: String, expected: String, found: String },
    #[error("The vector of {whose} holds a number that is not finite.")]
    NotFinite { whose: String },
    #[error("This cannot be asked of a collection: {reason}.")]
    Request { reason: String },
    #[error("Collections cannot be kept in {}: {reason}.", folder.display())]
    Folder { folder: PathBuf, reason: String },
    #[error("The collection's file {} is read-only, so nothing can be changed.", path.display())]
    ReadOnly { path: PathBuf },
    #[error("The disk is full: the last change was not kept in {}. Everything before it is.", path.display())]
    Full { path: PathBuf },
    #[error("Another program holds the collection's file {} and did not let go of it in time.", path.display())]
    Busy { path: PathBuf },
    #[error(
        "The collection's file {} was written by a newer Groundwork: its format is {found}, this program knows {known}.",
        path.display()
    )]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("The collection's file {} is damaged: {detail}.", path.display())]
    Damaged { path: PathBuf, detail: String },
    #[error("The disk did not read or write the collection's file {}: {detail}.", path.display())]
    Disk { path: PathBuf, detail: String },
    #[error("The collection's file {} refused a change: {detail}.", path.display())]
    Refused { path: PathBuf, detail: String },
    #[error("The index of the collection \"{name}\" could not be built: {detail}.")]
    Index { name: String, detail: String },
    #[error("The building of the index was cancelled.")]
    Cancelled,
    #[error("The results could not be ordered anew: {reason}.")]
    Reranking { reason: String },
}

impl Error {
    pub(crate) fn request(reason: impl Into<String>) -> Self {
        Self::Request { reason: reason.into() }
    }

    pub(crate) fn explain(path: &Path, error: &rusqlite::Error) -> Self {
        let (path, detail) = (path.to_owned(), error.to_string());
        let failure = match error {
            rusqlite::Error::SqliteFailure(failure, _) => failure,
            rusqlite::Error::FromSqlConversionFailure(..) | rusqlite::Error::InvalidColumnType(..) => {
                return Self::Damaged { path, detail };
            }
            _ => return Self::Refused { path, detail },
        };
        match failure.code {
            ErrorCode::DiskFull => Self::Full { path },
            // The index of the log could not grow: SQLite does not say for want of what, and there is but one reason.
            ErrorCode::SystemIoFailure if failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE => Self::Full { path },
            ErrorCode::ReadOnly => Self::ReadOnly { path },
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy { path },
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged { path, detail },
            ErrorCode::CannotOpen | ErrorCode::PermissionDenied => {
                Self::Folder { folder: folder(&path), reason: detail }
            }
            ErrorCode::SystemIoFailure => Self::Disk { path, detail },
            _ => Self::Refused { path, detail },
        }
    }

    /// Whether the same may go another time, with another disk or none who holds the file.
    pub(crate) fn passes(&self) -> bool {
        matches!(
            self,
            Self::Full { .. }
                | Self::Busy { .. }
                | Self::Disk { .. }
                | Self::ReadOnly { .. }
                | Self::Folder { .. }
                | Self::Unknown { .. }
        )
    }

    pub(crate) fn of_file(path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path: path.to_owned() },
            _ => Self::Folder { folder: folder(path), reason: error.to_string() },
        }
    }
}

fn folder(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new(".")).to_owned()
}

/// The way out for vectors of another model.
fn apart(name: &str) -> String {
    format!("embed all texts anew into another collection: groundwork collection reembed {name} NEW-NAME")
}

impl Fault for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Name { .. } => "retrieval.name",
            Self::Exists { .. } => "retrieval.exists",
            Self::Unknown { .. } => "retrieval.unknown",
            Self::UnknownPoint { .. } => "retrieval.unknown_point",
            Self::Dimension { .. } => "retrieval.dimension",
            Self::Model { .. } => "retrieval.model",
            Self::NotFinite { .. } => "retrieval.not_finite",
            Self::Request { .. } => "retrieval.request",
            Self::Folder { .. } => "retrieval.folder",
            Self::ReadOnly { .. } => "retrieval.read_only",
            Self::Full { .. } => "retrieval.disk_full",
            Self::Busy { .. } => "retrieval.busy",
            Self::Newer { .. } => "retrieval.newer",
            Self::Damaged { .. } => "retrieval.damaged",
            Self::Disk { .. } => "retrieval.disk",
            Self::Refused { .. } => "retrieval.refused",
            Self::Index { .. } => "retrieval.index",
            Self::Cancelled => "task.cancelled",
            Self::Reranking { .. } => "retrieval.reranking",
        }
    }

    fn next_step(&self) -> String {
        match self {
            Self::Name { .. } => "Choose another name: small letters, digits and hyphens suit every client.".into(),
            Self::Exists { .. } => "Use it as it is, delete it first, or choose another name.".into(),
            Self::Unknown { .. } => "Create it first, or list the collections to see what they are called.".into(),
            Self::UnknownPoint { .. } => "Upsert that point first, or give the vector itself.".into(),
            Self::Dimension { expected, name, .. } => {
                format!("Embed with the model that made the others ({expected} numbers), or {}.", apart(name))
            }
            Self::Model { expected, name, .. } => format!("Embed with {expected}, or {}.", apart(name)),
            Self::NotFinite { .. } => "Look for a division by zero or an overflow where that vector is made.".into(),
            Self::Request { .. } => "Change the request as said, then send it again.".into(),
            Self::Folder { .. } => {
                "Make that folder writable for your user, or set GROUNDWORK_HOME to one that is.".into()
            }
            Self::ReadOnly { path } => {
                format!("Make the file {} writable for your user, then try again.", path.display())
            }
            Self::Full { .. } => "Free some space on that disk, then send the change again.".into(),
            Self::Busy { .. } => {
                "Close other programs that have the file open, such as a database browser, then try again.".into()
            }
            Self::Newer { .. } => "Update Groundwork on this computer. The collection was left as it is.".into(),
            Self::Damaged { path, .. } => format!(
                "Delete the collection and upsert its points anew; a copy of {} keeps what can still be read.",
                path.display()
            ),
            Self::Disk { .. } => "Check that the disk is connected and healthy, then start Groundwork again.".into(),
            Self::Refused { .. } => "Start Groundwork again; if it comes back, report it with this message.".into(),
            Self::Index { .. } => {
                "Searches go on without the index. Free some memory and disk, then open the collection again.".into()
            }
            Self::Cancelled => "Start it again when you want to. Searches go on meanwhile.".into(),
            Self::Reranking { .. } => "Leave the reranking out, or mend what orders the results.".into(),
        }
    }

    fn owner(&self) -> Owner {
        match self {
            Self::Refused { .. } | Self::Index { .. } => Owner::Product,
            _ => Owner::Learner,
        }
    }
}
