//! Packs as files to hand on: [`build`] makes one archive of a folder, [`unpack`] takes an archive apart beside its final
//! place, [`Unpacked::keep`] puts it there.
//!
//! An archive is a gzipped tar whose first member is a manifest: the pack's identity, and size and SHA-256 of every file.
//! Nothing that an archive says is believed: names, kinds, sizes and hashes are checked before a file keeps its place, and
//! whatever is refused leaves nothing behind. Never judges what a pack teaches, and never runs anything of it.

mod build;
mod error;
mod manifest;
mod name;
mod reader;
mod store;
mod unpack;

pub use build::{build, names};
pub use error::Error;
pub use manifest::{Entry, Manifest};
pub use name::unportable;
pub use reader::Limits;
pub use store::{Installed, Kept, installed};
pub use unpack::{Unpacked, unpack};

/// What went right or one [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
