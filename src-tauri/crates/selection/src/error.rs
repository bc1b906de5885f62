//! Why a contender could not be measured, or nothing at all, in the learner's words.

use task::{Fault, Owner};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("This is no address of {kind}: {reason}.")]
    Address { kind: &'static str, reason: String },
    #[error("{address} cannot be reached: {reason}.")]
    Unreachable { address: String, reason: String },
    #[error("There is no encrypted connection to {address}: {reason}.")]
    Encryption { address: String, reason: String },
    #[error("{address} lets nobody in with this key.")]
    Key { address: String },
    #[error("{address} wants a key.")]
    NoKey { address: String },
    #[error("{address} refused what it was asked: {told}.")]
    Refused { address: String, told: String },
    #[error("{address} broke off: {reason}.")]
    Broke { address: String, reason: String },
    #[error("{address} was not ready after {minutes} minutes: {state}.")]
    Unready { address: String, minutes: u64, state: String },
    #[error("{address} has no pgvector.")]
    NoExtension { address: String },
    #[error("pgvector's HNSW index takes vectors of up to {most} numbers; these have {dimension}.")]
    Dimension { dimension: usize, most: usize },
    #[error("{what} was left behind: {reason}.")]
    LeftBehind { what: String, reason: String },
    #[error("The file of keys cannot be read: {reason}.")]
    Keys { reason: &'static str },
    #[error("The weight of {name} is {value}; it can be 0 or more, and not all can be 0.")]
    Weight { name: &'static str, value: String },
    #[error("There is no criterion {name:?}.")]
    Criterion { name: String },
    /// What was to start a server for the comparison says so.
    #[error("{message}")]
    Server { code: &'static str, message: String, next_step: String },
    #[error("There are no points to compare with.")]
    Empty,
    #[error("None of the {compared} points that are compared passes the filter.")]
    NothingPasses { compared: usize },
    #[error("The points could not be kept for the time of the comparison: {reason}.")]
    Scratch { reason: String },
    #[error(transparent)]
    Local(#[from] retrieval::Error),
    #[error("A thread ended in mid-work.")]
    Thread,
    #[error("Cancelled.")]
    Cancelled,
}

impl Error {
    /// The request did not reach anything that it could have changed.
    pub(crate) fn came_before_all(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Key { .. } | Self::NoKey { .. })
    }
}

impl Fault for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Address { .. } => "selection.address",
            Self::Unreachable { .. } => "selection.unreachable",
            Self::Encryption { .. } => "selection.encryption",
            Self::Key { .. } | Self::NoKey { .. } => "selection.key",
            Self::Refused { .. } => "selection.refused",
            Self::Broke { .. } => "selection.broke",
            Self::Unready { .. } => "selection.unready",
            Self::NoExtension { .. } => "selection.no_extension",
            Self::Dimension { .. } => "selection.dimension",
            Self::LeftBehind { .. } => "selection.left_behind",
            Self::Keys { .. } => "selection.keys",
            Self::Weight { .. } => "selection.weight",
            Self::Criterion { .. } => "selection.criterion",
            Self::Server { code, .. } => code,
            Self::Empty => "selection.empty",
            Self::NothingPasses { .. } => "selection.nothing_passes",
            Self::Scratch { .. } => "selection.scratch",
            Self::Local(error) => error.code(),
            Self::Thread => "selection.thread",
            Self::Cancelled => "selection.cancelled",
        }
    }

    fn next_step(&self) -> String {
        match self {
            Self::Address { kind: "PostgreSQL", .. } => {
                "Write it as postgres://USER@HOST:PORT/DATABASE; the password goes into the key file.".into()
            }
            Self::Address { .. } => "Write it as http://HOST:PORT or https://HOST; a key goes into the key file.".into(),
            Self::Unreachable { .. } => "Start that server, or correct the address, then compare again.".into(),
            Self::Encryption { .. } => {
                "Have this machine trust its certificate; or end the address with ?sslmode=prefer, which takes any, or \
                 with ?sslmode=disable, which encrypts nothing."
                    .into()
            }
            Self::Key { .. } => "Put the right key into the key file, then compare again.".into(),
            Self::NoKey { .. } => "Put its key into a file, and name that file.".into(),
            Self::Refused { .. } => "Change what it complains about there, then compare again.".into(),
            Self::Broke { .. } => "Look into that server's log, then compare again.".into(),
            Self::Unready { .. } => "Compare again with fewer vectors, or when that server has less to do.".into(),
            Self::NoExtension { .. } => {
                "Install pgvector on that server (Debian and Ubuntu: postgresql-VERSION-pgvector; or the image pgvector/pgvector).".into()
            }
            Self::Dimension { .. } => "Go by the others, or embed with a model of smaller vectors.".into(),
            Self::LeftBehind { .. } => "Delete it there by that name.".into(),
            Self::Keys { .. } => {
                "Put one key alone into it, or a line qdrant=KEY, pinecone=KEY or pgvector=PASSWORD for each.".into()
            }
            Self::Weight { .. } => "Give each weight as a number such as 2 or 0.5.".into(),
            Self::Criterion { .. } => "Weigh recall, latency, build, space or operations.".into(),
            Self::Server { next_step, .. } => next_step.clone(),
            Self::Empty => "Take documents in first, or name another namespace.".into(),
            Self::NothingPasses { .. } => "Compare more vectors, or ask for another value.".into(),
            Self::Scratch { .. } => "Free some space on the disk of Groundwork's data, then compare again.".into(),
            Self::Local(error) => error.next_step(),
            Self::Thread => "Try again; if it happens again, report it with the log.".into(),
            Self::Cancelled => "Compare again when you want to.".into(),
        }
    }

    fn owner(&self) -> Owner {
        match self {
            Self::Thread => Owner::Product,
            Self::Local(error) => error.owner(),
            _ => Owner::Learner,
        }
    }
}
