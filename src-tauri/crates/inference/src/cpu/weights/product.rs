//! The kernel of products: strips of weights pass by, and meet some rows of activations while they lie in registers.

use super::*;

/// Rows of activations that stay near the core while a chunk of weights passes by.
const NEAR: usize = 64;
/// How far ahead weights are asked for, in bytes: memory takes longer than the processor looks ahead by itself, and that
/// ends at each page.
const AHEAD: usize = 8 << 10;

/// The product with some strips of the weights.
pub(super) struct Product<'a> {
    pub weights: &'a Weights,
    pub x: Activations,
    pub count: usize,
    /// The first, and the one after the last.
    pub strips: (usize, usize),
    pub out: *mut f32,
    pub stride: usize,
    pub add: bool,
}

impl Kernel for Product<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<W: Wide>(self) {
        unsafe { with_format!(self.weights.kind, F => self.of::<F, W>()) }
    }
}

impl Product<'_> {
    #[inline(always)]
    unsafe fn of<F: Tile, W: Wide>(&self) {
        unsafe {
            let blocks = self.weights.columns / COLUMNS;
            let strip_bytes = blocks / F::SPAN * unit::<F>();
            for near in (0..self.count).step_by(NEAR) {
                let end = self.count.min(near + NEAR);
                for strip in self.strips.0..self.strips.1 {
                    let tiles = self.weights.tiles.pointer().add(strip * strip_bytes);
                    let mut row = near;
                    while row < end {
                        let x = Activations {
                            blocks: self.x.blocks.add(row * blocks),
                            plain: self.x.plain.add(row * self.x.stride),
                            ..self.x
                        };
                        let out = self.out.add(row * self.stride + strip * ROWS);
                        let left = (end - row).min(W::ROWS);
                        let tiles = Strip { tiles, new: row == near };
                        match left {
                            8 => self.tile::<F, W, 8>(tiles, x, out),
                            7 => self.tile::<F, W, 7>(tiles, x, out),
                            6 => self.tile::<F, W, 6>(tiles, x, out),
                            5 => self.tile::<F, W, 5>(tiles, x, out),
                            4 => self.tile::<F, W, 4>(tiles, x, out),
                            3 => self.tile::<F, W, 3>(tiles, x, out),
                            2 => self.tile::<F, W, 2>(tiles, x, out),
                            _ => self.tile::<F, W, 1>(tiles, x, out),
                        }
                        row += left;
                    }
                }
            }
        }
    }

    /// One strip with `M` rows of activations.
    #[inline(always)]
    unsafe fn tile<F: Tile, W: Wide, const M: usize>(&self, strip: Strip, x: Activations, out: *mut f32) {
        unsafe {
            let Strip { tiles, new } = strip;
            let blocks = self.weights.columns / COLUMNS;
            let mut sums = [W::splat(0.0); M];
            for (row, sum) in sums.iter_mut().enumerate() {
                if self.add {
                    *sum = W::load(out.add(row * self.stride));
                }
            }
            let mut place = 0;
            for unit_place in 0..blocks / F::SPAN {
                let unit = tiles.add(unit_place * unit::<F>());
                for tile in 0..F::SPAN {
                    let tile = unit.add(F::HEADER + tile * F::TILE);
                    if new {
                        for line in (0..F::TILE).step_by(64) {
                            W::fetch(tile.wrapping_add(AHEAD + line));
                        }
                    }
                    F::meet::<W, M>(unit, tile, x, place, &mut sums);
                    place += 1;
                }
            }
            for (row, sum) in sums.into_iter().enumerate() {
                W::store(out.add(row * self.stride), sum);
            }
        }
    }
}

/// Sixteen rows of weights, and whether they come from memory for the first time.
#[derive(Clone, Copy)]
struct Strip {
    tiles: *const u8,
    new: bool,
}
