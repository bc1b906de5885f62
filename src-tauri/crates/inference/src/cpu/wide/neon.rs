//! 64-bit ARM: Apple's processors, and servers and boards since 2013.

use std::arch::aarch64::*;

use half::f16;

use super::{Kernel, Wide};

#[derive(Clone, Copy)]
pub(crate) struct Neon;

type Reals = [float32x4_t; 4];
type Bytes = [uint8x16_t; 4];

#[inline(always)]
fn each<T>(make: impl FnMut(usize) -> T) -> [T; 4] {
    std::array::from_fn(make)
}

#[inline(always)]
unsafe fn sums(bytes: uint8x16_t) -> int32x4_t {
    unsafe { vreinterpretq_s32_u8(bytes) }
}

impl Wide for Neon {
    type Reals = Reals;
    type Bytes = Bytes;
    const ROWS: usize = 4;

    fn present() -> bool {
        std::arch::is_aarch64_feature_detected!("neon")
    }

    #[target_feature(enable = "neon")]
    unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
        unsafe { kernel.run::<Self>() }
    }

    #[inline(always)]
    unsafe fn fetch(_: *const u8) {}

    #[inline(always)]
    unsafe fn splat(value: f32) -> Reals {
        unsafe { [vdupq_n_f32(value); 4] }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Reals {
        each(|part| unsafe { vld1q_f32(from.add(part * 4)) })
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, values: Reals) {
        for (part, values) in values.into_iter().enumerate() {
            unsafe { vst1q_f32(to.add(part * 4), values) };
        }
    }

    #[inline(always)]
    unsafe fn load_half(from: *const u16) -> Reals {
        let halves = unsafe { from.cast::<[u16; 16]>().read_unaligned() };
        let lanes: [f32; 16] = std::array::from_fn(|lane| f16::from_bits(halves[lane]).to_f32());
        unsafe { Self::load(lanes.as_ptr()) }
    }

    #[inline(always)]
    unsafe fn store_half(to: *mut u16, values: Reals) {
        let mut lanes = [0.0; 16];
        unsafe { Self::store(lanes.as_mut_ptr(), values) };
        let halves: [u16; 16] = std::array::from_fn(|lane| f16::from_f32(lanes[lane]).to_bits());
        unsafe { to.cast::<[u16; 16]>().write_unaligned(halves) }
    }

    #[inline(always)]
    unsafe fn add(a: Reals, b: Reals) -> Reals {
        each(|part| unsafe { vaddq_f32(a[part], b[part]) })
    }

    #[inline(always)]
    unsafe fn sub(a: Reals, b: Reals) -> Reals {
        each(|part| unsafe { vsubq_f32(a[part], b[part]) })
    }

    #[inline(always)]
    unsafe fn mul(a: Reals, b: Reals) -> Reals {
        each(|part| unsafe { vmulq_f32(a[part], b[part]) })
    }

    #[inline(always)]
    unsafe fn div(a: Reals, b: Reals) -> Reals {
        each(|part| unsafe { vdivq_f32(a[part], b[part]) })
    }

    #[inline(always)]
    unsafe fn fused(a: Reals, b: Reals, c: Reals) -> Reals {
        each(|part| unsafe { vfmaq_f32(c[part], a[part], b[part]) })
    }

    #[inline(always)]
    unsafe fn max(a: Reals, b: Reals) -> Reals {
        each(|part| unsafe { vmaxq_f32(a[part], b[part]) })
    }

    #[inline(always)]
    unsafe fn round(a: Reals) -> Reals {
        each(|part| unsafe { vrndnq_f32(a[part]) })
    }

    #[inline(always)]
    unsafe fn sum(a: Reals) -> f32 {
        unsafe { vaddvq_f32(vaddq_f32(vaddq_f32(a[0], a[2]), vaddq_f32(a[1], a[3]))) }
    }

    #[inline(always)]
    unsafe fn greatest(a: Reals) -> f32 {
        unsafe { vmaxvq_f32(vmaxq_f32(vmaxq_f32(a[0], a[2]), vmaxq_f32(a[1], a[3]))) }
    }

    #[inline(always)]
    unsafe fn scale(a: Reals, b: Reals) -> Reals {
        each(|part| unsafe {
            let power = vshlq_n_s32::<23>(vaddq_s32(vcvtnq_s32_f32(b[part]), vdupq_n_s32(127)));
            vmulq_f32(a[part], vreinterpretq_f32_s32(power))
        })
    }

    #[inline(always)]
    unsafe fn load_counts(from: *const u8) -> Reals {
        let counts = unsafe { from.cast::<[u8; 16]>().read_unaligned() };
        let lanes: [f32; 16] = std::array::from_fn(|lane| f32::from(counts[lane]));
        unsafe { Self::load(lanes.as_ptr()) }
    }

    #[inline(always)]
    unsafe fn load_signed(from: *const i8) -> Reals {
        let signed = unsafe { from.cast::<[i8; 16]>().read_unaligned() };
        let lanes: [f32; 16] = std::array::from_fn(|lane| f32::from(signed[lane]));
        unsafe { Self::load(lanes.as_ptr()) }
    }

    #[inline(always)]
    unsafe fn store_signed(to: *mut i8, values: Reals) {
        unsafe {
            let words = each(|part| vqmovn_s32(vcvtnq_s32_f32(values[part])));
            let low = vqmovn_s16(vcombine_s16(words[0], words[1]));
            let high = vqmovn_s16(vcombine_s16(words[2], words[3]));
            vst1q_s8(to, vcombine_s8(low, high));
        }
    }

    #[inline(always)]
    unsafe fn zero() -> Bytes {
        unsafe { [vdupq_n_u8(0); 4] }
    }

    #[inline(always)]
    unsafe fn load_bytes(from: *const u8) -> Bytes {
        each(|part| unsafe { vld1q_u8(from.add(part * 16)) })
    }

    #[inline(always)]
    unsafe fn and(a: Bytes, mask: u8) -> Bytes {
        each(|part| unsafe { vandq_u8(a[part], vdupq_n_u8(mask)) })
    }

    #[inline(always)]
    unsafe fn or(a: Bytes, b: Bytes) -> Bytes {
        each(|part| unsafe { vorrq_u8(a[part], b[part]) })
    }

    #[inline(always)]
    unsafe fn right<const BY: u32>(a: Bytes) -> Bytes {
        each(|part| unsafe { vshlq_u8(a[part], vdupq_n_s8(-(BY as i8))) })
    }

    #[inline(always)]
    unsafe fn left<const BY: u32>(a: Bytes) -> Bytes {
        each(|part| unsafe { vshlq_u8(a[part], vdupq_n_s8(BY as i8)) })
    }

    /// Pairs of products are added in 16 bits: two of 127 times 127 fit.
    #[inline(always)]
    unsafe fn dot(before: Bytes, bytes: Bytes, with: *const i8) -> Bytes {
        unsafe {
            let with = vreinterpretq_s8_s32(vdupq_n_s32(with.cast::<i32>().read_unaligned()));
            each(|part| {
                let bytes = vreinterpretq_s8_u8(bytes[part]);
                let low = vmull_s8(vget_low_s8(bytes), vget_low_s8(with));
                let high = vmull_high_s8(bytes, with);
                vreinterpretq_u8_s32(vpadalq_s16(sums(before[part]), vpaddq_s16(low, high)))
            })
        }
    }

    /// Larger bytes are halved first, into what is even and what is left over.
    #[inline(always)]
    unsafe fn dot_any(sums: Bytes, bytes: Bytes, with: *const i8) -> Bytes {
        unsafe {
            let high = Self::and(Self::right::<1>(bytes), 0x40);
            let sums = Self::dot(sums, Self::and(bytes, 0x7F), with);
            Self::dot(Self::dot(sums, high, with), high, with)
        }
    }

    #[inline(always)]
    unsafe fn add_sums(a: Bytes, b: Bytes) -> Bytes {
        each(|part| unsafe { vreinterpretq_u8_s32(vaddq_s32(sums(a[part]), sums(b[part]))) })
    }

    #[inline(always)]
    unsafe fn reals(all: Bytes) -> Reals {
        each(|part| unsafe { vcvtq_f32_s32(sums(all[part])) })
    }
}
