//! The selection bench: engines measured on a collection, and which of them to take.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::Problem;

/// What is to be compared, where and how.
#[derive(Debug, Clone, PartialEq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Compare {
    pub collection: String,
    pub namespace: String,
    /// Fields of the payload and what they must be, for every question.
    pub conditions: Vec<(String, String)>,
    /// Addresses of servers; the local engines are always measured. Where Qdrant and pgvector are to be in a container that
    /// goes afterwards, `docker`, or `docker:IMAGE` for another image than the usual one.
    pub qdrant: Option<String>,
    pub pinecone: Option<String>,
    pub pgvector: Option<String>,
    /// A file with their keys.
    pub key_file: Option<String>,
    /// Points that are compared at most.
    pub vectors: u32,
    /// Weights by their criterion's name, where they are not the usual ones.
    pub weights: Vec<(String, f64)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    pub collection: String,
    pub namespace: String,
    pub conditions: Vec<(String, String)>,
    /// Points of the namespace, those that every engine got, and those of them that pass the conditions.
    pub points: u32,
    pub compared: u32,
    pub matching: u32,
    pub questions: u32,
    pub contenders: Vec<ContenderResult>,
    pub recommendation: Recommendation,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ContenderResult {
    /// `index`, `exact`, `qdrant`, `pgvector` or `pinecone`.
    pub name: String,
    pub what: String,
    /// What it takes to run it.
    pub operations: String,
    pub figures: Option<ContenderFigures>,
    /// Why it has no figures.
    pub problem: Option<Problem>,
    /// Why something of it is still there.
    pub left_behind: Option<Problem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ContenderFigures {
    /// The share of the ten nearest that was found.
    pub recall: f64,
    /// Of one question, at the client.
    pub p50_millis: f64,
    pub p95_millis: f64,
    /// Until all points were taken; from then until all were indexed and seen.
    pub load_seconds: f64,
    pub build_seconds: f64,
    /// Where the engine can say.
    pub memory_bytes: Option<f64>,
    pub disk_bytes: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Recommendation {
    /// The contender to take.
    pub best: Option<String>,
    /// Those that could be measured, the best first.
    pub standings: Vec<Standing>,
    /// Sentences.
    pub reasons: Vec<String>,
    /// Sentences: under what other conditions the answer would be, or might be, another.
    pub would_change: Vec<String>,
    /// With a sum of 1.
    pub weights: Criteria,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    pub name: String,
    /// 0 to 1, and what it is made of, each against the best.
    pub score: f64,
    pub parts: Criteria,
}

/// A number for each criterion.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Criteria {
    pub recall: f64,
    pub latency: f64,
    pub build: f64,
    pub space: f64,
    pub operations: f64,
}
