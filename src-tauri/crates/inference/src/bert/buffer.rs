//! Numbers that begin where a cache line does, so that no vector of them lies across two.

use std::ops::{Deref, DerefMut};

/// Bytes of a cache line.
const LINE: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Buffer {
    /// Never grown in place: that would move the beginning.
    numbers: Vec<f32>,
    start: usize,
    length: usize,
}

impl Buffer {
    pub fn zeros(length: usize) -> Self {
        let numbers = vec![0.0; length + LINE / size_of::<f32>()];
        // Where no place is found, the numbers are right and only slower.
        let start = numbers.as_ptr().align_offset(LINE).min(LINE / size_of::<f32>());
        Self { numbers, start, length }
    }

    /// The first `length` numbers, whatever they are.
    pub fn take(&mut self, length: usize) -> &mut [f32] {
        if self.length < length {
            *self = Self::zeros(length);
        }
        &mut self[..length]
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.numbers[self.start..][..self.length]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.numbers[self.start..][..self.length]
    }
}
