//! Tiles of a matrix product, and the function applied to whole rows, in the quickest form that this processor has. Which
//! one is decided when the program runs. Never allocates and starts no thread.
//!
//! Numbers lie in panels: 32 columns of all rows, row after row, then the next 32 columns. A tile takes up to
//! [`Kernel::rows`] rows of the left matrix and one panel of the right one, and all that it reads and writes lies close together.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
mod rows;
#[cfg(test)]
mod tests;
mod tile;
mod vector;

pub(super) use rows::Norm;
pub(super) use tile::Tile;

/// Columns of a panel.
pub(super) const WIDTH: usize = 32;

/// A set of instructions that this processor has: made by [`Kernel::choose`] and [`Kernel::all`] alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kernel(Instructions);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Instructions {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "aarch64")]
    Neon,
    Portable,
}

impl Kernel {
    /// The quickest that this processor can run.
    pub fn choose() -> Self {
        Self::all().next().unwrap_or(Self(Instructions::Portable))
    }

    /// Each that this processor can run, the quickest first.
    pub fn all() -> impl Iterator<Item = Self> {
        let known = [
            #[cfg(target_arch = "x86_64")]
            (Instructions::Avx512, is_x86_feature_detected!("avx512f")),
            #[cfg(target_arch = "x86_64")]
            (Instructions::Avx2, is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")),
            #[cfg(target_arch = "aarch64")]
            (Instructions::Neon, true),
            (Instructions::Portable, true),
        ];
        known.into_iter().filter(|(_, there)| *there).map(|(instructions, _)| Self(instructions))
    }

    /// The most rows of one tile.
    pub fn rows(self) -> usize {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => avx512::ROWS,
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => avx2::ROWS,
            #[cfg(target_arch = "aarch64")]
            Instructions::Neon => neon::ROWS,
            Instructions::Portable => portable::ROWS,
        }
    }
}

/// Defines a family's functions: the same code for each, compiled for its instructions. `$vectors` vectors of a row's sums and
/// the most of `$rows` rows fill its registers.
macro_rules! functions {
    ($($features:literal)?, $vector:ty, $vectors:literal, [$($rows:literal)*]) => {
        pub(super) const ROWS: usize = [$($rows),*].len();

        $(#[target_feature(enable = $features)])?
        pub(super) fn tile(tile: super::Tile<'_>) {
            match tile.rows() {
                // SAFETY: this function runs only where the processor has the instructions.
                $($rows => unsafe { super::tile::rows::<$vector, $vectors, $rows>(tile) },)*
                more => unreachable!("a tile of {more} rows"),
            }
        }

        $(#[target_feature(enable = $features)])?
        pub(super) fn gelu(values: &mut [f32]) {
            // SAFETY: as above.
            unsafe { super::rows::gelu::<$vector>(values) };
        }

        $(#[target_feature(enable = $features)])?
        pub(super) fn softmax(panels: &mut [f32], columns: usize, scale: f32, inverse: &mut [f32]) {
            // SAFETY: as above.
            unsafe { super::rows::softmax::<$vector>(panels, columns, scale, inverse) };
        }

        $(#[target_feature(enable = $features)])?
        pub(super) fn scale(panel: &mut [f32], factors: &[f32]) {
            // SAFETY: as above.
            unsafe { super::rows::scale::<$vector>(panel, factors) };
        }

        $(#[target_feature(enable = $features)])?
        pub(super) fn norm(panels: &mut [f32], others: &[f32], rows: usize, norm: &super::Norm) {
            // SAFETY: as above.
            unsafe { super::rows::norm::<$vector>(panels, others, rows, norm) };
        }
    };
}
use functions;

/// One method for each function: the same call in each set of instructions.
macro_rules! dispatched {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $kind:ty),*);)*) => {
        impl Kernel {
            $($(#[$doc])*
            #[allow(unsafe_code)]
            pub fn $name(self, $($argument: $kind),*) {
                match self.0 {
                    // SAFETY: such a kernel is made only where the processor has these instructions.
                    #[cfg(target_arch = "x86_64")]
                    Instructions::Avx512 => unsafe { avx512::$name($($argument),*) },
                    // SAFETY: as above.
                    #[cfg(target_arch = "x86_64")]
                    Instructions::Avx2 => unsafe { avx2::$name($($argument),*) },
                    // SAFETY: as above.
                    #[cfg(target_arch = "aarch64")]
                    Instructions::Neon => unsafe { neon::$name($($argument),*) },
                    Instructions::Portable => portable::$name($($argument),*),
                }
            })*
        }
    };
}

dispatched! {
    /// Computes one tile. Its rows are at most [`Kernel::rows`].
    tile(tile: Tile<'_>);

    /// x times the normal distribution's cumulative function at x, for each x: the exact form (Hendrycks and Gimpel 2016), not the
    /// approximation by tanh. Within 4e-7 times the greater of 1 and x.
    gelu(values: &mut [f32]);

    /// Of each row of `panels`, the first `columns` values to e to the power of (value - the row's greatest) x `scale`, the
    /// others to 0; and one over each row's sum to `inverse`, whose length is the number of rows.
    softmax(panels: &mut [f32], columns: usize, scale: f32, inverse: &mut [f32]);

    /// Multiplies each row of one panel by its factor.
    scale(panel: &mut [f32], factors: &[f32]);

    /// Layer normalization (Ba et al. 2016) of `panels` + `others`, into `panels`. Both hold `rows` rows.
    norm(panels: &mut [f32], others: &[f32], rows: usize, norm: &Norm);
}
