//! A Llama decoder (Touvron et al. 2023) read from a GGUF file: grouped-query attention, rotary positions, a gated
//! feed-forward network, and a head tied to the embedding.
//!
//! Knows tensors, positions and the threads that compute. Never knows text or requests.

mod linear;
mod ops;

#[cfg(test)]
mod tests;

use candle_core::{DType, Device, Result as Computed, Tensor};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::engine::{Network, Stop};
use crate::generator::Error;
use crate::gguf::{ModelFile, RawTensor};
use linear::Linear;

/// Positions that one pass takes: enough that turning the weights to floats for it costs little, few enough to need
/// little memory.
const PASS: usize = 256;
/// Positions whose attention is computed together. Bounds what is held at once: this times the keys so far, for each
/// head.
const TILE: usize = 64;

pub(crate) struct Llama {
    threads: ThreadPool,
    device: Device,
    shape: Shape,
    /// The vocabulary's vectors, which are also the head.
    embedding: Linear,
    layers: Vec<Layer>,
    norm: Tensor,
    /// Cosines and sines of the rotations, shaped `[context, size / 2]`.
    rotations: (Tensor, Tensor),
}

struct Shape {
    /// Tokens that the cache has room for.
    context: usize,
    /// Query heads, and the key and value heads that groups of them share.
    heads: usize,
    groups: usize,
    /// Values of one head.
    size: usize,
    epsilon: f32,
}

struct Layer {
    attention_norm: Tensor,
    queries_keys_values: Linear,
    output: Linear,
    feed_norm: Tensor,
    gate_up: Linear,
    down: Linear,
    /// Keys and values of every position so far, shaped `[groups, context, size]`. Made once; the system gives the
    /// memory when it is first written.
    keys: Tensor,
    values: Tensor,
}

impl Llama {
    /// Computes on `threads` threads where `device` is the CPU.
    pub fn load(file: &ModelFile, device: &Device, threads: usize) -> Result<Self, Error> {
        let pool = ThreadPoolBuilder::new().num_threads(threads).thread_name(|index| format!("model-{index}")).build();
        let threads =
            pool.map_err(|error| Error::Model { message: format!("its threads could not be started: {error}") })?;
        let architecture = file.text("general.architecture")?;
        if architecture != "llama" {
            return Err(file.unsupported(format!("its architecture is {architecture}, not llama")).into());
        }
        let heads = file.number("llama.attention.head_count")?.max(1);
        let shape = Shape {
            context: file.number("llama.context_length")?,
            heads,
            groups: file.number("llama.attention.head_count_kv")?.max(1),
            size: file.number("llama.embedding_length")? / heads,
            epsilon: file.real("llama.attention.layer_norm_rms_epsilon")?,
        };
        let base = file.real("llama.rope.freq_base")?;
        let count = file.number("llama.block_count")?;
        // One piece for all layers, made once: the system gives the memory of so large a piece as it is first written.
        let cache =
            || Tensor::zeros((count, shape.groups, shape.context, shape.size), DType::F32, device).map_err(failed);
        let (keys, values) = (cache()?, cache()?);
        let layers = (0..count).map(|index| {
            let cache = (keys.get(index).map_err(failed)?, values.get(index).map_err(failed)?);
            Layer::load(file, index, &shape, cache, device)
        });
        Ok(Self {
            embedding: Linear::new(vec![file.tensor("token_embd.weight")?], device).map_err(failed)?,
            layers: layers.collect::<Result<_, _>>()?,
            norm: vector(file.tensor("output_norm.weight")?, device)?,
            rotations: rotations(&shape, base, device).map_err(failed)?,
            threads,
            device: device.clone(),
            shape,
        })
    }

    /// Positions that the cache has room for.
    pub fn context(&self) -> u32 {
        self.shape.context as u32
    }

    /// The hidden states of `tokens`, after the last layer; `None` if `stop` said so between two layers.
    fn pass(&self, tokens: &[u32], at: usize, stop: Stop) -> Computed<Option<Tensor>> {
        let rotations = (self.rotations.0.narrow(0, at, tokens.len())?, self.rotations.1.narrow(0, at, tokens.len())?);
        let mut x = self.embedding.rows(&Tensor::new(tokens, &self.device)?)?;
        for layer in &self.layers {
            if stop() {
                return Ok(None);
            }
            x = layer.forward(&x, at, &rotations, &self.shape)?;
        }
        Ok(Some(x))
    }

    fn logits(&self, hidden: &Tensor) -> Computed<Vec<f32>> {
        let last = hidden.narrow(0, hidden.dim(0)? - 1, 1)?;
        self.embedding.forward(&ops::normalize(&last, &self.norm, self.shape.epsilon)?)?.flatten_all()?.to_vec1()
    }
}

impl Network for Llama {
    fn forward(&mut self, tokens: &[u32], at: usize, stop: Stop) -> Result<Option<Vec<f32>>, Error> {
        let passes = || {
            let mut hidden = None;
            for (pass, tokens) in tokens.chunks(PASS).enumerate() {
                hidden = self.pass(tokens, at + pass * PASS, stop)?;
                if hidden.is_none() {
                    break;
                }
            }
            hidden.map(|hidden| self.logits(&hidden)).transpose()
        };
        self.threads.install(passes).map_err(failed)
    }
}

impl Layer {
    fn load(
        file: &ModelFile,
        index: usize,
        shape: &Shape,
        (keys, values): (Tensor, Tensor),
        device: &Device,
    ) -> Result<Self, Error> {
        let tensor = |name: &str| file.tensor(&format!("blk.{index}.{name}.weight"));
        let linear = |parts: Vec<RawTensor>| Linear::new(parts, device).map_err(failed);
        let attention =
            vec![halves(tensor("attn_q")?, shape.heads), halves(tensor("attn_k")?, shape.groups), tensor("attn_v")?];
        Ok(Self {
            attention_norm: vector(tensor("attn_norm")?, device)?,
            queries_keys_values: linear(attention)?,
            output: linear(vec![tensor("attn_output")?])?,
            feed_norm: vector(tensor("ffn_norm")?, device)?,
            gate_up: linear(vec![tensor("ffn_gate")?, tensor("ffn_up")?])?,
            down: linear(vec![tensor("ffn_down")?])?,
            keys,
            values,
        })
    }

    fn forward(&self, x: &Tensor, at: usize, rotations: &(Tensor, Tensor), shape: &Shape) -> Computed<Tensor> {
        let normal = ops::normalize(x, &self.attention_norm, shape.epsilon)?;
        let x = (x + self.output.forward(&self.attend(&normal, at, rotations, shape)?)?)?;
        let normal = ops::normalize(&x, &self.feed_norm, shape.epsilon)?;
        let gated = ops::gate(&self.gate_up.forward(&normal)?)?;
        x + self.down.forward(&gated)?
    }

    fn attend(&self, x: &Tensor, at: usize, (cos, sin): &(Tensor, Tensor), shape: &Shape) -> Computed<Tensor> {
        let Shape { heads, groups, size, .. } = *shape;
        let count = x.dim(0)?;
        let all = self.queries_keys_values.forward(x)?.reshape((count, heads + 2 * groups, size))?;
        let queries = ops::rotate(&all.narrow(1, 0, heads)?, cos, sin)?;
        let keys = ops::rotate(&all.narrow(1, heads, groups)?, cos, sin)?;
        let values = all.narrow(1, heads + groups, groups)?.transpose(0, 1)?.contiguous()?;
        self.keys.slice_set(&keys, 1, at)?;
        self.values.slice_set(&values, 1, at)?;

        let tiles = (0..count).step_by(TILE).map(|start| {
            let tile = TILE.min(count - start);
            let seen = at + start + tile;
            let queries = queries.narrow(1, start, tile)?.reshape((groups, heads / groups * tile, size))?;
            let scores = queries.matmul(&self.keys.narrow(1, 0, seen)?.t()?)?;
            let weights = ops::attention_weights(&scores, tile, at + start, 1.0 / (size as f32).sqrt())?;
            let mixed = weights.matmul(&self.values.narrow(1, 0, seen)?)?;
            mixed.reshape((heads, tile, size))?.transpose(0, 1)?.reshape((tile, heads * size))
        });
        let tiles = tiles.collect::<Computed<Vec<Tensor>>>()?;
        Tensor::cat(&tiles, 0)
    }
}

/// A rotary pair stands side by side in the file's rows (0, 1, 2, 3...), but ours are the halves of a head. Reordering
/// the rows of both queries and keys changes none of their products.
fn halves(raw: RawTensor, heads: usize) -> RawTensor {
    let row = raw.bytes.len() / raw.rows;
    let size = raw.rows / heads;
    let source = |to: usize| {
        let (head, place) = (to / size * size, to % size);
        head + 2 * (place % (size / 2)) + place / (size / 2)
    };
    let rows: Vec<&[u8]> = (0..raw.rows).map(|to| &raw.bytes[source(to) * row..][..row]).collect();
    RawTensor { bytes: rows.concat(), ..raw }
}

fn rotations(shape: &Shape, base: f32, device: &Device) -> Computed<(Tensor, Tensor)> {
    let half = shape.size / 2;
    // In doubles: a position in the thousands times a rounded frequency would be off by a visible angle.
    let frequency = |pair: usize| f64::from(base).powf(-2.0 * pair as f64 / shape.size as f64);
    let frequencies: Vec<f64> = (0..half).map(frequency).collect();
    let table = |of: fn(f64) -> f64| {
        let values =
            (0..shape.context * half).map(|index| of((index / half) as f64 * frequencies[index % half]) as f32);
        Tensor::from_iter(values, device)?.reshape((shape.context, half))
    };
    Ok((table(f64::cos)?, table(f64::sin)?))
}

fn vector(raw: RawTensor, device: &Device) -> Result<Tensor, Error> {
    let columns = raw.columns;
    let vector = || linear::stored(raw, &Device::Cpu)?.dequantize(&Device::Cpu)?.reshape(columns)?.to_device(device);
    vector().map_err(failed)
}

pub(crate) fn failed(error: candle_core::Error) -> Error {
    Error::Model { message: error.to_string() }
}
