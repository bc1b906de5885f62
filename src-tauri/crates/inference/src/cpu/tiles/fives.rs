//! Five bits a weight: GGUF's Q5_0 (`d (q - 16)`) and Q5_1 (`d q + m`).

use super::super::wide::Wide;
use super::{Format, HALF_FLOATS, NIBBLES, Open, fifth, nibbles, put_fifth, put_half, put_nibbles};

/// Bytes of a tile's fifth bits.
const PLANE: usize = 64;
const BITS: usize = NIBBLES + PLANE;

pub(crate) struct Five;

impl Format for Five {
    const SPAN: usize = 1;
    const HEADER: usize = 0;
    const TILE: usize = BITS + HALF_FLOATS;
    const HALVES: bool = false;
    const LARGE: bool = false;
    const RAW: usize = 22;

    fn pack(raw: &[u8], row: usize, unit: &mut [u8]) {
        put_half(raw, row, BITS, unit);
        bits(&raw[2..], row, unit);
    }

    #[inline(always)]
    unsafe fn open<W: Wide>(_: *const u8, tile: *const u8) -> Open<W> {
        unsafe {
            let scale = W::load_half(tile.add(BITS).cast());
            let offset = W::mul(scale, W::splat(-16.0));
            let bytes = fifth::<W>(nibbles::<W>(tile), tile.add(NIBBLES));
            Open { bytes, scales: [scale; 2], offsets: [offset; 2] }
        }
    }
}

pub(crate) struct FiveMinimum;

impl Format for FiveMinimum {
    const SPAN: usize = 1;
    const HEADER: usize = 0;
    const TILE: usize = BITS + 2 * HALF_FLOATS;
    const HALVES: bool = false;
    const LARGE: bool = false;
    const RAW: usize = 24;

    fn pack(raw: &[u8], row: usize, unit: &mut [u8]) {
        put_half(raw, row, BITS, unit);
        put_half(&raw[2..], row, BITS + HALF_FLOATS, unit);
        bits(&raw[4..], row, unit);
    }

    #[inline(always)]
    unsafe fn open<W: Wide>(_: *const u8, tile: *const u8) -> Open<W> {
        unsafe {
            let scale = W::load_half(tile.add(BITS).cast());
            let offset = W::load_half(tile.add(BITS + HALF_FLOATS).cast());
            let bytes = fifth::<W>(nibbles::<W>(tile), tile.add(NIBBLES));
            Open { bytes, scales: [scale; 2], offsets: [offset; 2] }
        }
    }
}

/// Four bytes of fifth bits, then the nibbles.
fn bits(raw: &[u8], row: usize, tile: &mut [u8]) {
    let fifth = u32::from_le_bytes([raw[0], raw[1], raw[2], raw[3]]);
    put_fifth(|weight| (fifth >> weight & 1) as u8, row, &mut tile[NIBBLES..]);
    put_nibbles(&raw[4..], row, tile);
}
