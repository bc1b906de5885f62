//! Products with the model's large matrices: the one place that knows how their numbers are stored, and that a quicker
//! kernel would replace.

use std::borrow::Cow;

use candle_core::quantized::k_quants::{BlockQ4_0, BlockQ8_0, GgmlType};
use candle_core::quantized::{GgmlDType, QMatMul, QStorage, QTensor};
use candle_core::{D, Device, Module, Result, Storage, Tensor, bail};
use half::f16;
use rayon::prelude::*;

use crate::gguf::RawTensor;

/// Rows of input from which turning the weights to floats, for one product, costs less than it gains.
const MANY: usize = 16;
/// Weights of a row that share a scale, in GGUF's kinds Q4_0, Q4_1 and Q8_0.
const BLOCK: usize = 32;
/// Rows of weights that are worth handing to another thread.
const SHARE: usize = 96;

/// `x W^T`, for one matrix or for several of the same width below each other.
pub(super) enum Linear {
    /// On the CPU. Q4_1 (`w = d q + m` for each block of 32) is kept as Q4_0 (`d (q - 8)`), for which candle has vector
    /// code, and an offset `m + 8 d`, which meets the sum of the block's inputs: together the file's weights, bit for
    /// bit.
    Blocks {
        weights: QTensor,
        /// Shaped `[rows, columns / 32]`; none where the file's kind needs none.
        offsets: Option<Tensor>,
    },
    /// On other devices, and for other kinds: candle's own product.
    Whole(QMatMul),
}

impl Linear {
    pub fn new(parts: Vec<RawTensor>, device: &Device) -> Result<Self> {
        let joined = parts.into_iter().reduce(|mut joined, part| {
            joined.rows += part.rows;
            joined.bytes.extend(part.bytes);
            joined
        });
        let Some(raw) = joined else { bail!("a linear layer needs a matrix") };
        match raw.kind {
            GgmlDType::Q4_1 if device.is_cpu() => {
                let shape = (raw.rows, raw.columns / BLOCK);
                let (raw, offsets) = split(raw);
                let offsets = Some(Tensor::from_vec(offsets, shape, device)?);
                Ok(Self::Blocks { weights: stored(raw, device)?, offsets })
            }
            GgmlDType::Q4_0 | GgmlDType::Q8_0 if device.is_cpu() => {
                Ok(Self::Blocks { weights: stored(raw, device)?, offsets: None })
            }
            _ => Ok(Self::Whole(QMatMul::from_qtensor(stored(raw, device)?)?)),
        }
    }

    /// `x` has a row for each position.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Whole(weights) => weights.forward(x),
            Self::Blocks { weights, offsets } if x.dim(0)? < MANY => match weights.dtype() {
                GgmlDType::Q4_0 => dots::<BlockQ4_0>(weights, offsets.as_ref(), x),
                _ => dots::<BlockQ8_0>(weights, offsets.as_ref(), x),
            },
            Self::Blocks { weights, offsets } => {
                let product = x.matmul(&weights.dequantize(x.device())?.t()?)?;
                let Some(offsets) = offsets else { return Ok(product) };
                let (count, columns) = x.dims2()?;
                let sums = x.reshape((count, columns / BLOCK, BLOCK))?.sum(D::Minus1)?;
                product + sums.matmul(&offsets.t()?)?
            }
        }
    }

    /// The rows of the matrix that `indices` names.
    pub fn rows(&self, indices: &Tensor) -> Result<Tensor> {
        match self {
            Self::Whole(weights) => weights.embedding(indices),
            Self::Blocks { weights, offsets: None } => weights.embedding(indices),
            Self::Blocks { offsets: Some(_), .. } => bail!("rows of a split matrix are not in one piece"),
        }
    }
}

/// As in the file.
pub(super) fn stored(raw: RawTensor, device: &Device) -> Result<QTensor> {
    QTensor::new(QStorage::from_data(Cow::Owned(raw.bytes), device, raw.kind)?, (raw.rows, raw.columns))
}

/// Q4_1 as Q4_0 and the offset of each block.
fn split(raw: RawTensor) -> (RawTensor, Vec<f32>) {
    // A block is a scale, a minimum (both half floats), and 16 bytes of two weights each. Q4_0 lacks the minimum.
    let blocks = raw.bytes.chunks_exact(GgmlDType::Q4_1.type_size());
    let mut offsets = Vec::with_capacity(blocks.len());
    let mut bytes = Vec::with_capacity(blocks.len() * GgmlDType::Q4_0.type_size());
    for block in blocks {
        let number = |at: usize| f16::from_le_bytes([block[at], block[at + 1]]).to_f32();
        offsets.push(number(2) + 8.0 * number(0));
        bytes.extend_from_slice(&block[..2]);
        bytes.extend_from_slice(&block[4..]);
    }
    (RawTensor { kind: GgmlDType::Q4_0, bytes, ..raw }, offsets)
}

/// The product for few rows: inputs rounded to 8 bits, candle's dot product for each row of weights, shared among the
/// threads of the pool that this runs in. candle's own loop shares among threads that spin, which stand still for whole
/// time slices as soon as another program wants a core.
fn dots<T: GgmlType<VecDotType = BlockQ8_0>>(
    weights: &QTensor,
    offsets: Option<&Tensor>,
    x: &Tensor,
) -> Result<Tensor> {
    let (rows, columns) = weights.shape().dims2()?;
    let (count, blocks) = (x.dim(0)?, columns / BLOCK);
    let bytes = weights.data()?;
    // SAFETY: blocks are plain numbers (a half float and bytes), so any bytes are blocks; what does not lie as one is
    // left out.
    #[allow(unsafe_code)]
    let (before, weights, after) = unsafe { bytes.align_to::<T>() };
    let x: Vec<f32> = x.flatten_all()?.to_vec1()?;
    if !before.is_empty() || !after.is_empty() || weights.len() != rows * blocks || x.len() != count * columns {
        bail!("{rows} rows of {columns} weights do not fit {} inputs", x.len());
    }
    let offsets = offsets.map(Tensor::storage_and_layout);
    let offsets = match offsets.as_ref().map(|(storage, _)| &**storage) {
        Some(Storage::Cpu(storage)) => storage.as_slice::<f32>()?,
        _ => &[],
    };

    let mut products = vec![0.0; count * rows];
    let mut rounded = vec![BlockQ8_0::zeros(); blocks];
    for (x, products) in x.chunks_exact(columns).zip(products.chunks_exact_mut(rows)) {
        BlockQ8_0::from_float(x, &mut rounded);
        let sums: Vec<f32> = x.chunks_exact(BLOCK).map(|block| block.iter().sum()).collect();
        products.par_iter_mut().with_min_len(SHARE).enumerate().for_each(|(row, product)| {
            let offsets = offsets.get(row * blocks..).unwrap_or_default();
            let offset: f32 = offsets.iter().zip(&sums).map(|(offset, sum)| offset * sum).sum();
            *product = T::vec_dot(columns, &weights[row * blocks..][..blocks], &rounded) + offset;
        });
    }
    Tensor::from_vec(products, (count, rows), &Device::Cpu)
}
