//! For x86-64 processors with AVX-512. Never called where the processor lacks it.
#![allow(unsafe_code, reason = "see vector.rs")]

use std::arch::x86_64::*;

use super::functions;
use super::vector::vector;

vector!(
    __m512,
    16,
    _mm512_loadu_ps,
    _mm512_storeu_ps,
    _mm512_set1_ps,
    _mm512_add_ps,
    _mm512_sub_ps,
    _mm512_mul_ps,
    _mm512_div_ps,
    _mm512_fmadd_ps,
    _mm512_max_ps,
    _mm512_min_ps,
    power_of_two
);
functions!("avx512f", __m512, 2, [1 2 3 4 5 6 7 8 9 10 11 12 13 14]);

#[inline]
#[target_feature(enable = "avx512f")]
fn power_of_two(rounded: __m512) -> __m512 {
    let exponent = _mm512_slli_epi32::<23>(_mm512_castps_si512(rounded));
    _mm512_castsi512_ps(_mm512_add_epi32(exponent, _mm512_castps_si512(_mm512_set1_ps(1.0))))
}
