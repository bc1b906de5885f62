//! Byte pairs merged to tokens (Sennrich et al. 2016): of all neighbours in a word that may be merged, those whose merge
//! was learned first, and of equals the leftmost, until none may.
//!
//! Holds numbers only, far less than the library's model takes. Never knows how text is cut to words.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::said::Said;

#[derive(Debug)]
pub(super) struct Merges {
    /// The token of each byte, where it has one.
    bytes: Box<[Option<u32>; 256]>,
    pairs: HashMap<(u32, u32), Merge>,
    /// All tokens, in the order of what they say, where a word that is a token needs no merges.
    whole: Option<Vec<u32>>,
}

#[derive(Debug, Clone, Copy)]
struct Merge {
    rank: u32,
    token: u32,
}

/// A token in a word, and its neighbours' places; the place itself where there is none.
#[derive(Debug, Clone, Copy)]
struct Piece {
    token: u32,
    before: usize,
    after: usize,
    gone: bool,
}

impl Merges {
    /// `merges` in the order in which they were learned, as `left right`, in the alphabet of `texts`. One that names what is
    /// no token is left out.
    pub fn new(texts: &[&str], merges: &[&str], said: &Said, whole: bool) -> Self {
        let ids: HashMap<&str, u32> = texts.iter().copied().zip(0..).collect();
        let mut bytes = Box::new([None; 256]);
        for (text, id) in texts.iter().zip(0..) {
            if let ([byte], 1) = (said.bytes(id), text.chars().count()) {
                bytes[usize::from(*byte)] = Some(id);
            }
        }
        let mut pairs = HashMap::with_capacity(merges.len());
        let mut both = String::new();
        for (merge, rank) in merges.iter().zip(0..) {
            let Some((left, right)) = merge.split_once(' ') else { continue };
            both.clear();
            both.extend([left, right]);
            if let (Some(left), Some(right), Some(token)) = (ids.get(left), ids.get(right), ids.get(both.as_str())) {
                pairs.entry((*left, *right)).or_insert(Merge { rank, token: *token });
            }
        }
        let whole = whole.then(|| {
            let mut sorted: Vec<u32> = (0..texts.len() as u32).filter(|id| !said.bytes(*id).is_empty()).collect();
            sorted.sort_unstable_by_key(|id| said.bytes(*id));
            sorted
        });
        Self { bytes, pairs, whole }
    }

    /// Appends the tokens of `word`. A byte that no token stands for says nothing.
    pub fn encode(&self, word: &[u8], said: &Said, ids: &mut Vec<u32>) {
        if let Some(whole) = &self.whole
            && let Ok(at) = whole.binary_search_by_key(&word, |id| said.bytes(*id))
        {
            ids.push(whole[at]);
            return;
        }
        let tokens = word.iter().filter_map(|byte| self.bytes[usize::from(*byte)]);
        let mut pieces: Vec<Piece> = tokens
            .enumerate()
            .map(|(at, token)| Piece { token, before: at.saturating_sub(1), after: at + 1, gone: false })
            .collect();
        let end = pieces.len();
        // Lowest rank first, then the leftmost; with both tokens, so that a merge is known that came too late.
        let mut next = BinaryHeap::new();
        let offer = |next: &mut BinaryHeap<_>, left: usize, pieces: &[Piece]| {
            let right = pieces[left].after;
            if right < end
                && let pair = (pieces[left].token, pieces[right].token)
                && let Some(merge) = self.pairs.get(&pair)
            {
                next.push(Reverse((merge.rank, left, merge.token, pair)));
            }
        };
        (0..end).for_each(|left| offer(&mut next, left, &pieces));
        while let Some(Reverse((_, left, token, pair))) = next.pop() {
            let right = pieces[left].after;
            if pieces[left].gone || right >= end || (pieces[left].token, pieces[right].token) != pair {
                continue;
            }
            pieces[left].token = token;
            pieces[right].gone = true;
            let after = pieces[right].after;
            pieces[left].after = after;
            if let Some(after) = pieces.get_mut(after) {
                after.before = left;
            }
            offer(&mut next, left, &pieces);
            if left > 0 {
                offer(&mut next, pieces[left].before, &pieces);
            }
        }
        ids.extend(pieces.iter().filter(|piece| !piece.gone).map(|piece| piece.token));
    }
}

#[cfg(test)]
mod tests {
    use super::super::said::Said;
    use super::Merges;

    const TEXTS: [&str; 9] = ["a", "b", "c", "ab", "bc", "abc", "aa", "aaaa", "cab"];
    const MERGES: [&str; 5] = ["b c", "a b", "a a", "aa aa", "a bc"];

    fn encode(word: &str, whole: bool) -> String {
        let said: Said = TEXTS.iter().map(|text| text.as_bytes()).collect();
        let mut ids = Vec::new();
        Merges::new(&TEXTS, &MERGES, &said, whole).encode(word.as_bytes(), &said, &mut ids);
        ids.iter().map(|id| TEXTS[*id as usize]).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_was_learned_first_goes_first() {
        for (word, expected) in [
            ("", ""),
            ("a", "a"),
            ("ab", "ab"),
            ("abc", "abc"),
            ("abab", "ab ab"),
            ("aaa", "aa a"),
            ("aaaaaa", "aaaa aa"),
            ("aabcab", "aa bc ab"),
            ("cab", "c ab"),
            ("axb", "ab"),
        ] {
            assert_eq!(encode(word, false), expected, "{word}");
        }
        assert_eq!(encode("cab", true), "cab", "a word that is a token needs no merges");
        assert_eq!(encode("cabcab", true), "c abc ab");
    }

    #[test]
    fn a_long_word_is_merged_in_its_time() {
        assert_eq!(encode(&"a".repeat(400_001), false), "aaaa ".repeat(100_000) + "a");
    }
}
