//! From a file to a decoder: every matrix is read, turned where it must be, and packed.

use super::cache::{Cache, PAGE};
use super::ground::Ground;
use super::pool::Pool;
use super::stack::Stack;
use super::weights::{Part, Weights};
use super::{Decoder, Layer, Room};
use crate::blueprint::{Blueprint, Ends, Matrix, Parts, adjacent_row};
use crate::generator::Error;
use crate::gguf::{ModelFile, TensorPlace};

impl Decoder {
    /// Computes on `threads` threads, with room for `positions` positions of all texts together; `None` as
    /// [`Blueprint::positions`] says.
    pub fn load(file: &ModelFile, threads: usize, positions: Option<usize>) -> Result<Self, Error> {
        let blueprint = Blueprint::read(file)?;
        let positions = positions.unwrap_or_else(|| blueprint.positions(2));
        let mut pool = Pool::new(threads)?;
        let ground = Ground::new(packed_bytes(file));
        let mut loading = Loading { file, ground, pool: &mut pool };
        let ends = Ends::read(file, &blueprint)?;
        let vocabulary = ends.vocabulary();
        let embedding = loading.one(&ends.embedding)?;
        let head = ends.head.as_ref().map(|head| loading.one(head)).transpose()?;
        let layers = (0..blueprint.layers).map(|index| Layer::load(&mut loading, &blueprint, index));
        let layers = layers.collect::<Result<_, Error>>()?;
        loading.ground.settle();
        let cache = Cache::new(blueprint.layers, positions.div_ceil(PAGE), blueprint.groups, blueprint.size);
        let (norm, room) = (ends.norm, Room::default());
        Ok(Self { norm, embedding, head, vocabulary, layers, cache, pool, blueprint, room })
    }
}

/// Bytes that all matrices of the file take when they are packed.
pub(crate) fn packed_bytes(file: &ModelFile) -> usize {
    let packed = |place: TensorPlace| Weights::packed_bytes(place.kind, place.rows, place.columns);
    file.matrices().map(packed).sum()
}

impl Layer {
    fn load(loading: &mut Loading, blueprint: &Blueprint, index: usize) -> Result<Self, Error> {
        let parts = Parts::read(loading.file, blueprint, index)?;
        Ok(Self {
            attention_norm: parts.attention_norm,
            queries_keys_values: loading.stack(&parts.attention)?,
            bias: parts.bias,
            query_norm: parts.query_norm,
            key_norm: parts.key_norm,
            output: loading.one(&parts.output)?,
            after_attention_norm: parts.after_attention_norm,
            feed_norm: parts.feed_norm,
            gate_up: loading.stack(&parts.gate_up)?,
            down: loading.one(&parts.down)?,
            after_feed_norm: parts.after_feed_norm,
        })
    }
}

/// What loading needs throughout.
struct Loading<'a> {
    file: &'a ModelFile,
    ground: Ground,
    pool: &'a mut Pool,
}

impl Loading<'_> {
    fn one(&mut self, matrix: &Matrix) -> Result<Stack, Error> {
        self.stack(std::slice::from_ref(matrix))
    }

    /// Matrices of one width below each other; neighbours of one kind in one piece.
    fn stack(&mut self, matrices: &[Matrix]) -> Result<Stack, Error> {
        let mut parts = Vec::new();
        for same in matrices.chunk_by(|a, b| a.place.kind == b.place.kind) {
            let file = self.file;
            let reads: Vec<_> = same
                .iter()
                .map(|matrix| {
                    move |first: usize, rows: usize, to: &mut Vec<u8>| {
                        file.rows(&matrix.place, first, rows, to).map_err(|error| error.to_string())
                    }
                })
                .collect();
            let turns: Vec<_> = same
                .iter()
                .map(|matrix| matrix.adjacent.map(|size| (size, move |row: usize| adjacent_row(row, size))))
                .collect();
            let here: Vec<Part> = same
                .iter()
                .zip(&reads)
                .zip(&turns)
                .map(|((matrix, read), turn)| {
                    let order = turn.as_ref().map(|(size, turn)| (*size, turn as &(dyn Fn(usize) -> usize + Sync)));
                    Part { rows: matrix.place.rows, read, order }
                })
                .collect();
            let place = same[0].place;
            let weights = Weights::new(place.kind, place.columns, &here, &mut self.ground, self.pool);
            parts.push(weights.map_err(|detail| file.unsupported(format!("`{}`: {detail}", same[0].name)))?);
        }
        Ok(Stack::new(parts))
    }
}
