//! Principal components (Pearson 1901), by orthogonal iteration (Golub and Van Loan, Matrix Computations, 8.2): every pass
//! reads the vectors once and never forms their covariance.

use std::thread;

use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{Place, Vectors};

/// Directions that are followed; the two that are not shown let the shown ones settle sooner.
const DIRECTIONS: usize = 4;
/// Passes at most. Where the shares of directions are near each other, more would only turn the picture.
const PASSES: usize = 40;
/// A pass that changes both shares by less ends it.
const SETTLED: f64 = 1e-5;
const SEED: u64 = 1;

/// Vectors seen from where they differ most.
#[derive(Debug, Clone, PartialEq)]
pub struct Principal {
    /// One for each vector, its mean at the origin, in the vectors' own unit.
    pub places: Vec<Place>,
    /// Of the variance, the shares that the two directions hold, 0 to 1, the greater first.
    pub shares: [f32; 2],
}

/// The vectors along the two directions of the greatest variance. Each direction points to where its greatest number in
/// absolute value is positive. Fewer than two vectors lie at the origin.
pub fn principal(vectors: &Vectors) -> Principal {
    let (dimension, count) = (vectors.dimension(), vectors.len());
    if count < 2 {
        return Principal { places: vec![[0.0; 2]; count], shares: [0.0; 2] };
    }
    let (mean, total) = moments(vectors);
    let mut random = StdRng::seed_from_u64(SEED);
    let random = |_| (0..dimension).map(|_| random.random::<f32>() - 0.5).collect();
    let mut basis: Vec<Vec<f32>> = (0..DIRECTIONS.min(dimension)).map(random).collect();
    orthogonalize(&mut basis);
    let mut shares = [0.0; 2];
    for _ in 0..PASSES {
        let mut next = pass(vectors, &mean, &basis);
        let before = shares;
        for (share, vector) in shares.iter_mut().zip(&next) {
            // Of a direction that has settled, the length after a pass is its variance.
            *share = if total > 0.0 { f64::from(norm(vector)) / total } else { 0.0 };
        }
        orthogonalize(&mut next);
        basis = next;
        if shares.iter().zip(before).all(|(now, before)| (now - before).abs() < SETTLED) {
            break;
        }
    }
    basis.iter_mut().for_each(|direction| point(direction));
    let places = vectors.rows().map(|row| {
        let along = |axis: usize| basis.get(axis).map_or(0.0, |direction| dot(row, direction) - dot(&mean, direction));
        [along(0), along(1)]
    });
    Principal { places: places.collect(), shares: shares.map(|share| share.clamp(0.0, 1.0) as f32) }
}

/// The mean, and the sum of the squared distances from it.
fn moments(vectors: &Vectors) -> (Vec<f32>, f64) {
    let mut sums = vec![0f64; vectors.dimension()];
    let mut squares = 0f64;
    for row in vectors.rows() {
        sums.iter_mut().zip(row).for_each(|(sum, number)| *sum += f64::from(*number));
        squares += f64::from(dot(row, row));
    }
    let count = vectors.len() as f64;
    let of_mean: f64 = sums.iter().map(|sum| sum * sum / count).sum();
    (sums.into_iter().map(|sum| (sum / count) as f32).collect(), (squares - of_mean).max(0.0))
}

/// The scatter of the vectors, times each direction.
fn pass(vectors: &Vectors, mean: &[f32], basis: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let offsets: Vec<f32> = basis.iter().map(|direction| dot(mean, direction)).collect();
    let part = |rows: &[f32]| {
        let mut sums = vec![vec![0f32; mean.len()]; basis.len()];
        let mut weights = vec![0f32; basis.len()];
        for row in rows.chunks_exact(mean.len()) {
            for (number, direction) in basis.iter().enumerate() {
                let along = dot(row, direction) - offsets[number];
                weights[number] += along;
                sums[number].iter_mut().zip(row).for_each(|(sum, number)| *sum += along * number);
            }
        }
        for (sum, weight) in sums.iter_mut().zip(&weights) {
            sum.iter_mut().zip(mean).for_each(|(sum, mean)| *sum -= weight * mean);
        }
        sums
    };
    // The parts are the same on every machine, so the sums are too.
    const PART: usize = 2048;
    let parts: Vec<&[f32]> = vectors.numbers.chunks(PART * vectors.dimension()).collect();
    let threads = thread::available_parallelism().map_or(1, Into::into);
    let mut whole = vec![vec![0f32; mean.len()]; basis.len()];
    for group in parts.chunks(threads.max(1)) {
        let sums = thread::scope(|scope| {
            let (first, others) = group.split_at(1);
            let workers: Vec<_> = others.iter().map(|rows| scope.spawn(|| part(rows))).collect();
            let own = first.iter().map(|rows| part(rows)).collect::<Vec<_>>();
            // A part that broke off adds nothing: the picture is for eyes.
            own.into_iter().chain(workers.into_iter().filter_map(|worker| worker.join().ok())).collect::<Vec<_>>()
        });
        for sums in sums {
            for (whole, sum) in whole.iter_mut().zip(sums) {
                whole.iter_mut().zip(sum).for_each(|(whole, sum)| *whole += sum);
            }
        }
    }
    whole
}

/// By Gram and Schmidt, twice, each to the length of one. What vanishes stays zero.
fn orthogonalize(basis: &mut [Vec<f32>]) {
    for number in 0..basis.len() {
        let (before, rest) = basis.split_at_mut(number);
        let Some(vector) = rest.first_mut() else { return };
        for _ in 0..2 {
            for other in before.iter() {
                let along = dot(vector, other);
                vector.iter_mut().zip(other).for_each(|(number, other)| *number -= along * other);
            }
            let length = norm(vector);
            let scale = if length > f32::MIN_POSITIVE { 1.0 / length } else { 0.0 };
            vector.iter_mut().for_each(|number| *number *= scale);
        }
    }
}

fn point(direction: &mut [f32]) {
    let greatest = direction.iter().copied().max_by(|one, other| one.abs().total_cmp(&other.abs()));
    if greatest.is_some_and(|greatest| greatest < 0.0) {
        direction.iter_mut().for_each(|number| *number = -*number);
    }
}

fn norm(vector: &[f32]) -> f32 {
    dot(vector, vector).sqrt()
}

/// Eight sums at once, which the compiler keeps in one register.
fn dot(one: &[f32], other: &[f32]) -> f32 {
    let (eights, rest) = one.as_chunks::<8>();
    let (others, others_rest) = other.as_chunks::<8>();
    let mut sums = [0f32; 8];
    for (one, other) in eights.iter().zip(others) {
        for lane in 0..8 {
            sums[lane] += one[lane] * other[lane];
        }
    }
    sums.iter().sum::<f32>() + rest.iter().zip(others_rest).map(|(one, other)| one * other).sum::<f32>()
}
