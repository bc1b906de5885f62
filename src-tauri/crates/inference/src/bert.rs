//! The network of all-MiniLM-L6-v2: a BERT encoder (Devlin et al. 2019) in single precision, the mean of its rows, and
//! that mean at length 1 (Reimers and Gurevych 2019). Never sees a text: its inputs are token ids.
//!
//! Texts lie one after another as rows, without padding, so no work is done for what is not there.

mod attention;
mod buffer;
mod kernel;
mod matrix;
mod weights;
mod work;

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::fault::FileError;
use buffer::Buffer;
use kernel::{Kernel, Norm, WIDTH};
use matrix::{After, Linear};
use weights::Weights;

pub(crate) use work::{Run, alone, each};

/// Numbers of a row, and of a vector.
pub(crate) const SIZE: usize = 384;
const INNER: usize = 1536;
const LAYERS: usize = 6;
pub(crate) const WORDS: usize = 30_522;
/// The most tokens of one text that the network has places for.
pub(crate) const PLACES: usize = 512;
const EPSILON: f32 = 1e-12;

/// A loaded network.
#[derive(Debug)]
pub(crate) struct Bert {
    kernel: Kernel,
    words: Vec<f32>,
    /// The vector of each place in a text, with that of the first kind of text, the only one there is here.
    places: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
    /// Rooms that no pass is in.
    rooms: Mutex<Vec<Room>>,
}

#[derive(Debug)]
struct Layer {
    project: Linear,
    join: Linear,
    join_norm: Norm,
    widen: Linear,
    narrow: Linear,
    narrow_norm: Norm,
}

/// The rows that a pass works on.
#[derive(Debug, Default)]
struct Room {
    rows: Buffer,
    projected: Buffer,
    attended: Buffer,
    wide: Buffer,
}

impl Bert {
    /// Reads the weights of `path`, whose file is right by its manifest.
    pub fn load(path: &Path) -> Result<Self, FileError> {
        let unreadable = |error: std::io::Error| FileError::Unreadable { file: path.into(), detail: error.to_string() };
        let bytes = std::fs::read(path).map_err(unreadable)?;
        let file = Weights::parse(&bytes, path)?;
        let norm = |name: &str| -> Result<Norm, FileError> {
            let part = |kind: &str| file.tensor(&format!("{name}.LayerNorm.{kind}"), &[SIZE]);
            Ok(Norm { weight: part("weight")?, bias: part("bias")?, epsilon: EPSILON })
        };
        let mut places = file.tensor("embeddings.position_embeddings.weight", &[PLACES, SIZE])?;
        let kinds = file.tensor("embeddings.token_type_embeddings.weight", &[2, SIZE])?;
        for (place, kind) in places.iter_mut().zip(kinds[..SIZE].iter().cycle()) {
            *place += kind;
        }
        Ok(Self {
            kernel: Kernel::choose(),
            words: file.tensor("embeddings.word_embeddings.weight", &[WORDS, SIZE])?,
            places,
            norm: norm("embeddings")?,
            layers: (0..LAYERS).map(|index| Layer::load(&file, index, norm)).collect::<Result<_, _>>()?,
            rooms: Mutex::default(),
        })
    }

    /// The vector of each text, by its token ids, special ones included; `None` if `stop` said so between two layers.
    /// Each id is below [`WORDS`] and each text is of 1 to [`PLACES`] tokens.
    pub fn embed(&self, run: Run, texts: &[&[u32]], stop: &(dyn Fn() -> bool + Sync)) -> Option<Vec<Vec<f32>>> {
        let mut room = self.rooms.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        let vectors = self.pass(&mut room, run, texts, stop);
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner).push(room);
        vectors
    }

    fn pass(
        &self,
        room: &mut Room,
        run: Run,
        texts: &[&[u32]],
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Option<Vec<Vec<f32>>> {
        let lengths: Vec<usize> = texts.iter().map(|text| text.len()).collect();
        let count = lengths.iter().sum::<usize>();
        let size = count * SIZE;
        let rows = room.rows.take(size);
        self.look_up(texts, count, rows);
        for layer in &self.layers {
            if stop() {
                return None;
            }
            let projected = room.projected.take(layer.project.size(count));
            let attended = room.attended.take(size);
            let wide = room.wide.take(layer.widen.size(count));
            layer.project.multiply(self.kernel, run, count, rows, projected, After::Nothing);
            attention::attend(self.kernel, run, &lengths, projected, attended);
            // The projections are done with: what comes next may lie where they lay.
            let joined = &mut projected[..size];
            layer.join.multiply(self.kernel, run, count, attended, joined, After::Nothing);
            self.kernel.norm(rows, joined, count, &layer.join_norm);
            layer.widen.multiply(self.kernel, run, count, rows, wide, After::Gelu);
            layer.narrow.multiply(self.kernel, run, count, wide, joined, After::Nothing);
            self.kernel.norm(rows, joined, count, &layer.narrow_norm);
        }
        let mut start = 0;
        let means = lengths.iter().map(|length| {
            start += length;
            mean(rows, count, start - length..start)
        });
        Some(means.collect())
    }

    /// The first rows: each token's word and place.
    fn look_up(&self, texts: &[&[u32]], count: usize, rows: &mut [f32]) {
        let tokens = texts.iter().flat_map(|text| text.iter().zip(self.places.chunks_exact(SIZE)));
        for (row, (token, place)) in tokens.enumerate() {
            let word = &self.words[*token as usize * SIZE..][..SIZE];
            for (panel, (word, place)) in word.chunks_exact(WIDTH).zip(place.chunks_exact(WIDTH)).enumerate() {
                let to = &mut rows[(panel * count + row) * WIDTH..][..WIDTH];
                for (to, (word, place)) in to.iter_mut().zip(word.iter().zip(place)) {
                    *to = word + place;
                }
            }
        }
        let nothing = vec![0.0; rows.len()];
        self.kernel.norm(rows, &nothing, count, &self.norm);
    }
}

impl Layer {
    fn load(file: &Weights, index: usize, norm: impl Fn(&str) -> Result<Norm, FileError>) -> Result<Self, FileError> {
        let name = |part: &str| format!("encoder.layer.{index}.{part}");
        let linear = |part: &str, outputs: usize, inputs: usize| -> Result<(Vec<f32>, Vec<f32>), FileError> {
            let weight = file.tensor(&name(&format!("{part}.weight")), &[outputs, inputs])?;
            Ok((weight, file.tensor(&name(&format!("{part}.bias")), &[outputs])?))
        };
        let attention = |part: &str| linear(&format!("attention.self.{part}"), SIZE, SIZE);
        Ok(Self {
            project: Linear::new(&[attention("query")?, attention("key")?, attention("value")?]),
            join: Linear::new(&[linear("attention.output.dense", SIZE, SIZE)?]),
            join_norm: norm(&name("attention.output"))?,
            widen: Linear::new(&[linear("intermediate.dense", INNER, SIZE)?]),
            narrow: Linear::new(&[linear("output.dense", SIZE, INNER)?]),
            narrow_norm: norm(&name("output"))?,
        })
    }
}

/// The mean of `text`'s rows among `count`, at length 1.
fn mean(rows: &[f32], count: usize, text: std::ops::Range<usize>) -> Vec<f32> {
    let mut mean = vec![0.0; SIZE];
    for (mean, panel) in mean.chunks_exact_mut(WIDTH).zip(rows.chunks_exact(count * WIDTH)) {
        for row in panel[text.start * WIDTH..text.end * WIDTH].chunks_exact(WIDTH) {
            for (mean, number) in mean.iter_mut().zip(row) {
                *mean += number;
            }
        }
    }
    // The number of rows cancels out.
    let length = mean.iter().map(|number| f64::from(*number).powi(2)).sum::<f64>().sqrt() as f32;
    mean.iter_mut().for_each(|number| *number /= length.max(f32::MIN_POSITIVE));
    mean
}
