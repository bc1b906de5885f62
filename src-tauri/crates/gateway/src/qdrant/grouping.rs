//! Results in groups by a value of their payloads.

use retrieval::{Hit, Path};
use serde_json::Value;

/// The best points of each of the best groups.
pub(super) struct Groups {
    by: Path,
    groups: usize,
    size: usize,
    /// In the order of their best points.
    found: Vec<(Value, Vec<Hit>)>,
}

impl Groups {
    pub fn new(by: Path, groups: usize, size: usize) -> Self {
        Self { by, groups, size, found: Vec::new() }
    }

    /// Takes all points of a search, best first, in place of what was taken before.
    pub fn take(&mut self, hits: Vec<Hit>) {
        self.found.clear();
        for hit in hits {
            for value in self.values(&hit) {
                match self.found.iter().position(|(known, _)| *known == value) {
                    Some(at) if self.found[at].1.len() < self.size => self.found[at].1.push(hit.clone()),
                    Some(_) => {}
                    None if self.found.len() < self.groups => self.found.push((value, vec![hit.clone()])),
                    None => {}
                }
            }
        }
    }

    /// Whether more points would change nothing.
    pub fn full(&self) -> bool {
        self.found.len() == self.groups && self.found.iter().all(|(_, group)| group.len() == self.size)
    }

    pub fn into_groups(self) -> Vec<(Value, Vec<Hit>)> {
        self.found
    }

    /// The groups of a point: none where one of its values is neither a text nor a whole number.
    fn values(&self, hit: &Hit) -> Vec<Value> {
        let mut values: Vec<Value> = Vec::new();
        for value in hit.payload.iter().flat_map(|payload| self.by.values(payload)) {
            for value in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) {
                if !(value.is_string() || value.is_i64() || value.is_u64()) {
                    return Vec::new();
                }
                if !values.contains(value) {
                    values.push(value.clone());
                }
            }
        }
        values
    }
}
