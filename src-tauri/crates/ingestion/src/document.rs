//! What every format is read into: a document as blocks of text, each with its place and the headings above it. Knows no
//! format and no token.

use std::{collections::BTreeMap, sync::Arc};

/// A file's text with its structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The file's path relative to the root, parted by `/`.
    pub source: String,
    /// Of the file's bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// The [`Format`](crate::Format)'s name.
    pub format: &'static str,
    /// As the document calls itself, or else the file's name.
    pub title: String,
    /// What the document says about itself beside its text: front matter, a PDF's author, a table's columns.
    pub metadata: BTreeMap<String, String>,
    /// In the order of reading.
    pub blocks: Vec<Block>,
}

/// A paragraph, a heading, a list, a table, a piece of code, a row. Never blank; line ends are `\n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    pub text: String,
    pub place: Place,
    /// The headings it stands under, the outermost first; a heading's own is the last.
    pub headings: Vec<Arc<str>>,
    /// Whether it is itself a heading.
    pub heading: bool,
}

/// Where in the file something stands. Counted from one, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub unit: Unit,
    pub first: u32,
    pub last: u32,
}

/// What a [`Place`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Line,
    Page,
    /// As a spreadsheet counts: the header is row 1.
    Row,
}

impl Place {
    pub(crate) fn new(unit: Unit, first: usize, last: usize) -> Self {
        let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
        Self { unit, first: number(first), last: number(last) }
    }

    pub(crate) fn to(self, end: Self) -> Self {
        Self { last: end.last, ..self }
    }
}

impl Block {
    pub(crate) fn new(text: impl Into<String>, place: Place) -> Self {
        Self { text: text.into(), place, headings: Vec::new(), heading: false }
    }

    /// The headings that are not the block's own.
    pub(crate) fn above(&self) -> &[Arc<str>] {
        &self.headings[..self.headings.len() - usize::from(self.heading)]
    }
}
