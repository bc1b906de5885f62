//! The models that this machine has or could have: the catalogue, what is installed, and how a file gets here, by import or
//! by download. A file is offered only after it was read whole and found right.
//!
//! Never computes with a model: `inference` says what a file is. The only part that fetches files from elsewhere.

mod download;
mod error;
mod fetch;
mod files;
mod import;
mod index;
mod library;
mod placing;
mod wheel;

pub use download::Source;
pub use error::Error;
pub use import::Import;
pub use library::{Entry, Library, Origin};
