//! Pinecone's interface to collections: an index is a collection whose name an index may have, whoever made it.
//!
//! Never computes a score and never keeps a vector: the collections do, and what an index has beside them (tags,
//! protection, a model) lies in their notes.

pub(crate) mod control;
mod creation;
mod filter;
mod index;
pub(crate) mod inference;
mod metadata;
pub(crate) mod namespaces;
mod parameters;
pub(crate) mod query;
pub(crate) mod reading;
pub(crate) mod records;
pub(crate) mod refused;
pub(crate) mod stats;
mod version;
pub(crate) mod writing;

use axum::{
    Json,
    extract::{Path, rejection::PathRejection},
};
use serde_json::Value;

use crate::{refusal::Refusal, server::App, vectors};
use index::Index;

type Answer = Result<Json<Value>, Refusal>;

/// The index that a path names.
type Named = Result<Path<String>, PathRejection>;

/// An index and a namespace of it.
type NamedTwice = Result<Path<(String, String)>, PathRejection>;

/// What is in a path; what is not UTF-8 names nothing.
fn named<T: Default>(path: Result<Path<T>, PathRejection>) -> T {
    path.map_or_else(|_| T::default(), |Path(named)| named)
}

/// Works on an index where it may wait for the disk.
async fn on<T: Send + 'static>(
    app: &App,
    index: String,
    work: impl FnOnce(&Index) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    vectors::on(app, move |collections| work(&Index::open(collections, &index)?)).await
}

/// A namespace as collections call it.
fn inside(namespace: &str) -> &str {
    if namespace == DEFAULT { "" } else { namespace }
}

/// A namespace as the service lists it.
fn outside(namespace: &str) -> &str {
    if namespace.is_empty() { DEFAULT } else { namespace }
}

/// The namespace of requests that name none.
const DEFAULT: &str = "__default__";
