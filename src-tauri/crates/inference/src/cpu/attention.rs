//! Attention of queries to the keys and values of the cache, a block of keys at a time, with the softmax kept up as it
//! goes (Milakov and Gimelshein 2018; Dao et al. 2022). Heads that share keys are computed together (Ainslie et al.
//! 2023).
//!
//! A query's result has the same bits whatever other queries are computed with it: blocks are cut at fixed positions.

#![allow(unsafe_code)] // Rows of queries are read and written through pointers that `attend` has checked.

use super::cache::{Cache, PAGE};
use super::pool::Pool;
use super::wide::{Kernel, Wide, dispatch, exp};

/// Pages of a block.
const PAGES: usize = 8;
/// Positions of a block.
const BLOCK: usize = PAGES * PAGE;
/// Queries that meet a block of keys while it lies near.
const ROWS: usize = 8;
/// Values of a head at most.
pub(super) const WIDEST: usize = 256;
/// Products below which it is not worth waking other threads.
const WORTH: usize = 1 << 16;

/// What attention is the same for in all layers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub heads: usize,
    pub groups: usize,
    pub size: usize,
    /// What scores are multiplied by.
    pub scale: f32,
}

/// Queries of one text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Queries<'a> {
    /// Where in the rows of the pass they begin, and how many there are.
    pub first: usize,
    pub count: usize,
    /// Position of the first.
    pub at: usize,
    pub pages: &'a [u32],
}

/// A layer's attention for the rows of a pass.
pub(super) struct Attention<'a> {
    pub shape: Shape,
    pub cache: &'a Cache,
    pub layer: usize,
    /// Positions that a query sees, itself included; `None` sees all before it.
    pub window: Option<usize>,
}

impl Attention<'_> {
    /// Rows of `queries` are `stride` long and begin with the queries, a head after the other; rows of `out` have the
    /// mixed values of each head.
    pub fn attend(&self, texts: &[Queries], queries: &[f32], stride: usize, out: &mut [f32], pool: &mut Pool) {
        let Shape { heads, groups, size, .. } = self.shape;
        let per_group = heads / groups;
        let tiles = |text: &Queries| (text.count * per_group).div_ceil(ROWS);
        let rows = texts.iter().map(|text| text.first + text.count).max().unwrap_or(0);
        assert!(queries.len() >= rows * stride && out.len() >= rows * heads * size && size <= WIDEST && size % 16 == 0);
        let work = |text: &Queries| text.count * heads * (text.at + text.count) * size;
        let total: usize = texts.iter().map(|text| tiles(text) * groups).sum();
        let out = out.as_mut_ptr() as usize;
        let tile = |index: usize| {
            let mut left = index;
            for text in texts {
                let here = tiles(text) * groups;
                if left < here {
                    // Of the later queries, which see most, first: what is left over for the end is short.
                    let (group, tile) = (left % groups, tiles(text) - 1 - left / groups);
                    let rows = (tile * ROWS, (text.count * per_group).min((tile + 1) * ROWS));
                    let out = out as *mut f32;
                    // SAFETY: the sizes were checked above, and no two tiles write the same heads of the same rows.
                    unsafe { dispatch(Tile { all: self, text, group, rows, queries, stride, out }) };
                    return;
                }
                left -= here;
            }
        };
        if texts.iter().map(work).sum::<usize>() < WORTH {
            (0..total).for_each(tile);
        } else {
            pool.run(total, &tile);
        }
    }
}

/// Up to [`ROWS`] queries of one group: row `r` is of position `r / heads` and of the group's head `r % heads`.
struct Tile<'a> {
    all: &'a Attention<'a>,
    text: &'a Queries<'a>,
    group: usize,
    rows: (usize, usize),
    queries: &'a [f32],
    stride: usize,
    out: *mut f32,
}

impl Kernel for Tile<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<W: Wide>(self) {
        let mut row = self.rows.0;
        while row < self.rows.1 {
            let count = (self.rows.1 - row).min(W::ROWS);
            unsafe {
                match count {
                    8 => self.some::<W, 8>(row),
                    7 => self.some::<W, 7>(row),
                    6 => self.some::<W, 6>(row),
                    5 => self.some::<W, 5>(row),
                    4 => self.some::<W, 4>(row),
                    3 => self.some::<W, 3>(row),
                    2 => self.some::<W, 2>(row),
                    _ => self.some::<W, 1>(row),
                }
            }
            row += count;
        }
    }
}

impl Tile<'_> {
    /// Row of the pass, and head, of a row of this text's group.
    #[inline(always)]
    fn place(&self, row: usize) -> (usize, usize) {
        let per_group = self.all.shape.heads / self.all.shape.groups;
        (self.text.first + row / per_group, self.group * per_group + row % per_group)
    }

    #[inline(always)]
    unsafe fn some<W: Wide, const M: usize>(&self, first: usize) {
        unsafe {
            let Shape { heads, groups, size, scale } = self.all.shape;
            let per_group = heads / groups;
            let queries: [*const f32; M] = std::array::from_fn(|row| {
                let (row, head) = self.place(first + row);
                self.queries.as_ptr().add(row * self.stride + head * size)
            });
            let position: [usize; M] = std::array::from_fn(|row| self.text.at + (first + row) / per_group);
            let sees_from = |position: usize| self.all.window.map_or(0, |window| (position + 1).saturating_sub(window));
            let (start, end) = (sees_from(position[0]), position[M - 1] + 1);

            let mut greatest = [f32::NEG_INFINITY; M];
            let mut sums = [W::splat(0.0); M];
            let mut mixed = [[0.0_f32; WIDEST]; M];
            let mut scores = [[0.0_f32; BLOCK]; M];
            for block in (start / BLOCK * BLOCK..end).step_by(BLOCK) {
                let keys = BLOCK.min(end - block);
                for page in 0..keys.div_ceil(PAGE) {
                    let page_keys =
                        self.all.cache.keys(self.all.layer, self.text.pages[block / PAGE + page], self.group);
                    let mut sums = [W::splat(0.0); M];
                    for place in 0..size {
                        let key = W::load_half(page_keys.as_ptr().add(place * PAGE));
                        for (sum, query) in sums.iter_mut().zip(queries) {
                            *sum = W::fused(W::splat(*query.add(place)), key, *sum);
                        }
                    }
                    for (scores, sum) in scores.iter_mut().zip(sums) {
                        W::store(scores.as_mut_ptr().add(page * PAGE), W::mul(sum, W::splat(scale)));
                    }
                }
                for row in 0..M {
                    let scores = &mut scores[row];
                    let unseen = (position[row] + 1).saturating_sub(block).min(BLOCK);
                    scores[unseen..keys.next_multiple_of(PAGE).max(unseen)].fill(f32::NEG_INFINITY);
                    let before = sees_from(position[row]).saturating_sub(block).min(BLOCK);
                    scores[..before].fill(f32::NEG_INFINITY);

                    let lanes = keys.div_ceil(PAGE);
                    let mut most = W::splat(greatest[row]);
                    for lane in 0..lanes {
                        most = W::max(most, W::load(scores.as_ptr().add(lane * PAGE)));
                    }
                    let most = W::greatest(most);
                    if most == f32::NEG_INFINITY {
                        // Nothing of this block is seen, and nothing was before it.
                        scores[..lanes * PAGE].fill(0.0);
                        continue;
                    }
                    let mut fade = [0.0; 16];
                    W::store(fade.as_mut_ptr(), exp::<W>(W::splat(greatest[row] - most)));
                    let fade = if greatest[row] == f32::NEG_INFINITY { 0.0 } else { fade[0] };
                    greatest[row] = most;
                    sums[row] = W::mul(sums[row], W::splat(fade));
                    for lane in 0..lanes {
                        let score = scores.as_mut_ptr().add(lane * PAGE);
                        W::store(score, exp::<W>(W::sub(W::load(score), W::splat(most))));
                    }
                    // What our exponential leaves of minus infinity is tiny, and must be nothing.
                    scores[..before].fill(0.0);
                    scores[unseen..(lanes * PAGE).max(unseen)].fill(0.0);
                    for lane in 0..lanes {
                        sums[row] = W::add(sums[row], W::load(scores.as_ptr().add(lane * PAGE)));
                    }
                    for chunk in mixed[row][..size].chunks_exact_mut(16) {
                        W::store(chunk.as_mut_ptr(), W::mul(W::load(chunk.as_ptr()), W::splat(fade)));
                    }
                }
                for chunk in 0..size / 16 {
                    let mut sums: [W::Reals; M] =
                        std::array::from_fn(|row| W::load(mixed[row].as_ptr().add(chunk * 16)));
                    for page in 0..keys.div_ceil(PAGE) {
                        let values =
                            self.all.cache.values(self.all.layer, self.text.pages[block / PAGE + page], self.group);
                        for place in 0..PAGE.min(keys - page * PAGE) {
                            let value = W::load_half(values.as_ptr().add(place * size + chunk * 16));
                            for (sum, scores) in sums.iter_mut().zip(&scores) {
                                let weight = W::splat(*scores.as_ptr().add(page * PAGE + place));
                                *sum = W::fused(weight, value, *sum);
                            }
                        }
                    }
                    for (mixed, sum) in mixed.iter_mut().zip(sums) {
                        W::store(mixed.as_mut_ptr().add(chunk * 16), sum);
                    }
                }
            }
            for row in 0..M {
                let (to, head) = self.place(first + row);
                let out = self.out.add((to * heads + head) * size);
                let by = W::splat(1.0 / W::sum(sums[row]));
                for chunk in (0..size).step_by(16) {
                    W::store(out.add(chunk), W::mul(W::load(mixed[row].as_ptr().add(chunk)), by));
                }
            }
        }
    }
}
