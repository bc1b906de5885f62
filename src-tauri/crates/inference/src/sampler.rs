//! Which token comes next, given how likely the model holds each.
//!
//! Equal seeds and equal logits give equal tokens on every machine: everything here is the additions and multiplications
//! of IEEE 754, in an order that the code fixes, and a generator whose numbers are part of its promise. Never knows text.

mod exponential;
mod likeliest;
mod logprobs;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::constraint::Mask;
use crate::generator::Sampling;
use exponential::{BLOCK, exponentials};
use likeliest::{Candidate, keep_likeliest};

pub(crate) use logprobs::logprobs;

/// Chooses tokens for one answer.
#[derive(Debug)]
pub(crate) struct Sampler {
    sampling: Sampling,
    random: ChaCha8Rng,
    /// How often each token stands in the answer so far; 0 for those of the prompt alone, which only the repetition
    /// penalty asks for.
    seen: BTreeMap<u32, u32>,
    /// The logits as changed, then the weights of the same tokens. Kept for its memory.
    values: Vec<f32>,
    candidates: Vec<Candidate>,
}

impl Sampler {
    /// Without a seed, one is drawn.
    pub fn new(sampling: &Sampling, prompt: &[u32]) -> Self {
        let repeated = if sampling.repetition_penalty == 1.0 { &[] } else { prompt };
        Self {
            sampling: sampling.clone(),
            random: ChaCha8Rng::seed_from_u64(sampling.seed.unwrap_or_else(rand::random)),
            seen: repeated.iter().map(|token| (*token, 0)).collect(),
            values: Vec::new(),
            candidates: Vec::new(),
        }
    }

    /// The next token, which is then part of the answer. `logits` has one value a token, as the model gave it. Of equally
    /// likely tokens, greedy decoding takes the one of the lowest id. A token outside `allowed` is never chosen, whatever
    /// the logits are.
    pub fn choose(&mut self, logits: &[f32], allowed: Option<&Mask>) -> u32 {
        let token = self.next(logits, allowed);
        if self.penalizes() {
            *self.seen.entry(token).or_insert(0) += 1;
        }
        token
    }

    fn next(&mut self, logits: &[f32], allowed: Option<&Mask>) -> u32 {
        let greedy = self.sampling.temperature <= 0.0;
        if greedy && allowed.is_none() && self.sampling.bias.is_empty() && !self.penalizes() {
            return position(logits, greatest(logits)).unwrap_or(0);
        }
        self.values.clear();
        self.values.extend_from_slice(logits);
        self.change();
        if let Some(mask) = allowed {
            mask.remove_others(&mut self.values, f32::NEG_INFINITY);
        }
        let greatest = greatest(&self.values);
        if greatest == f32::NEG_INFINITY {
            // No number to go by: the logits are broken, or what is allowed was held to be impossible.
            return allowed.and_then(Mask::first).unwrap_or(0);
        }
        let likeliest = position(&self.values, greatest).unwrap_or(0);
        if greedy || greatest == f32::INFINITY { likeliest } else { self.draw(greatest).unwrap_or(likeliest) }
    }

    fn penalizes(&self) -> bool {
        let Sampling { repetition_penalty, frequency_penalty, presence_penalty, .. } = self.sampling;
        repetition_penalty != 1.0 || frequency_penalty != 0.0 || presence_penalty != 0.0
    }

    /// Bias and penalties, in their order.
    fn change(&mut self) {
        for (token, bias) in &self.sampling.bias {
            if let Some(logit) = self.values.get_mut(*token as usize) {
                *logit += bias;
            }
        }
        let Sampling { repetition_penalty, frequency_penalty, presence_penalty, .. } = self.sampling;
        for (token, times) in &self.seen {
            let Some(logit) = self.values.get_mut(*token as usize) else { continue };
            *logit = if *logit > 0.0 { *logit / repetition_penalty } else { *logit * repetition_penalty };
            if *times > 0 {
                *logit -= frequency_penalty * *times as f32 + presence_penalty;
            }
        }
    }

    /// Draws from `values` by their weights; `None` where rounding left nothing to draw.
    fn draw(&mut self, greatest: f32) -> Option<u32> {
        let Sampling { temperature, top_k, top_p, min_p, .. } = self.sampling;
        let sums = exponentials(&mut self.values, greatest, 1.0 / temperature);
        let sum: f64 = sums.iter().sum();
        let at = self.random.random::<f64>();
        if top_k.is_none() && top_p >= 1.0 && min_p <= 0.0 {
            return draw_from_all(&self.values, &sums, at * sum);
        }
        // All tokens below the first floor together weigh less than 1 - top_p, so none of them is needed. Below the other,
        // none is of the top k, which are all needed: their sum is.
        let floor = match top_k {
            None => (((1.0 - f64::from(top_p)) * sum / self.values.len() as f64) as f32).max(min_p),
            Some(most) => likeliest::floor_of(&self.values, most as usize),
        };
        likeliest::gather(&self.values, floor, &mut self.candidates);
        let mut sum = sum;
        if let Some(most) = top_k {
            keep_likeliest(&mut self.candidates, most.max(1) as usize, f64::INFINITY);
            sum = self.candidates.iter().map(|candidate| f64::from(candidate.weight)).sum();
        }
        if top_p < 1.0 {
            keep_likeliest(&mut self.candidates, usize::MAX, f64::from(top_p) * sum);
        }
        self.candidates.retain(|candidate| candidate.weight >= min_p);
        let kept: f64 = self.candidates.iter().map(|candidate| f64::from(candidate.weight)).sum();
        let mut left = at * kept;
        let drawn = self.candidates.iter().find(|candidate| {
            left -= f64::from(candidate.weight);
            left < 0.0
        });
        drawn.or(self.candidates.last()).map(|candidate| candidate.id)
    }
}

/// The token within whose share `left` falls, where `sums` are those of blocks of the weights.
fn draw_from_all(weights: &[f32], sums: &[f64], mut left: f64) -> Option<u32> {
    let block = sums.iter().position(|sum| {
        let here = left < *sum;
        if !here {
            left -= sum;
        }
        here
    });
    let start = block? * BLOCK;
    let block = &weights[start..weights.len().min(start + BLOCK)];
    let within = block.iter().position(|weight| {
        left -= f64::from(*weight);
        left < 0.0
    });
    // The block's sum was taken in another order, so it may end a rounding later.
    let within = within.or_else(|| block.iter().rposition(|weight| *weight > 0.0))?;
    Some((start + within) as u32)
}

/// The greatest number; negative infinity where there is none.
fn greatest(values: &[f32]) -> f32 {
    let greater = |best: f32, next: f32| if next > best { next } else { best };
    let mut lanes = [f32::NEG_INFINITY; 32];
    let (chunks, rest) = values.as_chunks::<32>();
    for chunk in chunks {
        for (best, next) in lanes.iter_mut().zip(chunk) {
            *best = greater(*best, *next);
        }
    }
    lanes.iter().chain(rest).copied().fold(f32::NEG_INFINITY, greater)
}

/// Where `value` stands first.
fn position(values: &[f32], value: f32) -> Option<u32> {
    let holds = |chunk: &[f32]| chunk.iter().fold(false, |found, other| found | (*other == value));
    let chunk = values.chunks(256).position(holds)?;
    let within = values[chunk * 256..].iter().position(|other| *other == value)?;
    Some((chunk * 256 + within) as u32)
}
