//! The true neighbours, found by comparing every vector in double precision, and how many of them an answer holds.

use std::collections::HashSet;

use retrieval::Metric;
use task::Cancellation;

use crate::Sample;

/// An answer is as near as the furthest true neighbour within this share: engines round differently, and of equal
/// distances any may be told.
const TOLERANCE: f64 = 1e-6;

/// For each question, how near its furthest true neighbour is, and how many there are.
#[derive(Debug)]
pub struct Truth {
    questions: Vec<usize>,
    bounds: Vec<(f64, usize)>,
}

impl Truth {
    /// The `limit` nearest that pass the filter, for points as questions. None where it was cancelled.
    pub fn find(sample: &Sample, questions: &[usize], limit: usize, cancellation: &Cancellation) -> Option<Self> {
        let passing: Vec<usize> = (0..sample.len()).filter(|point| sample.passes(*point)).collect();
        let mut bounds = Vec::with_capacity(questions.len());
        for &question in questions {
            if cancellation.is_cancelled() {
                return None;
            }
            let near = passing.iter().map(|point| nearness(sample, question, *point));
            let mut near: Vec<f64> = near.collect();
            near.sort_by(|one, other| other.total_cmp(one));
            near.truncate(limit);
            bounds.push((near.last().copied().unwrap_or(f64::INFINITY), near.len()));
        }
        Some(Self { questions: questions.to_vec(), bounds })
    }

    /// Of all questions together.
    pub fn neighbours(&self) -> usize {
        self.bounds.iter().map(|(_, count)| count).sum()
    }

    /// How many true neighbours of one question an answer holds. A point counts that is as near as the furthest of them
    /// and passes the filter, as in ann-benchmarks (Aumüller, Bernhardsson and Faithfull 2020), once however often it is told.
    pub fn found(&self, sample: &Sample, question: usize, answer: &[u32]) -> usize {
        let (furthest, count) = self.bounds[question];
        let bound = furthest - furthest.abs().max(f64::MIN_POSITIVE) * TOLERANCE;
        let told: HashSet<usize> = answer.iter().map(|point| *point as usize).collect();
        let near = |point: &&usize| {
            **point < sample.len()
                && sample.passes(**point)
                && nearness(sample, self.questions[question], **point) >= bound
        };
        told.iter().filter(near).count().min(count)
    }
}

/// Higher is nearer.
fn nearness(sample: &Sample, one: usize, other: usize) -> f64 {
    let (one, other) = (sample.vector(one), sample.vector(other));
    match sample.metric() {
        Metric::Dot => sum(one, other, |one, other| one * other),
        Metric::Euclidean => -sum(one, other, |one, other| (one - other) * (one - other)),
        Metric::Cosine => {
            let length = |vector| sum(vector, vector, |one, other| one * other).sqrt();
            sum(one, other, |one, other| one * other) / (length(one) * length(other)).max(f64::MIN_POSITIVE)
        }
    }
}

/// In eight sums beside each other, which processors add at once.
fn sum(one: &[f32], other: &[f32], part: impl Fn(f64, f64) -> f64) -> f64 {
    let mut sums = [0.0; 8];
    for (one, other) in one.chunks(8).zip(other.chunks(8)) {
        for (sum, (one, other)) in sums.iter_mut().zip(one.iter().zip(other)) {
            *sum += part(f64::from(*one), f64::from(*other));
        }
    }
    sums.iter().sum()
}
