//! Reads an archive's bytes under limits: what it grows to, and how fast.

use std::{
    cell::Cell,
    io::{self, Read},
    rc::Rc,
};

use flate2::read::GzDecoder;

use crate::Error;

/// How much an archive may claim.
#[derive(Debug, Clone)]
pub struct Limits {
    pub files: usize,
    /// Unpacked, in all.
    pub bytes: u64,
    /// Unpacked bytes for each packed one, once there is more than a mebibyte.
    pub ratio: u64,
    pub manifest_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { files: 20_000, bytes: 1 << 30, ratio: 200, manifest_bytes: 8 << 20 }
    }
}

/// Below this, no ratio is a bomb: a small file of one letter packs a thousandfold.
const HARMLESS: u64 = 1 << 20;

/// Unpacks a stream until it grows too large.
pub(crate) struct Bounded<R> {
    unpacked: GzDecoder<Counted<R>>,
    packed: Rc<Cell<u64>>,
    grown: u64,
    limits: Limits,
    excess: Excess,
}

/// Which limit was reached, beside the reader that meets it: a reader's own errors have no room for it.
pub(crate) type Excess = Rc<Cell<Option<Limit>>>;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Limit {
    Bytes(u64),
    Ratio(u64),
}

struct Counted<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count.set(self.count.get() + count as u64);
        Ok(count)
    }
}

impl<R: Read> Bounded<R> {
    pub fn new(inner: R, limits: &Limits) -> (Self, Excess) {
        let packed = Rc::new(Cell::new(0));
        let excess = Excess::default();
        let counted = Counted { inner, count: packed.clone() };
        let bounded = Self {
            unpacked: GzDecoder::new(counted),
            packed,
            grown: 0,
            limits: limits.clone(),
            excess: excess.clone(),
        };
        (bounded, excess)
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.unpacked.read(buffer)?;
        self.grown += count as u64;
        if self.grown > self.limits.bytes {
            self.excess.set(Some(Limit::Bytes(self.limits.bytes)));
            return Err(io::Error::other("too large"));
        }
        if self.grown > HARMLESS && self.grown / self.packed.get().max(1) > self.limits.ratio {
            self.excess.set(Some(Limit::Ratio(self.limits.ratio)));
            return Err(io::Error::other("a bomb"));
        }
        Ok(count)
    }
}

/// What a failed read means.
pub(crate) fn failed(excess: &Excess) -> impl Fn(io::Error) -> Error {
    let excess = excess.clone();
    move |error| match excess.get() {
        Some(Limit::Bytes(most)) => Error::TooLarge { most },
        Some(Limit::Ratio(most)) => Error::Bomb { most },
        None => Error::Damaged { detail: error.to_string() },
    }
}
