//! Scores of stored vectors, in 32-bit numbers. The one place that computes a score that anyone sees.

use crate::Metric;

/// A vector that stored ones are compared with.
#[derive(Debug)]
pub(crate) struct Probe<'a> {
    metric: Metric,
    vector: &'a [f32],
    norm: f32,
}

impl<'a> Probe<'a> {
    pub fn new(metric: Metric, vector: &'a [f32]) -> Self {
        Self { metric, vector, norm: norm(vector) }
    }

    /// The score of a vector as it is stored: little-endian, four bytes a number.
    pub fn score(&self, stored: &[u8]) -> f32 {
        match self.metric {
            Metric::Dot => sums(self.vector, stored, |one, other| [one * other, 0.0])[0],
            Metric::Euclidean => sums(self.vector, stored, |one, other| [(one - other) * (one - other), 0.0])[0].sqrt(),
            Metric::Cosine => {
                let [product, square] = sums(self.vector, stored, |one, other| [one * other, other * other]);
                let lengths = self.norm * square.sqrt();
                if lengths > 0.0 { product / lengths } else { 0.0 }
            }
        }
    }
}

pub(crate) fn norm(vector: &[f32]) -> f32 {
    vector.iter().map(|number| number * number).sum::<f32>().sqrt()
}

pub(crate) fn bytes(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|number| number.to_le_bytes()).collect()
}

pub(crate) fn numbers(stored: &[u8]) -> Vec<f32> {
    let (quads, _) = stored.as_chunks::<4>();
    quads.iter().map(|quad| f32::from_le_bytes(*quad)).collect()
}

/// Two sums over both vectors. Sixteen of each run side by side, so that the compiler uses vector instructions: it may
/// not reorder a single sum.
fn sums(one: &[f32], stored: &[u8], term: impl Fn(f32, f32) -> [f32; 2]) -> [f32; 2] {
    let (mut first, mut second) = ([0f32; 16], [0f32; 16]);
    let (blocks, rest) = one.as_chunks::<16>();
    let (stored, _) = stored.as_chunks::<4>();
    let (stored_blocks, stored_rest) = stored.as_chunks::<16>();
    for (block, stored) in blocks.iter().zip(stored_blocks) {
        for lane in 0..16 {
            let [to_first, to_second] = term(block[lane], f32::from_le_bytes(stored[lane]));
            first[lane] += to_first;
            second[lane] += to_second;
        }
    }
    for (lane, (own, stored)) in rest.iter().zip(stored_rest).enumerate() {
        let [to_first, to_second] = term(*own, f32::from_le_bytes(*stored));
        first[lane] += to_first;
        second[lane] += to_second;
    }
    [first.iter().sum(), second.iter().sum()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_those_of_the_textbook() {
        let one: Vec<f32> = (0..37).map(|n| (n as f32 * 0.7).sin()).collect();
        let other: Vec<f32> = (0..37).map(|n| (n as f32 * 0.3).cos()).collect();
        let dot: f64 = one.iter().zip(&other).map(|(one, other)| f64::from(*one) * f64::from(*other)).sum();
        let square = |vector: &[f32]| vector.iter().map(|n| f64::from(*n).powi(2)).sum::<f64>();
        let apart: f64 = one.iter().zip(&other).map(|(one, other)| (f64::from(*one) - f64::from(*other)).powi(2)).sum();
        for (metric, expected) in [
            (Metric::Dot, dot),
            (Metric::Cosine, dot / (square(&one) * square(&other)).sqrt()),
            (Metric::Euclidean, apart.sqrt()),
        ] {
            let score = Probe::new(metric, &one).score(&bytes(&other));
            assert!((f64::from(score) - expected).abs() < 1e-5, "{metric:?}: {score} is not {expected}");
        }
        assert_eq!(Probe::new(Metric::Cosine, &[0.0; 3]).score(&bytes(&[1.0, 2.0, 3.0])), 0.0);
        assert_eq!(numbers(&bytes(&one)), one);
    }
}
