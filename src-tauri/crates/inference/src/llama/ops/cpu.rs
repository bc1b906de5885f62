//! Each operation as one pass over its rows, on all cores where that is worth it.

use candle_core::{CpuStorage, CustomOp1, CustomOp2, CustomOp3, Layout, Result, Shape, bail};
use rayon::prelude::*;

/// Fewer values than this are not worth waking other threads for.
const WORTH_SHARING: usize = 1 << 14;

pub struct Normalize {
    pub epsilon: f32,
}

impl CustomOp2 for Normalize {
    fn name(&self) -> &'static str {
        "normalize"
    }

    fn cpu_fwd(&self, x: &CpuStorage, xl: &Layout, w: &CpuStorage, wl: &Layout) -> Result<(CpuStorage, Shape)> {
        let (x, weight) = (values(x, xl)?, values(w, wl)?);
        by_rows(x, weight.len(), weight.len(), xl.shape().clone(), |_, row, out| {
            let square: f32 = row.iter().map(|value| value * value).sum();
            let scale = 1.0 / (square / row.len() as f32 + self.epsilon).sqrt();
            for ((out, value), weight) in out.iter_mut().zip(row).zip(weight) {
                *out = value * scale * weight;
            }
        })
    }
}

pub struct Gate;

impl CustomOp1 for Gate {
    fn name(&self) -> &'static str {
        "gate"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (rows, width) = layout.shape().dims2()?;
        by_rows(values(x, layout)?, width, width / 2, (rows, width / 2).into(), |_, row, out| {
            let (gate, up) = row.split_at(width / 2);
            for ((out, gate), up) in out.iter_mut().zip(gate).zip(up) {
                *out = gate / (1.0 + (-gate).exp()) * up;
            }
        })
    }
}

pub struct Rotate;

impl CustomOp3 for Rotate {
    fn name(&self) -> &'static str {
        "rotate"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        xl: &Layout,
        cos: &CpuStorage,
        cl: &Layout,
        sin: &CpuStorage,
        sl: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (positions, heads, size) = xl.shape().dims3()?;
        let (cos, sin) = (values(cos, cl)?, values(sin, sl)?);
        let [between_positions, between_heads, 1] = *xl.stride() else { bail!("heads must be contiguous") };
        let x = &x.as_slice::<f32>()?[xl.start_offset()..];
        let half = size / 2;
        let mut turned = vec![0.0; positions * heads * size];
        for (row, out) in turned.chunks_exact_mut(size).enumerate() {
            let (head, position) = (row / positions, row % positions);
            let (low, high) = x[position * between_positions + head * between_heads..][..size].split_at(half);
            let (cos, sin) = (&cos[position * half..][..half], &sin[position * half..][..half]);
            for i in 0..half {
                out[i] = low[i] * cos[i] - high[i] * sin[i];
                out[half + i] = high[i] * cos[i] + low[i] * sin[i];
            }
        }
        Ok((CpuStorage::F32(turned), (heads, positions, size).into()))
    }
}

pub struct Softmax {
    pub queries: usize,
    pub at: usize,
    pub scale: f32,
}

impl CustomOp1 for Softmax {
    fn name(&self) -> &'static str {
        "attention-weights"
    }

    fn cpu_fwd(&self, scores: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let shape = layout.shape().clone();
        let (_, _, keys) = shape.dims3()?;
        by_rows(values(scores, layout)?, keys, keys, shape, |row, scores, out| {
            let seen = keys.min(self.at + row % self.queries + 1);
            let (scores, out) = (&scores[..seen], &mut out[..seen]);
            let greatest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let mut sum = 0.0;
            for (out, score) in out.iter_mut().zip(scores) {
                *out = ((score - greatest) * self.scale).exp();
                sum += *out;
            }
            out.iter_mut().for_each(|out| *out /= sum);
        })
    }
}

fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&storage.as_slice::<f32>()?[start..end]),
        None => bail!("the values must be contiguous"),
    }
}

/// Makes a row of `to` values from each row of `from` values of `x`.
fn by_rows(
    x: &[f32],
    from: usize,
    to: usize,
    shape: Shape,
    make: impl Fn(usize, &[f32], &mut [f32]) + Sync,
) -> Result<(CpuStorage, Shape)> {
    let mut made = vec![0.0; x.len() / from * to];
    if x.len() < WORTH_SHARING {
        made.chunks_exact_mut(to).zip(x.chunks_exact(from)).enumerate().for_each(|(row, (out, x))| make(row, x, out));
    } else {
        let rows = made.par_chunks_exact_mut(to).zip(x.par_chunks_exact(from)).enumerate();
        rows.for_each(|(row, (out, x))| make(row, x, out));
    }
    Ok((CpuStorage::F32(made), shape))
}
