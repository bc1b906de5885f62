//! A matrix of weights, packed in tiles when it is loaded, and its products with rounded activations.
//!
//! The product of weights and activations is taken in whole numbers (activations rounded to 8 bits, 32 sharing a scale,
//! as llama.cpp's Q8 does) and scaled for each tile. A row of activations gives the same bits whatever other rows are
//! computed with it.

#![allow(unsafe_code)] // Tiles are read through pointers that `Weights::new` has made room for.

use std::sync::{Mutex, PoisonError};

use candle_core::quantized::GgmlDType;

use super::ground::{Ground, LINE, Stretch};
use super::pool::Pool;
use super::rounded::Block;
use super::tiles::{
    COLUMNS, Eight, Five, FiveMinimum, Format, Four, FourMinimum, Open, ROWS, SuperFive, SuperFour, SuperSix, row_of,
    unit,
};
use super::wide::{Kernel, Wide, dispatch};

/// Rows of activations that stay near the core while a chunk of weights passes by.
const NEAR: usize = 64;
/// How far ahead weights are asked for, in bytes: memory takes longer than the processor looks ahead by itself, and that
/// ends at each page.
const AHEAD: usize = 8 << 10;
/// Weights that are worth handing to another thread, in bytes.
const WORTH: usize = 24 << 10;
/// Bytes of the file that one thread packs at a time.
const READ: usize = 256 << 10;
/// Chunks for each thread: so many that one held up late costs little.
const CHUNKS: usize = 6;

/// The kinds of blocks that can be packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Four,
    FourMinimum,
    Five,
    FiveMinimum,
    Eight,
    SuperFour,
    SuperFive,
    SuperSix,
}

/// Does `$work` with `$format` standing for the format of `$kind`.
macro_rules! with_format {
    ($kind:expr, $format:ident => $work:expr) => {{
        match $kind {
            Kind::Four => with_format!(@ Four, $format, $work),
            Kind::FourMinimum => with_format!(@ FourMinimum, $format, $work),
            Kind::Five => with_format!(@ Five, $format, $work),
            Kind::FiveMinimum => with_format!(@ FiveMinimum, $format, $work),
            Kind::Eight => with_format!(@ Eight, $format, $work),
            Kind::SuperFour => with_format!(@ SuperFour, $format, $work),
            Kind::SuperFive => with_format!(@ SuperFive, $format, $work),
            Kind::SuperSix => with_format!(@ SuperSix, $format, $work),
        }
    }};
    (@ $type:ident, $format:ident, $work:expr) => {{
        type $format = $type;
        $work
    }};
}

/// A matrix; or several of the same width and kind below each other, which share a product.
pub(super) struct Weights {
    kind: Kind,
    /// A multiple of 16; rows past the last real one are zero.
    rows: usize,
    columns: usize,
    tiles: Stretch,
}

/// Reads rows: the first, how many, to where.
pub(super) type ReadRows<'a> = dyn Fn(usize, usize, &mut Vec<u8>) -> Result<(), String> + Sync + 'a;

/// One of the matrices that are packed below each other.
pub(super) struct Part<'a> {
    pub rows: usize,
    /// Reads the blocks of `rows` rows, from `first` on, in place of what `to` holds.
    pub read: &'a ReadRows<'a>,
    /// Where rows stand in the file, in groups of so many; `None` keeps their order.
    pub order: Option<(usize, &'a (dyn Fn(usize) -> usize + Sync))>,
}

impl Weights {
    /// Bytes that `rows` rows take when they are packed; nothing for kinds that cannot be.
    pub fn packed_bytes(kind: GgmlDType, rows: usize, columns: usize) -> usize {
        let Some(kind) = Kind::of(kind) else { return 0 };
        let (unit_bytes, span) = with_format!(kind, F => (unit::<F>(), F::SPAN));
        rows.div_ceil(ROWS) * (columns / (COLUMNS * span) * unit_bytes).next_multiple_of(LINE)
    }

    /// Reads and packs `parts`. `columns` must be a multiple of the kind's block.
    pub fn new(
        kind: GgmlDType,
        columns: usize,
        parts: &[Part],
        ground: &mut Ground,
        pool: &mut Pool,
    ) -> Result<Self, String> {
        let kind = Kind::of(kind).ok_or_else(|| format!("weights of the kind {kind:?} cannot be packed"))?;
        let real: usize = parts.iter().map(|part| part.rows).sum();
        let rows = real.next_multiple_of(ROWS);
        let (unit_bytes, span, raw) = with_format!(kind, F => (unit::<F>(), F::SPAN, F::RAW));
        if !columns.is_multiple_of(COLUMNS * span) {
            return Err(format!("{columns} columns are not whole blocks of {}", COLUMNS * span));
        }
        let units = columns / (COLUMNS * span);
        let strip = units * unit_bytes;
        let tiles = ground.stretch(rows / ROWS * strip)?;
        let to = tiles.pointer() as usize;
        let problem = Mutex::new(None);
        let mut before = 0;
        for part in parts {
            if before % ROWS != 0 {
                return Err(format!("a matrix of {before} rows cannot stand above another"));
            }
            let group = part.order.map_or(ROWS, |(group, _)| group.next_multiple_of(ROWS));
            let step = (READ / (units * raw * group)).max(1) * group;
            pool.run(part.rows.div_ceil(step), &|chunk| {
                let first = chunk * step;
                let count = step.min(part.rows - first);
                let mut read = Vec::new();
                if let Err(error) = (part.read)(first, count, &mut read) {
                    *problem.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    return;
                }
                for row in 0..count {
                    let to_row = before + first + row;
                    let from_row = part.order.map_or(row, |(group, order)| row / group * group + order(row % group));
                    // SAFETY: each row is packed once, a strip by one thread alone since chunks are of whole strips, and
                    // `tiles` has room for all.
                    let strip =
                        unsafe { std::slice::from_raw_parts_mut((to + to_row / ROWS * strip) as *mut u8, strip) };
                    let raw_row = &read[from_row * units * raw..][..units * raw];
                    with_format!(kind, F => {
                        for (raw, unit) in raw_row.chunks_exact(F::RAW).zip(strip.chunks_exact_mut(unit_bytes)) {
                            F::pack(raw, to_row % ROWS, unit);
                        }
                    });
                }
            });
            before += part.rows;
        }
        match problem.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(problem) => Err(problem),
            None => Ok(Self { kind, rows, columns, tiles }),
        }
    }

    /// Rows, a multiple of 16.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes that one pass over the matrix reads.
    pub fn bytes(&self) -> usize {
        self.tiles.length()
    }

    /// Writes row `row` to `to`, as long as there are columns.
    pub fn row(&self, row: usize, to: &mut [f32]) {
        struct Row<'a>(&'a Weights, usize, &'a mut [f32]);
        impl Kernel for Row<'_> {
            type Output = ();

            #[inline(always)]
            unsafe fn run<W: Wide>(self) {
                let Self(weights, row, to) = self;
                with_format!(weights.kind, F => {
                    let units = weights.columns / (COLUMNS * F::SPAN);
                    // SAFETY: `row` is one of the matrix's, as `row` has seen to.
                    unsafe {
                        let strip = weights.tiles.pointer().add(row / ROWS * units * unit::<F>());
                        for (place, to) in to.chunks_exact_mut(COLUMNS).enumerate() {
                            let unit = strip.add(place / F::SPAN * unit::<F>());
                            let tile = unit.add(F::HEADER + (place - place / F::SPAN * F::SPAN) * F::TILE);
                            row_of::<F, W>(unit, tile, row % ROWS, to);
                        }
                    }
                });
            }
        }
        if row < self.rows {
            // SAFETY: the row is there.
            unsafe { dispatch(Row(self, row, to)) };
        }
    }

    /// `x W^T`, or that added to what is there. `x` has a row of blocks for each row of `out`, whose values stand from
    /// `column` on in rows of `stride` values.
    fn product(&self, x: &[Block], out: &mut [f32], (stride, column): (usize, usize), add: bool, pool: &mut Pool) {
        let count = out.len() / stride;
        assert!(column + self.rows <= stride, "a row of the product fits");
        assert!(x.len() >= count * (self.columns / COLUMNS), "a row of blocks for each row of the product");
        let strips = self.rows / ROWS;
        let most = (pool.threads() * CHUNKS).min(strips);
        let worth = self.bytes() * count.div_ceil(8) / WORTH;
        let chunks = most.min(worth.max(1));
        let out = out[column..].as_mut_ptr() as usize;
        pool.run(chunks, &|chunk| {
            let strips = (strips * chunk / chunks, strips * (chunk + 1) / chunks);
            // SAFETY: the sizes were checked above, and no two chunks write the same columns.
            unsafe { dispatch(Product { weights: self, x, count, strips, out: out as *mut f32, stride, add }) };
        });
    }
}

/// Matrices of one width below each other, whose products stand side by side.
pub(super) struct Stack {
    parts: Vec<Weights>,
    rows: usize,
}

impl Stack {
    pub fn new(parts: Vec<Weights>) -> Self {
        Self { rows: parts.iter().map(Weights::rows).sum(), parts }
    }

    /// Values of a row of the product.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// `x W^T`, or that added to what `out` holds. `x` has as many rows of blocks as `out` has rows of [`Stack::rows`]
    /// values.
    pub fn product(&self, x: &[Block], out: &mut [f32], add: bool, pool: &mut Pool) {
        let mut column = 0;
        for part in &self.parts {
            part.product(x, out, (self.rows, column), add, pool);
            column += part.rows;
        }
    }

    /// Row `row` of the first matrix.
    pub fn row(&self, row: usize, to: &mut [f32]) {
        if let Some(first) = self.parts.first() {
            first.row(row, to);
        }
    }
}

impl Kind {
    fn of(kind: GgmlDType) -> Option<Self> {
        Some(match kind {
            GgmlDType::Q4_0 => Self::Four,
            GgmlDType::Q4_1 => Self::FourMinimum,
            GgmlDType::Q5_0 => Self::Five,
            GgmlDType::Q5_1 => Self::FiveMinimum,
            GgmlDType::Q8_0 => Self::Eight,
            GgmlDType::Q4K => Self::SuperFour,
            GgmlDType::Q5K => Self::SuperFive,
            GgmlDType::Q6K => Self::SuperSix,
            _ => return None,
        })
    }
}

/// The product with some strips of the weights.
struct Product<'a> {
    weights: &'a Weights,
    x: &'a [Block],
    count: usize,
    /// The first, and the one after the last.
    strips: (usize, usize),
    out: *mut f32,
    stride: usize,
    add: bool,
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
    unsafe fn of<F: Format, W: Wide>(&self) {
        unsafe {
            let blocks = self.weights.columns / COLUMNS;
            let strip_bytes = blocks / F::SPAN * unit::<F>();
            for near in (0..self.count).step_by(NEAR) {
                let end = self.count.min(near + NEAR);
                for strip in self.strips.0..self.strips.1 {
                    let tiles = self.weights.tiles.pointer().add(strip * strip_bytes);
                    let mut row = near;
                    while row < end {
                        let x = self.x.as_ptr().add(row * blocks);
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
    unsafe fn tile<F: Format, W: Wide, const M: usize>(&self, strip: Strip, x: *const Block, out: *mut f32) {
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
                    let open: Open<W> = F::open::<W>(unit, tile);
                    for (row, sum) in sums.iter_mut().enumerate() {
                        let x = &*x.add(row * blocks + place);
                        *sum = meet::<F, W>(&open, x, *sum);
                    }
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
