//! What can go wrong with a workspace, in the learner's words.

use std::{
    io,
    path::{Path, PathBuf},
};

use task::{Fault, Owner};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{} already holds other files, so the lab was not put there", folder.display())]
    Occupied { folder: PathBuf },
    #[error("{} is not a Groundwork workspace: {detail}", folder.display())]
    NotAWorkspace { folder: PathBuf, detail: String },
    #[error("{path} leaves the workspace")]
    Outside { path: String },
    #[error("the lab's starter cannot be copied: {} {detail}", path.display())]
    Starter { path: PathBuf, detail: String },
    #[error("the disk that holds {} is full", path.display())]
    Full { path: PathBuf },
    #[error("{} cannot be written: {source}", path.display())]
    NotWritable { path: PathBuf, source: io::Error },
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(
        "the disk that holds {} is full: {} are free, and keeping your files first needs {}",
        path.display(), size(*free), size(*needed)
    )]
    NoRoom { path: PathBuf, needed: u64, free: u64 },
    #[error("the lab {slug} has no snapshot {id:?}")]
    NoSnapshot { id: String, slug: String },
    #[error("the snapshot {snapshot} does not hold {path}")]
    NotInSnapshot { path: String, snapshot: String },
    #[error("{what} of the snapshot {snapshot} is damaged on the disk, so nothing was changed")]
    SnapshotDamaged { snapshot: String, what: String },
    #[error("the files of the lab {slug} are of its version {version}, and no newer one is installed")]
    Current { slug: String, version: u32 },
    #[error("this lab has no service named {name}")]
    NoService { name: String },
    #[error("the lab's service {name} is described wrongly: {detail}")]
    BadService { name: String, detail: String },
    #[error("no editor with a window was found")]
    NoEditor,
    #[error("{editor} did not open the folder: {detail}")]
    EditorFailed { editor: String, detail: String },
    #[error("the editor `{command}` that you chose cannot be opened: {why}")]
    EditorMissing { command: String, why: String },
    #[error("{} could not be shown: {detail}", folder.display())]
    FolderNotShown { folder: PathBuf, detail: String },
    #[error("the shell {} did not start: {detail}", shell.display())]
    NoShell { shell: PathBuf, detail: String },
}

impl Error {
    /// Sorts an IO error at `path` into the kinds that have their own next step.
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_path_buf();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Self::NotWritable { path, source },
            _ => Self::Io { path, source },
        }
    }
}

/// `3 MB`, as disks are sold.
fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

impl Fault for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Occupied { .. } => "workspace.occupied",
            Self::NotAWorkspace { .. } => "workspace.not_a_workspace",
            Self::Outside { .. } => "workspace.outside",
            Self::Starter { .. } => "workspace.starter",
            Self::Full { .. } => "workspace.disk_full",
            Self::NotWritable { .. } => "workspace.not_writable",
            Self::Io { .. } => "workspace.io",
            Self::NoRoom { .. } => "workspace.no_room",
            Self::NoSnapshot { .. } => "snapshot.unknown",
            Self::NotInSnapshot { .. } => "snapshot.file",
            Self::SnapshotDamaged { .. } => "snapshot.damaged",
            Self::Current { .. } => "lab.current",
            Self::NoService { .. } => "service.unknown",
            Self::BadService { .. } => "service.bad",
            Self::NoEditor => "editor.none",
            Self::EditorFailed { .. } => "editor.failed",
            Self::EditorMissing { .. } => "editor.missing",
            Self::FolderNotShown { .. } => "folder.not_shown",
            Self::NoShell { .. } => "terminal.shell",
        }
    }

    fn next_step(&self) -> String {
        match self {
            Self::Occupied { folder } => {
                format!("Move or rename {}, then start the lab again. Nothing in it was changed.", folder.display())
            }
            Self::NotAWorkspace { folder, .. } => {
                format!("Move {} aside and start the lab again. Nothing in it was changed.", folder.display())
            }
            Self::Outside { .. } => "Use a path inside the workspace, without `..` and without a leading `/`.".into(),
            Self::Starter { .. } | Self::BadService { .. } => "Reinstall the pack, or tell its authors.".into(),
            Self::NoSnapshot { slug, .. } => format!("Run `groundwork lab snapshots {slug}` to see what is kept."),
            Self::NotInSnapshot { .. } => "Choose one of the files that the list of snapshots names.".into(),
            Self::SnapshotDamaged { .. } => {
                "Restore another snapshot, or the other files of this one, each by its path.".into()
            }
            Self::Current { .. } => "Go on with the lab: there is nothing to update.".into(),
            Self::Full { path } | Self::NoRoom { path, .. } => {
                format!("Free some space on the disk that holds {}, then try again.", path.display())
            }
            Self::NotWritable { path, .. } => {
                format!(
                    "Make {} writable for your user, or choose another folder for workspaces, then try again.",
                    path.display()
                )
            }
            Self::Io { path, .. } => format!("Look at {} in a terminal, then try again.", path.display()),
            Self::NoService { .. } => "Choose one of the services that the lab lists.".into(),
            Self::NoEditor => {
                "Install Visual Studio Code, or choose an editor in Settings or with `groundwork editor use`, or open the \
                 folder in a terminal editor yourself."
                    .into()
            }
            Self::EditorFailed { .. } => {
                "Open the folder in your editor yourself, or choose another in Settings or with `groundwork editor use`.".into()
            }
            Self::EditorMissing { .. } => {
                "Choose another in Settings, or with `groundwork editor use`; or install what is missing.".into()
            }
            Self::FolderNotShown { folder, .. } => {
                format!("Open {} in a file manager or a terminal yourself.", folder.display())
            }
            Self::NoShell { .. } => {
                "Set SHELL to the shell that you use and start Groundwork again, or go to the workspace folder in a terminal \
                 of your own: `. .groundwork/activate` gives it the lab's Python and keys."
                    .into()
            }
        }
    }

    fn owner(&self) -> Owner {
        match self {
            Self::Starter { .. } | Self::NoService { .. } | Self::BadService { .. } => Owner::Product,
            _ => Owner::Learner,
        }
    }
}
