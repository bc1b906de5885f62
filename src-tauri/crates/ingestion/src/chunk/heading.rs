//! A chunk for each section: what stands under one heading stays together, a long section is cut recursively, and tiny
//! neighbours share a chunk.

use std::{ops::Range, sync::Arc};

use super::{Chunker, Chunking, Piece, flow::Flow, measure::Measure, recursive::Splitting};
use crate::{Block, Result};

pub(super) const CHUNKER: Chunker = Chunker {
    name: "heading",
    about: "A chunk for each section under its headings; long ones are cut recursively, tiny ones merged",
    cut,
};

/// Between the headings before a chunk's text.
const BETWEEN: &str = " > ";

/// Neighbouring blocks under one heading, or several such that share a chunk.
struct Section {
    range: Range<usize>,
    /// The headings that all of it stands under.
    path: Vec<Arc<str>>,
    /// Those of them that its text does not show.
    above: Vec<Arc<str>>,
}

fn cut(flow: &Flow<'_>, measure: &Measure<'_>, chunking: &Chunking) -> Result<Vec<Piece>> {
    let prefix = |path: &[Arc<str>]| match chunking.with_headings {
        true => prefix(measure, path, chunking.most_tokens),
        false => String::new(),
    };
    let mut merged: Vec<Section> = Vec::new();
    for section in sections(flow) {
        match merged.last_mut() {
            Some(last) => match last.joined(&section, measure) {
                Some(both) if measure.fits(&prefix(&both.above), &both.range) => *last = both,
                _ => merged.push(section),
            },
            None => merged.push(section),
        }
    }
    let mut pieces = Vec::new();
    for Section { range, path, above } in merged {
        let (full, short) = (prefix(&path), prefix(&above));
        if measure.fits(&short, &range) {
            pieces.push(Piece { range: measure.trim(range), prefix: short, headings: path });
            continue;
        }
        let splitting = Splitting { measure, prefix: &full, overlap: chunking.overlap };
        for (index, range) in splitting.split(range)?.into_iter().enumerate() {
            // The first part shows its heading already.
            let prefix = if index == 0 && measure.fits(&short, &range) { &short } else { &full };
            pieces.push(Piece { range, prefix: prefix.clone(), headings: path.clone() });
        }
    }
    Ok(pieces)
}

/// A heading with nothing under it but another one belongs to that one's section.
fn sections(flow: &Flow<'_>) -> Vec<Section> {
    let mut first = 0;
    let groups = flow.blocks().chunk_by(|one, next| match next.heading {
        true => one.heading && next.headings.starts_with(&one.headings),
        false => one.headings == next.headings,
    });
    let section = |blocks: &[Block]| {
        let range = flow.range(first..first + blocks.len());
        first += blocks.len();
        Section { range, path: blocks[blocks.len() - 1].headings.clone(), above: blocks[0].above().to_vec() }
    };
    groups.map(section).collect()
}

impl Section {
    /// This one and the next, where one of them is tiny and they are siblings, or parent and child.
    fn joined(&self, next: &Self, measure: &Measure<'_>) -> Option<Self> {
        let path = common(&self.path, &next.path);
        let related = path.len() + 1 >= self.path.len().max(next.path.len());
        let tiny = [self, next].iter().any(|section| measure.is_tiny(&section.range));
        (related && tiny).then(|| Self {
            range: self.range.start..next.range.end,
            path,
            above: common(&self.above, &next.above),
        })
    }
}

fn common(one: &[Arc<str>], other: &[Arc<str>]) -> Vec<Arc<str>> {
    one.iter().zip(other).take_while(|(one, other)| one == other).map(|(name, _)| name.clone()).collect()
}

/// The headings in one line of at most half a chunk; the outermost are left out first.
fn prefix(measure: &Measure<'_>, path: &[Arc<str>], most: usize) -> String {
    let written = (0..path.len()).map(|first| path[first..].join(BETWEEN) + "\n\n");
    written.into_iter().find(|prefix| measure.added(prefix) <= most / 2).unwrap_or_default()
}
