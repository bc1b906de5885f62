//! A linear layer: its weights in panels, as the kernel reads them, and its product with rows of numbers.

use super::buffer::Buffer;
use super::kernel::{Kernel, Tile, WIDTH};
use super::work::{Run, each};

/// `inputs` to `outputs` numbers, with a bias.
#[derive(Debug)]
pub(super) struct Linear {
    /// Panel after panel: `inputs` rows of 32 columns.
    panels: Buffer,
    bias: Vec<[f32; WIDTH]>,
    inputs: usize,
}

/// What becomes of each number of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    Nothing,
    Gelu,
}

impl Linear {
    /// Of layers that have the same inputs, one after another: each as its weights, output after output, and its bias.
    /// Outputs of each and the inputs are multiples of 32.
    pub fn new(parts: &[(Vec<f32>, Vec<f32>)]) -> Self {
        let bias: Vec<[f32; WIDTH]> = parts.iter().flat_map(|(_, bias)| bias.as_chunks::<WIDTH>().0.to_vec()).collect();
        let inputs = parts.iter().map(|(weights, _)| weights.len()).sum::<usize>() / (bias.len() * WIDTH);
        let mut panels = Buffer::zeros(bias.len() * WIDTH * inputs);
        let outputs = parts.iter().flat_map(|(weights, _)| weights.chunks_exact(inputs));
        for (output, weights) in outputs.enumerate() {
            let panel = &mut panels[output / WIDTH * WIDTH * inputs..][..WIDTH * inputs];
            for (row, weight) in panel.chunks_exact_mut(WIDTH).zip(weights) {
                row[output % WIDTH] = *weight;
            }
        }
        Self { panels, bias, inputs }
    }

    /// Numbers that the product with `rows` rows has.
    pub fn size(&self, rows: usize) -> usize {
        self.bias.len() * WIDTH * rows
    }

    /// `product` = `left` times the weights, plus the bias. Both hold `rows` rows, in panels.
    pub fn multiply(&self, kernel: Kernel, run: Run, rows: usize, left: &[f32], product: &mut [f32], after: After) {
        let panels = product.chunks_exact_mut(rows * WIDTH).zip(self.panels.chunks_exact(self.inputs * WIDTH));
        each(run, panels.zip(&self.bias), |((product, right), bias)| {
            for (first, sums) in tiles(product, kernel.rows()) {
                let left = &left[first * WIDTH..];
                kernel.tile(Tile { left, stride: rows * WIDTH, right, depth: self.inputs, start: bias, sums });
                if after == After::Gelu {
                    kernel.gelu(sums);
                }
            }
        });
    }
}

/// Cuts a panel into as few tiles of at most `most` rows as there can be, of nearly equal height: each with the number of
/// its first row.
pub(super) fn tiles(panel: &mut [f32], most: usize) -> impl Iterator<Item = (usize, &mut [f32])> {
    let rows = panel.len() / WIDTH;
    let count = rows.div_ceil(most);
    let mut rest = panel;
    (0..count).map(move |index| {
        let (first, end) = (index * rows / count, (index + 1) * rows / count);
        let (tile, after) = std::mem::take(&mut rest).split_at_mut((end - first) * WIDTH);
        rest = after;
        (first, tile)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_few_and_of_nearly_equal_height() {
        let check = |rows: usize, expected: &[(usize, usize)]| {
            let mut panel = vec![0.0; rows * WIDTH];
            let tiles: Vec<_> = tiles(&mut panel, 14).map(|(first, tile)| (first, tile.len() / WIDTH)).collect();
            assert_eq!(tiles, expected);
        };
        check(0, &[]);
        check(1, &[(0, 1)]);
        check(14, &[(0, 14)]);
        check(15, &[(0, 7), (7, 8)]);
        check(40, &[(0, 13), (13, 13), (26, 14)]);
    }

    #[test]
    fn layers_with_the_same_inputs_are_multiplied_at_once() {
        let (rows, inputs) = (17, 64);
        // Of output o, the weight of input i is o + i / 100, and the bias is -o.
        let layer = |outputs: std::ops::Range<usize>| {
            let weights = outputs.clone().flat_map(|o| (0..inputs).map(move |i| o as f32 + i as f32 / 100.0)).collect();
            (weights, outputs.map(|o| -(o as f32)).collect())
        };
        let linear = Linear::new(&[layer(0..32), layer(32..96)]);
        assert_eq!(linear.size(rows), rows * 96);
        let value = |row: usize, column: usize| (row as f32 - column as f32 / 8.0) / 64.0;
        let place = |row: usize, column: usize| (column / WIDTH * rows + row) * WIDTH + column % WIDTH;
        let mut left = vec![0.0; rows * inputs];
        (0..rows).for_each(|row| (0..inputs).for_each(|column| left[place(row, column)] = value(row, column)));
        for kernel in Kernel::all() {
            let mut product = vec![0.0; linear.size(rows)];
            linear.multiply(kernel, &crate::bert::alone, rows, &left, &mut product, After::Nothing);
            for (row, output) in (0..rows).flat_map(|row| (0..96).map(move |output| (row, output))) {
                let term = |i: usize| (output as f32 + i as f32 / 100.0) * value(row, i);
                let expected = (0..inputs).map(term).sum::<f32>() - output as f32;
                let actual = product[place(row, output)];
                assert!((actual - expected).abs() < 2e-2, "{kernel:?}, {row}, {output}: {actual}, not {expected}");
            }
        }
    }
}
