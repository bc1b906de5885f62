//! Four bits a weight: GGUF's Q4_0 (`d (q - 8)`) and Q4_1 (`d q + m`).

use super::super::wide::Wide;
use super::{Format, HALF_FLOATS, NIBBLES, Open, nibbles, put_half, put_nibbles};

pub(crate) struct Four;

impl Format for Four {
    const SPAN: usize = 1;
    const HEADER: usize = 0;
    const TILE: usize = NIBBLES + HALF_FLOATS;
    const HALVES: bool = false;
    const LARGE: bool = false;
    const RAW: usize = 18;

    fn pack(raw: &[u8], row: usize, unit: &mut [u8]) {
        put_half(raw, row, NIBBLES, unit);
        put_nibbles(&raw[2..], row, unit);
    }

    #[inline(always)]
    unsafe fn open<W: Wide>(_: *const u8, tile: *const u8) -> Open<W> {
        unsafe {
            let scale = W::load_half(tile.add(NIBBLES).cast());
            let offset = W::mul(scale, W::splat(-8.0));
            Open { bytes: nibbles::<W>(tile), scales: [scale; 2], offsets: [offset; 2] }
        }
    }
}

pub(crate) struct FourMinimum;

impl Format for FourMinimum {
    const SPAN: usize = 1;
    const HEADER: usize = 0;
    const TILE: usize = NIBBLES + 2 * HALF_FLOATS;
    const HALVES: bool = false;
    const LARGE: bool = false;
    const RAW: usize = 20;

    fn pack(raw: &[u8], row: usize, unit: &mut [u8]) {
        put_half(raw, row, NIBBLES, unit);
        put_half(&raw[2..], row, NIBBLES + HALF_FLOATS, unit);
        put_nibbles(&raw[4..], row, unit);
    }

    #[inline(always)]
    unsafe fn open<W: Wide>(_: *const u8, tile: *const u8) -> Open<W> {
        unsafe {
            let scale = W::load_half(tile.add(NIBBLES).cast());
            let offset = W::load_half(tile.add(NIBBLES + HALF_FLOATS).cast());
            Open { bytes: nibbles::<W>(tile), scales: [scale; 2], offsets: [offset; 2] }
        }
    }
}
