//! For ARM processors of 64 bits, all of which have NEON.
#![allow(unsafe_code, reason = "see vector.rs")]

use std::arch::aarch64::*;

use super::functions;
use super::vector::vector;

vector!(
    float32x4_t,
    4,
    vld1q_f32,
    vst1q_f32,
    vdupq_n_f32,
    vaddq_f32,
    vsubq_f32,
    vmulq_f32,
    vdivq_f32,
    times_plus,
    vmaxq_f32,
    vminq_f32,
    power_of_two
);
functions!("neon", float32x4_t, 4, [1 2 3 4 5 6]);

/// NEON's own takes the summand first.
#[inline]
#[target_feature(enable = "neon")]
fn times_plus(a: float32x4_t, b: float32x4_t, summand: float32x4_t) -> float32x4_t {
    vfmaq_f32(summand, a, b)
}

#[inline]
#[target_feature(enable = "neon")]
fn power_of_two(rounded: float32x4_t) -> float32x4_t {
    let exponent = vshlq_n_s32::<23>(vreinterpretq_s32_f32(rounded));
    vreinterpretq_f32_s32(vaddq_s32(exponent, vreinterpretq_s32_f32(vdupq_n_f32(1.0))))
}
