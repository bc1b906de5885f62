//! Each family's functions against the same in double precision, number by number.

use super::{Kernel, Norm, Tile, WIDTH};

/// Numbers between -1 and 1 that look like chance, the same each time.
fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).max(1);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (f64::from(state) / f64::from(u32::MAX) * 2.0 - 1.0) as f32
    };
    (0..count).map(|_| next()).collect()
}

fn assert_near(actual: f32, expected: f64, within: f64, what: &str) {
    let distance = (f64::from(actual) - expected).abs();
    assert!(distance <= within, "{what}: {actual}, not {expected}");
}

#[test]
fn a_tile_is_the_product_of_its_rows_and_columns() {
    for kernel in Kernel::all() {
        for rows in 1..=kernel.rows() {
            for depth in [1_usize, 31, 32, 33, 96, 100] {
                // The tile's rows are the last of a taller matrix.
                let stride = (rows + 3) * WIDTH;
                let left = numbers(depth.div_ceil(WIDTH) * stride, 1);
                let (right, start) = (numbers(depth * WIDTH, 2), numbers(WIDTH, 3));
                let start: &[f32; WIDTH] = start.as_slice().try_into().unwrap();
                let mut sums = vec![f32::NAN; rows * WIDTH];
                let tile = Tile { left: &left[3 * WIDTH..], stride, right: &right, depth, start, sums: &mut sums };
                kernel.tile(tile);
                for (row, sums) in sums.chunks_exact(WIDTH).enumerate() {
                    for (column, sum) in sums.iter().enumerate() {
                        let product = |k: usize| {
                            let left = left[k / WIDTH * stride + (row + 3) * WIDTH + k % WIDTH];
                            f64::from(left) * f64::from(right[k * WIDTH + column])
                        };
                        let expected = f64::from(start[column]) + (0..depth).map(product).sum::<f64>();
                        assert_near(*sum, expected, 1e-5, &format!("{kernel:?}, {rows} rows, depth {depth}"));
                    }
                }
            }
        }
    }
}

#[test]
fn a_tile_beyond_its_matrices_is_refused() {
    let (left, right) = (vec![0.0; 2 * 2 * WIDTH], vec![0.0; 40 * WIDTH]);
    let check = |left: &[f32], right: &[f32], depth: usize, sums: usize| {
        for kernel in Kernel::all() {
            let mut sums = vec![0.0; sums];
            let tile = Tile { left, stride: 2 * WIDTH, right, depth, start: &[0.0; WIDTH], sums: &mut sums };
            let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| kernel.tile(tile)));
            assert!(refused.is_err(), "{kernel:?}");
        }
    };
    check(&left[..left.len() - 25], &right, 40, 2 * WIDTH);
    check(&left[..3 * WIDTH - 1], &right, 33, 2 * WIDTH);
    check(&left, &right[..40 * WIDTH - 1], 40, 2 * WIDTH);
    check(&left, &right, 40, 2 * WIDTH + 1);
    check(&left, &right, 0, 2 * WIDTH);
    check(&left, &right, 40, 0);
    check(&left, &right, 40, 40 * WIDTH);
}

/// The error function's series whose terms are all of one sign (Abramowitz and Stegun 7.1.6).
fn error_function(x: f64) -> f64 {
    let (mut term, mut sum) = (x, x);
    for n in 1..300 {
        term *= 2.0 * x * x / f64::from(2 * n + 1);
        sum += term;
    }
    sum * (-x * x).exp() * std::f64::consts::FRAC_2_SQRT_PI
}

#[test]
fn gelu_is_the_exact_form() {
    let values: Vec<f32> = (-8000..8000).map(|step| step as f32 / 1000.0).collect();
    for kernel in Kernel::all() {
        let mut actual = values.clone();
        kernel.gelu(&mut actual);
        for (actual, x) in actual.into_iter().zip(&values) {
            let x = f64::from(*x);
            let expected = x * 0.5 * (1.0 + error_function(x * std::f64::consts::FRAC_1_SQRT_2));
            assert_near(actual, expected, 4e-7 * x.abs().max(1.0), &format!("{kernel:?}, {x}"));
        }
    }
}

#[test]
fn softmax_sums_each_row_s_own_columns() {
    for kernel in Kernel::all() {
        for (rows, columns) in [(1, 1_usize), (3, 12), (2, 32), (5, 33), (kernel.rows(), 256)] {
            let panels: Vec<f32> =
                numbers(rows * columns.next_multiple_of(WIDTH), 7).iter().map(|x| x * 40.0).collect();
            let place = |row: usize, column: usize| (column / WIDTH * rows + row) * WIDTH + column % WIDTH;
            let (mut actual, mut inverse) = (panels.clone(), vec![0.0; rows]);
            kernel.softmax(&mut actual, columns, 0.25, &mut inverse);
            for row in 0..rows {
                let value = |column: usize| f64::from(panels[place(row, column)]);
                let most = (0..columns).map(value).fold(f64::NEG_INFINITY, f64::max);
                let power = |column: usize| ((value(column) - most) * 0.25).exp();
                let what = format!("{kernel:?}, row {row} of {rows}, {columns} columns");
                assert_near(inverse[row], 1.0 / (0..columns).map(power).sum::<f64>(), 1e-6, &what);
                for column in 0..columns {
                    assert_near(actual[place(row, column)], power(column), 1e-6, &what);
                }
            }
            kernel.scale(&mut actual[..rows * WIDTH], &inverse);
            if columns <= WIDTH {
                let total: f32 = actual[..columns].iter().sum();
                assert_near(total, 1.0, 1e-5, "the first row");
            }
        }
    }
}

#[test]
fn what_is_far_below_the_greatest_counts_nothing() {
    for kernel in Kernel::all() {
        let (mut panel, mut inverse) = (vec![-1e30; WIDTH], [0.0]);
        (panel[3], panel[4]) = (5.0, f32::MIN);
        kernel.softmax(&mut panel, WIDTH, 1.0, &mut inverse);
        assert_eq!((panel[3], inverse[0]), (1.0, 1.0), "{kernel:?}");
        assert!(panel.iter().enumerate().all(|(column, value)| column == 3 || *value < 1e-37), "{kernel:?}: {panel:?}");
    }
}

#[test]
fn a_normalized_row_has_the_learned_spread() {
    let (rows, size) = (3, 96);
    let place = |row: usize, column: usize| (column / WIDTH * rows + row) * WIDTH + column % WIDTH;
    let norm = Norm { weight: numbers(size, 11), bias: numbers(size, 12), epsilon: 1e-12 };
    let (panels, others) = (numbers(rows * size, 13), numbers(rows * size, 14));
    for kernel in Kernel::all() {
        let mut actual = panels.clone();
        kernel.norm(&mut actual, &others, rows, &norm);
        for row in 0..rows {
            let value = |column: usize| f64::from(panels[place(row, column)]) + f64::from(others[place(row, column)]);
            let mean = (0..size).map(value).sum::<f64>() / size as f64;
            let variance = (0..size).map(|column| (value(column) - mean).powi(2)).sum::<f64>() / size as f64;
            for column in 0..size {
                let level = (value(column) - mean) / (variance + 1e-12).sqrt();
                let expected = level * f64::from(norm.weight[column]) + f64::from(norm.bias[column]);
                assert_near(actual[place(row, column)], expected, 2e-6, &format!("{kernel:?}, row {row}"));
            }
        }
    }
}
