//! The decoder in candle's tensors: for CUDA and Metal, and the reference that the CPU's own kernels are tested against.
//!
//! Computes one text after the other. Knows tensors and positions; never knows text or requests.

mod ops;
mod trial;

use std::borrow::Cow;
use std::collections::HashSet;
use std::time::{Duration, Instant};

use candle_core::quantized::{GgmlDType, QMatMul, QStorage, QTensor};
use candle_core::{DType, Device, Module, Result as Computed, Tensor};

use crate::blueprint::{Blueprint, Ends, Matrix, Parts, Rotary, adjacent_row};
use crate::cpu::{Activation, PAGE};
use crate::device;
use crate::engine::{Network, Span, Stop};
use crate::generator::Error;
use crate::gguf::ModelFile;

/// Positions whose attention is computed together. Bounds what is held at once: this times the keys so far, for each
/// head.
const TILE: usize = 64;

pub(crate) struct Decoder {
    device: Device,
    blueprint: Blueprint,
    pages: usize,
    embedding: QMatMul,
    head: Option<QMatMul>,
    vocabulary: usize,
    layers: Vec<Layer>,
    norm: Tensor,
}

struct Layer {
    attention_norm: Tensor,
    /// Queries, keys and values, in one matrix or in three, and what is added to their products.
    attention: Vec<QMatMul>,
    bias: Option<Tensor>,
    query_norm: Option<Tensor>,
    key_norm: Option<Tensor>,
    output: QMatMul,
    after_attention_norm: Option<Tensor>,
    feed_norm: Tensor,
    /// Gate and up, in one matrix or in two.
    gate_up: Vec<QMatMul>,
    down: QMatMul,
    after_feed_norm: Option<Tensor>,
    /// Of every position of every page, shaped `[positions, groups, size]`.
    past_keys: Tensor,
    past_values: Tensor,
}

impl Decoder {
    /// Has room for `positions` positions of all texts together; `None` as [`Blueprint::positions`] says.
    pub fn load(file: &ModelFile, device: &Device, positions: Option<usize>) -> Result<Self, Error> {
        let blueprint = Blueprint::read(file)?;
        let kinds: HashSet<GgmlDType> = file.matrices().map(|place| place.kind).collect();
        kinds.into_iter().try_for_each(|kind| trial::try_product(kind, device)).map_err(failed)?;
        let positions = positions.unwrap_or_else(|| blueprint.positions(4));
        let pages = positions.div_ceil(PAGE);
        let layers = (0..blueprint.layers).map(|index| Layer::load(file, index, &blueprint, pages, device));
        let layers = layers.collect::<Result<_, _>>()?;
        let ends = Ends::read(file, &blueprint)?;
        Ok(Self {
            embedding: matrix(file, &ends.embedding, device)?,
            vocabulary: ends.vocabulary(),
            head: ends.head.as_ref().map(|head| matrix(file, head, device)).transpose()?,
            layers,
            norm: vector(ends.norm, device)?,
            pages,
            device: device.clone(),
            blueprint,
        })
    }

    /// How long one more token takes, once the kernels are there: the best of a few.
    pub fn token_time(&mut self) -> Result<Duration, Error> {
        let span = Span { tokens: &[0], at: 0, pages: &[0], logits: 1 };
        let mut logits = Vec::new();
        let times = (0..4).map(|_| {
            let started = Instant::now();
            self.forward(&[span], &mut logits, &|| false)?;
            Ok(started.elapsed())
        });
        times.collect::<Result<Vec<_>, _>>().map(|times| times.into_iter().min().unwrap_or_default())
    }

    /// What layers of one rotation and window share at the positions of `span`.
    fn sight(&self, rotary: &Rotary, window: Option<usize>, span: &Span) -> Computed<Sight> {
        let (count, half) = (span.tokens.len(), rotary.turned / 2);
        let (mut cos, mut sin) = (vec![0.0; count * half], vec![0.0; count * half]);
        for (place, (cos, sin)) in cos.chunks_exact_mut(half).zip(sin.chunks_exact_mut(half)).enumerate() {
            rotary.angles(span.at + place, cos, sin);
        }
        let tensor = |values| Tensor::from_vec(values, (count, half), &self.device);
        let tiles = tiles(count).map(|(start, tile)| ops::mask(tile, span.at + start, window, &self.device));
        Ok(Sight { cos: tensor(cos)?, sin: tensor(sin)?, masks: tiles.collect::<Computed<_>>()? })
    }

    /// The logits of the last rows that `span` asks for; `None` if `stop` said so between two layers.
    fn pass(&self, span: &Span, stop: Stop) -> Computed<Option<Vec<f32>>> {
        let Blueprint { width, epsilon, embedding_scale, .. } = self.blueprint;
        let count = span.tokens.len();
        let far = self.sight(&self.blueprint.rotary, None, span)?;
        let near = self.blueprint.near.as_ref();
        let near = near.map(|near| self.sight(&near.rotary, Some(near.window), span)).transpose()?;
        let seen = 0..(span.at + count) as u32;
        let places = seen.map(|position| span.pages[position as usize / PAGE] * PAGE as u32 + position % PAGE as u32);
        let places = Tensor::from_iter(places, &self.device)?;

        let x = self.embedding.embedding(&Tensor::new(span.tokens, &self.device)?)?;
        let mut x = (x * f64::from(embedding_scale))?;
        for (index, layer) in self.layers.iter().enumerate() {
            if stop() {
                return Ok(None);
            }
            let (_, window) = self.blueprint.sight(index);
            let sight = near.as_ref().filter(|_| window.is_some()).unwrap_or(&far);
            x = layer.forward(&x, &Look { span, sight, places: &places, blueprint: &self.blueprint })?;
        }
        let asked = span.logits.min(count);
        if asked == 0 {
            return Ok(Some(Vec::new()));
        }
        let last = x.narrow(0, count - asked, asked)?.reshape((asked, width))?;
        let head = self.head.as_ref().unwrap_or(&self.embedding);
        head.forward(&ops::normalize(&last, &self.norm, epsilon)?)?.flatten_all()?.to_vec1().map(Some)
    }
}

/// Of the positions of a span: their rotations, and of each tile of them what it does not see.
struct Sight {
    cos: Tensor,
    sin: Tensor,
    masks: Vec<Option<Tensor>>,
}

/// Where each tile of `count` positions starts, and how many it has.
fn tiles(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).step_by(TILE).map(move |start| (start, TILE.min(count - start)))
}

/// What a layer's attention looks at.
struct Look<'a> {
    span: &'a Span<'a>,
    sight: &'a Sight,
    /// Where each position seen lies.
    places: &'a Tensor,
    blueprint: &'a Blueprint,
}

impl Network for Decoder {
    fn context(&self) -> usize {
        self.blueprint.context
    }

    fn pages(&self) -> usize {
        self.pages
    }

    fn vocabulary(&self) -> usize {
        self.vocabulary
    }

    fn forward(&mut self, batch: &[Span], logits: &mut Vec<f32>, stop: Stop) -> Result<bool, Error> {
        logits.clear();
        for span in batch {
            match self.pass(span, stop).map_err(failed)? {
                Some(more) => logits.extend(more),
                None => return Ok(false),
            }
        }
        Ok(true)
    }
}

impl Layer {
    fn load(
        file: &ModelFile,
        index: usize,
        blueprint: &Blueprint,
        pages: usize,
        device: &Device,
    ) -> Result<Self, Error> {
        let parts = Parts::read(file, blueprint, index)?;
        let plain = |part: &Matrix| matrix(file, part, device);
        let all = |parts: &[Matrix]| parts.iter().map(plain).collect::<Result<Vec<_>, _>>();
        let norm = |values: Vec<f32>| vector(values, device);
        let if_there = |values: Vec<f32>| (!values.is_empty()).then(|| norm(values)).transpose();
        let past = || {
            let shape = (pages * PAGE, blueprint.groups, blueprint.size);
            Tensor::zeros(shape, DType::F32, device).map_err(failed)
        };
        Ok(Self {
            attention_norm: norm(parts.attention_norm)?,
            attention: all(&parts.attention)?,
            bias: if_there(parts.bias)?,
            query_norm: if_there(parts.query_norm)?,
            key_norm: if_there(parts.key_norm)?,
            output: plain(&parts.output)?,
            after_attention_norm: if_there(parts.after_attention_norm)?,
            feed_norm: norm(parts.feed_norm)?,
            gate_up: all(&parts.gate_up)?,
            down: plain(&parts.down)?,
            after_feed_norm: if_there(parts.after_feed_norm)?,
            past_keys: past()?,
            past_values: past()?,
        })
    }

    fn forward(&self, x: &Tensor, look: &Look) -> Computed<Tensor> {
        let epsilon = look.blueprint.epsilon;
        let after = |x: Tensor, norm: &Option<Tensor>| match norm {
            Some(norm) => ops::normalize(&x, norm, epsilon),
            None => Ok(x),
        };
        let normal = ops::normalize(x, &self.attention_norm, epsilon)?;
        let attended = self.output.forward(&self.attend(&normal, look)?)?;
        let x = (x + after(attended, &self.after_attention_norm)?)?;
        let gate_up = together(&self.gate_up, &ops::normalize(&x, &self.feed_norm, epsilon)?)?;
        let feed = look.blueprint.feed;
        let gate = gate_up.narrow(1, 0, feed)?.contiguous()?;
        let passed = match look.blueprint.activation {
            Activation::Silu => gate.silu()?,
            Activation::Gelu => gate.gelu()?,
        };
        let down = self.down.forward(&(passed * gate_up.narrow(1, feed, feed)?.contiguous()?)?)?;
        x + after(down, &self.after_feed_norm)?
    }

    fn attend(&self, x: &Tensor, look: &Look) -> Computed<Tensor> {
        let Blueprint { heads, groups, size, epsilon, .. } = *look.blueprint;
        let Look { span, sight, places, .. } = look;
        let count = x.dim(0)?;
        let mut all = together(&self.attention, x)?;
        if let Some(bias) = &self.bias {
            all = all.broadcast_add(bias)?;
        }
        let all = all.reshape((count, heads + 2 * groups, size))?;
        let turned = |first: usize, heads: usize, norm: &Option<Tensor>| {
            let heads = all.narrow(1, first, heads)?.contiguous()?;
            let heads = norm.as_ref().map_or(Ok(heads.clone()), |norm| ops::normalize(&heads, norm, epsilon))?;
            ops::rotate(&heads, &sight.cos, &sight.sin)
        };
        let queries = turned(0, heads, &self.query_norm)?;
        let keys = turned(heads, groups, &self.key_norm)?;
        let values = all.narrow(1, heads + groups, groups)?.contiguous()?;
        let mut done = 0;
        while done < count {
            // To the end of a page at most: the next may lie anywhere.
            let (page, place) = ((span.at + done) / PAGE, (span.at + done) % PAGE);
            let some = (PAGE - place).min(count - done);
            let to = span.pages[page] as usize * PAGE + place;
            self.past_keys.slice_set(&keys.narrow(0, done, some)?.contiguous()?, 0, to)?;
            self.past_values.slice_set(&values.narrow(0, done, some)?.contiguous()?, 0, to)?;
            done += some;
        }
        let past = |all: &Tensor| all.index_select(places, 0)?.transpose(0, 1)?.contiguous();
        let (keys, values) = (past(&self.past_keys)?, past(&self.past_values)?);
        let queries = queries.transpose(0, 1)?.contiguous()?;

        let tiles = tiles(count).zip(&sight.masks).map(|((start, tile), mask)| {
            let seen = span.at + start + tile;
            let queries = queries.narrow(1, start, tile)?.reshape((groups, heads / groups * tile, size))?;
            let scores = queries.matmul(&keys.narrow(1, 0, seen)?.t()?)?;
            let scale = look.blueprint.attention_scale;
            let weights = ops::attention_weights(&scores, mask.as_ref(), scale)?;
            let mixed = weights.matmul(&values.narrow(1, 0, seen)?)?;
            mixed.reshape((heads, tile, size))?.transpose(0, 1)?.reshape((tile, heads * size))
        });
        let tiles = tiles.collect::<Computed<Vec<Tensor>>>()?;
        Tensor::cat(&tiles, 0)
    }
}

/// The products of all `matrices` side by side.
fn together(matrices: &[QMatMul], x: &Tensor) -> Computed<Tensor> {
    let products = matrices.iter().map(|matrix| matrix.forward(x)).collect::<Computed<Vec<_>>>()?;
    Tensor::cat(&products, 1)
}

/// A matrix as it stands in the file, its rows in our order.
fn matrix(file: &ModelFile, matrix: &Matrix, device: &Device) -> Result<QMatMul, Error> {
    let place = matrix.place;
    let mut bytes = Vec::new();
    file.rows(&place, 0, place.rows, &mut bytes)?;
    if let Some(size) = matrix.adjacent {
        let row = bytes.len() / place.rows;
        let from = |to: usize| &bytes[(to / size * size + adjacent_row(to % size, size)) * row..][..row];
        bytes = (0..place.rows).flat_map(from).copied().collect();
    }
    let matrix = quantized(bytes, place.kind, (place.rows, place.columns), device);
    matrix.and_then(QMatMul::from_qtensor).map_err(failed)
}

fn quantized(bytes: Vec<u8>, kind: GgmlDType, shape: (usize, usize), device: &Device) -> Computed<QTensor> {
    QTensor::new(QStorage::from_data(Cow::Owned(bytes), device, kind)?, shape)
}

fn vector(values: Vec<f32>, device: &Device) -> Result<Tensor, Error> {
    Tensor::new(values, device).map_err(failed)
}

fn failed(error: candle_core::Error) -> Error {
    Error::Model { message: device::in_words(&error.to_string()) }
}
