//! Who has which page of the cache of keys and values, and what whole pages hold, so that a prompt that begins like an
//! earlier one does not compute that beginning again (the method of Kwon et al. 2023).
//!
//! Never touches what is in a page.

use std::collections::{BTreeSet, HashMap};

/// Positions of a page.
pub(super) use crate::cpu::PAGE;

/// What a page holds: its tokens, after those of the page before it. Pages are told apart by the number that each gets
/// when its content is noted, so equal keys mean equal texts from the very beginning.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    before: u64,
    tokens: [u32; PAGE],
}

#[derive(Debug, Default)]
struct Page {
    /// Texts that hold it.
    holders: u32,
    /// Its content and the content's number, once it is whole.
    content: Option<(Key, u64)>,
    /// When it was last let go.
    since: u64,
}

#[derive(Debug)]
pub(super) struct Pages {
    pages: Vec<Page>,
    /// Pages without content that nobody holds; the lowest are lent first, so that memory is not touched before it must be.
    free: BTreeSet<u32>,
    /// Pages with content that nobody holds, by the time that they were let go.
    idle: BTreeSet<(u64, u32)>,
    known: HashMap<Key, u32>,
    /// Counts contents and lettings go. 0 is the content before the first page.
    count: u64,
}

impl Pages {
    pub fn new(pages: usize) -> Self {
        let free = (0..pages as u32).collect();
        let pages = (0..pages).map(|_| Page::default()).collect();
        Self { pages, free, idle: BTreeSet::new(), known: HashMap::new(), count: 0 }
    }

    /// Pages that can be lent.
    pub fn available(&self) -> usize {
        self.free.len() + self.idle.len()
    }

    /// Lends the pages that hold the longest known beginning of `tokens`, short of their last one, which must be computed
    /// to know what follows. Gives the number of the last content beside them.
    pub fn borrow_known(&mut self, tokens: &[u32]) -> (Vec<u32>, u64) {
        let (mut pages, mut before) = (Vec::new(), 0);
        for tokens in tokens[..tokens.len().saturating_sub(1)].chunks_exact(PAGE) {
            let mut key = Key { before, tokens: [0; PAGE] };
            key.tokens.copy_from_slice(tokens);
            let Some(&page) = self.known.get(&key) else { break };
            let entry = &mut self.pages[page as usize];
            if entry.holders == 0 {
                self.idle.remove(&(entry.since, page));
            }
            entry.holders += 1;
            before = entry.content.as_ref().map_or(0, |(_, number)| *number);
            pages.push(page);
        }
        (pages, before)
    }

    /// Lends one more page, to be written; the content that was let go longest ago is forgotten where none is free.
    pub fn borrow(&mut self) -> Option<u32> {
        let page = self.free.pop_first().or_else(|| {
            let (_, page) = self.idle.pop_first()?;
            if let Some((key, _)) = self.pages[page as usize].content.take() {
                self.known.remove(&key);
            }
            Some(page)
        })?;
        self.pages[page as usize].holders = 1;
        Some(page)
    }

    /// Notes that `page`, after content number `before`, holds `tokens`. Gives the content's number: that of the page which
    /// holds the same already, if there is one.
    pub fn note(&mut self, page: u32, before: u64, tokens: &[u32]) -> u64 {
        let mut key = Key { before, tokens: [0; PAGE] };
        key.tokens.copy_from_slice(tokens);
        if let Some(other) = self.known.get(&key)
            && let Some((_, number)) = &self.pages[*other as usize].content
        {
            return *number;
        }
        self.count += 1;
        self.known.insert(key.clone(), page);
        self.pages[page as usize].content = Some((key, self.count));
        self.count
    }

    /// Takes back the pages of a text. Its last pages are forgotten before its first, which others are likelier to share.
    pub fn give_back(&mut self, pages: &[u32]) {
        for &page in pages.iter().rev() {
            self.count += 1;
            let entry = &mut self.pages[page as usize];
            entry.holders -= 1;
            if entry.holders > 0 {
                continue;
            }
            if entry.content.is_some() {
                entry.since = self.count;
                self.idle.insert((self.count, page));
            } else {
                self.free.insert(page);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PAGE, Pages};

    fn text(length: usize, kind: u32) -> Vec<u32> {
        (0..length as u32).map(|place| place * 10 + kind).collect()
    }

    /// Computes `tokens`: as the engine does, page by page. Gives the pages, and how many were known.
    fn compute(pages: &mut Pages, tokens: &[u32]) -> Option<(Vec<u32>, usize)> {
        let (mut held, mut before) = pages.borrow_known(tokens);
        let known = held.len();
        for (place, some) in tokens.chunks(PAGE).enumerate().skip(known) {
            let Some(page) = pages.borrow() else {
                pages.give_back(&held);
                return None;
            };
            held.push(page);
            assert_eq!(held.len(), place + 1);
            if some.len() == PAGE {
                before = pages.note(page, before, some);
            }
        }
        Some((held, known))
    }

    #[test]
    fn a_known_beginning_is_shared() {
        let mut pages = Pages::new(20);
        let long = text(5 * PAGE + 3, 1);
        let (first, known) = compute(&mut pages, &long).unwrap();
        assert_eq!((first.len(), known), (6, 0));
        // While it is held, and after.
        for _ in 0..2 {
            let (second, known) = compute(&mut pages, &long).unwrap();
            assert_eq!((&second[..5], known), (&first[..5], 5));
            assert_ne!(second[5], first[5]);
            pages.give_back(&second);
        }
        pages.give_back(&first);
        assert_eq!(pages.available(), 20);
        let mut other = long.clone();
        other[2 * PAGE] += 1;
        assert_eq!(compute(&mut pages, &other).unwrap().1, 2, "the same beginning, then something else");
        assert_eq!(compute(&mut pages, &long[PAGE..]).unwrap().1, 0, "the same pages after another beginning");
        assert_eq!(compute(&mut pages, &long[..3 * PAGE]).unwrap().1, 2, "the last token is always computed");
    }

    #[test]
    fn what_was_used_longest_ago_goes_first() {
        let mut pages = Pages::new(8);
        let texts = [text(2 * PAGE + 1, 1), text(2 * PAGE + 1, 2)];
        for text in &texts {
            let (held, _) = compute(&mut pages, text).unwrap();
            pages.give_back(&held);
        }
        assert_eq!(compute(&mut pages, &texts[0]).map(|(held, known)| (pages.give_back(&held), known).1), Some(2));
        // Six free pages would be needed: four are, and the second text's two go.
        let (held, _) = compute(&mut pages, &text(6 * PAGE, 3)).unwrap();
        pages.give_back(&held);
        assert_eq!(pages.borrow_known(&texts[0]).0.len(), 2);
        assert_eq!(pages.borrow_known(&texts[1]).0.len(), 0);
    }

    #[test]
    fn more_than_there_is_cannot_be_borrowed() {
        let mut pages = Pages::new(3);
        assert!(compute(&mut pages, &text(4 * PAGE, 1)).is_none());
        assert_eq!(pages.available(), 3);
        let (held, _) = compute(&mut pages, &text(3 * PAGE, 2)).unwrap();
        assert_eq!((pages.available(), pages.borrow()), (0, None));
        pages.give_back(&held);
        assert_eq!(pages.available(), 3);
    }

    #[test]
    fn two_that_compute_the_same_at_once_keep_one() {
        let mut pages = Pages::new(4);
        let tokens = text(PAGE, 1);
        let (a, b) = (pages.borrow().unwrap(), pages.borrow().unwrap());
        assert_eq!(pages.note(a, 0, &tokens), pages.note(b, 0, &tokens));
        pages.give_back(&[b]);
        pages.give_back(&[a]);
        let mut longer = tokens;
        longer.push(0);
        assert_eq!(pages.borrow_known(&longer).0, [a]);
    }
}
