//! The functions that are applied to whole rows, by any family's vectors.
#![allow(unsafe_code, reason = "vectors are loaded and stored through pointers")]

use super::WIDTH;
use super::vector::{Vector, gathered};

/// What layer normalization learned.
#[derive(Debug)]
pub(in crate::bert) struct Norm {
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
    pub epsilon: f32,
}

/// The widest row that is normalized.
const WIDEST: usize = 1024;

/// Horner's scheme.
///
/// # Safety
/// As for [`Vector`].
#[inline(always)]
unsafe fn polynomial<V: Vector, const N: usize>(coefficients: [f32; N], x: V) -> V {
    // SAFETY: the caller's promise.
    unsafe {
        let mut sum = V::splat(coefficients[N - 1]);
        for coefficient in coefficients.iter().rev().skip(1) {
            sum = sum.times_plus(x, V::splat(*coefficient));
        }
        sum
    }
}

/// The distribution's function less 1/2 is odd: x P(x²) / Q(x²), fitted for this program by weighted least squares on
/// Chebyshev points up to `FLAT`, within 1e-8. Beyond, the function is 0 or 1 in single precision.
///
/// # Safety
/// As for [`Vector`].
#[inline(always)]
pub(super) unsafe fn gelu<V: Vector>(values: &mut [f32]) {
    const FLAT: f32 = 5.55;
    const P: [f32; 6] = [3.989_422_3e-1, 3.410_610_5e-2, 4.691_616e-3, 1.712_413_6e-4, 6.352_367e-6, 2.244_424e-8];
    const Q: [f32; 6] = [1.0, 2.521_570_7e-1, 2.878_789_8e-2, 1.898_149_2e-3, 7.433_76e-5, 1.188_633_4e-6];
    for values in values.chunks_exact_mut(V::LANES) {
        // SAFETY: a chunk is as long as a vector.
        unsafe {
            let value = V::load(values.as_ptr());
            let x = value.greater(V::splat(-FLAT)).lesser(V::splat(FLAT));
            let square = x.times(x);
            let odd = x.times(polynomial(P, square)).over(polynomial(Q, square));
            let share = V::splat(0.5).plus(odd).greater(V::splat(0.0)).lesser(V::splat(1.0));
            value.times(share).store(values.as_mut_ptr());
        }
    }
}

/// e to the power of x, for x of at most 0: within 2e-7 of the true value, relatively; less than 2e-38 far below.
///
/// 2 to a whole number, which is an exponent, times e to the power of the rest, by its Taylor series.
///
/// # Safety
/// As for [`Vector`].
#[inline(always)]
unsafe fn exponential<V: Vector>(x: V) -> V {
    /// Adding it leaves the nearest whole number in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    /// ln 2 as a number of few bits, and what that lacks.
    const LN_2: (f32, f32) = (0.693_359_4, -2.121_944_4e-4);
    const TAYLOR: [f32; 8] = [1.0, 1.0, 0.5, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0];
    // SAFETY: the caller's promise.
    unsafe {
        let x = x.greater(V::splat(-87.0));
        let rounded = x.times_plus(V::splat(std::f32::consts::LOG2_E), V::splat(ROUND));
        let whole = rounded.minus(V::splat(ROUND));
        let rest = whole.times_plus(V::splat(-LN_2.0), x);
        let rest = whole.times_plus(V::splat(-LN_2.1), rest);
        polynomial(TAYLOR, rest).times(rounded.power_of_two())
    }
}

/// # Safety
/// As for [`Vector`].
#[inline(always)]
pub(super) unsafe fn softmax<V: Vector>(panels: &mut [f32], columns: usize, scale: f32, inverse: &mut [f32]) {
    let rows = inverse.len();
    // What is no column must be neither the greatest nor part of the sum.
    if !columns.is_multiple_of(WIDTH) {
        for row in panels[columns / WIDTH * rows * WIDTH..].chunks_exact_mut(WIDTH) {
            row[columns % WIDTH..].fill(f32::NEG_INFINITY);
        }
    }
    for (row, inverse) in inverse.iter_mut().enumerate() {
        // SAFETY: a chunk is as long as a vector.
        unsafe {
            let mut most = V::splat(f32::NEG_INFINITY);
            for values in panels[row * WIDTH..].chunks(rows * WIDTH) {
                for values in values[..WIDTH].chunks_exact(V::LANES) {
                    most = most.greater(V::load(values.as_ptr()));
                }
            }
            let most = V::splat(gathered(most, f32::max));
            let mut total = V::splat(0.0);
            for values in panels[row * WIDTH..].chunks_mut(rows * WIDTH) {
                for values in values[..WIDTH].chunks_exact_mut(V::LANES) {
                    let below = V::load(values.as_ptr()).minus(most);
                    let power = exponential(below.times(V::splat(scale)));
                    power.store(values.as_mut_ptr());
                    total = total.plus(power);
                }
            }
            *inverse = 1.0 / gathered(total, |a, b| a + b);
        }
    }
}

/// # Safety
/// As for [`Vector`].
#[inline(always)]
pub(super) unsafe fn scale<V: Vector>(panel: &mut [f32], factors: &[f32]) {
    for (row, factor) in panel.chunks_exact_mut(WIDTH).zip(factors) {
        for values in row.chunks_exact_mut(V::LANES) {
            // SAFETY: a chunk is as long as a vector.
            unsafe { V::load(values.as_ptr()).times(V::splat(*factor)).store(values.as_mut_ptr()) };
        }
    }
}

/// # Safety
/// As for [`Vector`].
#[inline(always)]
pub(super) unsafe fn norm<V: Vector>(panels: &mut [f32], others: &[f32], rows: usize, norm: &Norm) {
    // A row's parts lie so far apart that they may not stay in the nearest cache together: it is joined here meanwhile.
    let mut joined = [0.0; WIDEST];
    let joined = &mut joined[..norm.weight.len()];
    let share = 1.0 / norm.weight.len() as f32;
    for row in 0..rows {
        // SAFETY: a chunk is as long as a vector.
        unsafe {
            let mut total = V::splat(0.0);
            let parts = panels[row * WIDTH..].chunks(rows * WIDTH).zip(others[row * WIDTH..].chunks(rows * WIDTH));
            for ((values, others), joined) in parts.zip(joined.chunks_exact_mut(WIDTH)) {
                let pairs = values[..WIDTH].chunks_exact(V::LANES).zip(others[..WIDTH].chunks_exact(V::LANES));
                for ((values, others), joined) in pairs.zip(joined.chunks_exact_mut(V::LANES)) {
                    let value = V::load(values.as_ptr()).plus(V::load(others.as_ptr()));
                    value.store(joined.as_mut_ptr());
                    total = total.plus(value);
                }
            }
            let mean = V::splat(gathered(total, |a, b| a + b) * share);
            let mut squares = V::splat(0.0);
            for values in joined.chunks_exact(V::LANES) {
                let distance = V::load(values.as_ptr()).minus(mean);
                squares = distance.times_plus(distance, squares);
            }
            let spread = 1.0 / (gathered(squares, |a, b| a + b) * share + norm.epsilon).sqrt();
            let learned = norm.weight.chunks_exact(WIDTH).zip(norm.bias.chunks_exact(WIDTH));
            let parts = panels[row * WIDTH..].chunks_mut(rows * WIDTH).zip(joined.chunks_exact(WIDTH));
            for ((values, joined), (weight, bias)) in parts.zip(learned) {
                for at in (0..WIDTH).step_by(V::LANES) {
                    let [joined, weight, bias] = [joined, weight, bias].map(|from| from[at..][..V::LANES].as_ptr());
                    let level = V::load(joined).minus(mean).times(V::splat(spread));
                    let value = level.times_plus(V::load(weight), V::load(bias));
                    value.store(values[at..][..V::LANES].as_mut_ptr());
                }
            }
        }
    }
}
