//! Results that differ from each other: maximal marginal relevance (Carbonell and Goldstein 1998).

use retrieval::{Hit, Metric};
use serde_json::Value;

use super::{
    creation::{count, join, only},
    wrong,
};
use crate::{refusal::Refusal, request::field};

/// Results that are chosen among at most: each is compared with each that was chosen.
const MOST: usize = 1000;

/// How much results should differ.
pub(super) struct Diversity {
    /// From 0, where only relevance counts, to 1.
    diversity: f32,
    /// Results that are chosen among; None: as many as are wanted.
    candidates: Option<usize>,
}

impl Diversity {
    pub fn read(value: &Value, place: &str) -> Result<Self, Refusal> {
        let fields = field::object(value, place)?;
        only(fields, place, &[&["diversity", "candidates_limit"]])?;
        let diversity = field::get(fields, "diversity").map_or(Some(0.5), Value::as_f64);
        let diversity = diversity.filter(|diversity| (0.0..=1.0).contains(diversity));
        let diversity = diversity.ok_or_else(|| wrong(&join(place, "diversity"), "must be a number from 0 to 1"))?;
        Ok(Self { diversity: diversity as f32, candidates: count(fields, "candidates_limit", place)? })
    }

    /// Results to choose `wanted` among.
    pub fn candidates(&self, wanted: usize) -> Result<usize, Refusal> {
        match self.candidates.unwrap_or(wanted).max(1) {
            candidates @ ..=MOST => Ok(candidates),
            more => Err(wrong(
                "query.mmr.candidates_limit",
                &format!("(without it 'limit') is {more}; diverse results are chosen among {MOST} at most"),
            )),
        }
    }

    /// Chooses among results with their vectors, by a metric whose scores are higher for what is nearer.
    pub fn choose(&self, found: Vec<Hit>, metric: Metric, wanted: usize) -> Vec<Hit> {
        // Each with its likeness to the one it is most like, of those that were chosen.
        let mut pending: Vec<(Hit, f32)> = found.into_iter().map(|hit| (hit, f32::NEG_INFINITY)).collect();
        let mut chosen: Vec<Hit> = Vec::new();
        while chosen.len() < wanted {
            let first = chosen.is_empty();
            let worth = |(hit, alike): &(Hit, f32)| {
                if first { hit.score } else { (1.0 - self.diversity) * hit.score - self.diversity * alike }
            };
            let worths: Vec<f32> = pending.iter().map(worth).collect();
            let best =
                (0..pending.len()).max_by(|one, other| worths[*one].total_cmp(&worths[*other]).then(other.cmp(one)));
            let Some(best) = best else { break };
            let (hit, _) = pending.remove(best);
            pending.iter_mut().for_each(|(other, alike)| *alike = alike.max(likeness(other, &hit, metric)));
            chosen.push(hit);
        }
        chosen
    }
}

fn likeness(one: &Hit, other: &Hit, metric: Metric) -> f32 {
    match (&one.vector, &other.vector) {
        (Some(one), Some(other)) => metric.score(one, other),
        _ => 0.0,
    }
}
