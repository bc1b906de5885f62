//! Collections of vectors: points with payloads in namespaces, filters, nearest, keyword and hybrid search.
//!
//! SQLite is the truth, one file for each collection, and several processes may have it open. The index of the nearest
//! is built from it in the background, and names candidates. It overlooks a few of the nearest, as every such index does;
//! where it is missing, late or damaged no more are overlooked, since what it does not hold is compared one by one. Every
//! score is computed from the stored 32-bit numbers. Whatever was acknowledged is on the disk. Every method blocks (call
//! it where blocking is allowed), and every handle is `Send`, `Sync` and cheap to clone.
//!
//! Never computes an embedding, knows no dialect of a wire, and never waits for the index.

mod collection;
mod collections;
mod columns;
mod error;
mod filter;
mod graph;
mod path;
mod payload;
mod point;
mod query;
mod reranking;
mod scalar;
mod settings;
mod similarity;
mod store;
pub mod time;

pub use collection::{Collection, Order};
pub use collections::Collections;
pub use error::Error;
pub use filter::{Bounds, Filter, Test};
pub use path::{Path, Step};
pub use payload::{Payload, PayloadChange};
pub use point::{Include, NamespaceSize, Page, Point, PointId, Record, Selection, Written};
pub use query::{Branch, Hit, Query, Search, Target};
pub use reranking::{Reranker, rerank};
pub use scalar::{Number, Scalar};
pub use settings::{Change, Description, Indexed, Metric, Settings, Sizes};

#[cfg(test)]
mod tests;
