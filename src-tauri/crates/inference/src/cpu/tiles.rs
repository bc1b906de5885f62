//! How the weights of large matrices lie in memory: tiles of 16 rows by 32 columns, in the order in which the kernels
//! read them. One format for each kind of block that GGUF files hold; the numbers are the file's, bit for bit.
//!
//! In a tile, byte `4 r + j` of register `g` is the weight of row `r` and column `4 g + j`. A weight is `scale * byte +
//! offset`, with a scale and an offset for each row (and each half of the columns, where [`Format::HALVES`]).

#![allow(unsafe_code)] // Reads through pointers, whose bounds `weights.rs` keeps.

mod bytes;
mod fives;
mod fours;
mod numbers;
mod supers;

pub(super) use bytes::Eight;
pub(super) use fives::{Five, FiveMinimum};
pub(super) use fours::{Four, FourMinimum};
pub(super) use numbers::{Brain, Half, Numbers, Single};
pub(super) use supers::{SuperFive, SuperFour, SuperSix};

use super::rounded::Block;
use super::wide::Wide;

/// Rows of a tile.
pub(super) const ROWS: usize = 16;
/// Columns of a tile, and weights of a block in the file.
pub(super) const COLUMNS: usize = 32;
/// Bytes of the lower four bits of a tile.
const NIBBLES: usize = ROWS * COLUMNS / 2;
/// Bytes of sixteen half floats.
const HALF_FLOATS: usize = 2 * ROWS;

/// One kind of tile, as products and look-ups take it.
pub(super) trait Tile {
    /// As [`Format`]'s.
    const SPAN: usize;
    const HEADER: usize;
    const TILE: usize;
    const RAW: usize;

    fn pack(raw: &[u8], row: usize, unit: &mut [u8]);

    /// Adds the tile's products with the columns of `M` rows of activations that stand at tile `place` of their row.
    ///
    /// # Safety
    /// As [`Format::open`]'s, and `x` has `M` rows that are long enough.
    unsafe fn meet<W: Wide, const M: usize>(
        unit: *const u8,
        tile: *const u8,
        x: Activations,
        place: usize,
        sums: &mut [W::Reals; M],
    );

    /// A row's weights, for who looks up single rows.
    ///
    /// # Safety
    /// As [`Format::open`]'s.
    unsafe fn row<W: Wide>(unit: *const u8, tile: *const u8, row: usize, to: &mut [f32]);
}

/// Rows of activations, both as they are and rounded.
#[derive(Clone, Copy)]
pub(super) struct Activations {
    pub blocks: *const Block,
    /// Blocks of a row.
    pub across: usize,
    pub plain: *const f32,
    /// Values from one row to the next.
    pub stride: usize,
}

/// One kind of tile of weights of a few bits.
pub(super) trait Format {
    /// Tiles side by side that share a header: a unit.
    const SPAN: usize;
    /// Bytes before the tiles of a unit.
    const HEADER: usize;
    /// Bytes of a tile.
    const TILE: usize;
    /// Whether the first and the last sixteen columns have scales of their own.
    const HALVES: bool;
    /// Whether bytes may be above 127.
    const LARGE: bool;
    /// Bytes of one row's unit in the file.
    const RAW: usize;

    /// Writes one row of a unit. `raw` is as long as [`Format::RAW`], `unit` as a unit.
    fn pack(raw: &[u8], row: usize, unit: &mut [u8]);

    /// # Safety
    /// `unit` and its tile `tile` are whole; the processor is `W`'s.
    unsafe fn open<W: Wide>(unit: *const u8, tile: *const u8) -> Open<W>;
}

/// A tile in registers.
pub(super) struct Open<W: Wide> {
    pub bytes: [W::Bytes; 8],
    /// Of both halves; the first stands for all where there are none.
    pub scales: [W::Reals; 2],
    pub offsets: [W::Reals; 2],
}

/// Bytes of a unit.
pub(super) const fn unit<F: Tile>() -> usize {
    F::HEADER + F::SPAN * F::TILE
}

/// The nibbles at `tile`: the lower ones are the first four registers.
#[inline(always)]
unsafe fn nibbles<W: Wide>(tile: *const u8) -> [W::Bytes; 8] {
    unsafe {
        let pairs = [0, 64, 128, 192].map(|at| W::load_bytes(tile.add(at)));
        let [a, b, c, d] = pairs;
        [
            W::and(a, 15),
            W::and(b, 15),
            W::and(c, 15),
            W::and(d, 15),
            W::and(W::right::<4>(a), 15),
            W::and(W::right::<4>(b), 15),
            W::and(W::right::<4>(c), 15),
            W::and(W::right::<4>(d), 15),
        ]
    }
}

/// Adds a fifth bit from a plane of 64 bytes, whose bit `g` belongs to register `g`.
#[inline(always)]
unsafe fn fifth<W: Wide>(nibbles: [W::Bytes; 8], plane: *const u8) -> [W::Bytes; 8] {
    unsafe {
        let plane = W::load_bytes(plane);
        let [a, b, c, d, e, f, g, h] = nibbles;
        [
            W::or(a, W::and(W::left::<4>(plane), 16)),
            W::or(b, W::and(W::left::<3>(plane), 16)),
            W::or(c, W::and(W::left::<2>(plane), 16)),
            W::or(d, W::and(W::left::<1>(plane), 16)),
            W::or(e, W::and(plane, 16)),
            W::or(f, W::and(W::right::<1>(plane), 16)),
            W::or(g, W::and(W::right::<2>(plane), 16)),
            W::or(h, W::and(W::right::<3>(plane), 16)),
        ]
    }
}

/// Nibbles of one row's tile: sixteen bytes, of which byte `i` holds the weights `i` and `i + 16`.
fn put_nibbles(nibbles: &[u8], row: usize, tile: &mut [u8]) {
    for (four, place) in nibbles.chunks_exact(4).zip((row * 4..).step_by(64)) {
        tile[place..place + 4].copy_from_slice(four);
    }
}

/// The fifth bits of one row's tile, `bit(i)` for weight `i`.
fn put_fifth(bit: impl Fn(usize) -> u8, row: usize, plane: &mut [u8]) {
    for place in 0..4 {
        plane[row * 4 + place] = (0..8).fold(0, |bits, register| bits | bit(register * 4 + place) << register);
    }
}

/// A half float of one row among the sixteen at `at`.
fn put_half(raw: &[u8], row: usize, at: usize, unit: &mut [u8]) {
    unit[at + 2 * row..at + 2 * row + 2].copy_from_slice(&raw[..2]);
}

impl<F: Format> Tile for F {
    const SPAN: usize = F::SPAN;
    const HEADER: usize = F::HEADER;
    const TILE: usize = F::TILE;
    const RAW: usize = F::RAW;

    fn pack(raw: &[u8], row: usize, unit: &mut [u8]) {
        F::pack(raw, row, unit);
    }

    #[inline(always)]
    unsafe fn meet<W: Wide, const M: usize>(
        unit: *const u8,
        tile: *const u8,
        x: Activations,
        place: usize,
        sums: &mut [W::Reals; M],
    ) {
        unsafe {
            let open: Open<W> = F::open::<W>(unit, tile);
            for (row, sum) in sums.iter_mut().enumerate() {
                *sum = meet::<F, W>(&open, &*x.blocks.add(row * x.across + place), *sum);
            }
        }
    }

    #[inline(always)]
    unsafe fn row<W: Wide>(unit: *const u8, tile: *const u8, row: usize, to: &mut [f32]) {
        unsafe {
            let open = F::open::<W>(unit, tile);
            let halves = |values: [W::Reals; 2]| {
                values.map(|values| {
                    let mut lanes = [0.0_f32; 16];
                    W::store(lanes.as_mut_ptr(), values);
                    lanes[row]
                })
            };
            let (scales, offsets) = (halves(open.scales), halves(open.offsets));
            for (register, four) in to.chunks_exact_mut(4).enumerate() {
                let half = if F::HALVES { register / 4 } else { 0 };
                // One column at a time, through a product with 1: the lanes' bytes cannot be looked at.
                for (column, value) in four.iter_mut().enumerate() {
                    let mut one = [0_i8; 4];
                    one[column] = 1;
                    let mut lanes = [0.0_f32; 16];
                    W::store(lanes.as_mut_ptr(), W::reals(W::dot_any(W::zero(), open.bytes[register], one.as_ptr())));
                    *value = lanes[row] * scales[half] + offsets[half];
                }
            }
        }
    }
}

/// Adds one tile's product with one block.
#[inline(always)]
unsafe fn meet<F: Format, W: Wide>(open: &Open<W>, x: &Block, sum: W::Reals) -> W::Reals {
    unsafe {
        let with = x.values.as_ptr();
        let (mut low, mut high) = (W::zero(), W::zero());
        for register in 0..4 {
            let (a, b) = (with.add(4 * register), with.add(4 * register + 16));
            if F::LARGE {
                low = W::dot_any(low, open.bytes[register], a);
                high = W::dot_any(high, open.bytes[register + 4], b);
            } else {
                low = W::dot(low, open.bytes[register], a);
                high = W::dot(high, open.bytes[register + 4], b);
            }
        }
        let scale = W::splat(x.scale);
        if F::HALVES {
            let sum = W::fused(W::reals(low), W::mul(open.scales[0], scale), sum);
            let sum = W::fused(W::reals(high), W::mul(open.scales[1], scale), sum);
            let sum = W::fused(open.offsets[0], W::splat(x.halves[0]), sum);
            W::fused(open.offsets[1], W::splat(x.halves[1]), sum)
        } else {
            let sum = W::fused(W::reals(W::add_sums(low, high)), W::mul(open.scales[0], scale), sum);
            W::fused(open.offsets[0], W::splat(x.sum), sum)
        }
    }
}
