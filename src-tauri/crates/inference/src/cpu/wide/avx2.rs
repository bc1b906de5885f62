//! x86-64 with AVX2, FMA and half floats: Intel since 2013, AMD since 2015.

use std::arch::x86_64::*;

use super::{Kernel, Wide};

#[derive(Clone, Copy)]
pub(crate) struct Avx2;

type Reals = [__m256; 2];
type Bytes = [__m256i; 2];

impl Wide for Avx2 {
    type Reals = Reals;
    type Bytes = Bytes;
    const ROWS: usize = 3;

    fn present() -> bool {
        is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c")
    }

    #[target_feature(enable = "avx2,fma,f16c")]
    unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
        unsafe { kernel.run::<Self>() }
    }

    #[inline(always)]
    unsafe fn fetch(from: *const u8) {
        unsafe { _mm_prefetch::<_MM_HINT_T0>(from.cast()) }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Reals {
        unsafe { [_mm256_set1_ps(value); 2] }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Reals {
        unsafe { [_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(8))] }
    }

    #[inline(always)]
    unsafe fn store(to: *mut f32, [low, high]: Reals) {
        unsafe {
            _mm256_storeu_ps(to, low);
            _mm256_storeu_ps(to.add(8), high);
        }
    }

    #[inline(always)]
    unsafe fn load_half(from: *const u16) -> Reals {
        unsafe {
            let eight = |at: usize| _mm256_cvtph_ps(_mm_loadu_si128(from.add(at).cast()));
            [eight(0), eight(8)]
        }
    }

    #[inline(always)]
    unsafe fn store_half(to: *mut u16, [low, high]: Reals) {
        unsafe {
            _mm_storeu_si128(to.cast(), _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(low));
            _mm_storeu_si128(to.add(8).cast(), _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(high));
        }
    }

    #[inline(always)]
    unsafe fn add(a: Reals, b: Reals) -> Reals {
        unsafe { [_mm256_add_ps(a[0], b[0]), _mm256_add_ps(a[1], b[1])] }
    }

    #[inline(always)]
    unsafe fn sub(a: Reals, b: Reals) -> Reals {
        unsafe { [_mm256_sub_ps(a[0], b[0]), _mm256_sub_ps(a[1], b[1])] }
    }

    #[inline(always)]
    unsafe fn mul(a: Reals, b: Reals) -> Reals {
        unsafe { [_mm256_mul_ps(a[0], b[0]), _mm256_mul_ps(a[1], b[1])] }
    }

    #[inline(always)]
    unsafe fn div(a: Reals, b: Reals) -> Reals {
        unsafe { [_mm256_div_ps(a[0], b[0]), _mm256_div_ps(a[1], b[1])] }
    }

    #[inline(always)]
    unsafe fn fused(a: Reals, b: Reals, c: Reals) -> Reals {
        unsafe { [_mm256_fmadd_ps(a[0], b[0], c[0]), _mm256_fmadd_ps(a[1], b[1], c[1])] }
    }

    #[inline(always)]
    unsafe fn max(a: Reals, b: Reals) -> Reals {
        unsafe { [_mm256_max_ps(a[0], b[0]), _mm256_max_ps(a[1], b[1])] }
    }

    #[inline(always)]
    unsafe fn round(a: Reals) -> Reals {
        const NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
        unsafe { [_mm256_round_ps::<NEAREST>(a[0]), _mm256_round_ps::<NEAREST>(a[1])] }
    }

    #[inline(always)]
    unsafe fn sum([low, high]: Reals) -> f32 {
        unsafe {
            let eight = _mm256_add_ps(low, high);
            let four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
        }
    }

    #[inline(always)]
    unsafe fn greatest([low, high]: Reals) -> f32 {
        unsafe {
            let eight = _mm256_max_ps(low, high);
            let four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
            let two = _mm_max_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps::<1>(two, two)))
        }
    }

    #[inline(always)]
    unsafe fn scale(a: Reals, b: Reals) -> Reals {
        unsafe {
            let power = |whole: __m256| {
                let bits = _mm256_add_epi32(_mm256_cvtps_epi32(whole), _mm256_set1_epi32(127));
                _mm256_castsi256_ps(_mm256_slli_epi32::<23>(bits))
            };
            Self::mul(a, [power(b[0]), power(b[1])])
        }
    }

    #[inline(always)]
    unsafe fn load_counts(from: *const u8) -> Reals {
        unsafe {
            let eight = |at: usize| _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(from.add(at).cast())));
            [eight(0), eight(8)]
        }
    }

    #[inline(always)]
    unsafe fn load_signed(from: *const i8) -> Reals {
        unsafe {
            let eight = |at: usize| _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(from.add(at).cast())));
            [eight(0), eight(8)]
        }
    }

    #[inline(always)]
    unsafe fn store_signed(to: *mut i8, [low, high]: Reals) {
        unsafe {
            // Packing works on halves of a register: the quarters come out in the order 0, 2, 1, 3.
            let words = _mm256_packs_epi32(_mm256_cvtps_epi32(low), _mm256_cvtps_epi32(high));
            let words = _mm256_permute4x64_epi64::<0b11_01_10_00>(words);
            let bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words));
            _mm_storeu_si128(to.cast(), bytes);
        }
    }

    #[inline(always)]
    unsafe fn zero() -> Bytes {
        unsafe { [_mm256_setzero_si256(); 2] }
    }

    #[inline(always)]
    unsafe fn load_bytes(from: *const u8) -> Bytes {
        unsafe { [_mm256_loadu_si256(from.cast()), _mm256_loadu_si256(from.add(32).cast())] }
    }

    #[inline(always)]
    unsafe fn and(a: Bytes, mask: u8) -> Bytes {
        unsafe {
            let mask = _mm256_set1_epi8(mask as i8);
            [_mm256_and_si256(a[0], mask), _mm256_and_si256(a[1], mask)]
        }
    }

    #[inline(always)]
    unsafe fn or(a: Bytes, b: Bytes) -> Bytes {
        unsafe { [_mm256_or_si256(a[0], b[0]), _mm256_or_si256(a[1], b[1])] }
    }

    #[inline(always)]
    unsafe fn right<const BY: u32>(a: Bytes) -> Bytes {
        unsafe {
            let by = _mm_cvtsi32_si128(BY as i32);
            [_mm256_srl_epi16(a[0], by), _mm256_srl_epi16(a[1], by)]
        }
    }

    #[inline(always)]
    unsafe fn left<const BY: u32>(a: Bytes) -> Bytes {
        unsafe {
            let by = _mm_cvtsi32_si128(BY as i32);
            [_mm256_sll_epi16(a[0], by), _mm256_sll_epi16(a[1], by)]
        }
    }

    /// Pairs of products are added in 16 bits: two of 127 times 127 fit.
    #[inline(always)]
    unsafe fn dot(sums: Bytes, bytes: Bytes, with: *const i8) -> Bytes {
        unsafe {
            let with = _mm256_set1_epi32(with.cast::<i32>().read_unaligned());
            let ones = _mm256_set1_epi16(1);
            let half = |sums: __m256i, bytes: __m256i| {
                _mm256_add_epi32(sums, _mm256_madd_epi16(_mm256_maddubs_epi16(bytes, with), ones))
            };
            [half(sums[0], bytes[0]), half(sums[1], bytes[1])]
        }
    }

    /// Larger bytes are halved first, into what is even and what is left over.
    #[inline(always)]
    unsafe fn dot_any(sums: Bytes, bytes: Bytes, with: *const i8) -> Bytes {
        unsafe {
            let low = Self::and(bytes, 0x7F);
            let high = Self::and(Self::right::<1>(bytes), 0x40);
            let sums = Self::dot(sums, low, with);
            Self::dot(Self::dot(sums, high, with), high, with)
        }
    }

    #[inline(always)]
    unsafe fn add_sums(a: Bytes, b: Bytes) -> Bytes {
        unsafe { [_mm256_add_epi32(a[0], b[0]), _mm256_add_epi32(a[1], b[1])] }
    }

    #[inline(always)]
    unsafe fn reals(sums: Bytes) -> Reals {
        unsafe { [_mm256_cvtepi32_ps(sums[0]), _mm256_cvtepi32_ps(sums[1])] }
    }
}
