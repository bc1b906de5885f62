//! The likeliest of many tokens, without putting all of them in order.

/// A token that may be drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub id: u32,
    /// Above 0 and at most 1, which is the likeliest token's.
    pub weight: f32,
}

impl Candidate {
    /// Of equally likely tokens, the one of the lower id counts as likelier.
    fn is_likelier(&self, other: &Self) -> bool {
        self.weight > other.weight || (self.weight == other.weight && self.id < other.id)
    }

    /// Weights of the same exponent and first four digits share a bucket: the order of floats of one sign is that of their bits.
    fn bucket(&self) -> usize {
        (self.weight.to_bits() >> 19) as usize
    }
}

/// Buckets of the weights up to 1.
const BUCKETS: usize = (0x3F80_0000 >> 19) + 1;

/// A weight that none of the `most` likeliest is below. As many tokens lie above it as chunks have a likeliest token above
/// it, at least.
pub(super) fn floor_of(weights: &[f32], most: usize) -> f32 {
    const CHUNK: usize = 16;
    let greater = |best: f32, next: &f32| if *next > best { *next } else { best };
    let mut greatest: Vec<f32> = weights.chunks(CHUNK).map(|chunk| chunk.iter().fold(0.0, greater)).collect();
    match most.max(1) {
        most if most <= greatest.len() => *greatest.select_nth_unstable_by(most - 1, |a, b| b.total_cmp(a)).1,
        _ => 0.0,
    }
}

/// The tokens that weigh at least `floor` and more than nothing, in the order of their ids.
pub(super) fn gather(weights: &[f32], floor: f32, candidates: &mut Vec<Candidate>) {
    const CHUNK: usize = 16;
    let floor = floor.max(f32::MIN_POSITIVE);
    candidates.clear();
    for (chunk, start) in weights.chunks(CHUNK).zip((0..).step_by(CHUNK)) {
        // Most chunks have none.
        if chunk.iter().fold(false, |found, weight| found | (*weight >= floor)) {
            let chosen = (start..).zip(chunk).filter(|(_, weight)| **weight >= floor);
            candidates.extend(chosen.map(|(id, weight)| Candidate { id, weight: *weight }));
        }
    }
}

/// Keeps the likeliest candidates, as many as are needed to be `most` or to weigh `mass`, and at least one. Their order
/// stays.
pub(super) fn keep_likeliest(candidates: &mut Vec<Candidate>, most: usize, mass: f64) {
    let mut buckets = vec![(0usize, 0.0f64); BUCKETS];
    for candidate in candidates.iter() {
        let (count, sum) = &mut buckets[candidate.bucket().min(BUCKETS - 1)];
        *count += 1;
        *sum += f64::from(candidate.weight);
    }
    let (mut count, mut sum) = (0, 0.0);
    let enough = |count: usize, sum: f64| count > 0 && (count >= most || sum >= mass);
    let last = (0..BUCKETS).rev().find(|bucket| {
        let (more, weight) = buckets[*bucket];
        let last = enough(count + more, sum + weight);
        if !last {
            count += more;
            sum += weight;
        }
        last
    });
    // All of them together are not too many.
    let Some(last) = last else { return };
    let mut within: Vec<Candidate> =
        candidates.iter().filter(|candidate| candidate.bucket().min(BUCKETS - 1) == last).copied().collect();
    within.sort_unstable_by(|a, b| b.weight.total_cmp(&a.weight).then(a.id.cmp(&b.id)));
    let least = within.iter().find(|candidate| {
        count += 1;
        sum += f64::from(candidate.weight);
        enough(count, sum)
    });
    if let Some(least) = least.or(within.last()).copied() {
        candidates.retain(|candidate| !least.is_likelier(candidate));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Candidate, floor_of, gather, keep_likeliest};

    fn candidates(weights: &[f32]) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        gather(weights, 0.0, &mut candidates);
        candidates
    }

    fn check(weights: &[f32], most: usize, mass: f64, expected: &[u32]) {
        let mut kept = candidates(weights);
        keep_likeliest(&mut kept, most, mass);
        let kept: Vec<u32> = kept.iter().map(|candidate| candidate.id).collect();
        assert_eq!(kept, expected, "{weights:?}, {most}, {mass}");
    }

    #[test]
    fn keeps_what_is_needed() {
        const ALL: usize = usize::MAX;
        check(&[0.2, 1.0, 0.0, 0.6], ALL, f64::INFINITY, &[0, 1, 3]);
        check(&[0.2, 1.0, 0.0, 0.6], 2, f64::INFINITY, &[1, 3]);
        check(&[0.2, 1.0, 0.0, 0.6], 9, f64::INFINITY, &[0, 1, 3]);
        check(&[0.2, 1.0, 0.0, 0.6], ALL, 1.5, &[1, 3]);
        check(&[0.2, 1.0, 0.0, 0.6], ALL, 1.0, &[1]);
        check(&[0.2, 1.0, 0.0, 0.6], ALL, 0.0, &[1]);
        // Equal ones, of which those of the lowest ids come first, and near ones of one bucket.
        check(&[0.5, 1.0, 0.5, 0.5, 0.5], 3, f64::INFINITY, &[0, 1, 2]);
        check(&[0.501, 1.0, 0.503, 0.502], 3, f64::INFINITY, &[1, 2, 3]);
        check(&[0.501, 1.0, 0.503, 0.502], ALL, 1.7, &[1, 2, 3]);
    }

    proptest! {
        #[test]
        fn a_floor_is_below_all_that_are_kept(weights in prop::collection::vec(0.0f32..1.0, 1..300), most in 1usize..300) {
            let mut kept = candidates(&weights);
            keep_likeliest(&mut kept, most, f64::INFINITY);
            let floor = floor_of(&weights, most);
            prop_assert!(kept.iter().all(|candidate| candidate.weight >= floor));
        }

        /// As by putting them in order.
        #[test]
        fn equals_sorting(weights in prop::collection::vec(0.0f32..1.0, 1..300), most in 1usize..300, share in 0.0f64..1.1) {
            let mass = share * weights.iter().copied().map(f64::from).sum::<f64>();
            let mut sorted = candidates(&weights);
            sorted.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.id.cmp(&b.id)));
            let mut sum = 0.0;
            let needed = sorted.iter().position(|candidate| { sum += f64::from(candidate.weight); sum >= mass });
            sorted.truncate(needed.map_or(usize::MAX, |last| last + 1).min(most));
            sorted.sort_by_key(|candidate| candidate.id);
            let mut kept = candidates(&weights);
            keep_likeliest(&mut kept, most, mass);
            // Where the sum is reached within a rounding, either is right.
            let near = kept.len().abs_diff(sorted.len()) <= 1;
            prop_assert!(kept == sorted || (near && needed.is_some()), "{kept:?} {sorted:?}");
        }
    }
}
