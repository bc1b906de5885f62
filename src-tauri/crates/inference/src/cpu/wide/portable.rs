//! Any processor: arrays, which the compiler makes of what it can.

use half::f16;

use super::{Kernel, Wide};

#[derive(Clone, Copy)]
pub(crate) struct Portable;

/// Sixty-four bytes; as sums, sixteen `i32` in the bytes' own order.
type Bytes = [u8; 64];

#[inline(always)]
fn each(make: impl FnMut(usize) -> f32) -> [f32; 16] {
    std::array::from_fn(make)
}

#[inline(always)]
fn sum(sums: &Bytes, lane: usize) -> i32 {
    i32::from_ne_bytes([sums[lane * 4], sums[lane * 4 + 1], sums[lane * 4 + 2], sums[lane * 4 + 3]])
}

#[inline(always)]
fn sums(mut make: impl FnMut(usize) -> i32) -> Bytes {
    let mut bytes = [0; 64];
    for (lane, sum) in bytes.chunks_exact_mut(4).enumerate() {
        sum.copy_from_slice(&make(lane).to_ne_bytes());
    }
    bytes
}

impl Wide for Portable {
    type Reals = [f32; 16];
    type Bytes = Bytes;
    const ROWS: usize = 4;

    fn present() -> bool {
        true
    }

    unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
        unsafe { kernel.run::<Self>() }
    }

    #[inline(always)]
    unsafe fn fetch(_: *const u8) {}

    #[inline(always)]
    unsafe fn splat(value: f32) -> [f32; 16] {
        [value; 16]
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> [f32; 16] {
        unsafe { from.cast::<[f32; 16]>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, values: [f32; 16]) {
        unsafe { to.cast::<[f32; 16]>().write_unaligned(values) }
    }

    #[inline(always)]
    unsafe fn load_half(from: *const u16) -> [f32; 16] {
        let halves = unsafe { from.cast::<[u16; 16]>().read_unaligned() };
        each(|lane| f16::from_bits(halves[lane]).to_f32())
    }

    #[inline(always)]
    unsafe fn store_half(to: *mut u16, values: [f32; 16]) {
        let halves: [u16; 16] = std::array::from_fn(|lane| f16::from_f32(values[lane]).to_bits());
        unsafe { to.cast::<[u16; 16]>().write_unaligned(halves) }
    }

    #[inline(always)]
    unsafe fn add(a: [f32; 16], b: [f32; 16]) -> [f32; 16] {
        each(|lane| a[lane] + b[lane])
    }

    #[inline(always)]
    unsafe fn sub(a: [f32; 16], b: [f32; 16]) -> [f32; 16] {
        each(|lane| a[lane] - b[lane])
    }

    #[inline(always)]
    unsafe fn mul(a: [f32; 16], b: [f32; 16]) -> [f32; 16] {
        each(|lane| a[lane] * b[lane])
    }

    #[inline(always)]
    unsafe fn div(a: [f32; 16], b: [f32; 16]) -> [f32; 16] {
        each(|lane| a[lane] / b[lane])
    }

    #[inline(always)]
    unsafe fn fused(a: [f32; 16], b: [f32; 16], c: [f32; 16]) -> [f32; 16] {
        each(|lane| a[lane] * b[lane] + c[lane])
    }

    #[inline(always)]
    unsafe fn max(a: [f32; 16], b: [f32; 16]) -> [f32; 16] {
        each(|lane| if a[lane] > b[lane] { a[lane] } else { b[lane] })
    }

    #[inline(always)]
    unsafe fn round(a: [f32; 16]) -> [f32; 16] {
        each(|lane| a[lane].round_ties_even())
    }

    #[inline(always)]
    unsafe fn sum(a: [f32; 16]) -> f32 {
        let eight: [f32; 8] = std::array::from_fn(|lane| a[lane] + a[lane + 8]);
        let four: [f32; 4] = std::array::from_fn(|lane| eight[lane] + eight[lane + 4]);
        (four[0] + four[2]) + (four[1] + four[3])
    }

    #[inline(always)]
    unsafe fn greatest(a: [f32; 16]) -> f32 {
        a.into_iter().fold(f32::NEG_INFINITY, f32::max)
    }

    #[inline(always)]
    unsafe fn scale(a: [f32; 16], b: [f32; 16]) -> [f32; 16] {
        each(|lane| a[lane] * f32::from_bits(((b[lane] as i32 + 127) as u32) << 23))
    }

    #[inline(always)]
    unsafe fn load_counts(from: *const u8) -> [f32; 16] {
        let counts = unsafe { from.cast::<[u8; 16]>().read_unaligned() };
        each(|lane| f32::from(counts[lane]))
    }

    #[inline(always)]
    unsafe fn load_signed(from: *const i8) -> [f32; 16] {
        let signed = unsafe { from.cast::<[i8; 16]>().read_unaligned() };
        each(|lane| f32::from(signed[lane]))
    }

    #[inline(always)]
    unsafe fn store_signed(to: *mut i8, values: [f32; 16]) {
        let signed: [i8; 16] = std::array::from_fn(|lane| values[lane].round_ties_even() as i8);
        unsafe { to.cast::<[i8; 16]>().write_unaligned(signed) }
    }

    #[inline(always)]
    unsafe fn zero() -> Bytes {
        [0; 64]
    }

    #[inline(always)]
    unsafe fn load_bytes(from: *const u8) -> Bytes {
        unsafe { from.cast::<Bytes>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn and(a: Bytes, mask: u8) -> Bytes {
        a.map(|byte| byte & mask)
    }

    #[inline(always)]
    unsafe fn or(a: Bytes, b: Bytes) -> Bytes {
        std::array::from_fn(|place| a[place] | b[place])
    }

    #[inline(always)]
    unsafe fn right<const BY: u32>(a: Bytes) -> Bytes {
        a.map(|byte| byte >> BY)
    }

    #[inline(always)]
    unsafe fn left<const BY: u32>(a: Bytes) -> Bytes {
        a.map(|byte| byte << BY)
    }

    #[inline(always)]
    unsafe fn dot(before: Bytes, bytes: Bytes, with: *const i8) -> Bytes {
        let with = unsafe { with.cast::<[i8; 4]>().read_unaligned() };
        sums(|lane| {
            let products = (0..4).map(|place| i32::from(bytes[lane * 4 + place]) * i32::from(with[place]));
            sum(&before, lane) + products.sum::<i32>()
        })
    }

    #[inline(always)]
    unsafe fn dot_any(sums: Bytes, bytes: Bytes, with: *const i8) -> Bytes {
        unsafe { Self::dot(sums, bytes, with) }
    }

    #[inline(always)]
    unsafe fn add_sums(a: Bytes, b: Bytes) -> Bytes {
        sums(|lane| sum(&a, lane) + sum(&b, lane))
    }

    #[inline(always)]
    unsafe fn reals(sums: Bytes) -> [f32; 16] {
        each(|lane| sum(&sums, lane) as f32)
    }
}
