//! Which token comes next, given how likely the model holds each.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::generator::Sampling;

/// Chooses tokens for one answer.
#[derive(Debug)]
pub(crate) struct Sampler {
    temperature: f32,
    top_p: f32,
    random: StdRng,
}

impl Sampler {
    /// Without a seed, one is drawn.
    pub fn new(sampling: &Sampling) -> Self {
        let random = StdRng::seed_from_u64(sampling.seed.unwrap_or_else(rand::random));
        Self { temperature: sampling.temperature, top_p: sampling.top_p, random }
    }

    /// `logits` has one value a token. Of equally likely tokens, greedy decoding takes the one of the lowest id.
    pub fn choose(&mut self, logits: &[f32]) -> u32 {
        let ids = (0..).zip(logits.iter().copied());
        let likeliest = |best: (u32, f32), next: (u32, f32)| if next.1 > best.1 { next } else { best };
        let (first, greatest) = ids.clone().fold((0, f32::NEG_INFINITY), likeliest);
        if self.temperature <= 0.0 {
            return first;
        }
        let mut weights: Vec<(u32, f32)> =
            ids.map(|(id, logit)| (id, ((logit - greatest) / self.temperature).exp())).collect();
        let mut sum: f32 = weights.iter().map(|(_, weight)| weight).sum();
        if self.top_p < 1.0 {
            sum = keep_nucleus(&mut weights, self.top_p, sum);
        }
        let mut left = self.random.random::<f32>() * sum;
        for &(id, weight) in &weights {
            left -= weight;
            if left < 0.0 {
                return id;
            }
        }
        first
    }
}

/// Keeps the likeliest tokens whose weights make up `top_p` of `sum` (Holtzman et al. 2020), at least one, and gives
/// their sum.
fn keep_nucleus(weights: &mut Vec<(u32, f32)>, top_p: f32, sum: f32) -> f32 {
    // All tokens below this together weigh less than 1 - top_p, so none of them is needed: few are left to sort.
    let floor = (1.0 - top_p) * sum / weights.len() as f32;
    weights.retain(|(_, weight)| *weight >= floor);
    weights.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut kept = 0.0;
    let enough = weights.iter().position(|(_, weight)| {
        kept += weight;
        kept >= top_p * sum
    });
    weights.truncate(enough.map_or(weights.len(), |last| last + 1));
    kept
}

#[cfg(test)]
mod tests {
    use super::{Sampler, Sampling};

    fn sampler(temperature: f32, top_p: f32) -> Sampler {
        Sampler::new(&Sampling { temperature, top_p, seed: Some(1), ..Sampling::default() })
    }

    /// How often each of the tokens with these probabilities comes, of 10,000.
    fn frequencies(probabilities: &[f32], temperature: f32, top_p: f32) -> Vec<u32> {
        let logits: Vec<f32> = probabilities.iter().map(|probability| probability.ln()).collect();
        let mut sampler = sampler(temperature, top_p);
        let mut counts = vec![0; logits.len()];
        for _ in 0..10_000 {
            counts[sampler.choose(&logits) as usize] += 1;
        }
        counts
    }

    fn check(probabilities: &[f32], temperature: f32, top_p: f32, expected: &[u32]) {
        let actual = frequencies(probabilities, temperature, top_p);
        let near = actual.iter().zip(expected).all(|(a, e)| a.abs_diff(*e) <= if *e == 0 { 0 } else { 200 });
        assert!(near, "{probabilities:?} at {temperature}, {top_p}: {actual:?}, expected about {expected:?}");
    }

    #[test]
    fn draws_by_probability() {
        check(&[0.1, 0.6, 0.3], 0.0, 1.0, &[0, 10_000, 0]);
        check(&[0.5, 0.5], 0.0, 1.0, &[10_000, 0]);
        check(&[0.1, 0.6, 0.3], 1.0, 1.0, &[1_000, 6_000, 3_000]);
        // Squared and normalized again.
        check(&[0.1, 0.6, 0.3], 0.5, 1.0, &[217, 7_826, 1_957]);
        check(&[0.1, 0.6, 0.3], 1.0, 0.8, &[0, 6_667, 3_333]);
        check(&[0.1, 0.6, 0.3], 1.0, 0.5, &[0, 10_000, 0]);
        check(&[0.1, 0.6, 0.3], 1.0, 0.0, &[0, 10_000, 0]);
    }

    #[test]
    fn a_broken_model_still_gives_a_token() {
        assert_eq!(sampler(0.0, 1.0).choose(&[f32::NAN, f32::NAN]), 0);
        assert_eq!(sampler(1.0, 0.9).choose(&[f32::NAN, 1.0]), 1);
    }
}
