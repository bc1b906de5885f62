//! One tile of a matrix product: what it reads and writes, and how any family's vectors compute it.
#![allow(unsafe_code, reason = "numbers are reached through pointers whose bounds are checked once for a tile")]

use super::WIDTH;
use super::vector::Vector;

/// `sums[r][c] = start[c] + sum over k of left[r][k] right[k][c]`, for one panel of columns c.
///
/// `left` begins at the tile's first row in its matrix's first panel, and the same row in the next panel lies `stride` numbers
/// further. `right` has `depth` rows of one panel. `sums` has as many rows as the tile.
#[derive(Debug)]
pub(in crate::bert) struct Tile<'a> {
    pub left: &'a [f32],
    pub stride: usize,
    pub right: &'a [f32],
    pub depth: usize,
    pub start: &'a [f32; WIDTH],
    pub sums: &'a mut [f32],
}

impl Tile<'_> {
    pub fn rows(&self) -> usize {
        self.sums.len() / WIDTH
    }

    /// Whether every number that the tile names lies in its slices.
    fn is_whole(&self) -> bool {
        let (rows, depth) = (self.rows(), self.depth);
        let reach = |k: usize| k / WIDTH * self.stride + (rows - 1) * WIDTH + k % WIDTH;
        rows > 0
            && self.sums.len().is_multiple_of(WIDTH)
            && depth > 0
            && self.right.len() >= depth * WIDTH
            // The last number of the last panel, and of the last full one.
            && self.left.len() > reach(depth - 1).max(reach((depth / WIDTH * WIDTH).saturating_sub(1)))
    }
}

/// Computes `tile`, which has `ROWS` rows, in as many passes over the columns as vectors of `VECTORS` side by side need: as many
/// as leave the sums of a pass in the family's registers.
///
/// # Safety
/// As for [`Vector`].
#[inline(always)]
pub(super) unsafe fn rows<V: Vector, const VECTORS: usize, const ROWS: usize>(tile: Tile<'_>) {
    assert!(tile.is_whole() && tile.rows() == ROWS, "a tile reaches beyond its matrices");
    let Tile { left, stride, right, depth, start, sums } = tile;
    for first in (0..WIDTH).step_by(V::LANES * VECTORS) {
        // SAFETY: `is_whole` bounds each of these places: row below `ROWS`, k below `depth`, column below `WIDTH`.
        unsafe {
            let mut kept = [[V::splat(0.0); VECTORS]; ROWS];
            for row in &mut kept {
                for (v, kept) in row.iter_mut().enumerate() {
                    *kept = V::load(start.as_ptr().add(first + v * V::LANES));
                }
            }
            let (mut left, mut right) = (left.as_ptr(), right.as_ptr().add(first));
            let mut to_do = depth;
            while to_do > 0 {
                let steps = to_do.min(WIDTH);
                for k in 0..steps {
                    let mut columns = [V::splat(0.0); VECTORS];
                    for (v, column) in columns.iter_mut().enumerate() {
                        *column = V::load(right.add(v * V::LANES));
                    }
                    for (row, kept) in kept.iter_mut().enumerate() {
                        let number = V::splat(*left.add(row * WIDTH + k));
                        for (kept, column) in kept.iter_mut().zip(columns) {
                            *kept = number.times_plus(column, *kept);
                        }
                    }
                    right = right.add(WIDTH);
                }
                left = left.wrapping_add(stride);
                to_do -= steps;
            }
            for (row, kept) in kept.iter().enumerate() {
                for (v, kept) in kept.iter().enumerate() {
                    kept.store(sums.as_mut_ptr().add(row * WIDTH + first + v * V::LANES));
                }
            }
        }
    }
}
