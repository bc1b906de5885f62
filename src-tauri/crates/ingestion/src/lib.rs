//! Files to documents, and documents to chunks that an embedding model can read: [`walk`] lists a folder,
//! [`Source::read`] takes one file's bytes and their hash, [`Original::document`] parses them, [`Chunker::cut`] cuts.
//!
//! Each step stands alone, so that whoever keeps documents can skip one whose hash it knows before it is parsed. A format and
//! a chunker are one file and one registry line each. Reads files and does nothing else with the world: never embeds,
//! never stores, never counts a token by itself ([`Tokens`] is the caller's).

mod chunk;
mod document;
mod encoding;
mod error;
mod folder;
mod format;

pub use chunk::{Chunk, Chunker, Chunking, LEAST_TOKENS, Tokens, chunkers};
pub use document::{Block, Document, Place, Unit};
pub use error::Error;
pub use folder::{Original, Source, Walk, Walked, walk};
pub use format::{Format, formats};

/// What was asked for, or why it cannot be had.
pub type Result<T, E = Error> = std::result::Result<T, E>;
