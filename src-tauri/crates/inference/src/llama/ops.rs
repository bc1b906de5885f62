//! The arithmetic between the matrix products.

pub(super) mod composed;
pub(super) mod cpu;

use candle_core::{Result, Tensor};

/// Root mean square normalization (Zhang and Sennrich 2019) of the rows of `x`, times `weight`.
pub(super) fn normalize(x: &Tensor, weight: &Tensor, epsilon: f32) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return composed::normalize(x, weight, epsilon);
    }
    x.apply_op2_no_bwd(weight, &cpu::Normalize { epsilon })
}

/// `silu(gate) * up` (Shazeer 2020) for rows of the gate's values, then as many of the up projection's.
pub(super) fn gate(x: &Tensor) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return composed::gate(x);
    }
    x.apply_op1_no_bwd(&cpu::Gate)
}

/// Rotary position embedding (Su et al. 2021) of `x`, shaped `[positions, heads, size]`; a pair is a value of a head's
/// first half and its peer in the second. `cos` and `sin` are shaped `[positions, size / 2]`. Gives `[heads, positions,
/// size]`.
pub(super) fn rotate(x: &Tensor, cos: &Tensor, sin: &Tensor) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return composed::rotate(x, cos, sin);
    }
    x.apply_op3_no_bwd(cos, sin, &cpu::Rotate)
}

/// Softmax of `scale * scores`, shaped `[groups, heads * queries, keys]`: query `i` stands at `at + i` and sees no
/// later key.
pub(super) fn attention_weights(scores: &Tensor, queries: usize, at: usize, scale: f32) -> Result<Tensor> {
    if !scores.device().is_cpu() {
        return composed::attention_weights(scores, queries, at, scale);
    }
    scores.apply_op1_no_bwd(&cpu::Softmax { queries, at, scale })
}
