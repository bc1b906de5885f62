//! Documents cut into chunks that a model can read whole. A chunker is one file and one registry line.
//!
//! Tokens of a text cut in two are not the tokens of the whole, so no chunk is believed to be short enough before it was counted as it
//! stands. The document is taken for tokens once, which tells about where to cut; what is then counted is never much longer
//! than a chunk, so that time grows with the document alone.

mod fixed;
mod flow;
mod heading;
mod measure;
mod recursive;

use std::{ops::Range, sync::Arc};

use crate::{Document, Error, Place, Result};
use flow::Flow;
use measure::Measure;

/// The shortest chunks that can be asked for: a letter may take several tokens, and a model adds its own.
pub const LEAST_TOKENS: usize = 16;

/// What an embedding model takes a text for.
pub trait Tokens {
    /// How many tokens the model reads for `text`, those it adds by itself included. Need not be the sum of its parts'.
    fn count(&self, text: &str) -> usize;
    /// Where the tokens of `text` begin, in bytes, ascending.
    fn starts(&self, text: &str) -> Vec<usize>;
}

/// How long chunks are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunking {
    /// What the model reads at most, in tokens. MiniLM reads 256.
    pub most_tokens: usize,
    /// What a chunk repeats of the one before it, at most, in tokens. Whole words, lines or paragraphs are repeated where
    /// the text has any.
    pub overlap: usize,
    /// Whether `heading` puts the headings above a chunk before its text.
    pub with_headings: bool,
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Its number in the document, from zero.
    pub ordinal: u32,
    pub text: String,
    /// What [`Tokens::count`] says of the text.
    pub tokens: usize,
    pub place: Place,
    /// The headings it stands under, the outermost first.
    pub headings: Vec<Arc<str>>,
}

/// A way to cut.
#[derive(Debug)]
pub struct Chunker {
    pub name: &'static str,
    pub about: &'static str,
    cut: fn(&Flow<'_>, &Measure<'_>, &Chunking) -> Result<Vec<Piece>>,
}

/// A chunk as a range of the document's text.
#[derive(Debug)]
struct Piece {
    range: Range<usize>,
    /// What stands before it in the chunk.
    prefix: String,
    headings: Vec<Arc<str>>,
}

static CHUNKERS: &[Chunker] = &[recursive::CHUNKER, heading::CHUNKER, fixed::CHUNKER];

/// Every chunker, the default first.
pub fn chunkers() -> &'static [Chunker] {
    CHUNKERS
}

impl Chunker {
    /// The chunks of a document, in its order: none longer than [`Chunking::most_tokens`], and everything but white space at
    /// cuts in at least one. The same document, tokens and lengths give the same chunks.
    ///
    /// # Errors
    /// The lengths asked for cannot be kept.
    pub fn cut(&self, document: &Document, tokens: &dyn Tokens, chunking: &Chunking) -> Result<Vec<Chunk>> {
        let Chunking { most_tokens, overlap, .. } = *chunking;
        if most_tokens < LEAST_TOKENS {
            return Err(Error::Short { tokens: most_tokens, least: LEAST_TOKENS });
        }
        if overlap > most_tokens / 2 {
            return Err(Error::Overlap { overlap, tokens: most_tokens, most: most_tokens / 2 });
        }
        let flow = Flow::of(&document.blocks);
        let measure = Measure::of(flow.text(), tokens, most_tokens);
        let pieces = (self.cut)(&flow, &measure, chunking)?;
        let chunk = |(ordinal, piece): (usize, Piece)| {
            let text = piece.prefix + &flow.text()[piece.range.clone()];
            Chunk {
                ordinal: u32::try_from(ordinal).unwrap_or(u32::MAX),
                tokens: tokens.count(&text),
                text,
                place: flow.place(&piece.range),
                headings: piece.headings,
            }
        };
        Ok(pieces.into_iter().enumerate().map(chunk).collect())
    }
}

#[cfg(test)]
mod tests;
