mod durability;
mod filters;
mod indexing;
mod points;
mod searching;

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::Value;
use tempfile::TempDir;

use crate::*;

fn collection(dimension: usize, metric: Metric) -> (TempDir, Collection) {
    with(&Settings::new(dimension, metric))
}

fn with(settings: &Settings) -> (TempDir, Collection) {
    let folder = tempfile::tempdir().unwrap();
    let collection = Collections::open(folder.path()).unwrap().create("docs", settings).unwrap();
    (folder, collection)
}

fn id(text: &str) -> PointId {
    PointId::text(text).unwrap()
}

fn point(name: &str, vector: &[f32], payload: Value) -> Point {
    Point { id: id(name), vector: vector.to_vec(), payload: payload.as_object().unwrap().clone() }
}

fn names(hits: &[Hit]) -> Vec<&str> {
    hits.iter().map(|hit| hit.id.as_str()).collect()
}

pub(crate) fn vectors(seed: u64, count: usize, dimension: usize) -> Vec<Vec<f32>> {
    let mut random = StdRng::seed_from_u64(seed);
    (0..count).map(|_| (0..dimension).map(|_| random.random_range(-1.0..1.0)).collect()).collect()
}
