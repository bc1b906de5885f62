//! The decoder on the CPU, in kernels of its own: weights in tiles, rounded activations, attention over pages.
//!
//! Rows of one pass may belong to many texts; each row's result is the same bits whatever the others are. Knows tensors,
//! positions and threads; never knows text or requests.

mod attention;
mod cache;
mod ground;
mod maths;
pub(crate) mod pool;
mod rounded;
mod tiles;
mod weights;
pub(crate) mod wide;

#[cfg(test)]
mod tests;

use crate::blueprint::{Blueprint, adjacent_row};
use crate::engine::{Network, Span, Stop};
use crate::generator::Error;
use crate::gguf::{ModelFile, TensorPlace};
use attention::{Attention, Queries, Shape};
use cache::Cache;
pub(crate) use cache::PAGE;
use ground::Ground;
pub(crate) use maths::Activation;
use maths::{Rows, by_rows, gate, normalize, normalize_and_round, normalize_here, rotate, round_row};
use pool::Pool;
use rounded::{Block, Rounded};
use weights::{Part, Stack, Weights};

pub(crate) struct Decoder {
    blueprint: Blueprint,
    pool: Pool,
    /// The vocabulary's vectors, and the head, where it is not the same.
    embedding: Stack,
    head: Option<Stack>,
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

impl Decoder {
    /// Computes on `threads` threads, with room for `positions` positions of all texts together; `None` as
    /// [`Blueprint::positions`] says.
    pub fn load(file: &ModelFile, threads: usize, positions: Option<usize>) -> Result<Self, Error> {
        let blueprint = Blueprint::read(file)?;
        let positions = positions.unwrap_or_else(|| blueprint.positions(2));
        let mut pool = Pool::new(threads)?;
        let packed = |place: TensorPlace| Weights::packed_bytes(place.kind, place.rows, place.columns);
        let ground = Ground::new(file.matrices().map(packed).sum());
        let mut loading = Loading { file, blueprint: &blueprint, ground, pool: &mut pool };
        let embedding = loading.stack(&["token_embd.weight"])?;
        let head = file.has("output.weight").then(|| loading.stack(&["output.weight"])).transpose()?;
        let norm = loading.vector("output_norm.weight", blueprint.width)?;
        let layers = (0..blueprint.layers).map(|index| Layer::load(&mut loading, index));
        let layers = layers.collect::<Result<_, Error>>()?;
        let cache = Cache::new(blueprint.layers, positions.div_ceil(PAGE), blueprint.groups, blueprint.size);
        Ok(Self { norm, embedding, head, layers, cache, pool, blueprint, room: Room::default() })
    }
}

impl Network for Decoder {
    fn context(&self) -> usize {
        self.blueprint.context
    }

    fn pages(&self) -> usize {
        self.cache.pages()
    }

    fn vocabulary(&self) -> usize {
        self.embedding.rows()
    }

    fn forward(&mut self, batch: &[Span], logits: &mut Vec<f32>, stop: Stop) -> Result<bool, Error> {
        let Self { blueprint, pool, embedding, head, layers, norm, cache, room } = self;
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
        let shape = Shape { heads: blueprint.heads, groups: blueprint.groups, size, scale: 1.0 / (size as f32).sqrt() };
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
            layer.queries_keys_values.product(rounded, wide, !layer.bias.is_empty(), pool);

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
            add_product(&layer.output, rounded, x, &layer.after_attention_norm, epsilon, normal, pool);

            let rounded = room.rounded.room(rows, width);
            rounded_norms(x, &layer.feed_norm, epsilon, normal, rounded, pool);
            let wide = grown(&mut room.wide, rows * layer.gate_up.rows());
            layer.gate_up.product(rounded, wide, false, pool);
            let rounded = room.rounded.room(rows, blueprint.feed);
            let (to, blocks) = (Rows::new(wide, layer.gate_up.rows()), Rows::new(rounded, blueprint.feed / 32));
            by_rows(rows, 4 * blueprint.feed, pool, &|row| {
                // SAFETY: as above.
                #[allow(unsafe_code)]
                let (to, blocks) = unsafe { (to.row(row), blocks.row(row)) };
                gate(to, blueprint.activation, blocks);
            });
            add_product(&layer.down, rounded, x, &layer.after_feed_norm, epsilon, normal, pool);
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
        logits.resize(asked.len() * head.rows(), 0.0);
        head.product(rounded, logits, false, pool);
        Ok(true)
    }
}

impl Layer {
    fn load(loading: &mut Loading, index: usize) -> Result<Self, Error> {
        let name = |part: &str| format!("blk.{index}.{part}");
        let (width, size) = (loading.blueprint.width, loading.blueprint.size);
        let whole = |parts: [&str; 1], several: &[&str]| {
            let parts: Vec<String> = if loading.file.has(&name(parts[0])) {
                parts.iter().map(|part| name(part)).collect()
            } else {
                several.iter().map(|part| name(part)).collect()
            };
            parts
        };
        let attention = whole(["attn_qkv.weight"], &["attn_q.weight", "attn_k.weight", "attn_v.weight"]);
        // Where the gate stands in the file by itself, the other matrix holds what goes up alone.
        let feed: &[&str] = if loading.file.has(&name("ffn_gate.weight")) {
            &["ffn_gate.weight", "ffn_up.weight"]
        } else {
            &["ffn_up.weight"]
        };
        let feed: Vec<String> = feed.iter().map(|part| name(part)).collect();
        let stack = |loading: &mut Loading, names: &[String]| {
            loading.stack(&names.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let mut bias = Vec::new();
        for part in ["attn_q.bias", "attn_k.bias", "attn_v.bias"] {
            bias.extend(loading.if_there(&name(part), None)?);
        }
        let layer = Self {
            attention_norm: loading.vector(&name("attn_norm.weight"), width)?,
            queries_keys_values: stack(loading, &attention)?,
            bias,
            query_norm: loading.if_there(&name("attn_q_norm.weight"), Some(size))?,
            key_norm: loading.if_there(&name("attn_k_norm.weight"), Some(size))?,
            output: loading.stack(&[&name("attn_output.weight")])?,
            after_attention_norm: loading.if_there(&name("post_attention_norm.weight"), Some(width))?,
            feed_norm: loading.vector(&name("ffn_norm.weight"), width)?,
            gate_up: stack(loading, &feed)?,
            down: loading.stack(&[&name("ffn_down.weight")])?,
            after_feed_norm: loading.if_there(&name("post_ffw_norm.weight"), Some(width))?,
        };
        let Blueprint { heads, groups, feed, .. } = *loading.blueprint;
        let sizes = [
            (layer.queries_keys_values.rows(), (heads + 2 * groups) * size),
            (layer.output.rows(), width),
            (layer.gate_up.rows(), 2 * feed),
            (layer.down.rows(), width),
        ];
        if sizes.iter().any(|(actual, expected)| actual != expected) || layer.bias.len() > sizes[0].1 {
            let detail = format!("the sizes of layer {index} are not what its header says");
            return Err(loading.file.unsupported(detail).into());
        }
        Ok(layer)
    }
}

/// What loading needs throughout.
struct Loading<'a> {
    file: &'a ModelFile,
    blueprint: &'a Blueprint,
    ground: Ground,
    pool: &'a mut Pool,
}

impl Loading<'_> {
    /// The matrices `names` of the file, below each other; neighbours of one kind in one piece.
    fn stack(&mut self, names: &[&str]) -> Result<Stack, Error> {
        let tensors = names.iter().map(|name| self.file.tensor(name)).collect::<Result<Vec<_>, _>>()?;
        let columns = tensors[0].columns;
        if tensors.iter().any(|tensor| tensor.columns != columns) {
            return Err(self.file.unsupported(format!("{} differ in width", names.join(", "))).into());
        }
        let turn = |row: usize| adjacent_row(row, self.blueprint.size);
        let mut parts = Vec::new();
        let mut start = 0;
        for same in tensors.chunk_by(|a, b| a.kind == b.kind) {
            let reads: Vec<_> = same
                .iter()
                .map(|tensor| {
                    |first: usize, rows: usize, to: &mut Vec<u8>| {
                        self.file.rows(tensor, first, rows, to).map_err(|error| error.to_string())
                    }
                })
                .collect();
            let names = &names[start..start + same.len()];
            let here: Vec<Part> = names
                .iter()
                .zip(same)
                .zip(&reads)
                .map(|((name, tensor), read)| {
                    let turned = self.blueprint.rotary.adjacent && (name.contains("attn_q") || name.contains("attn_k"));
                    Part { rows: tensor.rows, read, order: turned.then_some((self.blueprint.size, &turn)) }
                })
                .collect();
            let weights = Weights::new(same[0].kind, columns, &here, &mut self.ground, self.pool);
            parts.push(weights.map_err(|detail| self.file.unsupported(format!("{}: {detail}", names.join(", "))))?);
            start += same.len();
        }
        Ok(Stack::new(parts))
    }

    fn vector(&self, name: &str, length: usize) -> Result<Vec<f32>, Error> {
        let values = self.file.vector(name)?;
        if values.len() == length {
            return Ok(values);
        }
        Err(self.file.unsupported(format!("`{name}` has {} values, not {length}", values.len())).into())
    }

    /// Empty where the file has none.
    fn if_there(&self, name: &str, length: Option<usize>) -> Result<Vec<f32>, Error> {
        match length {
            _ if !self.file.has(name) => Ok(Vec::new()),
            Some(length) => self.vector(name, length),
            None => Ok(self.file.vector(name)?),
        }
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
    rounded: &[Block],
    x: &mut [f32],
    norm: &[f32],
    epsilon: f32,
    normal: &mut [f32],
    pool: &mut Pool,
) {
    if norm.is_empty() {
        return weights.product(rounded, x, true, pool);
    }
    weights.product(rounded, normal, false, pool);
    for (x, row) in x.chunks_exact_mut(norm.len()).zip(normal.chunks_exact_mut(norm.len())) {
        normalize_here(row, norm, epsilon);
        x.iter_mut().zip(row).for_each(|(x, value)| *x += *value);
    }
}
