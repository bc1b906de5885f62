//! Weights from logits: the exponential function, the same on every machine and quick over a whole vocabulary.
//!
//! The system's own `exp` differs between C libraries in the last bit, which is enough for another token now and then.

/// Values that are summed together.
pub(super) const BLOCK: usize = 1024;
/// Sums that grow side by side, so that processors can add several at once.
const LANES: usize = 16;

/// Turns each value into `exp((value - greatest) * scale)` and gives the sum of each block of them. `scale` is positive,
/// and no value exceeds `greatest`. What is no number becomes 0.
pub(super) fn exponentials(values: &mut [f32], greatest: f32, scale: f32) -> Vec<f64> {
    let block = |values: &mut [f32]| {
        let mut sums = [0.0f32; LANES];
        let (chunks, rest) = values.as_chunks_mut::<LANES>();
        for chunk in chunks {
            for (value, sum) in chunk.iter_mut().zip(&mut sums) {
                *value = exponential((*value - greatest) * scale);
                *sum += *value;
            }
        }
        for (value, sum) in rest.iter_mut().zip(&mut sums) {
            *value = exponential((*value - greatest) * scale);
            *sum += *value;
        }
        sums.iter().copied().map(f64::from).sum()
    };
    values.chunks_mut(BLOCK).map(block).collect()
}

/// `exp(x)` for `x` of at most 0, within three units in the last place; 0 below -87 and for what is no number.
///
/// Splits off the power of two, then sums the series over the rest, which is at most ln(2)/2 (Cody and Waite 1980).
#[inline(always)]
fn exponential(x: f32) -> f32 {
    /// Adding it leaves a float's whole part in its lowest bits.
    const WHOLE: f32 = 12_582_912.0;
    /// ln(2) in two parts: the first has so few bits that its products are exact.
    const LN_2: (f32, f32) = (0.693_359_4, -2.121_944_4e-4);
    let inside = x >= -87.0;
    let x = if inside { x } else { 0.0 };
    let shifted = x * std::f32::consts::LOG2_E + WHOLE;
    let power = shifted - WHOLE;
    let rest = (x - power * LN_2.0) - power * LN_2.1;
    let series = 1.0 / 720.0;
    let series = series * rest + 1.0 / 120.0;
    let series = series * rest + 1.0 / 24.0;
    let series = series * rest + 1.0 / 6.0;
    let series = series * rest + 0.5;
    let series = series * rest + 1.0;
    let series = series * rest + 1.0;
    let exponent = shifted.to_bits().wrapping_sub(WHOLE.to_bits()).wrapping_add(127) << 23;
    if inside { series * f32::from_bits(exponent) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::{exponential, exponentials};

    #[test]
    fn is_the_exponential_function() {
        assert_eq!(exponential(0.0), 1.0);
        let mut worst = 0.0f64;
        for step in 0..870_000 {
            let x = -(step as f32) / 10_000.0;
            let exact = f64::from(x).exp();
            worst = worst.max((f64::from(exponential(x)) - exact).abs() / exact);
        }
        assert!(worst < 3.0e-7, "{worst:e}");
        for nothing in [-87.1, -1e30, f32::NEG_INFINITY, f32::NAN] {
            assert_eq!(exponential(nothing), 0.0);
        }
    }

    #[test]
    fn sums_by_blocks() {
        let mut values: Vec<f32> = (0..2500).map(|index| -(index as f32) / 500.0).collect();
        let exact: Vec<f64> =
            values.chunks(1024).map(|block| block.iter().map(|x| f64::from(2.0 * x).exp()).sum()).collect();
        let sums = exponentials(&mut values, 0.0, 2.0);
        assert_eq!(sums.len(), 3);
        for (sum, exact) in sums.iter().zip(exact) {
            assert!((sum - exact).abs() / exact < 1e-5, "{sum} {exact}");
        }
        assert!(values.windows(2).all(|pair| pair[0] > pair[1]));
    }
}
