//! For x86-64 processors with AVX2 and fused multiplication. Never called where the processor lacks them.
#![allow(unsafe_code, reason = "see vector.rs")]

use std::arch::x86_64::*;

use super::functions;
use super::vector::vector;

vector!(
    __m256,
    8,
    _mm256_loadu_ps,
    _mm256_storeu_ps,
    _mm256_set1_ps,
    _mm256_add_ps,
    _mm256_sub_ps,
    _mm256_mul_ps,
    _mm256_div_ps,
    _mm256_fmadd_ps,
    _mm256_max_ps,
    _mm256_min_ps,
    power_of_two
);
functions!("avx2,fma", __m256, 2, [1 2 3 4 5 6]);

#[inline]
#[target_feature(enable = "avx2")]
fn power_of_two(rounded: __m256) -> __m256 {
    let exponent = _mm256_slli_epi32::<23>(_mm256_castps_si256(rounded));
    _mm256_castsi256_ps(_mm256_add_epi32(exponent, _mm256_castps_si256(_mm256_set1_ps(1.0))))
}
