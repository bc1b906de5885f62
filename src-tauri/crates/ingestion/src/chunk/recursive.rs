//! Paragraphs together while they fit, one that is too long by its lines, a line by its sentences, a sentence by its words.
//!
//! The method is that of LangChain's `RecursiveCharacterTextSplitter` (langchain-text-splitters): split by the coarsest separator,
//! merge neighbours up to the length, split what is still too long by the next finer one. Its lengths are letters by
//! default and its separators end with the blank; here lengths are tokens, and sentences come before words.

use std::ops::Range;

use super::{Chunker, fixed, measure::Measure};
use crate::Result;

pub(super) const CHUNKER: Chunker = Chunker {
    name: "recursive",
    about: "Paragraphs that fit together; longer ones by line, sentence and word",
    cut: |flow, measure, chunking| {
        let splitting = Splitting { measure, prefix: "", overlap: chunking.overlap };
        let ranges = splitting.split(0..flow.text().len())?;
        Ok(ranges.into_iter().map(|range| fixed::plain(flow, range)).collect())
    },
};

/// Whether a piece ends after the byte `at` of the text, where a letter begins.
type Separator = fn(&str, usize) -> bool;

/// The coarsest first.
const SEPARATORS: &[Separator] = &[ends_paragraph, ends_line, ends_sentence, ends_word];

pub(super) struct Splitting<'m, 'a> {
    pub measure: &'m Measure<'a>,
    /// What will stand before each chunk.
    pub prefix: &'m str,
    pub overlap: usize,
}

impl Splitting<'_, '_> {
    /// Ranges of chunks that cover `range`, trimmed.
    pub(super) fn split(&self, range: Range<usize>) -> Result<Vec<Range<usize>>> {
        let mut ranges = Vec::new();
        self.split_by(SEPARATORS, range, &mut ranges)?;
        Ok(ranges)
    }

    fn split_by(&self, separators: &[Separator], range: Range<usize>, ranges: &mut Vec<Range<usize>>) -> Result<()> {
        let Some((separator, finer)) = separators.split_first() else {
            ranges.extend(fixed::windows(self.measure, range, self.prefix, self.overlap)?);
            return Ok(());
        };
        let pieces = self.pieces(range, *separator);
        // The run begins at `first`; of it, what ends before `sure` is known to fit.
        let (mut first, mut sure) = (0, 0);
        // What ends before it is in a chunk already.
        let mut reached = 0;
        while first < pieces.len() {
            let mut end = first + self.measure.about_fitting(self.prefix, &pieces[first..]);
            end = end.max(sure);
            while end > first && end > sure && !self.fits(&pieces[first..end]) {
                end = sure.max(end - 1 - (end - first) / 16);
            }
            if end == first {
                self.split_by(finer, pieces[first].clone(), ranges)?;
                (first, sure, reached) = (first + 1, first + 1, first + 1);
                continue;
            }
            if end < pieces.len() && self.is_tiny(&pieces[first..end]) && !self.fits(&pieces[end..=end]) {
                // A heading, or what announces a list, says little by itself.
                self.split_by(finer, span(&pieces[first.max(reached)..=end]), ranges)?;
                (first, sure, reached) = (end + 1, end + 1, end + 1);
                continue;
            }
            let range = self.measure.trim(span(&pieces[first..end]));
            if !range.is_empty() && ranges.last().is_none_or(|last| range.end > last.end) {
                ranges.push(range);
            }
            reached = end;
            first = if end == pieces.len() { end } else { self.repeated(&pieces, first, end) };
            // With what is repeated, the next piece is known to fit.
            sure = if first < end { end + 1 } else { end };
        }
        Ok(())
    }

    fn fits(&self, pieces: &[Range<usize>]) -> bool {
        self.measure.fits(self.prefix, &span(pieces))
    }

    fn is_tiny(&self, pieces: &[Range<usize>]) -> bool {
        self.measure.is_tiny(&span(pieces))
    }

    /// The first piece of `first..end` that the next chunk repeats; `end` for none.
    fn repeated(&self, pieces: &[Range<usize>], first: usize, end: usize) -> usize {
        let about = |from: &Range<usize>| self.measure.about(&(from.start..pieces[end - 1].end)) > self.overlap;
        let earliest = (first + pieces[first..end].partition_point(about)).max(first + 1);
        let repeats = |from: &usize| self.measure.repeats(&span(&pieces[*from..end]), self.overlap);
        (earliest..end).filter(repeats).find(|from| self.fits(&pieces[*from..=end])).unwrap_or(end)
    }

    fn pieces(&self, range: Range<usize>, ends: Separator) -> Vec<Range<usize>> {
        let text = &self.measure.text()[range.clone()];
        let mut pieces = Vec::new();
        let mut from = 0;
        for (at, _) in text.char_indices().filter(|(at, _)| *at > 0) {
            if ends(text, at) {
                pieces.push(range.start + from..range.start + at);
                from = at;
            }
        }
        pieces.push(range.start + from..range.end);
        pieces
    }
}

fn span(pieces: &[Range<usize>]) -> Range<usize> {
    match (pieces.first(), pieces.last()) {
        (Some(first), Some(last)) => first.start..last.end,
        _ => 0..0,
    }
}

fn ends_paragraph(text: &str, at: usize) -> bool {
    text[..at].ends_with("\n\n") && !text[at..].starts_with('\n')
}

fn ends_line(text: &str, at: usize) -> bool {
    text[..at].ends_with('\n') && !text[at..].starts_with('\n')
}

/// A full stop, what closes after it, and a blank; or a full stop of a script that writes no blanks. What is near is looked at
/// first, so that a long run of anything is gone through once.
fn ends_sentence(text: &str, at: usize) -> bool {
    const STOPS: &[char] = &['.', '!', '?', '…'];
    const WIDE_STOPS: &[char] = &['。', '！', '？', '｡'];
    const CLOSING: &[char] = &['"', '\'', ')', ']', '”', '’', '»', '」', '』', '）'];
    let (before, after) = text.split_at(at);
    if before.ends_with(char::is_whitespace) {
        return !after.starts_with(char::is_whitespace) && before.trim_end().trim_end_matches(CLOSING).ends_with(STOPS);
    }
    !after.starts_with(CLOSING)
        && (before.ends_with(WIDE_STOPS) || before.ends_with(CLOSING))
        && before.trim_end_matches(CLOSING).ends_with(WIDE_STOPS)
}

fn ends_word(text: &str, at: usize) -> bool {
    text[..at].ends_with(char::is_whitespace) && !text[at..].starts_with(char::is_whitespace)
}
