//! The arithmetic between the matrix products, each one kernel where candle has it: a small model on a GPU takes as long as
//! its launches do.

use candle_core::{Device, Result, Tensor};
use candle_nn::{ops, rotary_emb};

/// Root mean square normalization (Zhang and Sennrich 2019) of the rows of `x`, times `weight`.
pub fn normalize(x: &Tensor, weight: &Tensor, epsilon: f32) -> Result<Tensor> {
    ops::rms_norm(x, weight, epsilon)
}

/// Rotary position embedding (Su et al. 2021) of `x`, shaped `[positions, heads, size]`; a pair is a value of a head's
/// first part and its peer in the second, which are as long as a row of `cos` and `sin`; what lies beyond stays.
pub fn rotate(x: &Tensor, cos: &Tensor, sin: &Tensor) -> Result<Tensor> {
    let (size, turned) = (x.dim(2)?, 2 * cos.dim(1)?);
    let rotate = |x: &Tensor| rotary_emb::rope_thd(&x.unsqueeze(0)?, cos, sin)?.squeeze(0);
    if turned == size {
        return rotate(x);
    }
    let rest = x.narrow(2, turned, size - turned)?;
    Tensor::cat(&[rotate(&x.narrow(2, 0, turned)?.contiguous()?)?, rest], 2)?.contiguous()
}

/// What to add to the scores of `queries`, of which the first stands at `at`: query `i` sees no key later than `at + i`,
/// and none earlier than `window` reaches. Shaped `[1, queries, at + queries]`; `None` where each sees every key.
pub fn mask(queries: usize, at: usize, window: Option<usize>, device: &Device) -> Result<Option<Tensor>> {
    let keys = at + queries;
    let first = |query: usize| window.map_or(0, |window| (at + query + 1).saturating_sub(window));
    if queries == 1 && first(0) == 0 {
        return Ok(None);
    }
    let sees = |query: usize, key: usize| (first(query)..=at + query).contains(&key);
    let seen = |query: usize| (0..keys).map(move |key| if sees(query, key) { 0.0 } else { f32::NEG_INFINITY });
    let mask: Vec<f32> = (0..queries).flat_map(seen).collect();
    Tensor::from_vec(mask, (1, queries, keys), device).map(Some)
}

/// Softmax of `scale * scores` under a mask; `scores` is shaped `[groups, heads * queries, keys]`.
pub fn attention_weights(scores: &Tensor, mask: Option<&Tensor>, scale: f32) -> Result<Tensor> {
    let scores = (scores * f64::from(scale))?;
    let Some(mask) = mask else { return ops::softmax_last_dim(&scores) };
    let (groups, rows, keys) = scores.dims3()?;
    let queries = mask.dim(1)?;
    let hidden = scores.reshape((groups * rows / queries, queries, keys))?.broadcast_add(mask)?;
    ops::softmax_last_dim(&hidden)?.reshape((groups, rows, keys))
}
