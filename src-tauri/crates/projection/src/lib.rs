//! Vectors on a plane, for eyes: the two directions in which they differ most ([`principal`]), and a layout that keeps
//! neighbours together ([`arrange`]).
//!
//! Pure arithmetic on numbers that it is given: knows no collection, finds no neighbour, and on one machine gives the same
//! places for the same numbers.

mod arrange;
mod principal;

pub use arrange::{Neighbour, arrange};
pub use principal::{Principal, principal};

/// A place on the plane.
pub type Place = [f32; 2];

/// Vectors of one length, one after another.
#[derive(Debug, Clone, PartialEq)]
pub struct Vectors {
    numbers: Vec<f32>,
    dimension: usize,
}

impl Vectors {
    /// None yet, each of `dimension` numbers, at least one.
    pub fn new(dimension: usize) -> Self {
        Self { numbers: Vec::new(), dimension: dimension.max(1) }
    }

    /// One more. What is longer is cut, and what is shorter ends in zeros.
    pub fn push(&mut self, vector: &[f32]) {
        let given = &vector[..vector.len().min(self.dimension)];
        self.numbers.extend_from_slice(given);
        self.numbers.resize(self.numbers.len() + self.dimension - given.len(), 0.0);
    }

    pub fn dimension(&self) -> usize {
        self.dimension
    }

    pub fn len(&self) -> usize {
        self.numbers.len() / self.dimension
    }

    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// # Panics
    /// Where `index` is not below [`Vectors::len`].
    pub fn row(&self, index: usize) -> &[f32] {
        &self.numbers[index * self.dimension..][..self.dimension]
    }

    /// The Euclidean distance of two of them.
    ///
    /// # Panics
    /// Where an index is not below [`Vectors::len`].
    pub fn distance(&self, one: usize, other: usize) -> f32 {
        let pairs = self.row(one).iter().zip(self.row(other));
        pairs.map(|(one, other)| (one - other).powi(2)).sum::<f32>().sqrt()
    }

    fn rows(&self) -> std::slice::ChunksExact<'_, f32> {
        self.numbers.chunks_exact(self.dimension)
    }
}

#[cfg(test)]
mod tests;
