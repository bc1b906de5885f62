//! Why a file did not become a document, or a document no chunks. Each concerns one file: the others go on.

use std::{io, path::PathBuf};

use task::Fault;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{} cannot be read: {source}", path.display())]
    Disk { path: PathBuf, source: io::Error },
    #[error("{} cannot be listed: {detail}", path.display())]
    Walk { path: PathBuf, detail: String },
    #[error("{} is a link that leads out of the folder", path.display())]
    Outside { path: PathBuf },
    #[error("{} has a name that is not Unicode", path.display())]
    Name { path: PathBuf },
    #[error("{name} is larger than {} MB", most / 1_000_000)]
    TooLarge { name: String, most: u64 },
    #[error("{name} is not text, and of no format that can be read")]
    Binary { name: String },
    #[error("{name} is encrypted: it opens with a password only")]
    Encrypted { name: String },
    #[error("{name} has {pages} pages and no text: it was scanned, or drawn")]
    Scanned { name: String, pages: usize },
    #[error("{name} is no PDF that can be read: {detail}")]
    Damaged { name: String, detail: String },
    #[error("{name} was given up after {seconds} seconds")]
    Slow { name: String, seconds: u64 },
    #[error("{name} unpacks to more than {} MB", most >> 20)]
    Bomb { name: String, most: usize },
    #[error("chunks of {tokens} tokens are too short; {least} is the least")]
    Short { tokens: usize, least: usize },
    #[error("an overlap of {overlap} tokens is too long for chunks of {tokens}; {most} is the most")]
    Overlap { overlap: usize, tokens: usize, most: usize },
    #[error("the letter {letter:?} alone takes more than {most} tokens")]
    Unsplittable { letter: char, most: usize },
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
            Self::Disk { .. } => "ingestion.disk",
            Self::Walk { .. } => "ingestion.walk",
            Self::Outside { .. } => "ingestion.outside",
            Self::Name { .. } => "ingestion.name",
            Self::TooLarge { .. } => "ingestion.too_large",
            Self::Binary { .. } => "ingestion.binary",
            Self::Encrypted { .. } => "ingestion.encrypted",
            Self::Scanned { .. } => "ingestion.scanned",
            Self::Damaged { .. } => "ingestion.damaged",
            Self::Slow { .. } => "ingestion.slow",
            Self::Bomb { .. } => "ingestion.bomb",
            Self::Short { .. } => "ingestion.short",
            Self::Overlap { .. } => "ingestion.overlap",
            Self::Unsplittable { .. } => "ingestion.unsplittable",
        }
    }

    fn next_step(&self) -> String {
        match self {
            Self::Disk { .. } | Self::Walk { .. } => {
                "Give yourself the right to read it, then ingest the folder again."
            }
            Self::Outside { .. } => "Copy what it leads to into the folder, or ingest that place by itself.",
            Self::Name { .. } => "Give it a name in Unicode, then ingest the folder again.",
            Self::TooLarge { .. } => "Split it into smaller files, or allow larger ones.",
            Self::Binary { .. } => "Leave it out, or export it as text, Markdown, HTML, PDF or CSV (text in UTF-8).",
            Self::Encrypted { .. } => "Save a copy without a password, and put it in its place.",
            Self::Scanned { .. } => "Run text recognition over it (such as ocrmypdf), and ingest what that makes.",
            Self::Damaged { .. } => "Copy the file again, or print it to a new PDF.",
            Self::Slow { .. } | Self::Bomb { .. } => {
                "Do not trust this file unless you know who made it; printed to a new PDF it may do."
            }
            Self::Short { .. } => "Ask for longer chunks.",
            Self::Overlap { .. } => "Ask for a smaller overlap, or for longer chunks.",
            Self::Unsplittable { .. } => "Ask for longer chunks.",
        }
        .into()
    }
}
