//! Keys and values of every position that has been computed, in half floats, in pages of 16 positions that belong to
//! whoever the engine lends them to.
//!
//! Never knows which text a page is of.

#![allow(unsafe_code)] // Lanes are loaded through pointers.

use super::wide::{Kernel, Wide, dispatch};

/// Positions of a page.
pub(crate) const PAGE: usize = 16;

/// All layers of a page lie together, so that memory is taken by what is written only, in whatever pieces the system gives
/// it. In a page, keys stand side by side, a position in each lane (`[size][16]`), and values below each other (`[16][size]`):
/// the order in which attention reads them.
pub(super) struct Cache {
    keys: Vec<u16>,
    values: Vec<u16>,
    layers: usize,
    pages: usize,
    groups: usize,
    size: usize,
}

impl Cache {
    /// The system gives the memory of a page when it is first written.
    pub fn new(layers: usize, pages: usize, groups: usize, size: usize) -> Self {
        let length = layers * pages * groups * PAGE * size;
        Self { keys: vec![0; length], values: vec![0; length], layers, pages, groups, size }
    }

    pub fn pages(&self) -> usize {
        self.pages
    }

    fn start(&self, layer: usize, page: u32, group: usize) -> usize {
        ((page as usize * self.layers + layer) * self.groups + group) * PAGE * self.size
    }

    /// Keys of a page, `[size][16]`.
    pub fn keys(&self, layer: usize, page: u32, group: usize) -> &[u16] {
        &self.keys[self.start(layer, page, group)..][..PAGE * self.size]
    }

    /// Values of a page, `[16][size]`.
    pub fn values(&self, layer: usize, page: u32, group: usize) -> &[u16] {
        &self.values[self.start(layer, page, group)..][..PAGE * self.size]
    }

    /// Writes one position of a page: a key and a value for each group.
    pub fn write(&mut self, layer: usize, page: u32, place: usize, keys: &[f32], values: &[f32]) {
        for (group, (key, value)) in keys.chunks_exact(self.size).zip(values.chunks_exact(self.size)).enumerate() {
            let start = self.start(layer, page, group);
            let length = PAGE * self.size;
            let (keys, values) = (&mut self.keys[start..][..length], &mut self.values[start..][..length]);
            // SAFETY: it stays within its slices.
            unsafe {
                dispatch(Write { key, value, keys, values: &mut values[place * self.size..][..self.size], place })
            };
        }
    }
}

struct Write<'a> {
    key: &'a [f32],
    value: &'a [f32],
    keys: &'a mut [u16],
    values: &'a mut [u16],
    place: usize,
}

impl Kernel for Write<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<W: Wide>(self) {
        for (to, from) in self.values.chunks_exact_mut(16).zip(self.value.chunks_exact(16)) {
            unsafe { W::store_half(to.as_mut_ptr(), W::load(from.as_ptr())) };
        }
        for (to, from) in self.keys.chunks_exact_mut(16 * PAGE).zip(self.key.chunks_exact(16)) {
            let mut halves = [0; 16];
            unsafe { W::store_half(halves.as_mut_ptr(), W::load(from.as_ptr())) };
            for (to, half) in to.chunks_exact_mut(PAGE).zip(halves) {
                to[self.place] = half;
            }
        }
    }
}
