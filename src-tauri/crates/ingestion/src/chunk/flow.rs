//! A document's blocks as one text, and the way back to their places. Knows no token.

use std::{ops::Range, sync::Arc};

use crate::{Block, Place, Unit};

/// What stands between two blocks.
const BETWEEN: &str = "\n\n";

pub(super) struct Flow<'a> {
    text: String,
    blocks: &'a [Block],
    /// Where each block begins in the text.
    starts: Vec<usize>,
    /// Where each line of the text ends.
    line_ends: Vec<usize>,
}

impl<'a> Flow<'a> {
    pub(super) fn of(blocks: &'a [Block]) -> Self {
        let mut text = String::with_capacity(blocks.iter().map(|block| block.text.len() + BETWEEN.len()).sum());
        let mut starts = Vec::with_capacity(blocks.len());
        for block in blocks {
            if !text.is_empty() {
                text.push_str(BETWEEN);
            }
            starts.push(text.len());
            text.push_str(&block.text);
        }
        let line_ends = text.match_indices('\n').map(|(at, _)| at).collect();
        Self { text, blocks, starts, line_ends }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn blocks(&self) -> &'a [Block] {
        self.blocks
    }

    /// The text of the blocks `first..end`.
    pub(super) fn range(&self, blocks: Range<usize>) -> Range<usize> {
        let end = self.starts.get(blocks.end).map_or(self.text.len(), |next| next - BETWEEN.len());
        self.starts[blocks.start]..end
    }

    /// The block that the byte `at` belongs to.
    fn block_at(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    pub(super) fn headings(&self, range: &Range<usize>) -> Vec<Arc<str>> {
        self.blocks.get(self.block_at(range.start)).map(|block| block.headings.clone()).unwrap_or_default()
    }

    /// From where the range begins to where its last letter stands.
    pub(super) fn place(&self, range: &Range<usize>) -> Place {
        let last = range.end.saturating_sub(1);
        match (self.place_at(range.start), self.place_at(last)) {
            (Some(first), Some(last)) => first.to(last),
            _ => Place::new(Unit::Line, 1, 1),
        }
    }

    /// Exact where the block has the file's own lines, or else the block's.
    fn place_at(&self, at: usize) -> Option<Place> {
        let index = self.block_at(at);
        let (block, start) = (self.blocks.get(index)?, self.starts[index]);
        let Place { unit, first, last } = block.place;
        let lines = |to: usize| self.lines_before(to.min(start + block.text.len())) - self.lines_before(start);
        if unit != Unit::Line || lines(usize::MAX) != (last - first) as usize {
            return Some(block.place);
        }
        let line = first as usize + lines(at);
        Some(Place::new(unit, line, line))
    }

    fn lines_before(&self, at: usize) -> usize {
        self.line_ends.partition_point(|end| *end < at)
    }
}
