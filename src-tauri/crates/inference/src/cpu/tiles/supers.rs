//! GGUF's blocks of 256 weights, whose scales are themselves small numbers: Q4_K, Q5_K (`d s q - e m`) and Q6_K (`d s
//! (q - 32)`, a scale for each sixteen weights).

use super::super::wide::Wide;
use super::{Format, HALF_FLOATS, NIBBLES, Open, ROWS, fifth, nibbles, put_fifth, put_half, put_nibbles};

/// Tiles of a unit.
const SPAN: usize = 8;
/// Two rows of half floats.
const HEADER: usize = 2 * HALF_FLOATS;

pub(crate) struct SuperFour;

impl Format for SuperFour {
    const SPAN: usize = SPAN;
    const HEADER: usize = HEADER;
    /// Nibbles, scales, minima.
    const TILE: usize = NIBBLES + 2 * ROWS;
    const HALVES: bool = false;
    const LARGE: bool = false;
    const RAW: usize = 144;

    fn pack(raw: &[u8], row: usize, unit: &mut [u8]) {
        let (header, tiles) = unit.split_at_mut(HEADER);
        put_half(raw, row, 0, header);
        put_half(&raw[2..], row, HALF_FLOATS, header);
        for (place, tile) in tiles.chunks_exact_mut(Self::TILE).enumerate() {
            put_nibbles(&paired(&raw[16..], place), row, tile);
            (tile[NIBBLES + row], tile[NIBBLES + ROWS + row]) = scale_and_minimum(&raw[4..16], place);
        }
    }

    #[inline(always)]
    unsafe fn open<W: Wide>(unit: *const u8, tile: *const u8) -> Open<W> {
        unsafe {
            let (scale, offset) = scaled::<W>(unit, tile.add(NIBBLES));
            Open { bytes: nibbles::<W>(tile), scales: [scale; 2], offsets: [offset; 2] }
        }
    }
}

pub(crate) struct SuperFive;

impl SuperFive {
    const PLANE: usize = 64;
    const SCALES: usize = NIBBLES + Self::PLANE;
}

impl Format for SuperFive {
    const SPAN: usize = SPAN;
    const HEADER: usize = HEADER;
    /// Nibbles, fifth bits, scales, minima.
    const TILE: usize = Self::SCALES + 2 * ROWS;
    const HALVES: bool = false;
    const LARGE: bool = false;
    const RAW: usize = 176;

    fn pack(raw: &[u8], row: usize, unit: &mut [u8]) {
        let (header, tiles) = unit.split_at_mut(HEADER);
        put_half(raw, row, 0, header);
        put_half(&raw[2..], row, HALF_FLOATS, header);
        for (place, tile) in tiles.chunks_exact_mut(Self::TILE).enumerate() {
            put_nibbles(&paired(&raw[48..], place), row, tile);
            put_fifth(|weight| raw[16 + weight] >> place & 1, row, &mut tile[NIBBLES..]);
            (tile[Self::SCALES + row], tile[Self::SCALES + ROWS + row]) = scale_and_minimum(&raw[4..16], place);
        }
    }

    #[inline(always)]
    unsafe fn open<W: Wide>(unit: *const u8, tile: *const u8) -> Open<W> {
        unsafe {
            let (scale, offset) = scaled::<W>(unit, tile.add(Self::SCALES));
            let bytes = fifth::<W>(nibbles::<W>(tile), tile.add(NIBBLES));
            Open { bytes, scales: [scale; 2], offsets: [offset; 2] }
        }
    }
}

pub(crate) struct SuperSix;

impl SuperSix {
    const PLANES: usize = 128;
    const SCALES: usize = NIBBLES + Self::PLANES;
}

impl Format for SuperSix {
    const SPAN: usize = SPAN;
    /// One row of half floats, and room that keeps the tiles on lines of memory.
    const HEADER: usize = HEADER;
    /// Nibbles, two planes of two bits each, scales of both halves.
    const TILE: usize = Self::SCALES + 2 * ROWS;
    const HALVES: bool = true;
    const LARGE: bool = false;
    const RAW: usize = 210;

    fn pack(raw: &[u8], row: usize, unit: &mut [u8]) {
        let (header, tiles) = unit.split_at_mut(HEADER);
        put_half(&raw[208..], row, 0, header);
        for (place, tile) in tiles.chunks_exact_mut(Self::TILE).enumerate() {
            // 128 weights lie together: the nibbles of quarters 0 and 2 in the same bytes, those of 1 and 3 in the next,
            // and the upper bits of all four in one byte.
            let (group, quarter) = (place / 4, place % 4);
            let low = &raw[group * 64 + quarter % 2 * 32..][..32];
            let high = &raw[128 + group * 32..][..32];
            let nibble = |weight: usize| low[weight] >> (quarter / 2 * 4) & 15;
            let upper = |weight: usize| high[weight] >> (quarter * 2) & 3;
            let pairs: [u8; 16] = std::array::from_fn(|weight| nibble(weight) | nibble(weight + 16) << 4);
            put_nibbles(&pairs, row, tile);
            for plane in 0..2 {
                for column in 0..4 {
                    let bits = |register: usize| upper(plane * 16 + register * 4 + column) << (register * 2);
                    tile[NIBBLES + plane * 64 + row * 4 + column] = (0..4).map(bits).fold(0, |all, bits| all | bits);
                }
            }
            for half in 0..2 {
                tile[Self::SCALES + half * ROWS + row] = raw[192 + place * 2 + half];
            }
        }
    }

    #[inline(always)]
    unsafe fn open<W: Wide>(unit: *const u8, tile: *const u8) -> Open<W> {
        unsafe {
            let [a, b, c, d, e, f, g, h] = nibbles::<W>(tile);
            let low = W::load_bytes(tile.add(NIBBLES));
            let high = W::load_bytes(tile.add(NIBBLES + 64));
            let bytes = [
                W::or(a, W::and(W::left::<4>(low), 0x30)),
                W::or(b, W::and(W::left::<2>(low), 0x30)),
                W::or(c, W::and(low, 0x30)),
                W::or(d, W::and(W::right::<2>(low), 0x30)),
                W::or(e, W::and(W::left::<4>(high), 0x30)),
                W::or(f, W::and(W::left::<2>(high), 0x30)),
                W::or(g, W::and(high, 0x30)),
                W::or(h, W::and(W::right::<2>(high), 0x30)),
            ];
            let all = W::load_half(unit.cast());
            let scales = [0, ROWS].map(|at| W::mul(all, W::load_signed(tile.add(Self::SCALES + at).cast())));
            Open { bytes, scales, offsets: scales.map(|scale| W::mul(scale, W::splat(-32.0))) }
        }
    }
}

/// The weights of tile `place` in pairs: 64 weights lie together, the first 32 in the lower nibbles of 32 bytes.
fn paired(raw: &[u8], place: usize) -> [u8; 16] {
    let bytes = &raw[place / 2 * 32..][..32];
    let nibble = |weight: usize| bytes[weight] >> (place % 2 * 4) & 15;
    std::array::from_fn(|weight| nibble(weight) | nibble(weight + 16) << 4)
}

/// Six bits each, of which those of the last four are spread: the lower four in the last four bytes, the upper two above
/// the six of the first eight.
fn scale_and_minimum(raw: &[u8], place: usize) -> (u8, u8) {
    if place < 4 {
        (raw[place] & 63, raw[place + 4] & 63)
    } else {
        (raw[place + 4] & 15 | raw[place - 4] >> 6 << 4, raw[place + 4] >> 4 | raw[place] >> 6 << 4)
    }
}

#[inline(always)]
unsafe fn scaled<W: Wide>(unit: *const u8, scales: *const u8) -> (W::Reals, W::Reals) {
    unsafe {
        let scale = W::mul(W::load_half(unit.cast()), W::load_counts(scales));
        let minimum = W::mul(W::load_half(unit.add(HALF_FLOATS).cast()), W::load_counts(scales.add(ROWS)));
        (scale, W::sub(W::splat(0.0), minimum))
    }
}
