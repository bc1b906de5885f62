//! Which tensors of a file a decoder is made of: their names, and the sizes that they must have. Both networks read them
//! here, so they cannot differ in what they compute.
//!
//! Never reads the large matrices.

use super::{Blueprint, adjacent_row};
use crate::fault::FileError;
use crate::gguf::{ModelFile, TensorPlace};

/// A large matrix.
#[derive(Debug, Clone)]
pub(crate) struct Matrix {
    pub name: String,
    pub place: TensorPlace,
    /// Rows of a head, where pairs that turn together stand side by side in the file ([`adjacent_row`]).
    pub adjacent: Option<usize>,
}

/// What stands around the layers.
#[derive(Debug)]
pub(crate) struct Ends {
    pub embedding: Matrix,
    /// `None` where the embedding serves as the head too.
    pub head: Option<Matrix>,
    pub norm: Vec<f32>,
}

/// One layer. What most families do not have is empty.
#[derive(Debug)]
pub(crate) struct Parts {
    pub attention_norm: Vec<f32>,
    /// Queries, keys and values, in one matrix or in three.
    pub attention: Vec<Matrix>,
    /// Added to their products, in our order of rows.
    pub bias: Vec<f32>,
    pub query_norm: Vec<f32>,
    pub key_norm: Vec<f32>,
    pub output: Matrix,
    pub after_attention_norm: Vec<f32>,
    pub feed_norm: Vec<f32>,
    /// Gate and up, in one matrix or in two.
    pub gate_up: Vec<Matrix>,
    pub down: Matrix,
    pub after_feed_norm: Vec<f32>,
}

/// Every tensor that is computed with, of a layer and around the layers.
const OF_A_LAYER: [&str; 18] = [
    "attn_norm.weight",
    "attn_q.weight",
    "attn_k.weight",
    "attn_v.weight",
    "attn_qkv.weight",
    "attn_q.bias",
    "attn_k.bias",
    "attn_v.bias",
    "attn_q_norm.weight",
    "attn_k_norm.weight",
    "attn_output.weight",
    "post_attention_norm.weight",
    "ffn_norm.weight",
    "ffn_gate.weight",
    "ffn_up.weight",
    "ffn_down.weight",
    "post_ffw_norm.weight",
    "attn_rot_embd.weight",
];
const AROUND: [&str; 6] = [
    "token_embd.weight",
    "output.weight",
    "output_norm.weight",
    "rope_freqs.weight",
    "rope_factors_long.weight",
    "rope_factors_short.weight",
];

/// A tensor that is not known means other arithmetic than ours.
pub(super) fn refuse_strangers(file: &ModelFile, layers: usize) -> Result<(), FileError> {
    let known = |name: &str| match name.strip_prefix("blk.").and_then(|rest| rest.split_once('.')) {
        Some((layer, part)) => layer.parse().is_ok_and(|layer: usize| layer < layers) && OF_A_LAYER.contains(&part),
        None => AROUND.contains(&name),
    };
    match file.tensors().filter(|name| !known(name)).min() {
        None => Ok(()),
        Some(name) => Err(file.unsupported(format!("it has `{name}`, which this version does not compute with"))),
    }
}

impl Ends {
    pub fn read(file: &ModelFile, blueprint: &Blueprint) -> Result<Self, FileError> {
        let reading = Reading { file, blueprint, layer: None };
        let embedding = reading.matrix("token_embd.weight", None, blueprint.width)?;
        let rows = Some(embedding.place.rows);
        let head = file.has("output.weight").then(|| reading.matrix("output.weight", rows, blueprint.width));
        Ok(Self { embedding, head: head.transpose()?, norm: reading.vector("output_norm.weight", blueprint.width)? })
    }

    pub fn vocabulary(&self) -> usize {
        self.embedding.place.rows
    }
}

impl Parts {
    pub fn read(file: &ModelFile, blueprint: &Blueprint, layer: usize) -> Result<Self, FileError> {
        let Blueprint { heads, groups, size, width, feed, .. } = *blueprint;
        let adjacent = blueprint.rotary.adjacent;
        let reading = Reading { file, blueprint, layer: Some(layer) };
        let (queries, keys) = (heads * size, groups * size);
        let attention = if reading.has("attn_qkv.weight") {
            if adjacent {
                let detail =
                    format!("layer {layer} has queries, keys and values in one, which is not known of its kind");
                return Err(file.unsupported(detail));
            }
            vec![reading.matrix("attn_qkv.weight", Some(queries + 2 * keys), width)?]
        } else {
            let turned = |mut matrix: Matrix| {
                matrix.adjacent = adjacent.then_some(size);
                matrix
            };
            vec![
                turned(reading.matrix("attn_q.weight", Some(queries), width)?),
                turned(reading.matrix("attn_k.weight", Some(keys), width)?),
                reading.matrix("attn_v.weight", Some(keys), width)?,
            ]
        };
        let mut bias = Vec::new();
        if ["attn_q.bias", "attn_k.bias", "attn_v.bias"].iter().any(|part| reading.has(part)) {
            bias.extend(reading.turned("attn_q.bias", queries)?);
            bias.extend(reading.turned("attn_k.bias", keys)?);
            bias.extend(reading.vector("attn_v.bias", keys)?);
        }
        // Where the gate stands in the file by itself, the other matrix holds what goes up alone.
        let gate_up = if reading.has("ffn_gate.weight") {
            ["ffn_gate.weight", "ffn_up.weight"].iter().map(|part| reading.matrix(part, Some(feed), width)).collect()
        } else {
            reading.matrix("ffn_up.weight", Some(2 * feed), width).map(|both| vec![both])
        };
        let parts = Self {
            attention_norm: reading.vector("attn_norm.weight", width)?,
            attention,
            bias,
            query_norm: reading.if_there("attn_q_norm.weight", size)?,
            key_norm: reading.if_there("attn_k_norm.weight", size)?,
            output: reading.matrix("attn_output.weight", Some(width), queries)?,
            after_attention_norm: reading.if_there("post_attention_norm.weight", width)?,
            feed_norm: reading.vector("ffn_norm.weight", width)?,
            gate_up: gate_up?,
            down: reading.matrix("ffn_down.weight", Some(width), feed)?,
            after_feed_norm: reading.if_there("post_ffw_norm.weight", width)?,
        };
        if adjacent && !(parts.query_norm.is_empty() && parts.key_norm.is_empty()) {
            return Err(file.unsupported(format!("layer {layer} norms its queries, which is not known of its kind")));
        }
        Ok(parts)
    }
}

/// A file, and the layer that names are of.
struct Reading<'a> {
    file: &'a ModelFile,
    blueprint: &'a Blueprint,
    layer: Option<usize>,
}

impl Reading<'_> {
    fn name(&self, part: &str) -> String {
        self.layer.map_or_else(|| part.to_owned(), |layer| format!("blk.{layer}.{part}"))
    }

    fn has(&self, part: &str) -> bool {
        self.file.has(&self.name(part))
    }

    /// With so many rows; `None` takes any.
    fn matrix(&self, part: &str, rows: Option<usize>, columns: usize) -> Result<Matrix, FileError> {
        let name = self.name(part);
        let place = self.file.tensor(&name)?;
        let expected = rows.unwrap_or(place.rows);
        if (place.rows, place.columns) != (expected, columns) {
            let detail = format!(
                "`{name}` has {} rows of {} values, and by its header it would have {expected} of {columns}",
                place.rows, place.columns
            );
            return Err(self.file.unsupported(detail));
        }
        Ok(Matrix { name, place, adjacent: None })
    }

    fn vector(&self, part: &str, length: usize) -> Result<Vec<f32>, FileError> {
        let name = self.name(part);
        let values = self.file.vector(&name)?;
        if values.len() == length {
            return Ok(values);
        }
        Err(self.file.unsupported(format!("`{name}` has {} values, not {length}", values.len())))
    }

    /// As [`Reading::vector`], in our order of rows.
    fn turned(&self, part: &str, length: usize) -> Result<Vec<f32>, FileError> {
        let values = self.vector(part, length)?;
        let size = self.blueprint.size;
        let from = |row: usize| row / size * size + adjacent_row(row % size, size);
        Ok(match self.blueprint.rotary.adjacent {
            true => (0..length).map(|row| values[from(row)]).collect(),
            false => values,
        })
    }

    /// Empty where the file has none.
    fn if_there(&self, part: &str, length: usize) -> Result<Vec<f32>, FileError> {
        if self.has(part) { self.vector(part, length) } else { Ok(Vec::new()) }
    }
}
