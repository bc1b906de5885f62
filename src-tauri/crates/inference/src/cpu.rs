//! The decoder on the CPU, in kernels of its own: weights in tiles, rounded activations, attention over pages.
//!
//! Rows of one pass may belong to many texts; each row's result is the same bits whatever the others are. Knows tensors,
//! positions and threads; never knows text or requests.

mod attention;
mod cache;
mod ground;
mod load;
mod maths;
pub(crate) mod pool;
mod rounded;
mod stack;
mod tiles;
mod weights;
pub(crate) mod wide;

#[cfg(test)]
mod tests;

use crate::blueprint::Blueprint;
use crate::engine::{Network, Span, Stop};
use crate::generator::Error;
use attention::{Attention, Queries, Shape};
use cache::Cache;
pub(crate) use cache::PAGE;
pub(crate) use load::packed_bytes;
pub(crate) use maths::Activation;
use maths::{Rows, by_rows, gate, normalize, normalize_and_round, normalize_here, rotate, round_row};
use pool::Pool;
use rounded::{Block, Input, Rounded};
use stack::Stack;

pub(crate) struct Decoder {
    blueprint: Blueprint,
    pool: Pool,
    /// The vocabulary's vectors, and the head, where it is not the same.
    embedding: Stack,
    head: Option<Stack>,
    /// Tokens; the head's rows past them are no tokens.
    vocabulary: usize,
    layers: Vec<Layer>,
    norm: Vec<f32>,
    cache: Cache,
    room: Room,
}

struct Layer {
    attention_norm: Vec<f32>,
    queries_keys_values: Stack,
    /// Added to their products; empty in most families, as are all that follow here but `feed_norm`.
    bias: Vec<f32>,
    query_norm: Vec<f32>,
    key_norm: Vec<f32>,
    output: Stack,
    after_attention_norm: Vec<f32>,
    feed_norm: Vec<f32>,
    gate_up: Stack,
    down: Stack,
    after_feed_norm: Vec<f32>,
}

/// What a pass writes to: made once, and grown where a pass is larger than any before.
#[derive(Default)]
struct Room {
    /// A row for each token, after each layer.
    x: Vec<f32>,
    normal: Vec<f32>,
    rounded: Rounded,
    /// Queries, keys and values; and gate and up.
    wide: Vec<f32>,
    mixed: Vec<f32>,
    /// Of all positions' rotations: those of layers that see all, and of those that see what is near.
    turns: [Turns; 2],
}

#[derive(Default)]
struct Turns {
    cos: Vec<f32>,
    sin: Vec<f32>,
}

impl Network for Decoder {
    fn context(&self) -> usize {
        self.blueprint.context
    }

    fn pages(&self) -> usize {
        self.cache.pages()
    }

    fn vocabulary(&self) -> usize {
        self.vocabulary
    }

    fn forward(&mut self, batch: &[Span], logits: &mut Vec<f32>, stop: Stop) -> Result<bool, Error> {
        let Self { blueprint, pool, embedding, head, vocabulary, layers, norm, cache, room } = self;
        let rows: usize = batch.iter().map(|span| span.tokens.len()).sum();
        let (width, size, epsilon) = (blueprint.width, blueprint.size, blueprint.epsilon);
        let mut first = 0;
        let texts: Vec<Queries> = batch
            .iter()
            .map(|span| {
                let count = span.tokens.len();
                first += count;
                Queries { first: first - count, count, at: span.at, pages: span.pages }
            })
            .collect();

        let x = grown(&mut room.x, rows * width);
        let tokens: Vec<u32> = batch.iter().flat_map(|span| span.tokens).copied().collect();
        let to = Rows::new(x, width);
        by_rows(rows, width, pool, &|row| {
            // SAFETY: `by_rows` calls once for each row.
            #[allow(unsafe_code)]
            let to = unsafe { to.row(row) };
            embedding.row(tokens[row] as usize, to);
            to.iter_mut().for_each(|value| *value *= blueprint.embedding_scale);
        });
        let half = blueprint.rotary.turned / 2;
        let rotaries = [Some(&blueprint.rotary), blueprint.near.as_ref().map(|near| &near.rotary)];
        for (rotary, turns) in rotaries.into_iter().zip(&mut room.turns) {
            let Some(rotary) = rotary else { continue };
            let (cos, sin) = (grown(&mut turns.cos, rows * half), grown(&mut turns.sin, rows * half));
            for text in &texts {
                for place in 0..text.count {
                    let row = (text.first + place) * half..(text.first + place + 1) * half;
                    rotary.angles(text.at + place, &mut cos[row.clone()], &mut sin[row]);
                }
            }
        }
        let Blueprint { heads, groups, attention_scale: scale, .. } = *blueprint;
        let shape = Shape { heads, groups, size, scale };
        let (queries, keys) = (blueprint.heads * size, blueprint.groups * size);
        let normal = grown(&mut room.normal, rows * width);
        for (index, layer) in layers.iter().enumerate() {
            if stop() {
                return Ok(false);
            }
            let rounded = room.rounded.room(rows, width);
            rounded_norms(x, &layer.attention_norm, epsilon, normal, rounded, pool);
            let stride = layer.queries_keys_values.rows();
            let wide = grown(&mut room.wide, rows * stride);
            if !layer.bias.is_empty() {
                wide.chunks_exact_mut(stride).for_each(|row| row[..layer.bias.len()].copy_from_slice(&layer.bias));
            }
            let input = Input { plain: normal, stride: width, rounded };
            layer.queries_keys_values.product(input, wide, !layer.bias.is_empty(), pool);

            let (_, window) = blueprint.sight(index);
            let Turns { cos, sin } = &room.turns[usize::from(window.is_some())];
            let to = Rows::new(wide, stride);
            by_rows(rows, queries + keys, pool, &|row| {
                // SAFETY: as above.
                #[allow(unsafe_code)]
                let (queries, rest) = unsafe { to.row(row) }.split_at_mut(queries);
                for (heads, norm) in [(queries, &layer.query_norm), (&mut rest[..keys], &layer.key_norm)] {
                    if !norm.is_empty() {
                        heads.chunks_exact_mut(size).for_each(|head| normalize_here(head, norm, epsilon));
                    }
                    rotate(heads, size, &cos[row * half..][..half], &sin[row * half..][..half]);
                }
            });
            for text in &texts {
                for place in 0..text.count {
                    let position = text.at + place;
                    let row = &wide[(text.first + place) * stride..][queries..queries + 2 * keys];
                    let (key, value) = row.split_at(keys);
                    cache.write(index, text.pages[position / PAGE], position % PAGE, key, value);
                }
            }
            let mixed = grown(&mut room.mixed, rows * queries);
            let attention = Attention { shape, cache, layer: index, window };
            attention.attend(&texts, wide, stride, mixed, pool);
            let rounded = room.rounded.room(rows, queries);
            let blocks = Rows::new(rounded, queries / 32);
            by_rows(rows, queries, pool, &|row| {
                // SAFETY: as above.
                #[allow(unsafe_code)]
                let blocks = unsafe { blocks.row(row) };
                round_row(&mixed[row * queries..][..queries], blocks);
            });
            let input = Input { plain: mixed, stride: queries, rounded };
            add_product(&layer.output, input, x, &layer.after_attention_norm, epsilon, normal, pool);

            let rounded = room.rounded.room(rows, width);
            rounded_norms(x, &layer.feed_norm, epsilon, normal, rounded, pool);
            let wide = grown(&mut room.wide, rows * layer.gate_up.rows());
            layer.gate_up.product(Input { plain: normal, stride: width, rounded }, wide, false, pool);
            let rounded = room.rounded.room(rows, blueprint.feed);
            let (to, blocks) = (Rows::new(wide, layer.gate_up.rows()), Rows::new(rounded, blueprint.feed / 32));
            by_rows(rows, 4 * blueprint.feed, pool, &|row| {
                // SAFETY: as above.
                #[allow(unsafe_code)]
                let (to, blocks) = unsafe { (to.row(row), blocks.row(row)) };
                gate(to, blueprint.activation, blocks);
            });
            let input = Input { plain: wide, stride: layer.gate_up.rows(), rounded };
            add_product(&layer.down, input, x, &layer.after_feed_norm, epsilon, normal, pool);
        }

        // The rows that are asked about, one below the other.
        let asked: Vec<usize> = batch
            .iter()
            .zip(&texts)
            .flat_map(|(span, text)| {
                let end = text.first + text.count;
                end - span.logits.min(text.count)..end
            })
            .collect();
        let normal = grown(&mut room.normal, asked.len() * width);
        for (row, to) in asked.iter().zip(normal.chunks_exact_mut(width)) {
            normalize(&x[row * width..][..width], norm, epsilon, to);
        }
        let head = head.as_ref().unwrap_or(embedding);
        let rounded = room.rounded.room(asked.len(), width);
        for (row, blocks) in normal.chunks_exact(width).zip(rounded.chunks_exact_mut(width / 32)) {
            round_row(row, blocks);
        }
        let rows = head.rows();
        logits.resize(asked.len() * rows, 0.0);
        head.product(Input { plain: normal, stride: width, rounded }, logits, false, pool);
        if rows > *vocabulary {
            // The head comes in whole tiles: what stands past the last token is taken out, row by row.
            for row in 1..asked.len() {
                logits.copy_within(row * rows..row * rows + *vocabulary, row * *vocabulary);
            }
            logits.truncate(asked.len() * *vocabulary);
        }
        Ok(true)
    }
}

/// The first `length` values of `room`, which grows where it must.
fn grown(room: &mut Vec<f32>, length: usize) -> &mut [f32] {
    if room.len() < length {
        room.resize(length, 0.0);
    }
    &mut room[..length]
}

fn rounded_norms(x: &[f32], weight: &[f32], epsilon: f32, normal: &mut [f32], rounded: &mut [Block], pool: &mut Pool) {
    let width = weight.len();
    let rows = x.len() / width;
    let (normal, blocks) = (Rows::new(normal, width), Rows::new(rounded, width / 32));
    by_rows(rows, width, pool, &|row| {
        // SAFETY: `by_rows` calls once for each row.
        #[allow(unsafe_code)]
        let (normal, blocks) = unsafe { (normal.row(row), blocks.row(row)) };
        normalize_and_round(&x[row * width..][..width], weight, epsilon, normal, blocks);
    });
}

/// Adds a product to `x`, by way of a norm where there is one.
fn add_product(
    weights: &Stack,
    input: Input,
    x: &mut [f32],
    norm: &[f32],
    epsilon: f32,
    normal: &mut [f32],
    pool: &mut Pool,
) {
    if norm.is_empty() {
        return weights.product(input, x, true, pool);
    }
    weights.product(input, normal, false, pool);
    for (x, row) in x.chunks_exact_mut(norm.len()).zip(normal.chunks_exact_mut(norm.len())) {
        normalize_here(row, norm, epsilon);
        x.iter_mut().zip(row).for_each(|(x, value)| *x += *value);
    }
}
