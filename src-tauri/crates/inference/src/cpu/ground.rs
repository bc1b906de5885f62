//! The memory that all weights of a model share: one piece. A pass reads all of it and the processor looks up every page,
//! so it is put into large pages where the system has them: once all is written, since large pages that are asked for
//! before make the first writing more than twice as slow.

#![allow(unsafe_code)] // Hands out parts of one piece, each once.

use std::cell::UnsafeCell;
use std::sync::Arc;

/// Bytes that the processor reads at once.
pub(super) const LINE: usize = 64;
/// Bytes of a large page.
const PAGE: usize = 2 << 20;

pub(super) struct Ground {
    piece: Arc<Piece>,
    used: usize,
}

/// Bytes that are written and read through pointers only.
struct Piece {
    bytes: UnsafeCell<Vec<u8>>,
    length: usize,
    start: usize,
}

// SAFETY: stretches do not overlap, and who packs one is done before others read it.
unsafe impl Sync for Piece {}

/// A part of the ground, which nobody else has.
pub(super) struct Stretch {
    piece: Arc<Piece>,
    start: usize,
    length: usize,
}

impl Ground {
    /// Room for `length` bytes. The system gives the memory as it is first written.
    pub fn new(length: usize) -> Self {
        let bytes: Vec<u8> = vec![0; length + PAGE];
        let start = bytes.as_ptr().align_offset(PAGE);
        let piece = Piece { length: bytes.len(), bytes: UnsafeCell::new(bytes), start };
        Self { piece: Arc::new(piece), used: 0 }
    }

    /// Moves what was written into large pages, on a thread of its own. A system that cannot loses speed only.
    pub fn settle(self) {
        #[cfg(target_os = "linux")]
        {
            let moved = move || {
                let Self { piece, used } = self;
                // SAFETY: the range is ours, and the advice changes no content.
                unsafe {
                    let from = (*piece.bytes.get()).as_mut_ptr().add(piece.start).cast();
                    libc::madvise(from, used / PAGE * PAGE, libc::MADV_COLLAPSE);
                }
            };
            drop(std::thread::Builder::new().name("weights".into()).spawn(moved));
        }
    }

    /// The next `length` bytes, all zero, from the beginning of a line on.
    pub fn stretch(&mut self, length: usize) -> Result<Stretch, String> {
        let start = self.piece.start + self.used;
        if start + length > self.piece.length {
            return Err(format!("{length} bytes more than was made room for"));
        }
        self.used += length.next_multiple_of(LINE);
        Ok(Stretch { piece: self.piece.clone(), start, length })
    }
}

impl Stretch {
    pub fn length(&self) -> usize {
        self.length
    }

    /// Its first byte. Only who packs the weights may write there, before anybody reads.
    pub fn pointer(&self) -> *mut u8 {
        // SAFETY: the stretch lies within the piece, whose vector itself nobody changes.
        unsafe { (*self.piece.bytes.get()).as_mut_ptr().add(self.start) }
    }
}
