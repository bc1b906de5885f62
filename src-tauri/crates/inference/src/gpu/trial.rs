//! Products whose results are known, computed before a device is trusted with a model: the launches of candle's kernels
//! for quantized weights tell no failure, and one that a GPU cannot run leaves the memory as it was.

use candle_core::quantized::{GgmlDType, QMatMul, QTensor};
use candle_core::{Device, Error, Module, Result, Tensor};

/// A multiple of every kind's block.
const COLUMNS: usize = 512;
const ROWS: usize = 96;
/// One token and few are computed by other kernels than many.
const BATCHES: [usize; 3] = [1, 5, 40];
/// Relative, in the Euclidean norm. Activations of 8 bits are within a hundredth.
const TOLERANCE: f32 = 0.05;

/// `Err` unless products with weights of `kind` come out right on `device`.
pub fn try_product(kind: GgmlDType, device: &Device) -> Result<()> {
    let weights = QTensor::quantize(&values(ROWS)?, kind)?;
    let known = weights.dequantize(&Device::Cpu)?.t()?;
    let bytes = weights.data()?.into_owned();
    let there = QMatMul::from_qtensor(super::quantized(bytes, kind, (ROWS, COLUMNS), device)?)?;
    for batch in BATCHES {
        let rows = values(batch)?;
        let expected = rows.matmul(&known)?.flatten_all()?.to_vec1()?;
        let computed = there.forward(&rows.to_device(device)?)?.flatten_all()?.to_vec1()?;
        if !is_close(&computed, &expected) {
            return Err(Error::Msg(format!("it computed a wrong product of {batch} rows with {kind:?} weights")));
        }
    }
    Ok(())
}

/// Numbers between -1 and 1 without a pattern that a wrong product could share, shaped `[rows, COLUMNS]`.
fn values(rows: usize) -> Result<Tensor> {
    let scattered = |index: u32| index.wrapping_mul(2_654_435_761).rotate_left(15).wrapping_mul(2_246_822_519);
    let values = (0..(rows * COLUMNS) as u32).map(|index| scattered(index + 1) as f32 / 2.0_f32.powi(31) - 1.0);
    Tensor::from_iter(values, &Device::Cpu)?.reshape((rows, COLUMNS))
}

fn is_close(computed: &[f32], expected: &[f32]) -> bool {
    let square = |number: f32| number * number;
    let apart: f32 = computed.iter().zip(expected).map(|(computed, expected)| square(computed - expected)).sum();
    let size: f32 = expected.iter().copied().map(square).sum();
    // What is not a number is close to nothing.
    computed.len() == expected.len() && apart < square(TOLERANCE) * size
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_computes_right_passes_with_all_kinds_of_weights() {
        use GgmlDType::{BF16, F16, F32, Q2K, Q3K, Q4_0, Q4_1, Q4K, Q5_0, Q5_1, Q5K, Q6K, Q8_0};
        for kind in [F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2K, Q3K, Q4K, Q5K, Q6K] {
            try_product(kind, &Device::Cpu).unwrap();
        }
    }

    #[test]
    fn a_product_that_was_never_computed_is_seen() {
        let expected = values(4).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let mut halved = expected.clone();
        halved[..64].fill(0.0);
        let mut off: Vec<f32> = expected.iter().map(|value| value * 1.01).collect();
        assert!(is_close(&expected, &expected) && is_close(&off, &expected));
        off[7] = f32::NAN;
        for wrong in [off, halved, vec![0.0; expected.len()], expected[1..].to_vec(), Vec::new()] {
            assert!(!is_close(&wrong, &expected));
        }
        assert!(!is_close(&[0.0], &[0.0]), "nothing is shown by zeros");
    }
}
