//! The loaded model: its files, its tokenizer, its network, and how a pass is divided among threads.

use std::sync::{Mutex, PoisonError};

use task::{Cancellation, Silent};

use super::EmbeddingsOptions;
use crate::bert::{Bert, alone, each};
use crate::cpu::pool::Pool;
use crate::embedder::Input;
use crate::generator::Error;
use crate::wordpiece::WordPiece;

/// Tokens that one thread takes through the network together: enough that reading the weights costs little, and few
/// enough that their rows stay in its own cache.
const TOGETHER: usize = 160;
/// Fewer tokens than these for each thread, and sharing each layer's weights is quicker than sharing the texts.
const FEW: usize = 32;

/// Turns token ids to vectors.
pub(super) trait Network: Send {
    /// How many threads compute.
    fn threads(&self) -> usize;

    /// The ids of each input, special ones included.
    fn encode(&self, inputs: &[Input]) -> Result<Vec<Vec<u32>>, Error>;

    /// The vector of each text, by its ids; `None` if `stop` said so.
    fn embed(&self, texts: &[&[u32]], stop: &(dyn Fn() -> bool + Sync)) -> Option<Vec<Vec<f32>>>;
}

pub(super) struct Model {
    words: WordPiece,
    bert: Bert,
    pool: Mutex<Pool>,
    /// Tokens of one text.
    context: u32,
}

impl Model {
    pub fn load(options: &EmbeddingsOptions, context: u32) -> Result<Box<dyn Network>, Error> {
        let EmbeddingsOptions { manifest, folder, verified, threads, .. } = options;
        // The check of files that were right before takes no time; any other must be seen to be right before it is used.
        manifest.verify_folder(folder, verified, &Silent, &Cancellation::new())?;
        let weights = folder.join(&manifest.file);
        let words = WordPiece::of(manifest, folder)?;
        let bert = Bert::load(&weights)?;
        let threads = threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, |count| count.get()));
        Ok(Box::new(Self { words, bert, pool: Mutex::new(Pool::new(threads.max(1))?), context }))
    }

    fn run(&self, count: usize, work: &(dyn Fn(usize) + Sync)) {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner).run(count, work);
    }
}

impl Network for Model {
    fn threads(&self) -> usize {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner).threads()
    }

    fn encode(&self, inputs: &[Input]) -> Result<Vec<Vec<u32>>, Error> {
        let mut encoded = vec![Ok(Vec::new()); inputs.len()];
        each(&|count, work| self.run(count, work), encoded.iter_mut().zip(inputs), |(encoded, input)| {
            *encoded = self.words.encode(input, self.context);
        });
        encoded.into_iter().collect()
    }

    fn embed(&self, texts: &[&[u32]], stop: &(dyn Fn() -> bool + Sync)) -> Option<Vec<Vec<f32>>> {
        let lengths: Vec<usize> = texts.iter().map(|text| text.len()).collect();
        let Some(groups) = groups(&lengths, self.threads()) else {
            return self.bert.embed(&|count, work| self.run(count, work), texts, stop);
        };
        let mut vectors: Vec<Option<Vec<Vec<f32>>>> = vec![None; groups.len()];
        each(&|count, work| self.run(count, work), vectors.iter_mut().zip(&groups), |(vectors, group)| {
            let texts: Vec<&[u32]> = group.iter().map(|index| texts[*index]).collect();
            *vectors = self.bert.embed(&alone, &texts, stop);
        });
        let mut in_order = vec![Vec::new(); texts.len()];
        for (group, vectors) in groups.iter().zip(vectors) {
            for (index, vector) in group.iter().zip(vectors?) {
                in_order[*index] = vector;
            }
        }
        Some(in_order)
    }
}

/// Texts, by their lengths, for threads to take one group after another through the network; `None` where they cannot be
/// divided so that all threads end at about the same time, or are too few.
fn groups(lengths: &[usize], threads: usize) -> Option<Vec<Vec<usize>>> {
    let total = lengths.iter().sum::<usize>();
    if total < threads * FEW {
        return None;
    }
    let groups = divided(lengths, threads * total.div_ceil(threads * TOGETHER));
    let sizes: Vec<usize> = groups.iter().map(|(tokens, _)| *tokens).collect();
    let longest = divided(&sizes, threads).into_iter().map(|(tokens, _)| tokens).max()?;
    // A tenth is what taking all texts through together costs.
    (longest * threads * 10 <= total * 11).then(|| groups.into_iter().map(|(_, texts)| texts).collect())
}

/// Divides items among `count` so that each has about the same in all: the longest first, each to whoever has the least
/// (Graham 1969). Of each, how much it has, and which items: none is without one.
fn divided(lengths: &[usize], count: usize) -> Vec<(usize, Vec<usize>)> {
    let mut parts = vec![(0, Vec::new()); count.min(lengths.len())];
    let mut longest: Vec<usize> = (0..lengths.len()).collect();
    longest.sort_by_key(|index| std::cmp::Reverse(lengths[*index]));
    for index in longest {
        if let Some((length, items)) = parts.iter_mut().min_by_key(|(length, _)| *length) {
            *length += lengths[index];
            items.push(index);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::groups;

    #[test]
    fn texts_are_divided_evenly_or_not_at_all() {
        let check = |lengths: &[usize], threads: usize, expected: Option<&[&[usize]]>| {
            let groups = groups(lengths, threads);
            let groups: Option<Vec<&[usize]>> =
                groups.as_ref().map(|groups| groups.iter().map(Vec::as_slice).collect());
            assert_eq!(groups.as_deref(), expected, "{lengths:?} on {threads}");
        };
        check(&[], 2, None);
        check(&[8], 2, None);
        check(&[256], 2, None);
        check(&[256, 10, 10], 2, None);
        check(&[100, 100], 2, Some(&[&[0], &[1]]));
        check(&[10, 60, 50, 20, 40], 2, Some(&[&[1, 3, 0], &[2, 4]]));
        check(&[200], 1, Some(&[&[0]]));
        check(&[256, 256], 2, Some(&[&[0], &[1]]));
        check(&[100, 200, 150], 1, Some(&[&[1], &[2], &[0]]));
        check(&[160; 4], 2, Some(&[&[0], &[1], &[2], &[3]]));
    }
}
