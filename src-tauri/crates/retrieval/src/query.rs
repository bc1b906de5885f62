//! What can be asked: a tree of searches, each part with its own limit and filter, and what comes back. Never runs one.

use crate::{Filter, Include, Payload, PointId};

/// One question to a namespace.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// A namespace that does not exist holds nothing.
    pub namespace: String,
    pub query: Query,
    /// Holds for every branch below too.
    pub filter: Option<Filter>,
    /// Results at most, 1 to 10,000.
    pub limit: usize,
    /// Results to leave out at the head.
    pub offset: usize,
    /// Scores beyond this are left out: below it, or above it where a lower score is nearer.
    pub threshold: Option<f32>,
    pub include: Include,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    /// The points nearest to a vector; their score is the metric's.
    Nearest {
        to: Target,
        /// Candidates to weigh instead of the collection's own number.
        expansion: Option<usize>,
        /// Compares every point and leaves the index out.
        exact: bool,
    },
    /// The points whose text fields hold words of a text, by BM25 (Robertson and Zaragoza 2009, k1 = 1.2, b = 0.75);
    /// higher is better.
    Keyword {
        text: String,
        /// Some of the collection's text fields. None: all.
        fields: Option<Vec<String>>,
    },
    /// Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): the sum of 1 / (constant + rank), with ranks from 1.
    Fusion {
        of: Vec<Branch>,
        /// The paper's is 60.
        constant: f32,
    },
    /// Another query, among the results of some branches alone.
    Among { these: Vec<Branch>, query: Box<Self> },
}

/// A search within a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    pub query: Query,
    pub filter: Option<Filter>,
    pub limit: usize,
    pub threshold: Option<f32>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    Vector(Vec<f32>),
    /// The vector of a point of this namespace; the point itself is among the results.
    Point(PointId),
    /// The same, without the point itself.
    Others(PointId),
}

/// One result. Results come nearest first; of equals the one that was written first.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub id: PointId,
    pub version: u64,
    pub score: f32,
    pub vector: Option<Vec<f32>>,
    pub payload: Option<Payload>,
}

impl Query {
    pub fn nearest(vector: Vec<f32>) -> Self {
        Self::Nearest { to: Target::Vector(vector), expansion: None, exact: false }
    }

    /// The searches within it, and what is then asked of their results.
    pub(crate) fn parts(&self) -> (&[Branch], Option<&Self>) {
        match self {
            Self::Nearest { .. } | Self::Keyword { .. } => (&[], None),
            Self::Fusion { of, .. } => (of, None),
            Self::Among { these, query } => (these, Some(query)),
        }
    }
}

impl Search {
    /// The `limit` best of a namespace, without vectors and payloads.
    pub fn new(namespace: impl Into<String>, query: Query, limit: usize) -> Self {
        let namespace = namespace.into();
        Self { namespace, query, filter: None, limit, offset: 0, threshold: None, include: Include::default() }
    }
}

impl Branch {
    pub fn new(query: Query, limit: usize) -> Self {
        Self { query, filter: None, limit, threshold: None }
    }
}
