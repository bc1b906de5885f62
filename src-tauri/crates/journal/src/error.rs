//! Why the journal could not be opened, read or written, in the learner's words.

use std::{io, path::Path, path::PathBuf};

use rusqlite::{ErrorCode, ffi};
use task::{Fault, Owner};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("The journal cannot be kept in {}: {reason}.", folder.display())]
    Folder { folder: PathBuf, reason: String },
    #[error("The journal {} is read-only, so nothing new can be recorded.", path.display())]
    ReadOnly { path: PathBuf },
    #[error("The disk is full: the last change was not recorded in {}. Everything before it is kept.", path.display())]
    Full { path: PathBuf },
    #[error("Another program holds the journal {} and did not let go of it in time.", path.display())]
    Busy { path: PathBuf },
    /// Its damage is mended once nobody writes to it.
    #[error("The journal {} is damaged, and another Groundwork has it open.", path.display())]
    InUse { path: PathBuf },
    /// Another record takes its place once nobody writes to it.
    #[error("Another Groundwork has the journal {} open, so nothing was imported.", path.display())]
    Open { path: PathBuf },
    #[error(
        "The journal {} was written by a newer Groundwork: its format is {found}, this program knows {known}.",
        path.display()
    )]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("The journal {} is damaged: {detail}.", path.display())]
    Damaged { path: PathBuf, detail: String },
    #[error("The disk did not read or write the journal {}: {detail}.", path.display())]
    Disk { path: PathBuf, detail: String },
    #[error("The path {} cannot be recorded, because it is not valid Unicode.", path.display())]
    Unnameable { path: PathBuf },
    /// A row refers to a workspace or a report that the journal does not hold.
    #[error("The journal {} does not know this workspace.", path.display())]
    Unknown { path: PathBuf },
    #[error("The journal {} refused a record: {detail}.", path.display())]
    Refused { path: PathBuf, detail: String },
    #[error("{} is something else than an earlier record, so it stays as it is.", file.display())]
    Taken { file: PathBuf },
    #[error("The record could not be written to {}: {detail}.", file.display())]
    Unwritable { file: PathBuf, detail: String },
    #[error("{} cannot be imported: {reason}.", file.display())]
    Unfit { file: PathBuf, reason: String },
}

impl Error {
    pub(crate) fn explain(path: &Path, error: &rusqlite::Error) -> Self {
        let (path, detail) = (path.to_owned(), error.to_string());
        let rusqlite::Error::SqliteFailure(failure, _) = error else {
            return match error {
                rusqlite::Error::QueryReturnedNoRows => Self::Unknown { path },
                // A value that we did not write.
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::Utf8Error(..) => Self::Damaged { path, detail },
                _ => Self::Refused { path, detail },
            };
        };
        let folder_of_log = [ffi::SQLITE_READONLY_DIRECTORY, ffi::SQLITE_READONLY_CANTINIT];
        match failure.code {
            ErrorCode::ReadOnly if folder_of_log.contains(&failure.extended_code) => {
                Self::Folder { folder: folder(&path), reason: "the folder is read-only".into() }
            }
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
            ErrorCode::ConstraintViolation if failure.extended_code == ffi::SQLITE_CONSTRAINT_FOREIGNKEY => {
                Self::Unknown { path }
            }
            _ => Self::Refused { path, detail },
        }
    }

    /// For file work beside the journal: its folder, its lock, a copy of it.
    pub(crate) fn of_file(path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path: path.to_owned() },
            _ => Self::Folder { folder: folder(path), reason: error.to_string() },
        }
    }
}

pub(crate) fn folder(path: &Path) -> PathBuf {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

impl Fault for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Folder { .. } => "journal.folder",
            Self::ReadOnly { .. } => "journal.read_only",
            Self::Full { .. } => "journal.disk_full",
            Self::Busy { .. } => "journal.busy",
            Self::InUse { .. } => "journal.in_use",
            Self::Open { .. } => "journal.open",
            Self::Newer { .. } => "journal.newer",
            Self::Damaged { .. } => "journal.damaged",
            Self::Disk { .. } => "journal.disk",
            Self::Unnameable { .. } => "journal.unnameable",
            Self::Unknown { .. } => "journal.unknown",
            Self::Refused { .. } => "journal.refused",
            Self::Taken { .. } => "record.taken",
            Self::Unwritable { .. } => "record.unwritable",
            Self::Unfit { .. } => "record.unfit",
        }
    }

    fn next_step(&self) -> String {
        match self {
            Self::Folder { .. } => {
                "Make that folder writable for your user, or set GROUNDWORK_HOME to one that is.".into()
            }
            Self::ReadOnly { path } => {
                format!("Make the file {} writable for your user, then start Groundwork again.", path.display())
            }
            Self::Full { .. } => "Free some space on that disk, then do the last step again.".into(),
            Self::Busy { .. } => {
                "Close other programs that have the file open, such as a database browser, then try again.".into()
            }
            Self::InUse { .. } => {
                "Close the other Groundwork, then start this one again: it carries over what can be read.".into()
            }
            Self::Open { .. } => "Close the other Groundwork, then import the file again.".into(),
            Self::Newer { .. } => "Update Groundwork on this computer. The journal was left as it is.".into(),
            Self::Damaged { .. } => {
                "Close Groundwork and start it again: it sets the damaged file aside, carries over \
                                     what can be read and says where the old file is."
                    .into()
            }
            Self::Disk { .. } => "Check that the disk is connected and healthy, then start Groundwork again.".into(),
            Self::Unnameable { .. } => "Rename that folder, or choose another for your work.".into(),
            Self::Unknown { .. } => "Start the lab again: its folder is kept and recorded anew.".into(),
            Self::Taken { .. } => "Name a file that is not there yet.".into(),
            Self::Unwritable { .. } => "Free some space, or name another file.".into(),
            Self::Unfit { .. } => {
                "Choose a file that `groundwork data export` wrote, or the window. Your record is as it was.".into()
            }
            Self::Refused { .. } => "Start Groundwork again; if it comes back, report it with this message.".into(),
        }
    }

    fn owner(&self) -> Owner {
        match self {
            Self::Unknown { .. } | Self::Refused { .. } => Owner::Product,
            _ => Owner::Learner,
        }
    }
}
