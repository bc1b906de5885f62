//! Matrices of a layer that share their activations. Never knows how weights lie in memory.

use super::pool::Pool;
use super::rounded::Input;
use super::weights::Weights;

/// Matrices of one width below each other, whose products stand side by side.
pub(super) struct Stack {
    parts: Vec<Weights>,
    rows: usize,
}

impl Stack {
    pub fn new(parts: Vec<Weights>) -> Self {
        Self { rows: parts.iter().map(Weights::rows).sum(), parts }
    }

    /// Values of a row of the product.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// `x W^T`, or that added to what `out` holds. `x` has as many rows as `out` has rows of [`Stack::rows`] values.
    pub fn product(&self, x: Input, out: &mut [f32], add: bool, pool: &mut Pool) {
        let mut column = 0;
        for part in &self.parts {
            part.product(x, out, (self.rows, column), add, pool);
            column += part.rows();
        }
    }

    /// Row `row` of the first matrix.
    pub fn row(&self, row: usize, to: &mut [f32]) {
        if let Some(first) = self.parts.first() {
            first.row(row, to);
        }
    }
}
