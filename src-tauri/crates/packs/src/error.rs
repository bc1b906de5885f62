//! Why a pack was not built, or an archive not installed.

use std::{io, path::PathBuf};

use task::Fault;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{} cannot be used: {source}", path.display())]
    Disk { path: PathBuf, source: io::Error },
    #[error("This is not a pack's archive, or it is damaged: {detail}.")]
    Damaged { detail: String },
    #[error("The archive does not begin with a manifest.")]
    NoManifest,
    #[error("The archive's manifest cannot be used: {detail}.")]
    BadManifest { detail: String },
    #[error("The archive is written in format {found}, and this version reads format {reads}.")]
    Format { found: u32, reads: u32 },
    #[error("The name {name:?} {reason}.")]
    Name { name: String, reason: &'static str },
    #[error("{name:?} is {kind}; a pack holds files only.")]
    Kind { name: String, kind: &'static str },
    #[error("{name:?} is in the archive twice.")]
    Twice { name: String },
    #[error("{one:?} and {other:?} are one name where case does not count.")]
    SameButCase { one: String, other: String },
    #[error("{name:?} is a file and a folder at once.")]
    FileAndFolder { name: String },
    #[error("{name:?} is in the archive and not in its manifest.")]
    Unlisted { name: String },
    #[error("{name:?} is in the manifest and not in the archive.")]
    Missing { name: String },
    #[error("{name:?} is not the file that the manifest describes.")]
    Altered { name: String },
    #[error("The archive holds more than {most} files.")]
    TooMany { most: usize },
    #[error("The archive grows beyond {} MB.", most >> 20)]
    TooLarge { most: u64 },
    #[error("The archive grows to more than {most} times its size, as only a bomb does.")]
    Bomb { most: u64 },
    #[error("The archive was not written, because nobody could install it. {why}")]
    Refused { why: Box<Error> },
    #[error("Version {version} of this pack is installed, with other content.")]
    SameVersion { version: u32 },
    #[error("Version {installed} of this pack is installed, and this is version {offered}.")]
    Older { installed: u32, offered: u32 },
}

impl Error {
    pub(crate) fn at(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Disk { path, source }
    }
}

impl Fault for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Disk { .. } => "packs.disk",
            Self::Damaged { .. } => "packs.damaged",
            Self::NoManifest => "packs.no_manifest",
            Self::BadManifest { .. } => "packs.manifest",
            Self::Format { .. } => "packs.format",
            Self::Name { .. } => "packs.name",
            Self::Kind { .. } => "packs.kind",
            Self::Twice { .. } => "packs.twice",
            Self::SameButCase { .. } => "packs.case",
            Self::FileAndFolder { .. } => "packs.file_and_folder",
            Self::Unlisted { .. } => "packs.unlisted",
            Self::Missing { .. } => "packs.missing",
            Self::Altered { .. } => "packs.altered",
            Self::TooMany { .. } => "packs.too_many",
            Self::TooLarge { .. } => "packs.too_large",
            Self::Bomb { .. } => "packs.bomb",
            Self::Refused { .. } => "packs.refused",
            Self::SameVersion { .. } => "packs.same_version",
            Self::Older { .. } => "packs.older",
        }
    }

    fn next_step(&self) -> String {
        match self {
            Self::Disk { .. } => "Make room and give yourself the right to use that place, then try again.",
            Self::Damaged { .. } | Self::NoManifest => "Copy or download the file again.",
            Self::Altered { .. } | Self::Missing { .. } | Self::Unlisted { .. } => {
                "Copy or download the file again; if it stays so, somebody has changed it: do not use it."
            }
            Self::Format { .. } => "Update Groundwork, or ask for a pack made for this version.",
            Self::Name { .. } | Self::SameButCase { .. } | Self::FileAndFolder { .. } => {
                "Rename it in the pack, and build the archive again with `groundwork pack build`."
            }
            Self::BadManifest { .. } | Self::Kind { .. } | Self::Twice { .. } => {
                "Build the archive with `groundwork pack build`; other programs make archives that are not taken."
            }
            Self::TooMany { .. } | Self::TooLarge { .. } | Self::Bomb { .. } => {
                "Do not use this file unless you know who made it; a pack of labs is far smaller."
            }
            Self::Refused { why } => match **why {
                Self::Bomb { .. } => "Take out or shorten the files that hold the same bytes over and over.",
                Self::TooMany { .. } | Self::TooLarge { .. } | Self::BadManifest { .. } => {
                    "Take files out of the pack that its labs do not need."
                }
                _ => "Leave the pack's files alone while it is built, then build it again.",
            },
            Self::SameVersion { .. } => "Raise `version` in pack.toml, and build the archive again.",
            Self::Older { .. } => "Keep what you have, or install this one with --older.",
        }
        .into()
    }
}
