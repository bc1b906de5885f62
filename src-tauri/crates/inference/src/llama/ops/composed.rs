//! The same operations composed of candle's own, for devices that run those.

use candle_core::{D, Result, Tensor};

pub fn normalize(x: &Tensor, weight: &Tensor, epsilon: f32) -> Result<Tensor> {
    let scale = (x.sqr()?.mean_keepdim(D::Minus1)? + f64::from(epsilon))?.sqrt()?.recip()?;
    x.broadcast_mul(&scale)?.broadcast_mul(weight)
}

pub fn gate(x: &Tensor) -> Result<Tensor> {
    let half = x.dim(D::Minus1)? / 2;
    x.narrow(D::Minus1, 0, half)?.contiguous()?.silu()? * x.narrow(D::Minus1, half, half)?.contiguous()?
}

pub fn rotate(x: &Tensor, cos: &Tensor, sin: &Tensor) -> Result<Tensor> {
    let (_, _, size) = x.dims3()?;
    let x = x.transpose(0, 1)?.contiguous()?;
    let (cos, sin) = (cos.unsqueeze(0)?, sin.unsqueeze(0)?);
    let (low, high) = (x.narrow(2, 0, size / 2)?, x.narrow(2, size / 2, size / 2)?);
    let turned_low = (low.broadcast_mul(&cos)? - high.broadcast_mul(&sin)?)?;
    let turned_high = (high.broadcast_mul(&cos)? + low.broadcast_mul(&sin)?)?;
    Tensor::cat(&[turned_low, turned_high], 2)?.contiguous()
}

pub fn attention_weights(scores: &Tensor, queries: usize, at: usize, scale: f32) -> Result<Tensor> {
    let (groups, rows, keys) = scores.dims3()?;
    let seen = |query: usize| (0..keys).map(move |key| if key <= at + query { 0.0 } else { f32::NEG_INFINITY });
    let mask: Vec<f32> = (0..queries).flat_map(seen).collect();
    let mask = Tensor::from_vec(mask, (1, queries, keys), scores.device())?;
    let scores =
        (scores * f64::from(scale))?.reshape((groups * rows / queries, queries, keys))?.broadcast_add(&mask)?;
    let weights = scores.broadcast_sub(&scores.max_keepdim(D::Minus1)?)?.exp()?;
    weights.broadcast_div(&weights.sum_keepdim(D::Minus1)?)?.reshape((groups, rows, keys))
}
