//! The Vectors screen and what is asked of a collection there.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::Problem;

/// All collections, each kind in the order of the names.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Collections {
    pub collections: Vec<Collection>,
    pub unreadable: Vec<Unreadable>,
}

/// A collection that is there and cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Unreadable {
    pub name: String,
    pub problem: Problem,
}

/// A collection as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Collection {
    pub name: String,
    /// Numbers of a vector.
    pub dimension: u32,
    /// `cosine`, `dot` or `euclidean`.
    pub metric: String,
    /// The embedding model whose vectors it holds, where that is known.
    pub model: Option<String>,
    pub points: u32,
    /// Those that hold points, in the order of their names.
    pub namespaces: Vec<Namespace>,
    /// Points that the index does not hold yet, and that are compared one by one; `None` where so few need no index.
    pub behind: Option<u32>,
    /// Milliseconds that a change stays out of sight.
    pub delay_millis: f64,
    /// Bytes of the points on the disk.
    pub bytes: f64,
    pub index: IndexSettings,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Namespace {
    pub name: String,
    pub points: u32,
}

/// How a collection's index is built and searched.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct IndexSettings {
    /// Neighbours of a point (HNSW's M).
    pub connectivity: u32,
    /// Candidates weighed when a point is put in (`ef_construction`).
    pub expansion_of_build: u32,
    /// Candidates weighed by a search (`ef`).
    pub expansion: u32,
    /// Bytes of the index on the disk; 0 where there is none.
    pub bytes: f64,
    /// Up to so many points are compared one by one, without an index.
    pub compared_up_to: u32,
}

/// A change of how the index is searched and, from the next building on, built. What is `None` stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct IndexChange {
    pub connectivity: Option<u32>,
    pub expansion_of_build: Option<u32>,
    pub expansion: Option<u32>,
}

/// A question to a namespace.
#[derive(Debug, Clone, PartialEq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    pub collection: String,
    pub namespace: String,
    pub sought: Sought,
    /// Fields of the payload and what they must be.
    pub conditions: Vec<(String, String)>,
    pub limit: u32,
}

/// What is looked for, and how.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Type)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Sought {
    /// A text, by its vector.
    Meaning { text: String },
    /// A text, by its words.
    Words { text: String },
    /// A text by both, fused by their ranks.
    Both { text: String },
    /// The neighbours of a point, itself first.
    Point { id: String },
}

/// One result, nearest first.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Neighbour {
    pub id: String,
    pub score: f64,
    /// The payload as JSON.
    pub payload: String,
}

/// A namespace as points on a plane.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Plane {
    pub ids: Vec<String>,
    /// One for each id, -10,000 to 10,000.
    pub x: Vec<i16>,
    pub y: Vec<i16>,
    /// Points of the namespace; more than are shown where it has very many.
    pub points: u32,
    /// Of the variance, the shares that the two directions hold, where directions are what is shown.
    pub shares: Option<(f32, f32)>,
    /// The points have changed since it was drawn.
    pub stale: bool,
    /// Fields of the payload by which points can be told apart.
    pub fields: Vec<String>,
    /// The values of the field that was asked for, the commonest first; the last may stand for all others.
    pub groups: Vec<Group>,
    /// For each id the number of its group; empty where no field was asked for.
    pub group_of: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    pub name: String,
    pub points: u32,
}

/// How points are laid on the plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Along the two directions in which they differ most (PCA).
    Directions,
    /// Neighbours beside each other (UMAP).
    Neighbours,
}

/// One stand of a collection's curve of recall against time. The last is the exact search.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Stand {
    /// Candidates that were weighed; `None` where every vector was compared.
    pub expansion: Option<u32>,
    /// The share of the ten nearest that was found.
    pub recall: f64,
    pub p50_millis: f64,
    pub p95_millis: f64,
}

/// A collection that is to be made.
#[derive(Debug, Clone, PartialEq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct NewCollection {
    pub name: String,
    /// Numbers of a vector; the embedding model's where `None`, and its vectors alone are taken then.
    pub dimension: Option<u32>,
    /// `cosine`, `dot` or `euclidean`.
    pub metric: String,
    /// Milliseconds that a change stays out of sight.
    pub delay_millis: u32,
}

/// A folder, or one file, that is to be taken into a collection.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Ingest {
    /// Made where there is none of that name.
    pub collection: String,
    pub namespace: String,
    pub folder: String,
    /// `recursive`, `heading` or `fixed`.
    pub chunker: String,
    /// Tokens of a chunk at most; what the model reads where `None`.
    pub tokens: Option<u32>,
    /// Tokens that a chunk repeats of the one before it.
    pub overlap: u32,
}

/// Texts that are to be embedded anew.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Reembed {
    pub from: String,
    /// Made where there is none of that name.
    pub into: String,
    /// The field of the payload that holds a point's text.
    pub field: String,
}
