//! The points that all contenders are given: a vector and the values of the fields that the filter names. Never a whole
//! payload.

use std::ops::Range;

use retrieval::{Metric, Settings};

/// Letters of a value at most. A longer one is cut and marked, so that it equals no other.
const LETTERS: usize = 256;

/// Numbers of a batch, about a megabyte as JSON: no server's bound of a request is less.
const NUMBERS: usize = 100_000;

/// Points of one dimension, known by their numbers from 0 on.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Of the collection that they are from: its metric, its dimension and how its index is built and searched.
    pub settings: Settings,
    /// For each condition of the filter, the value that its field must have; a point passes that has them all.
    wanted: Vec<String>,
    vectors: Vec<f32>,
    /// For each point and condition, the values of the field.
    fields: Vec<Vec<Vec<String>>>,
}

impl Sample {
    /// Without points yet. `wanted` holds one value for each condition; none means no filter.
    pub fn new(settings: &Settings, wanted: Vec<String>) -> Self {
        let Settings { dimension, metric, expansion, connectivity, expansion_of_build, .. } = *settings;
        let settings = Settings { expansion, connectivity, expansion_of_build, ..Settings::new(dimension, metric) };
        Self { settings, wanted: wanted.into_iter().map(portable).collect(), vectors: Vec::new(), fields: Vec::new() }
    }

    /// One more point: a vector of the sample's dimension, and for each condition the values of its field.
    pub fn push(&mut self, vector: &[f32], fields: Vec<Vec<String>>) {
        debug_assert_eq!((vector.len(), fields.len()), (self.settings.dimension, self.wanted.len()));
        self.vectors.extend_from_slice(vector);
        self.fields.push(fields.into_iter().map(|values| values.into_iter().map(portable).collect()).collect());
    }

    pub fn len(&self) -> usize {
        self.fields.len()
    }

    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// How many points pass the filter.
    pub fn matching(&self) -> usize {
        (0..self.len()).filter(|point| self.passes(*point)).count()
    }

    pub(crate) fn passes(&self, point: usize) -> bool {
        self.wanted.iter().zip(&self.fields[point]).all(|(wanted, values)| values.contains(wanted))
    }

    pub(crate) fn metric(&self) -> Metric {
        self.settings.metric
    }

    pub(crate) fn wanted(&self) -> &[String] {
        &self.wanted
    }

    pub(crate) fn vector(&self, point: usize) -> &[f32] {
        let dimension = self.settings.dimension;
        &self.vectors[point * dimension..][..dimension]
    }

    pub(crate) fn values(&self, point: usize) -> &[Vec<String>] {
        &self.fields[point]
    }

    /// The points in groups that every server takes in one request.
    pub(crate) fn batches(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let (length, step) = (self.len(), (NUMBERS / self.settings.dimension).clamp(1, 500));
        (0..length).step_by(step).map(move |from| from..(from + step).min(length))
    }

    /// Points to ask for the neighbours of, up to so many and spread over all.
    pub(crate) fn questions(&self, most: usize) -> Vec<usize> {
        (0..self.len()).step_by(self.len().div_ceil(most).max(1)).collect()
    }
}

/// The name under which servers keep the values of a condition's field: whatever the field is called, every server can say
/// this.
pub(crate) fn field(condition: usize) -> String {
    format!("field_{condition}")
}

/// As every server can keep it.
fn portable(value: String) -> String {
    let value = if value.contains('\0') { value.replace('\0', "\u{fffd}") } else { value };
    match value.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}\u{2026}", &value[..end]),
        None => value,
    }
}
