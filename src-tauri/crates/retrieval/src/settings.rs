//! What a collection is: fixed when it is made, or adjustable; and how it stands. Never a point.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{Error, similarity};

/// How alike two vectors are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// The cosine of the angle, -1 to 1; 0 with a vector of zeros. Higher is nearer.
    Cosine,
    /// The inner product. Higher is nearer.
    Dot,
    /// The Euclidean distance, not squared. Lower is nearer.
    Euclidean,
}

impl Metric {
    /// In lower case: `cosine`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cosine => "cosine",
            Self::Dot => "dot",
            Self::Euclidean => "euclidean",
        }
    }

    /// The score of two vectors of one length.
    pub fn score(self, one: &[f32], other: &[f32]) -> f32 {
        similarity::Probe::new(self, one).score(&similarity::bytes(other))
    }

    /// Whether a score is nearer than another.
    pub fn nearer(self, one: f32, other: f32) -> bool {
        if self == Self::Euclidean { one < other } else { one > other }
    }
}

/// What a collection is made with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Numbers of a vector, 1 to 65,536.
    pub dimension: usize,
    pub metric: Metric,
    /// The embedding model whose vectors it holds, where that is known: another's are refused.
    pub model: Option<String>,
    /// Paths of the payload whose texts keyword search finds, as [`crate::Path::parse`] reads them.
    pub text_fields: Vec<String>,
    /// Candidates that a search of the index weighs (HNSW's ef): more is slower and finds more.
    pub expansion: usize,
    /// Neighbours of a point in the index (HNSW's M), and candidates weighed when it is put in (ef_construction).
    pub connectivity: usize,
    pub expansion_of_build: usize,
    /// How long a change stays out of sight after it was acknowledged, to meet eventual consistency. Zero: not at all.
    pub delay: Duration,
    /// What a dialect wants to keep with the collection and get back. It has no meaning here.
    pub notes: Map<String, Value>,
}

impl Settings {
    pub fn new(dimension: usize, metric: Metric) -> Self {
        Self {
            dimension,
            metric,
            model: None,
            text_fields: Vec::new(),
            expansion: 64,
            connectivity: 24,
            expansion_of_build: 56,
            delay: Duration::ZERO,
            notes: Map::new(),
        }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let within = |what: &str, value: usize, least: usize, most: usize| {
            if (least..=most).contains(&value) {
                return Ok(());
            }
            Err(Error::request(format!("{what} is {value}; it can be {least} to {most}")))
        };
        within("the dimension", self.dimension, 1, 65_536)?;
        within("the expansion", self.expansion, 1, 10_000)?;
        within("the connectivity", self.connectivity, 2, 256)?;
        within("the expansion of the build", self.expansion_of_build, 1, 10_000)?;
        within("the number of text fields", self.text_fields.len(), 0, 100)?;
        self.text_fields.iter().try_for_each(|field| crate::Path::parse(field).map(drop))
    }
}

/// A change of what is adjustable; what is None stays as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change {
    pub text_fields: Option<Vec<String>>,
    pub expansion: Option<usize>,
    /// These two count from the next [`crate::Collection::rebuild`] on.
    pub connectivity: Option<usize>,
    pub expansion_of_build: Option<usize>,
    pub delay: Option<Duration>,
    pub model: Option<String>,
    pub notes: Option<Map<String, Value>>,
}

/// A collection as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    pub name: String,
    /// Its own: one that is made anew under the same name has another.
    pub identity: Uuid,
    pub settings: Settings,
    pub points: u64,
    /// Goes up with every write.
    pub sequence: u64,
    pub indexed: Indexed,
    /// This process is at work on the index. What it leaves to be compared one by one is not worth the work yet.
    pub indexing: bool,
    /// Up to so many points are compared one by one, without an index.
    pub compared_up_to: u64,
}

/// Bytes on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Of the points with their payloads, vectors and words.
    pub points: u64,
    /// Of the index; 0 where there is none.
    pub index: u64,
}

/// How far the index has got. Answers are complete in every state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Indexed {
    /// So few points that comparing them all is quicker.
    NotNeeded,
    /// So many points are still compared one by one.
    Behind {
        points: u64,
    },
    Current,
}
