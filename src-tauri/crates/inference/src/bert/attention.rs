//! Self-attention (Vaswani et al. 2017): each text on its own rows alone, so there is nothing to mask.

use super::kernel::{Kernel, Tile, WIDTH};
use super::matrix::tiles;
use super::work::{Run, each};

/// Attends over texts that lie one after another in the rows, `lengths` rows each. `projected` holds queries, keys and
/// values of every head: 3 times as many panels as `attended`, where each head's answer goes. A head is as wide as a panel.
pub(super) fn attend(kernel: Kernel, run: Run, lengths: &[usize], projected: &[f32], attended: &mut [f32]) {
    let size = lengths.iter().sum::<usize>() * WIDTH;
    let parts = projected.split_at(attended.len());
    let (queries, (keys, values)) = (parts.0, parts.1.split_at(attended.len()));
    let heads = queries.chunks_exact(size).zip(keys.chunks_exact(size)).zip(values.chunks_exact(size));
    let longest = lengths.iter().max().map_or(0, |length| length.next_multiple_of(WIDTH));
    each(run, attended.chunks_exact_mut(size).zip(heads), |(mut attended, ((queries, keys), values))| {
        let mut turned = vec![0.0; longest * WIDTH];
        let mut scores = vec![0.0; longest * kernel.rows()];
        let mut start = 0;
        for length in lengths {
            let text = start * WIDTH..(start + length) * WIDTH;
            let head = Head { queries: &queries[text.clone()], keys: &keys[text.clone()], values: &values[text] };
            let (own, rest) = attended.split_at_mut(length * WIDTH);
            head.attend(kernel, &mut turned[..length.next_multiple_of(WIDTH) * WIDTH], &mut scores, own);
            attended = rest;
            start += length;
        }
    });
}

/// One head's rows for one text.
struct Head<'a> {
    queries: &'a [f32],
    keys: &'a [f32],
    values: &'a [f32],
}

impl Head<'_> {
    fn attend(&self, kernel: Kernel, turned: &mut [f32], scores: &mut [f32], attended: &mut [f32]) {
        let length = self.keys.len() / WIDTH;
        let scale = 1.0 / (WIDTH as f32).sqrt();
        turn(self.keys, turned);
        for (first, sums) in tiles(attended, kernel.rows()) {
            let rows = sums.len() / WIDTH;
            let scores = &mut scores[..turned.len() / WIDTH * rows];
            for (keys, scores) in turned.chunks_exact(WIDTH * WIDTH).zip(scores.chunks_exact_mut(rows * WIDTH)) {
                let left = &self.queries[first * WIDTH..];
                kernel.tile(Tile { left, stride: 0, right: keys, depth: WIDTH, start: &[0.0; WIDTH], sums: scores });
            }
            let mut inverse = [0.0; 16];
            let inverse = &mut inverse[..rows];
            kernel.softmax(scores, length, scale, inverse);
            let stride = rows * WIDTH;
            kernel.tile(Tile { left: scores, stride, right: self.values, depth: length, start: &[0.0; WIDTH], sums });
            kernel.scale(sums, inverse);
        }
    }
}

/// Turns 32 keys at a time, so that each panel's columns are keys. What lies beyond the last key keeps what it was.
fn turn(keys: &[f32], turned: &mut [f32]) {
    for (keys, turned) in keys.chunks(WIDTH * WIDTH).zip(turned.chunks_exact_mut(WIDTH * WIDTH)) {
        for (column, key) in keys.chunks_exact(WIDTH).enumerate() {
            for (row, number) in key.iter().enumerate() {
                turned[row * WIDTH + column] = *number;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One head over `length` rows, by the definition.
    fn expected(queries: &[f32], keys: &[f32], values: &[f32]) -> Vec<f64> {
        let row = |of: &[f32], row: usize| of[row * WIDTH..][..WIDTH].iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
        let length = keys.len() / WIDTH;
        let answers = (0..length).map(|query| {
            let query = row(queries, query);
            let score = |key: usize| query.iter().zip(row(keys, key)).map(|(q, k)| q * k).sum::<f64>() / 32f64.sqrt();
            let powers: Vec<f64> = (0..length).map(|key| score(key).exp()).collect();
            let total = powers.iter().sum::<f64>();
            let mut answer = vec![0.0; WIDTH];
            for (key, power) in powers.iter().enumerate() {
                answer.iter_mut().zip(row(values, key)).for_each(|(a, v)| *a += power / total * v);
            }
            answer
        });
        answers.flatten().collect()
    }

    #[test]
    fn each_text_attends_to_itself_alone() {
        let (lengths, heads) = ([1, 40, 5, 64], 2);
        let rows = lengths.iter().sum::<usize>();
        let projected: Vec<f32> =
            (0..3 * heads * rows * WIDTH).map(|i| ((i * i + 7 * i) as f32 * 0.37).sin()).collect();
        let part =
            |panel: usize, start: usize, length: usize| &projected[(panel * rows + start) * WIDTH..][..length * WIDTH];
        for kernel in Kernel::all() {
            let mut attended = vec![f32::NAN; heads * rows * WIDTH];
            attend(kernel, &crate::bert::alone, &lengths, &projected, &mut attended);
            for head in 0..heads {
                let mut start = 0;
                for length in lengths {
                    let [queries, keys, values] = [0, 1, 2].map(|kind| part(kind * heads + head, start, length));
                    let actual = &attended[(head * rows + start) * WIDTH..][..length * WIDTH];
                    for (actual, expected) in actual.iter().zip(expected(queries, keys, values)) {
                        let distance = (f64::from(*actual) - expected).abs();
                        assert!(distance < 1e-5, "{kernel:?}, {length} rows: {actual}, not {expected}");
                    }
                    start += length;
                }
            }
        }
    }
}
