//! The selection bench: the learner's own vectors and filters, measured on several engines, and which of them to take.
//!
//! A [`Contender`] is given points, is asked for neighbours and forgets what it was given: the local index, exact search,
//! and servers whose address is known. All get the same [`Sample`] and the same questions, one after another. A server
//! gets vectors and the fields that the filter names, never a text, and nothing there is touched that was not made here.
//!
//! Never starts a server: who does wraps the contender at its address in one that does. Never reads a file or the environment,
//! and never shows a key.

mod address;
mod contender;
mod error;
mod measure;
mod recommendation;
mod sample;
mod truth;
mod weights;

pub use address::{Address, Addresses, Key, Keys};
pub use contender::{About, Contender, Operations, Size, contenders, pgvector_at, qdrant_at};
pub use error::Error;
pub use measure::{Comparison, Figures, RESULTS, Row, compare};
pub use recommendation::{Recommendation, Standing, recommend};
pub use sample::Sample;
pub use weights::{Criterion, Weights};

#[cfg(test)]
mod tests;
