//! Eight bits a weight: GGUF's Q8_0 (`d q`, signed).

use super::super::wide::Wide;
use super::{COLUMNS, Format, HALF_FLOATS, Open, ROWS, put_half};

const BYTES: usize = ROWS * COLUMNS;

pub(crate) struct Eight;

impl Format for Eight {
    const SPAN: usize = 1;
    const HEADER: usize = 0;
    const TILE: usize = BYTES + HALF_FLOATS;
    const HALVES: bool = false;
    const LARGE: bool = true;
    const RAW: usize = 34;

    /// The products want one side unsigned: 128 more, which the offset takes back.
    fn pack(raw: &[u8], row: usize, unit: &mut [u8]) {
        put_half(raw, row, BYTES, unit);
        for (four, place) in raw[2..].chunks_exact(4).zip((row * 4..).step_by(64)) {
            for (to, from) in unit[place..place + 4].iter_mut().zip(four) {
                *to = from ^ 0x80;
            }
        }
    }

    #[inline(always)]
    unsafe fn open<W: Wide>(_: *const u8, tile: *const u8) -> Open<W> {
        unsafe {
            let scale = W::load_half(tile.add(BYTES).cast());
            let offset = W::mul(scale, W::splat(-128.0));
            let bytes = [0, 64, 128, 192, 256, 320, 384, 448].map(|at| W::load_bytes(tile.add(at)));
            Open { bytes, scales: [scale; 2], offsets: [offset; 2] }
        }
    }
}
