//! Windows of one length, with no look at what the text says.

use std::ops::Range;

use super::{Chunker, Piece, flow::Flow, measure::Measure};
use crate::Result;

pub(super) const CHUNKER: Chunker = Chunker {
    name: "fixed",
    about: "As many tokens as fit, cut between words wherever that may be",
    cut: |flow, measure, chunking| {
        let ranges = windows(measure, 0..flow.text().len(), "", chunking.overlap)?;
        Ok(ranges.into_iter().map(|range| plain(flow, range)).collect())
    },
};

/// A chunk without anything before it.
pub(super) fn plain(flow: &Flow<'_>, range: Range<usize>) -> Piece {
    Piece { headings: flow.headings(&range), range, prefix: String::new() }
}

/// The ranges of windows over `range`, trimmed.
pub(super) fn windows(
    measure: &Measure<'_>,
    range: Range<usize>,
    prefix: &str,
    overlap: usize,
) -> Result<Vec<Range<usize>>> {
    let mut windows = Vec::new();
    let (mut from, mut reached) = (range.start, range.start);
    while from < range.end {
        let mut end = measure.farthest(from, range.end, prefix)?;
        if from < reached && measure.text()[reached.min(end)..end].trim().is_empty() {
            // A word too long to stand beside what is repeated.
            from = reached;
            end = measure.farthest(from, range.end, prefix)?;
        }
        let window = measure.trim(from..end);
        reached = end;
        if measure.text()[end..range.end].trim().is_empty() {
            reached = range.end;
        }
        from = if reached == range.end || overlap == 0 { reached } else { measure.back(from, reached, overlap) };
        if !window.is_empty() {
            windows.push(window);
        }
    }
    Ok(windows)
}
