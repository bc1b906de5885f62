//! Products with the model's large matrices: the one place that knows how their numbers are stored, and that a quicker
//! kernel would replace.

use std::borrow::Cow;
use std::sync::Arc;

use candle_core::quantized::{GgmlDType, QMatMul, QStorage, QTensor};
use candle_core::{D, Device, Module, Result, Tensor};
use half::f16;

use crate::gguf::RawTensor;

/// Rows of input from which turning the weights to floats, for one product, costs less than it gains.
const MANY: usize = 16;
/// Weights of a row that share a scale, in all of GGUF's simple kinds.
const BLOCK: usize = 32;

/// `x W^T`, for one matrix or for several of the same width below each other.
///
/// On the CPU, Q4_1 (`w = d q + m` for each block of 32) is kept as Q4_0 (`d (q - 8)`), for which candle has vector
/// code, and an offset `m + 8 d`, which meets the sum of a block's inputs. The two together are the file's weights, bit
/// for bit.
pub(super) struct Linear {
    weights: QMatMul,
    /// Shaped `[columns / 32, rows]`.
    offsets: Option<Tensor>,
}

impl Linear {
    pub fn new(parts: Vec<RawTensor>, device: &Device) -> Result<Self> {
        let joined = parts.into_iter().reduce(|mut joined, part| {
            joined.rows += part.rows;
            joined.bytes.extend(part.bytes);
            joined
        });
        let Some(raw) = joined else { candle_core::bail!("a linear layer needs a matrix") };
        if raw.kind != GgmlDType::Q4_1 || !device.is_cpu() {
            return Ok(Self { weights: QMatMul::from_qtensor(stored(raw, device)?)?, offsets: None });
        }
        let (blocks, rows) = (raw.columns / BLOCK, raw.rows);
        let (raw, offsets) = split(raw);
        let offsets = Tensor::from_vec(offsets, (rows, blocks), device)?.t()?.contiguous()?;
        Ok(Self { weights: QMatMul::from_qtensor(stored(raw, device)?)?, offsets: Some(offsets) })
    }

    /// `x` has a row for each position.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (count, columns) = x.dims2()?;
        let product = match &self.weights {
            QMatMul::QTensor(weights) if count >= MANY && x.device().is_cpu() => {
                x.matmul(&weights.dequantize(x.device())?.t()?)?
            }
            weights => weights.forward(x)?,
        };
        let Some(offsets) = &self.offsets else { return Ok(product) };
        let sums = x.reshape((count, columns / BLOCK, BLOCK))?.sum(D::Minus1)?;
        product + sums.matmul(offsets)?
    }
}

/// The vocabulary's vectors, which are also the head.
pub(super) struct Embedding(Arc<QTensor>);

impl Embedding {
    pub fn new(raw: RawTensor, device: &Device) -> Result<Self> {
        Ok(Self(Arc::new(stored(raw, device)?)))
    }

    pub fn rows(&self, tokens: &Tensor) -> Result<Tensor> {
        self.0.embedding(tokens)
    }

    pub fn scores(&self, x: &Tensor) -> Result<Tensor> {
        QMatMul::QTensor(self.0.clone()).forward(x)
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
