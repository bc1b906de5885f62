//! Activations as the products with weights take them: rounded to 8 bits, 32 sharing a scale.

#![allow(unsafe_code)] // Lanes are loaded through pointers.

use super::tiles::COLUMNS;
use super::wide::Wide;

/// Thirty-two activations, rounded: `scale * values`.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C)]
pub(super) struct Block {
    pub values: [i8; COLUMNS],
    pub scale: f32,
    /// Of all values, scaled, and of each half.
    pub sum: f32,
    pub halves: [f32; 2],
}

/// Rows of activations, both as they are and rounded: weights of a few bits meet the one, all others the other.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    pub plain: &'a [f32],
    /// Values from one row of `plain` to the next.
    pub stride: usize,
    pub rounded: &'a [Block],
}

impl Input<'_> {
    /// Whether there are `rows` rows of `columns` values.
    pub fn holds(&self, rows: usize, columns: usize) -> bool {
        let plain = rows.saturating_sub(1) * self.stride + columns;
        rows == 0 || self.plain.len() >= plain && self.rounded.len() >= rows * (columns / COLUMNS)
    }
}

/// Room for rows of blocks, grown as needed.
#[derive(Default)]
pub(super) struct Rounded {
    blocks: Vec<Block>,
}

impl Rounded {
    /// The blocks of `rows` rows of `columns` values, to be written.
    pub fn room(&mut self, rows: usize, columns: usize) -> &mut [Block] {
        let needed = rows * columns.div_ceil(COLUMNS);
        if self.blocks.len() < needed {
            self.blocks.resize(needed, Block::default());
        }
        &mut self.blocks[..needed]
    }
}

/// Rounds a row: the greatest of each 32 becomes 127.
#[inline(always)]
pub(super) unsafe fn round<W: Wide>(row: &[f32], blocks: &mut [Block]) {
    unsafe {
        let zero = W::splat(0.0);
        for (values, block) in row.chunks_exact(COLUMNS).zip(blocks) {
            let (a, b) = (W::load(values.as_ptr()), W::load(values.as_ptr().add(16)));
            let size = |values| W::max(values, W::sub(zero, values));
            let greatest = W::greatest(W::max(size(a), size(b)));
            let scale = greatest / 127.0;
            let by = W::splat(if greatest > 0.0 { 127.0 / greatest } else { 0.0 });
            let (a, b) = (W::round(W::mul(a, by)), W::round(W::mul(b, by)));
            W::store_signed(block.values.as_mut_ptr(), a);
            W::store_signed(block.values.as_mut_ptr().add(16), b);
            block.scale = scale;
            block.halves = [W::sum(a) * scale, W::sum(b) * scale];
            block.sum = block.halves[0] + block.halves[1];
        }
    }
}
