//! The arithmetic between the matrix products.

use candle_core::{D, Result, Tensor};

/// Root mean square normalization (Zhang and Sennrich 2019) of the rows of `x`, times `weight`.
pub fn normalize(x: &Tensor, weight: &Tensor, epsilon: f32) -> Result<Tensor> {
    let scale = (x.sqr()?.mean_keepdim(D::Minus1)? + f64::from(epsilon))?.sqrt()?.recip()?;
    x.broadcast_mul(&scale)?.broadcast_mul(weight)
}

/// Rotary position embedding (Su et al. 2021) of `x`, shaped `[positions, heads, size]`; a pair is a value of a head's
/// first part and its peer in the second, which are as long as a row of `cos` and `sin`; what lies beyond stays.
pub fn rotate(x: &Tensor, cos: &Tensor, sin: &Tensor) -> Result<Tensor> {
    let (size, half) = (x.dim(2)?, cos.dim(1)?);
    let (cos, sin) = (cos.unsqueeze(1)?, sin.unsqueeze(1)?);
    let (low, high) = (x.narrow(2, 0, half)?, x.narrow(2, half, half)?);
    let turned_low = (low.broadcast_mul(&cos)? - high.broadcast_mul(&sin)?)?;
    let turned_high = (high.broadcast_mul(&cos)? + low.broadcast_mul(&sin)?)?;
    if 2 * half == size {
        return Tensor::cat(&[turned_low, turned_high], 2)?.contiguous();
    }
    let rest = x.narrow(2, 2 * half, size - 2 * half)?;
    Tensor::cat(&[turned_low, turned_high, rest], 2)?.contiguous()
}

/// Softmax of `scale * scores`, shaped `[groups, heads * queries, keys]`: query `i` stands at `at + i` and sees no
/// later key, and no earlier one than `window` reaches.
pub fn attention_weights(
    scores: &Tensor,
    queries: usize,
    at: usize,
    window: Option<usize>,
    scale: f32,
) -> Result<Tensor> {
    let (groups, rows, keys) = scores.dims3()?;
    let first = |query: usize| window.map_or(0, |window| (at + query + 1).saturating_sub(window));
    let sees = |query: usize, key: usize| (first(query)..=at + query).contains(&key);
    let seen = |query: usize| (0..keys).map(move |key| if sees(query, key) { 0.0 } else { f32::NEG_INFINITY });
    let mask: Vec<f32> = (0..queries).flat_map(seen).collect();
    let mask = Tensor::from_vec(mask, (1, queries, keys), scores.device())?;
    let scores =
        (scores * f64::from(scale))?.reshape((groups * rows / queries, queries, keys))?.broadcast_add(&mask)?;
    let weights = scores.broadcast_sub(&scores.max_keepdim(D::Minus1)?)?.exp()?;
    weights.broadcast_div(&weights.sum_keepdim(D::Minus1)?)?.reshape((groups, rows, keys))
}
