//! Sixteen numbers at a time: what the kernels are written in. One file for each kind of processor, chosen when the
//! program runs.
//!
//! Every operation gives the same bits for a lane whatever stands in the others. Never knows what is computed.

#![allow(unsafe_code)] // Instructions that not every processor has, and loads from where a pointer says.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;

use std::sync::OnceLock;

#[cfg(target_arch = "x86_64")]
pub(crate) use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub(crate) use avx512::Avx512;
#[cfg(target_arch = "aarch64")]
pub(crate) use neon::Neon;
pub(crate) use portable::Portable;

/// One kind of processor's sixteen lanes.
///
/// # Safety
/// Its functions may run only where the processor has what [`Wide::present`] looks for, and pointers must be good for
/// sixteen numbers (64 bytes, for bytes); they need no alignment.
pub(crate) trait Wide: Copy + 'static {
    /// Sixteen `f32`.
    type Reals: Copy;
    /// Sixty-four bytes, or sixteen `i32`.
    type Bytes: Copy;
    /// Rows of activations that meet one tile of weights while it lies in registers.
    const ROWS: usize;

    fn present() -> bool;
    /// Runs `kernel` compiled for this processor.
    unsafe fn run<K: Kernel>(kernel: K) -> K::Output;

    /// Asks for the line of memory at `from`, which may be any address, ahead of its use.
    unsafe fn fetch(from: *const u8);
    unsafe fn splat(value: f32) -> Self::Reals;
    unsafe fn load(from: *const f32) -> Self::Reals;
    unsafe fn store(to: *mut f32, values: Self::Reals);
    /// From half floats.
    unsafe fn load_half(from: *const u16) -> Self::Reals;
    /// To half floats, rounded to the nearest, ties to even.
    unsafe fn store_half(to: *mut u16, values: Self::Reals);
    unsafe fn add(a: Self::Reals, b: Self::Reals) -> Self::Reals;
    unsafe fn sub(a: Self::Reals, b: Self::Reals) -> Self::Reals;
    unsafe fn mul(a: Self::Reals, b: Self::Reals) -> Self::Reals;
    unsafe fn div(a: Self::Reals, b: Self::Reals) -> Self::Reals;
    /// `a * b + c`, rounded once where the processor can.
    unsafe fn fused(a: Self::Reals, b: Self::Reals, c: Self::Reals) -> Self::Reals;
    unsafe fn max(a: Self::Reals, b: Self::Reals) -> Self::Reals;
    /// To the nearest whole number, ties to even.
    unsafe fn round(a: Self::Reals) -> Self::Reals;
    unsafe fn sum(a: Self::Reals) -> f32;
    unsafe fn greatest(a: Self::Reals) -> f32;
    /// `a * 2^b`, for whole `b` from -126 to 127.
    unsafe fn scale(a: Self::Reals, b: Self::Reals) -> Self::Reals;
    /// Sixteen unsigned bytes, as numbers.
    unsafe fn load_counts(from: *const u8) -> Self::Reals;
    /// Sixteen signed bytes, as numbers.
    unsafe fn load_signed(from: *const i8) -> Self::Reals;
    /// Rounded and cut to signed bytes.
    unsafe fn store_signed(to: *mut i8, values: Self::Reals);

    unsafe fn zero() -> Self::Bytes;
    unsafe fn load_bytes(from: *const u8) -> Self::Bytes;
    unsafe fn and(a: Self::Bytes, mask: u8) -> Self::Bytes;
    unsafe fn or(a: Self::Bytes, b: Self::Bytes) -> Self::Bytes;
    /// Shifts the bits of bytes to the right or left; bits of a neighbour may come in, and are for [`Wide::and`] to clear.
    unsafe fn right<const BY: u32>(a: Self::Bytes) -> Self::Bytes;
    unsafe fn left<const BY: u32>(a: Self::Bytes) -> Self::Bytes;
    /// Adds to each of sixteen sums the products of its four unsigned bytes, all below 128, with the four signed bytes at
    /// `with`.
    unsafe fn dot(sums: Self::Bytes, bytes: Self::Bytes, with: *const i8) -> Self::Bytes;
    /// As [`Wide::dot`], for any unsigned bytes.
    unsafe fn dot_any(sums: Self::Bytes, bytes: Self::Bytes, with: *const i8) -> Self::Bytes;
    unsafe fn add_sums(a: Self::Bytes, b: Self::Bytes) -> Self::Bytes;
    unsafe fn reals(sums: Self::Bytes) -> Self::Reals;
}

/// `e^x`, within 2 units of the last place: the argument is cut to what a half of ln 2 leaves, met by a polynomial of
/// degree 7 (Taylor), and scaled back (the method of Cody and Waite 1980). Below -87 it gives almost nothing, above 88
/// almost all.
#[inline(always)]
pub(crate) unsafe fn exp<W: Wide>(x: W::Reals) -> W::Reals {
    unsafe {
        let x = W::max(W::splat(-87.0), x);
        let x = W::sub(W::splat(0.0), W::max(W::splat(-88.0), W::sub(W::splat(0.0), x)));
        let whole = W::round(W::mul(x, W::splat(std::f32::consts::LOG2_E)));
        // ln 2 in two parts, the first short enough that its product is exact.
        let rest = W::fused(whole, W::splat(-0.693_359_4), x);
        let rest = W::fused(whole, W::splat(2.121_944_4e-4), rest);
        let mut sum = W::splat(1.0 / 5040.0);
        for factor in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
            sum = W::fused(sum, rest, W::splat(factor));
        }
        W::scale(sum, whole)
    }
}

/// Work written for any lanes, to be compiled for each kind.
pub(crate) trait Kernel {
    type Output;

    /// # Safety
    /// As [`Wide`]'s. Must be `inline(always)`, and so must all that it calls with `W`, to be compiled for the processor
    /// that `W` stands for.
    unsafe fn run<W: Wide>(self) -> Self::Output;
}

/// Runs `kernel` on the widest lanes that this processor has.
///
/// # Safety
/// As the kernel's, but for the processor.
pub(crate) unsafe fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    unsafe {
        match kind() {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => Avx512::run(kernel),
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => Avx2::run(kernel),
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => Neon::run(kernel),
            Kind::Portable => Portable::run(kernel),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "aarch64")]
    Neon,
    Portable,
}

/// What this processor is best at.
pub(crate) fn kind() -> Kind {
    static KIND: OnceLock<Kind> = OnceLock::new();
    *KIND.get_or_init(|| {
        #[cfg(target_arch = "x86_64")]
        if Avx512::present() {
            return Kind::Avx512;
        } else if Avx2::present() {
            return Kind::Avx2;
        }
        #[cfg(target_arch = "aarch64")]
        if Neon::present() {
            return Kind::Neon;
        }
        Kind::Portable
    })
}

#[cfg(test)]
mod tests;
