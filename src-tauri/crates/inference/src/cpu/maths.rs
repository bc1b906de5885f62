//! What happens to rows between the matrix products, a few rows a thread.

#![allow(unsafe_code)] // Shared rows are handed to threads through pointers; each row goes to one.

use super::pool::Pool;
use super::rounded::{Block, round};
use super::wide::{Kernel, Wide, dispatch, exp};

/// Values that are worth handing to another thread.
const WORTH: usize = 1 << 13;

/// Calls `each` once for every row of `rows` rows of `width` values, in parallel where that is worth it.
pub(super) fn by_rows(rows: usize, width: usize, pool: &mut Pool, each: &(dyn Fn(usize) + Sync)) {
    let chunks = (rows * width / WORTH).min(rows).min(pool.threads() * 4);
    if chunks <= 1 {
        return (0..rows).for_each(each);
    }
    pool.run(chunks, &|chunk| (rows * chunk / chunks..rows * (chunk + 1) / chunks).for_each(each));
}

/// Rows that several threads write, each its own.
pub(super) struct Rows<T> {
    start: *mut T,
    width: usize,
    length: usize,
}

// SAFETY: who calls `row` promises that nobody else has the same one.
unsafe impl<T: Send> Sync for Rows<T> {}

impl<T> Rows<T> {
    pub fn new(all: &mut [T], width: usize) -> Self {
        Self { start: all.as_mut_ptr(), width, length: all.len() }
    }

    /// # Safety
    /// No two calls with the same index have their rows at the same time.
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn row(&self, index: usize) -> &mut [T] {
        assert!((index + 1) * self.width <= self.length, "a row that is there");
        unsafe { std::slice::from_raw_parts_mut(self.start.add(index * self.width), self.width) }
    }
}

/// Root mean square normalization (Zhang and Sennrich 2019), in place or to another row.
struct Normalize<'a> {
    row: &'a [f32],
    weight: &'a [f32],
    epsilon: f32,
    out: &'a mut [f32],
    rounded: Option<&'a mut [Block]>,
}

impl Kernel for Normalize<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<W: Wide>(self) {
        let Self { row, weight, epsilon, out, rounded } = self;
        unsafe {
            let mut square = W::splat(0.0);
            for values in row.chunks_exact(16) {
                let values = W::load(values.as_ptr());
                square = W::fused(values, values, square);
            }
            let scale = 1.0 / (W::sum(square) / row.len() as f32 + epsilon).sqrt();
            let by = W::splat(scale);
            for ((out, values), weight) in
                out.chunks_exact_mut(16).zip(row.chunks_exact(16)).zip(weight.chunks_exact(16))
            {
                let scaled = W::mul(W::load(values.as_ptr()), by);
                W::store(out.as_mut_ptr(), W::mul(scaled, W::load(weight.as_ptr())));
            }
            if let Some(blocks) = rounded {
                round::<W>(out, blocks);
            }
        }
    }
}

/// Normalizes `row` to `out`. Both are a multiple of 16 long.
pub(super) fn normalize(row: &[f32], weight: &[f32], epsilon: f32, out: &mut [f32]) {
    // SAFETY: it stays within its slices.
    unsafe { dispatch(Normalize { row, weight, epsilon, out, rounded: None }) };
}

/// Normalizes `row` in place.
pub(super) fn normalize_here(row: &mut [f32], weight: &[f32], epsilon: f32) {
    let before = row.to_vec();
    normalize(&before, weight, epsilon, row);
}

/// Normalizes `row`, by way of `out`, and rounds what comes of it.
pub(super) fn normalize_and_round(row: &[f32], weight: &[f32], epsilon: f32, out: &mut [f32], blocks: &mut [Block]) {
    // SAFETY: as above.
    unsafe { dispatch(Normalize { row, weight, epsilon, out, rounded: Some(blocks) }) };
}

struct Round<'a>(&'a [f32], &'a mut [Block]);

impl Kernel for Round<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<W: Wide>(self) {
        unsafe { round::<W>(self.0, self.1) };
    }
}

pub(super) fn round_row(row: &[f32], blocks: &mut [Block]) {
    // SAFETY: as above.
    unsafe { dispatch(Round(row, blocks)) };
}

/// What a gate lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activation {
    /// `x / (1 + e^-x)` (Elfwing et al. 2017).
    Silu,
    /// Its approximation by a hyperbolic tangent (Hendrycks and Gimpel 2016).
    Gelu,
}

struct Gate<'a> {
    row: &'a mut [f32],
    activation: Activation,
    blocks: &'a mut [Block],
}

impl Kernel for Gate<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<W: Wide>(self) {
        let half = self.row.len() / 2;
        let (gates, ups) = self.row.split_at_mut(half);
        unsafe {
            let one = W::splat(1.0);
            for (gate, up) in gates.chunks_exact_mut(16).zip(ups.chunks_exact(16)) {
                let (x, up) = (W::load(gate.as_ptr()), W::load(up.as_ptr()));
                // Both are `x` times a logistic function; GELU's is of twice the argument of its tangent.
                let slope = match self.activation {
                    Activation::Silu => x,
                    Activation::Gelu => {
                        let cube = W::mul(W::mul(x, x), x);
                        W::mul(
                            W::fused(cube, W::splat(0.044_715), x),
                            W::splat(2.0 * std::f32::consts::FRAC_2_SQRT_PI * std::f32::consts::FRAC_1_SQRT_2),
                        )
                    }
                };
                let passed = W::div(x, W::add(one, exp::<W>(W::sub(W::splat(0.0), slope))));
                W::store(gate.as_mut_ptr(), W::mul(passed, up));
            }
            round::<W>(gates, self.blocks);
        }
    }
}

/// `activation(gate) * up` (Shazeer 2020) of a row of the gate's values and then as many of the up projection's, rounded.
/// The row's first half is overwritten.
pub(super) fn gate(row: &mut [f32], activation: Activation, blocks: &mut [Block]) {
    // SAFETY: as above.
    unsafe { dispatch(Gate { row, activation, blocks }) };
}

/// Rotary position embedding (Su et al. 2021) of the heads that stand side by side in `row`: a pair is a value of the
/// rotated part's first half and its peer in the second. `cos` and `sin` have a value for each pair.
pub(super) fn rotate(row: &mut [f32], size: usize, cos: &[f32], sin: &[f32]) {
    let half = cos.len();
    for head in row.chunks_exact_mut(size) {
        let (low, high) = head[..2 * half].split_at_mut(half);
        for (((low, high), cos), sin) in low.iter_mut().zip(high).zip(cos).zip(sin) {
            (*low, *high) = (*low * cos - *high * sin, *high * cos + *low * sin);
        }
    }
}
