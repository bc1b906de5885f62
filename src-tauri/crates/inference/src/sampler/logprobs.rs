//! How likely the model held a token, and what else it held likely.

use super::exponential::exponentials;
use super::greatest;
use crate::generator::{Likely, TokenLogprob};
use crate::tokenizer::Tokenizer;

/// Stands for everything less likely, and for what is no number: as OpenAI's interface does, since JSON has no infinity.
const LEAST: f32 = -9999.0;

/// What the model's own `logits` say of `token`, before bias, penalties and temperature, and of the `count` likeliest
/// tokens in its place. Of equally likely ones, the one of the lower id comes first.
pub(crate) fn logprobs(tokenizer: &Tokenizer, logits: &[f32], token: u32, count: u32) -> TokenLogprob {
    let greatest = greatest(logits);
    let mut weights = logits.to_vec();
    let sum: f64 = if greatest.is_finite() { exponentials(&mut weights, greatest, 1.0).iter().sum() } else { 1.0 };
    let normalizer = f64::from(greatest) + sum.ln();
    let likely = |token: u32| {
        let logit = logits.get(token as usize).copied().unwrap_or(f32::NAN);
        let logprob = (f64::from(logit) - normalizer) as f32;
        let logprob = if logprob.is_finite() { logprob.clamp(LEAST, 0.0) } else { LEAST };
        Likely { bytes: tokenizer.name(token), logprob }
    };
    TokenLogprob { token: likely(token), top: top(logits, count as usize).into_iter().map(likely).collect() }
}

/// The ids of the `count` greatest logits, greatest first.
fn top(logits: &[f32], count: usize) -> Vec<u32> {
    const CHUNK: usize = 64;
    let mut top: Vec<(f32, u32)> = Vec::with_capacity(count + 1);
    for (chunk, start) in logits.chunks(CHUNK).zip((0..).step_by(CHUNK)) {
        let least = if top.len() < count { f32::NEG_INFINITY } else { top.last().map_or(f32::INFINITY, |last| last.0) };
        // Most chunks have none that belongs there.
        if top.len() == count && !chunk.iter().fold(false, |found, logit| found | (*logit > least)) {
            continue;
        }
        for (id, logit) in (start..).zip(chunk).filter(|(_, logit)| !logit.is_nan()) {
            let place = top.partition_point(|(other, _)| *other >= *logit);
            if place < count {
                top.insert(place, (*logit, id));
                top.truncate(count);
            }
        }
    }
    top.into_iter().map(|(_, id)| id).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::top;

    #[test]
    fn the_likeliest_in_order() {
        assert_eq!(top(&[0.0, 3.0, 1.0, 3.0, f32::NAN, 2.0], 4), [1, 3, 5, 2]);
        assert_eq!(top(&[0.0, 3.0], 4), [1, 0]);
        assert_eq!(top(&[0.0, 3.0], 0), [0; 0]);
        assert_eq!(top(&[f32::NAN; 2], 1), [0; 0]);
    }

    proptest! {
        #[test]
        fn equals_sorting(logits in prop::collection::vec((-50i8..50).prop_map(f32::from), 0..500), count in 0usize..21) {
            let mut sorted: Vec<u32> = (0..logits.len() as u32).collect();
            sorted.sort_by(|a, b| logits[*b as usize].total_cmp(&logits[*a as usize]).then(a.cmp(b)));
            sorted.truncate(count);
            prop_assert_eq!(top(&logits, count), sorted);
        }
    }
}
