//! What kind of decoder a GGUF file holds: its sizes, and what sets its family apart. One function a family.
//!
//! Never reads the large matrices.

mod parts;

use crate::cpu::Activation;
use crate::fault::FileError;
use crate::gguf::ModelFile;
pub(crate) use parts::{Ends, Matrix, Parts};

/// All that the arithmetic must know but the weights. What a file has more of than the plainest Llama (biases, norms of
/// queries and keys, norms after a sublayer) is told by the names of its tensors.
#[derive(Debug, Clone)]
pub(crate) struct Blueprint {
    /// Tokens that the model was trained to read.
    pub context: usize,
    pub layers: usize,
    /// Values of a position between layers.
    pub width: usize,
    /// Query heads, and the key and value heads that groups of them share.
    pub heads: usize,
    pub groups: usize,
    /// Values of one head.
    pub size: usize,
    /// Values between the two halves of a feed-forward network.
    pub feed: usize,
    pub epsilon: f32,
    pub rotary: Rotary,
    /// Layers that see near positions only.
    pub near: Option<Near>,
    pub activation: Activation,
    /// What the vocabulary's vectors are multiplied by.
    pub embedding_scale: f32,
    /// What the products of queries and keys are multiplied by.
    pub attention_scale: f32,
}

/// Rotary position embedding.
#[derive(Debug, Clone)]
pub(crate) struct Rotary {
    pub base: f32,
    /// Values of a head that are turned.
    pub turned: usize,
    /// Whether a pair stands side by side in the file's rows (0, 1, 2, 3...), and not in the two halves of a head.
    pub adjacent: bool,
    /// What the frequency of each pair is divided by; empty divides by 1.
    pub factors: Vec<f32>,
    /// What cosines and sines are multiplied by.
    pub strength: f32,
}

#[derive(Debug, Clone)]
pub(crate) struct Near {
    /// Positions that a query sees, itself included.
    pub window: usize,
    /// Of so many layers the last sees all positions; 0 where none does.
    pub every: usize,
    pub rotary: Rotary,
}

/// Values of a head at most, and what they, and the values of a position, come in multiples of: the kernels' measures.
const WIDEST: usize = 256;
const LANES: usize = 16;
const BLOCK: usize = 32;
/// Layers at most, and one more than any other number of a header may be: products of some of them fit in 64 bits.
const DEEPEST: usize = 1 << 12;
const BEYOND: usize = 1 << 24;

impl Blueprint {
    pub fn read(file: &ModelFile) -> Result<Self, FileError> {
        let architecture = file.text("general.architecture")?;
        let read: fn(&mut Self, &Keys) -> Result<(), FileError> = match architecture {
            "llama" => llama,
            "qwen2" | "qwen3" => qwen,
            "gemma3" => gemma,
            "phi3" => phi,
            other => {
                let known = "llama, qwen2, qwen3, gemma3 and phi3";
                return Err(file.unsupported(format!("its architecture is {other}, and {known} can be run")));
            }
        };
        let keys = Keys { file, architecture };
        let (heads, width) = (keys.number("attention.head_count")?.max(1), keys.number("embedding_length")?);
        let size = keys.number("attention.key_length").unwrap_or(width / heads);
        let turned = keys.number("rope.dimension_count").unwrap_or(size);
        let rotary = Rotary {
            base: keys.real("rope.freq_base").unwrap_or(10_000.0),
            turned,
            adjacent: false,
            factors: keys.stretch()?.map_or_else(Vec::new, |factor| vec![factor; turned / 2]),
            strength: 1.0,
        };
        let mut blueprint = Self {
            context: keys.number("context_length")?,
            layers: keys.number("block_count")?,
            width,
            heads,
            groups: keys.number("attention.head_count_kv").unwrap_or(heads).max(1),
            size,
            feed: keys.number("feed_forward_length")?,
            epsilon: keys.real("attention.layer_norm_rms_epsilon")?,
            rotary,
            near: None,
            activation: Activation::Silu,
            embedding_scale: 1.0,
            attention_scale: 1.0 / (size as f32).sqrt(),
        };
        read(&mut blueprint, &keys)?;
        blueprint.check(file)?;
        parts::refuse_strangers(file, blueprint.layers)?;
        Ok(blueprint)
    }

    /// The kernels' limits, told before anything is computed.
    fn check(&self, file: &ModelFile) -> Result<(), FileError> {
        let multiples = [(self.size, LANES), (self.width, BLOCK), (self.feed, BLOCK), (self.heads * self.size, BLOCK)];
        let fits = multiples.iter().all(|(value, of)| *value > 0 && value.is_multiple_of(*of));
        let turned = self.rotary.turned;
        if fits
            && (1..=DEEPEST).contains(&self.layers)
            && self.size <= WIDEST
            && self.heads.is_multiple_of(self.groups)
            && (2..=self.size).contains(&turned)
            && turned.is_multiple_of(2)
            && [0, turned / 2].contains(&self.rotary.factors.len())
            && self.context > 0
        {
            return Ok(());
        }
        Err(file.unsupported(format!(
            "{} layers of {} heads of {} values in {} groups, {} and {} values wide, do not fit this version's arithmetic",
            self.layers, self.heads, self.size, self.groups, self.width, self.feed
        )))
    }

    /// What layer `index` turns by, and how many positions it sees; `None` sees all.
    pub fn sight(&self, index: usize) -> (&Rotary, Option<usize>) {
        match &self.near {
            Some(near) if near.every == 0 || !(index + 1).is_multiple_of(near.every) => {
                (&near.rotary, Some(near.window))
            }
            _ => (&self.rotary, None),
        }
    }

    /// Positions whose keys and values, in numbers of `bytes` bytes, take half a gigabyte: but at least one whole context.
    pub fn positions(&self, bytes: usize) -> usize {
        ((512 << 20) / self.position_bytes(bytes).max(1)).max(self.context)
    }

    /// Bytes of one position's keys and values, in numbers of `bytes` bytes.
    pub fn position_bytes(&self, bytes: usize) -> usize {
        2 * self.layers * self.groups * self.size * bytes
    }
}

/// A file's metadata under its architecture's name.
struct Keys<'a> {
    file: &'a ModelFile,
    architecture: &'a str,
}

impl Keys<'_> {
    fn number(&self, key: &str) -> Result<usize, FileError> {
        let key = format!("{}.{key}", self.architecture);
        match self.file.number(&key)? {
            number if number < BEYOND => Ok(number),
            number => Err(self.file.unsupported(format!("`{key}` is {number}, which is too much for this version"))),
        }
    }

    fn real(&self, key: &str) -> Result<f32, FileError> {
        self.file.real(&format!("{}.{key}", self.architecture))
    }

    /// What all frequencies are divided by, where the file says so.
    fn stretch(&self) -> Result<Option<f32>, FileError> {
        match self.file.text(&format!("{}.rope.scaling.type", self.architecture)).unwrap_or("none") {
            // Phi's own vectors say the rest.
            "none" | "longrope" => Ok(None),
            "linear" => self.real("rope.scaling.factor").map(Some),
            other => Err(self.file.unsupported(format!("its positions are stretched by {other}, not linearly"))),
        }
    }
}

/// Llama (Touvron et al. 2023; Dubey et al. 2024), SmolLM2, Mistral.
fn llama(blueprint: &mut Blueprint, keys: &Keys) -> Result<(), FileError> {
    blueprint.rotary.adjacent = true;
    if keys.file.has("rope_freqs.weight") {
        blueprint.rotary.factors = keys.file.vector("rope_freqs.weight")?;
    }
    Ok(())
}

/// Qwen 2 and 2.5 (biases of queries, keys and values), Qwen 3 (norms of queries and keys).
fn qwen(_: &mut Blueprint, _: &Keys) -> Result<(), FileError> {
    Ok(())
}

/// Gemma 3 (Gemma Team 2025): five near layers to each that sees all, norms around every sublayer.
fn gemma(blueprint: &mut Blueprint, keys: &Keys) -> Result<(), FileError> {
    blueprint.activation = Activation::Gelu;
    blueprint.embedding_scale = (blueprint.width as f32).sqrt();
    // The largest of the family, alone, takes a head's share of the width for its size.
    if blueprint.layers == 62 {
        blueprint.attention_scale = 1.0 / (blueprint.width as f32 / blueprint.heads as f32).sqrt();
    }
    // Near layers are not stretched.
    let base = keys.real("rope.freq_base_swa").unwrap_or(10_000.0);
    blueprint.near = Some(Near {
        window: keys.number("attention.sliding_window")?,
        every: keys.number("attention.sliding_window_pattern").unwrap_or(6),
        rotary: Rotary { base, factors: Vec::new(), ..blueprint.rotary.clone() },
    });
    Ok(())
}

/// Phi 3 and 4: matrices in one piece, and frequencies that were fitted to the context.
fn phi(blueprint: &mut Blueprint, keys: &Keys) -> Result<(), FileError> {
    if keys.file.has("rope_factors_short.weight") {
        blueprint.rotary.factors = keys.file.vector("rope_factors_short.weight")?;
        blueprint.rotary.strength = keys.real("rope.scaling.attn_factor").unwrap_or(1.0);
        // Beyond it other factors would hold, for all positions of a text.
        let fitted = keys.number("rope.scaling.original_context_length").unwrap_or(blueprint.context);
        blueprint.context = blueprint.context.min(fitted);
    }
    if let Some(window) = keys.number("attention.sliding_window").ok().filter(|window| *window > 0) {
        blueprint.near = Some(Near { window, every: 0, rotary: blueprint.rotary.clone() });
    }
    Ok(())
}

impl Rotary {
    /// Cosines and sines of the rotations at `position`, one of each for every pair.
    ///
    /// In doubles: a position in the thousands times a rounded frequency would be off by a visible angle.
    pub fn angles(&self, position: usize, cos: &mut [f32], sin: &mut [f32]) {
        for (pair, (cos, sin)) in cos.iter_mut().zip(sin).enumerate() {
            let factor = self.factors.get(pair).copied().unwrap_or(1.0);
            let frequency = f64::from(self.base).powf(-2.0 * pair as f64 / self.turned as f64) / f64::from(factor);
            let (sine, cosine) = (position as f64 * frequency).sin_cos();
            *cos = cosine as f32 * self.strength;
            *sin = sine as f32 * self.strength;
        }
    }
}

/// Where a row of a head stands in the file, for pairs that we keep in halves. Reordering the rows of both queries and
/// keys changes none of their products.
pub(crate) fn adjacent_row(row: usize, size: usize) -> usize {
    2 * (row % (size / 2)) + row / (size / 2)
}
