//! Draws, counted against what each step promises.

use proptest::prelude::*;

use super::{Sampler, Sampling};
use crate::constraint::Mask;

fn logits(probabilities: &[f32]) -> Vec<f32> {
    probabilities.iter().map(|probability| probability.ln()).collect()
}

/// How often each of the tokens with these probabilities comes, of 10,000, each the first of an answer.
fn check(probabilities: &[f32], sampling: Sampling, expected: &[u32]) {
    let logits = logits(probabilities);
    let mut counts = vec![0; logits.len()];
    for seed in 0..10_000 {
        let mut sampler = Sampler::new(&Sampling { seed: Some(seed), ..sampling.clone() }, &[1]);
        counts[sampler.choose(&logits, None) as usize] += 1;
    }
    let near = counts.iter().zip(expected).all(|(a, e): (&u32, &u32)| a.abs_diff(*e) <= if *e == 0 { 0 } else { 200 });
    assert!(near, "{probabilities:?}, {sampling:?}: {counts:?}, expected about {expected:?}");
}

#[test]
fn draws_by_probability() {
    let plain = Sampling::default;
    let thirds = [0.1, 0.6, 0.3];
    check(&thirds, Sampling { temperature: 0.0, ..plain() }, &[0, 10_000, 0]);
    check(&[0.5, 0.5], Sampling { temperature: 0.0, ..plain() }, &[10_000, 0]);
    check(&thirds, plain(), &[1_000, 6_000, 3_000]);
    // Squared and normalized again.
    check(&thirds, Sampling { temperature: 0.5, ..plain() }, &[217, 7_826, 1_957]);
    check(&thirds, Sampling { top_k: Some(2), ..plain() }, &[0, 6_667, 3_333]);
    check(&thirds, Sampling { top_k: Some(1), ..plain() }, &[0, 10_000, 0]);
    check(&thirds, Sampling { top_k: Some(9), ..plain() }, &[1_000, 6_000, 3_000]);
    check(&thirds, Sampling { top_p: 0.8, ..plain() }, &[0, 6_667, 3_333]);
    check(&thirds, Sampling { top_p: 0.5, ..plain() }, &[0, 10_000, 0]);
    check(&thirds, Sampling { top_p: 0.0, ..plain() }, &[0, 10_000, 0]);
    check(&thirds, Sampling { min_p: 0.4, ..plain() }, &[0, 6_667, 3_333]);
    check(&thirds, Sampling { min_p: 0.1, ..plain() }, &[1_000, 6_000, 3_000]);
    check(&thirds, Sampling { min_p: 1.0, ..plain() }, &[0, 10_000, 0]);
    // The share is of what the step before left: 0.5 and 0.3 of 0.8 are 0.625 and 0.375.
    check(&[0.3, 0.5, 0.15, 0.05], Sampling { top_k: Some(2), top_p: 0.6, ..plain() }, &[0, 10_000, 0, 0]);
    check(&[0.3, 0.5, 0.15, 0.05], Sampling { top_k: Some(3), top_p: 0.8, ..plain() }, &[3_750, 6_250, 0, 0]);
    check(&[0.3, 0.5, 0.15, 0.05], Sampling { top_p: 0.95, min_p: 0.5, ..plain() }, &[3_750, 6_250, 0, 0]);
}

#[test]
fn changes_logits_in_order() {
    let even = [0.25, 0.25, 0.25, 0.25];
    // e more likely, and out of reach.
    check(
        &even,
        Sampling { bias: vec![(2, 1.0), (0, -100.0), (99, 5.0)], ..Sampling::default() },
        &[0, 2_119, 5_761, 2_119],
    );
    // Token 1 stands in the prompt: its negative logit, ln(0.25), doubles, so its share is 1/16 to 3/4.
    check(&even, Sampling { repetition_penalty: 2.0, ..Sampling::default() }, &[3_077, 769, 3_077, 3_077]);
    // What stands in the prompt alone is not penalized by the others.
    check(&even, Sampling { frequency_penalty: 2.0, presence_penalty: 2.0, ..Sampling::default() }, &[2_500; 4]);
    // Bias first: 1.0 * 2 is halved again by the penalty.
    let mut sampler = Sampler::new(
        &Sampling { bias: vec![(1, 1.0)], repetition_penalty: 2.0, temperature: 0.0, ..Sampling::default() },
        &[1],
    );
    assert_eq!(sampler.choose(&[1.1, 1.0], None), 0);
}

/// Greedy choices, one after another, from the same logits.
fn choices(logits: &[f32], sampling: Sampling, count: usize) -> Vec<u32> {
    let mut sampler = Sampler::new(&Sampling { temperature: 0.0, ..sampling }, &[]);
    (0..count).map(|_| sampler.choose(logits, None)).collect()
}

#[test]
fn remembers_what_it_chose() {
    let plain = Sampling::default;
    assert_eq!(choices(&[3.0, 2.5, 1.9], plain(), 3), [0, 0, 0]);
    // Each time takes 1: 3 2.5 1.9, then 2 2.5 1.9, then 2 1.5 1.9, then 1 1.5 1.9.
    assert_eq!(choices(&[3.0, 2.5, 1.9], Sampling { frequency_penalty: 1.0, ..plain() }, 4), [0, 1, 0, 2]);
    // Once takes 1 for good.
    assert_eq!(choices(&[3.0, 2.5, 1.9], Sampling { presence_penalty: 1.0, ..plain() }, 4), [0, 1, 0, 0]);
    assert_eq!(choices(&[3.0, 2.5, 1.9], Sampling { repetition_penalty: 2.0, ..plain() }, 4), [0, 1, 2, 0]);
}

#[test]
fn a_broken_model_still_gives_a_token() {
    let choose = |temperature: f32, logits: &[f32], allowed: Option<&Mask>| {
        let sampling = Sampling { temperature, top_p: 0.9, seed: Some(1), ..Sampling::default() };
        Sampler::new(&sampling, &[]).choose(logits, allowed)
    };
    let second = Mask::of(3, [1, 2]);
    for temperature in [0.0, 1.0] {
        assert_eq!(choose(temperature, &[f32::NAN, f32::NAN], None), 0);
        assert_eq!(choose(temperature, &[f32::NAN, 1.0], None), 1);
        assert_eq!(choose(temperature, &[], None), 0);
        assert_eq!(choose(temperature, &[1.0, f32::INFINITY, f32::INFINITY], None), 1);
        assert_eq!(choose(temperature, &[f32::NEG_INFINITY; 3], Some(&second)), 1);
        assert_eq!(choose(temperature, &[f32::NAN; 3], Some(&second)), 1);
        assert_eq!(choose(temperature, &[9.0, f32::NAN, f32::NEG_INFINITY], Some(&second)), 1);
        // A row of logits longer than the vocabulary.
        assert!([1, 2].contains(&choose(temperature, &[1.0, 1.0, 1.0, 9.0], Some(&second))));
    }
}

#[test]
fn a_seed_gives_the_same_tokens_everywhere() {
    let logits: Vec<f32> = (0..1000).map(|id| ((id * 7919 % 1000) as f32) / 100.0).collect();
    let draw = |seed, top_p| {
        let sampling = Sampling { seed, top_p, ..Sampling::default() };
        let mut sampler = Sampler::new(&sampling, &[]);
        (0..8).map(|_| sampler.choose(&logits, None)).collect::<Vec<u32>>()
    };
    // Written down once: they stay the same from version to version.
    assert_eq!(draw(Some(7), 1.0), [164, 174, 704, 729, 605, 359, 88, 852]);
    assert_eq!(draw(Some(7), 0.5), [186, 198, 704, 741, 605, 371, 99, 865]);
    assert_ne!(draw(None, 1.0), draw(None, 1.0));
}

proptest! {
    #[test]
    fn never_outside_the_mask(
        logits in prop::collection::vec(prop_oneof![-30.0f32..30.0, Just(f32::NAN), Just(f32::NEG_INFINITY)], 1..200),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 1..20),
        temperature in prop_oneof![Just(0.0f32), 0.1f32..3.0],
        top_k in prop::option::of(1u32..50),
        (top_p, min_p) in (0.0f32..=1.0, 0.0f32..=1.0),
        (repetition_penalty, bias) in (0.5f32..2.0, -100.0f32..100.0),
        seed in any::<u64>(),
    ) {
        let picked: Vec<u32> = picks.iter().map(|pick| pick.index(logits.len()) as u32).collect();
        let mask = Mask::of(logits.len(), picked.iter().copied());
        let seed = Some(seed);
        let bias = vec![(0, bias)];
        let sampling = Sampling { bias, repetition_penalty, temperature, top_k, top_p, min_p, seed, ..Sampling::default() };
        let mut sampler = Sampler::new(&sampling, &[0]);
        for _ in 0..5 {
            prop_assert!(picked.contains(&sampler.choose(&logits, Some(&mask))));
        }
    }

    /// Where the tokens stand in the vocabulary is nothing to the choice: the likeliest stays the likeliest, and a nucleus
    /// keeps its tokens.
    #[test]
    fn an_order_of_tokens_is_as_good_as_another(
        order in Just((0u32..60).collect::<Vec<u32>>()).prop_shuffle(),
        top_p in 0.05f32..0.95,
        seed in any::<u64>(),
    ) {
        let level = |rank: u32| -0.2 * rank as f32;
        let sorted: Vec<f32> = (0..60).map(level).collect();
        let shuffled: Vec<f32> = order.iter().map(|rank| level(*rank)).collect();
        let sampling = Sampling { top_p, seed: Some(seed), ..Sampling::default() };
        let nucleus = |logits: &[f32]| {
            let mut sampler = Sampler::new(&sampling, &[]);
            let drawn: std::collections::BTreeSet<u32> = (0..500).map(|_| sampler.choose(logits, None)).collect();
            drawn
        };
        // Ranks up to where the sum is reached, by counting.
        let weights: Vec<f64> = sorted.iter().map(|logit| f64::from(*logit).exp()).collect();
        let mass = f64::from(top_p) * weights.iter().sum::<f64>();
        let mut sum = 0.0;
        let last = weights.iter().position(|weight| { sum += weight; sum >= mass }).unwrap_or(59) as u32;
        prop_assert!(nucleus(&sorted).iter().all(|rank| *rank <= last));
        prop_assert!(nucleus(&shuffled).iter().all(|id| order[*id as usize] <= last));
    }
}
