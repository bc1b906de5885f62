//! A matrix of weights, packed in tiles when it is loaded, and its products with rounded activations.
//!
//! The product of weights and activations is taken in whole numbers (activations rounded to 8 bits, 32 sharing a scale,
//! as llama.cpp's Q8 does) and scaled for each tile; weights that are not rounded meet activations that are not either. A
//! row of activations gives the same bits whatever other rows are computed with it.

#![allow(unsafe_code)] // Tiles are read through pointers that `Weights::new` has made room for.

use std::sync::{Mutex, PoisonError};

use candle_core::quantized::GgmlDType;

use super::ground::{Ground, LINE, Stretch};
use super::pool::Pool;
use super::rounded::Input;
use super::tiles::{
    Activations, Brain, COLUMNS, Eight, Five, FiveMinimum, Four, FourMinimum, Half, Numbers, ROWS, Single, SuperFive,
    SuperFour, SuperSix, Tile, unit,
};
use super::wide::{Kernel, Wide, dispatch};
use product::Product;

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
    Single,
    Half,
    Brain,
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
            Kind::Single => with_format!(@ Numbers<Single>, $format, $work),
            Kind::Half => with_format!(@ Numbers<Half>, $format, $work),
            Kind::Brain => with_format!(@ Numbers<Brain>, $format, $work),
        }
    }};
    (@ $type:ty, $format:ident, $work:expr) => {{
        type $format = $type;
        $work
    }};
}

mod product;

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
                            F::row::<W>(unit, tile, row % ROWS, to);
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

    /// `x W^T`, or that added to what is there. `x` has a row for each row of `out`, whose values stand from `column` on in
    /// rows of `stride` values.
    pub fn product(&self, x: Input, out: &mut [f32], (stride, column): (usize, usize), add: bool, pool: &mut Pool) {
        let count = out.len() / stride;
        assert!(column + self.rows <= stride, "a row of the product fits");
        assert!(x.holds(count, self.columns), "a row of activations for each row of the product");
        let across = self.columns / COLUMNS;
        let x = Activations { blocks: x.rounded.as_ptr(), across, plain: x.plain.as_ptr(), stride: x.stride };
        let x = Shared(x);
        let strips = self.rows / ROWS;
        let most = (pool.threads() * CHUNKS).min(strips);
        let worth = self.bytes() * count.div_ceil(8) / WORTH;
        let chunks = most.min(worth.max(1));
        let out = out[column..].as_mut_ptr() as usize;
        pool.run(chunks, &|chunk| {
            let strips = (strips * chunk / chunks, strips * (chunk + 1) / chunks);
            let x = x.get();
            // SAFETY: the sizes were checked above, and no two chunks write the same columns.
            unsafe { dispatch(Product { weights: self, x, count, strips, out: out as *mut f32, stride, add }) };
        });
    }
}

/// Activations that several threads read.
struct Shared(Activations);

// SAFETY: nobody writes them while a product is taken.
unsafe impl Sync for Shared {}

impl Shared {
    fn get(&self) -> Activations {
        self.0
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
            GgmlDType::F32 => Self::Single,
            GgmlDType::F16 => Self::Half,
            GgmlDType::BF16 => Self::Brain,
            _ => return None,
        })
    }
}
