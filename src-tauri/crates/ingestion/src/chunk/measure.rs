//! How long a part of a text is: about, from where the tokens of the whole begin, and exactly, by counting it as it stands.

use std::ops::Range;

use super::Tokens;
use crate::{Error, Result};

/// A text is taken for tokens in parts of about so many bytes: tokenizers keep far more for a token than where it begins.
const PART: usize = 64 << 10;
/// A text is tiny when it fills less than one part in so many of a chunk.
const TINY: usize = 4;

pub(super) struct Measure<'a> {
    text: &'a str,
    tokens: &'a dyn Tokens,
    /// In the whole text, ascending, each at a letter's beginning.
    starts: Vec<usize>,
    most: usize,
}

impl<'a> Measure<'a> {
    pub(super) fn of(text: &'a str, tokens: &'a dyn Tokens, most: usize) -> Self {
        let mut starts = Vec::with_capacity(text.len() / 4);
        let mut from = 0;
        while from < text.len() {
            let mut to = text.floor_char_boundary(from + PART);
            if to < text.len() {
                // Between words, where one is near.
                let blank = text[from..to].rfind(char::is_whitespace).filter(|blank| *blank > 0);
                to = blank.map_or(to, |blank| from + blank);
            }
            let part = &text[from..to];
            starts.extend(tokens.starts(part).into_iter().map(|start| from + part.floor_char_boundary(start)));
            from = to;
        }
        starts.sort_unstable();
        starts.dedup();
        Self { text, tokens, starts, most }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// About how many tokens the range has, without what the model adds.
    pub(super) fn about(&self, range: &Range<usize>) -> usize {
        self.index(range.end).saturating_sub(self.index(range.start))
    }

    fn index(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start < at)
    }

    /// What the model reads for the prefix alone.
    pub(super) fn added(&self, prefix: &str) -> usize {
        self.tokens.count(prefix)
    }

    fn count(&self, prefix: &str, range: &Range<usize>) -> usize {
        let text = &self.text[range.clone()];
        match prefix {
            "" => self.tokens.count(text),
            _ => self.tokens.count(&(prefix.to_owned() + text)),
        }
    }

    /// Whether prefix and range, trimmed, are short enough for a chunk. What is far too long is not counted.
    pub(super) fn fits(&self, prefix: &str, range: &Range<usize>) -> bool {
        let range = self.trim(range.clone());
        self.about(&range) <= self.most * 4 && self.count(prefix, &range) <= self.most
    }

    /// Whether the range would leave most of a chunk empty.
    pub(super) fn is_tiny(&self, range: &Range<usize>) -> bool {
        self.about(range) < self.most / TINY
    }

    /// How many pieces of `pieces`, from the first on, are about as long as a chunk; at least one.
    pub(super) fn about_fitting(&self, prefix: &str, pieces: &[Range<usize>]) -> usize {
        let Some(first) = pieces.first() else { return 0 };
        let room = self.most.saturating_sub(self.added(prefix));
        pieces.partition_point(|piece| self.about(&(first.start..piece.end)) <= room).max(1)
    }

    /// Whether what a chunk would repeat is no more than `overlap` tokens, without what the model adds.
    pub(super) fn repeats(&self, range: &Range<usize>, overlap: usize) -> bool {
        let range = self.trim(range.clone());
        self.about(&range) <= overlap * 4 && self.count("", &range).saturating_sub(self.added("")) <= overlap
    }

    /// Without white space at both ends. What begins a line keeps its indentation.
    pub(super) fn trim(&self, range: Range<usize>) -> Range<usize> {
        let text = &self.text[range.clone()];
        let end = range.start + text.trim_end().len();
        let blank = text.len() - text.trim_start().len();
        let line = text[..blank].rfind('\n').map(|end| end + 1);
        let begins_line = || self.text[..range.start].is_empty() || self.text[..range.start].ends_with('\n');
        let start = range.start + line.unwrap_or_else(|| if begins_line() { 0 } else { blank });
        start.min(end)..end
    }

    /// The farthest end of a chunk that begins at `from` and ends at or before `to`: between words where it can be,
    /// and always between letters.
    pub(super) fn farthest(&self, from: usize, to: usize, prefix: &str) -> Result<usize> {
        let mut room = self.most.saturating_sub(self.added(prefix));
        while room > 0 {
            let end = self.between_words(from, self.after(from, room).min(to), to);
            let trimmed = self.trim(from..end);
            let count = self.count(prefix, &trimmed);
            if count <= self.most {
                return Ok(end);
            }
            room = room.saturating_sub(count - self.most);
        }
        let letter = self.text[from..].chars().next().unwrap_or_default();
        let end = from + letter.len_utf8();
        match self.count(prefix, &(from..end)) <= self.most {
            true => Ok(end),
            false => Err(Error::Unsplittable { letter, most: self.most }),
        }
    }

    /// Where the token begins that comes `count` tokens after `from`.
    fn after(&self, from: usize, count: usize) -> usize {
        let first = self.starts.partition_point(|start| *start <= from);
        self.starts.get(first + count - 1).copied().unwrap_or(self.text.len())
    }

    /// The last end at or before `end` that parts no word, or else `end`.
    fn between_words(&self, from: usize, end: usize, to: usize) -> usize {
        let text = &self.text[from..end];
        if end == to || self.text[end..].starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
            return end;
        }
        let blank = text.rfind(char::is_whitespace).filter(|blank| !text[..*blank].trim().is_empty());
        blank.map_or(end, |blank| from + text.ceil_char_boundary(blank + 1))
    }

    /// Where a chunk begins that follows one of `from..end` and repeats at most `overlap` tokens of it.
    pub(super) fn back(&self, from: usize, end: usize, overlap: usize) -> usize {
        let first = self.index(end).saturating_sub(overlap);
        let earliest = self.starts.get(first).copied().unwrap_or(end).clamp(from, end);
        let word = |at: &usize| {
            self.text[..*at].ends_with(char::is_whitespace) && !self.text[*at..].starts_with(char::is_whitespace)
        };
        let starts = &self.starts[first.min(self.starts.len())..self.index(end)];
        let candidates = || starts.iter().copied().filter(|start| *start > from && *start >= earliest);
        let fits = |start: &usize| self.repeats(&(*start..end), overlap);
        candidates().filter(word).find(fits).or_else(|| candidates().find(fits)).unwrap_or(end)
    }
}
