//! SentencePiece's BPE (Kudo and Richardson 2018): the neighbours whose union has the best score are joined first, and a
//! character that is no piece becomes its bytes.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};

use super::Kind;
use crate::fault::FileError;
use crate::gguf::ModelFile;

/// Stands for a space in pieces.
const SPACE: char = '\u{2581}';

#[derive(Debug)]
pub(super) struct Pieces {
    ids: HashMap<Box<str>, u32>,
    scores: Vec<f32>,
    /// The piece of each byte.
    bytes: Vec<Option<u32>>,
    unknown: Option<u32>,
    /// Whether a space comes before text.
    space_first: bool,
}

/// A part of the text that is a piece or a character so far.
#[derive(Clone, Copy)]
struct Part {
    start: usize,
    /// 0 once it is part of the one before.
    length: usize,
    before: Option<usize>,
    after: Option<usize>,
}

/// Two neighbours that may be joined.
#[derive(PartialEq)]
struct Union {
    score: f32,
    left: usize,
    right: usize,
    length: usize,
}

impl Eq for Union {}

impl Ord for Union {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then(other.left.cmp(&self.left))
    }
}

impl PartialOrd for Union {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Pieces {
    pub fn from_gguf(file: &ModelFile, texts: &[&str], kinds: &[Kind]) -> Result<Self, FileError> {
        let scores = file.list("tokenizer.ggml.scores")?.iter().map(|score| score.to_f32());
        let scores: Vec<f32> = scores
            .collect::<Result<_, _>>()
            .map_err(|_| file.unsupported("`tokenizer.ggml.scores` is not a list of numbers".into()))?;
        if scores.len() < texts.len() {
            return Err(file.unsupported("it has fewer scores than tokens".into()));
        }
        let mut bytes = vec![None; 256];
        for ((text, kind), id) in texts.iter().zip(kinds).zip(0..) {
            if let (Kind::Byte, Some(byte)) = (kind, byte(text)) {
                bytes[usize::from(byte)] = Some(id);
            }
        }
        let ids = texts.iter().zip(0..).map(|(text, id)| (Box::from(*text), id)).collect();
        let unknown = file.number("tokenizer.ggml.unknown_token_id").ok().map(|id| id as u32);
        let space_first = file.truth("tokenizer.ggml.add_space_prefix").unwrap_or(true);
        Ok(Self { ids, scores, bytes, unknown, space_first })
    }

    pub fn encode(&self, text: &str, ids: &mut Vec<u32>) {
        let mut escaped = String::with_capacity(text.len() + 8);
        escaped.extend(self.space_first.then_some(SPACE));
        escaped.extend(text.chars().map(|letter| if letter == ' ' { SPACE } else { letter }));
        let parts = self.join(&escaped);
        let mut next = (!parts.is_empty()).then_some(0);
        while let Some(part) = next.map(|at| parts[at]) {
            let piece = &escaped[part.start..part.start + part.length];
            match self.ids.get(piece) {
                Some(id) => ids.push(*id),
                None => ids.extend(piece.bytes().filter_map(|byte| self.bytes[usize::from(byte)].or(self.unknown))),
            }
            next = part.after;
        }
    }

    fn join(&self, text: &str) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        for (start, letter) in text.char_indices() {
            let at = parts.len();
            parts.push(Part { start, length: letter.len_utf8(), before: at.checked_sub(1), after: Some(at + 1) });
        }
        if let Some(last) = parts.last_mut() {
            last.after = None;
        }
        let mut unions = BinaryHeap::new();
        let offer = |parts: &[Part], left: Option<usize>, right: Option<usize>, unions: &mut BinaryHeap<Union>| {
            let (Some(left), Some(right)) = (left, right) else { return };
            let length = parts[left].length + parts[right].length;
            if let Some(id) = self.ids.get(&text[parts[left].start..parts[left].start + length]) {
                unions.push(Union { score: self.scores[*id as usize], left, right, length });
            }
        };
        for right in 1..parts.len() {
            offer(&parts, Some(right - 1), Some(right), &mut unions);
        }
        while let Some(Union { left, right, length, .. }) = unions.pop() {
            // One of them has been joined otherwise since.
            if parts[left].length == 0 || parts[right].length == 0 || parts[left].length + parts[right].length != length
            {
                continue;
            }
            parts[left].length = length;
            parts[right].length = 0;
            parts[left].after = parts[right].after;
            if let Some(after) = parts[right].after {
                parts[after].before = Some(left);
            }
            offer(&parts, parts[left].before, Some(left), &mut unions);
            offer(&parts, Some(left), parts[left].after, &mut unions);
        }
        parts
    }
}

/// `<0x0A>`
fn byte(piece: &str) -> Option<u8> {
    u8::from_str_radix(piece.strip_prefix("<0x")?.strip_suffix('>')?, 16).ok()
}

pub(super) fn says(piece: &str, kind: Kind) -> Box<[u8]> {
    match kind {
        Kind::Byte => byte(piece).into_iter().collect(),
        _ => piece.replace(SPACE, " ").into_bytes().into(),
    }
}
