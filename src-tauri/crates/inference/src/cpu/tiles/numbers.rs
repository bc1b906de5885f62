//! Weights that are not rounded to a few bits: GGUF's F32, F16 and BF16. A tile has the sixteen rows' numbers of one column
//! side by side, and meets activations that are not rounded either.

use std::marker::PhantomData;

use super::super::wide::Wide;
use super::{Activations, COLUMNS, ROWS, Tile};

pub(crate) struct Numbers<N>(PhantomData<N>);

/// One kind of number.
pub(crate) trait Number {
    /// Bytes in the file, and here.
    const RAW: usize;
    const BYTES: usize = Self::RAW;

    fn put(raw: &[u8], to: &mut [u8]) {
        to.copy_from_slice(raw);
    }

    /// # Safety
    /// Sixteen numbers stand at `from`; the processor is `W`'s.
    unsafe fn load<W: Wide>(from: *const u8) -> W::Reals;
}

pub(crate) struct Single;

impl Number for Single {
    const RAW: usize = 4;

    #[inline(always)]
    unsafe fn load<W: Wide>(from: *const u8) -> W::Reals {
        unsafe { W::load(from.cast()) }
    }
}

pub(crate) struct Half;

impl Number for Half {
    const RAW: usize = 2;

    #[inline(always)]
    unsafe fn load<W: Wide>(from: *const u8) -> W::Reals {
        unsafe { W::load_half(from.cast()) }
    }
}

/// The upper half of an `f32`, kept whole: no lanes load it by itself.
pub(crate) struct Brain;

impl Number for Brain {
    const RAW: usize = 2;
    const BYTES: usize = 4;

    fn put(raw: &[u8], to: &mut [u8]) {
        to[..2].fill(0);
        to[2..].copy_from_slice(raw);
    }

    #[inline(always)]
    unsafe fn load<W: Wide>(from: *const u8) -> W::Reals {
        unsafe { W::load(from.cast()) }
    }
}

impl<N: Number> Tile for Numbers<N> {
    const SPAN: usize = 1;
    const HEADER: usize = 0;
    const TILE: usize = ROWS * COLUMNS * N::BYTES;
    const RAW: usize = COLUMNS * N::RAW;

    fn pack(raw: &[u8], row: usize, unit: &mut [u8]) {
        for (number, column) in raw.chunks_exact(N::RAW).zip(unit.chunks_exact_mut(ROWS * N::BYTES)) {
            N::put(number, &mut column[row * N::BYTES..][..N::BYTES]);
        }
    }

    #[inline(always)]
    unsafe fn meet<W: Wide, const M: usize>(
        _: *const u8,
        tile: *const u8,
        x: Activations,
        place: usize,
        sums: &mut [W::Reals; M],
    ) {
        unsafe {
            for column in 0..COLUMNS {
                let weights = N::load::<W>(tile.add(column * ROWS * N::BYTES));
                for (row, sum) in sums.iter_mut().enumerate() {
                    let value = *x.plain.add(row * x.stride + place * COLUMNS + column);
                    *sum = W::fused(weights, W::splat(value), *sum);
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn row<W: Wide>(_: *const u8, tile: *const u8, row: usize, to: &mut [f32]) {
        unsafe {
            for (column, value) in to.iter_mut().enumerate() {
                let mut lanes = [0.0_f32; ROWS];
                W::store(lanes.as_mut_ptr(), N::load::<W>(tile.add(column * ROWS * N::BYTES)));
                *value = lanes[row];
            }
        }
    }
}
