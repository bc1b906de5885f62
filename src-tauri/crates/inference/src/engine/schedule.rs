//! Which tokens of which texts share the next pass over the weights.
//!
//! Every pass takes one token of each text that is being said, and a bounded number of tokens of prompts (Yu et al.
//! 2022; Agrawal et al. 2023), so a long prompt holds up others by a short pass and not by all of it. Texts that came
//! earlier go before later ones where memory is short; what a later one had computed is computed again.

use std::time::{Duration, Instant};

use super::Shared;
use super::pages::{PAGE, Pages};
use super::sequence::Sequence;
use super::worker::{Model, Span};
use crate::generator::{Error, Event, Finish};

/// Tokens of prompts in a pass, at most.
const PROMPTS: usize = 128;

#[derive(Default)]
pub(super) struct Schedule {
    /// In the order in which they came.
    texts: Vec<Sequence>,
    logits: Vec<f32>,
    /// How long a pass took lately, in seconds.
    pass: f64,
}

impl Schedule {
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    pub fn add(&mut self, text: Sequence) {
        self.texts.push(text);
    }

    /// One pass, and what comes of it.
    pub fn step(&mut self, model: &mut Model, pages: &mut Pages, shared: &Shared) -> Result<(), Error> {
        shared.queue.let_go();
        let (over, texts) = std::mem::take(&mut self.texts).into_iter().partition(|text| text.question.is_over());
        self.texts = texts;
        Vec::into_iter(over).for_each(|text| text.end(Finish::Cancelled, pages));

        let chosen = self.choose(pages);
        let spans: Vec<Span> = chosen
            .iter()
            .map(|&(index, count)| {
                let text = &self.texts[index];
                let tokens = &text.tokens[text.computed..][..count];
                Span { tokens, at: text.computed, pages: &text.pages, logits: usize::from(count == text.left()) }
            })
            .collect();
        let over = || shared.queue.is_closed() || chosen.iter().all(|(index, _)| self.texts[*index].question.is_over());
        let started = Instant::now();
        if spans.is_empty() || !model.network.forward(&spans, &mut self.logits, &over)? {
            return Ok(());
        }
        self.pass = 0.8 * self.pass + 0.2 * started.elapsed().as_secs_f64();

        let mut rows = self.logits.chunks_exact_mut(model.network.vocabulary());
        let mut ended = Vec::new();
        for (index, count) in chosen {
            let text = &mut self.texts[index];
            let asked = count == text.left();
            text.advance(count, pages);
            if let Some(logits) = asked.then(|| rows.next()).flatten()
                && let Some(end) = text.say(&logits[..model.tokenizer.count() as usize], model).transpose()
            {
                ended.push((index, end));
            }
        }
        ended.sort_unstable_by_key(|(index, _)| std::cmp::Reverse(*index));
        for (index, end) in ended {
            let text = self.texts.remove(index);
            match end {
                Ok(finish) => text.end(finish, pages),
                Err(error) => text.fail(error, pages),
            }
        }
        let soonest = self.texts.iter().map(Sequence::may_say).min().unwrap_or(0);
        shared.set_free_in(Duration::from_secs_f64(self.pass * soonest as f64));
        Ok(())
    }

    /// Texts, by their place, and how many tokens of each are computed next; those have pages.
    fn choose(&mut self, pages: &mut Pages) -> Vec<(usize, usize)> {
        let mut chosen = Vec::new();
        for index in 0..self.texts.len() {
            if self.texts[index].speaks() && self.make_room(index, 1, &mut chosen, pages) {
                chosen.push((index, 1));
            }
        }
        let mut left = PROMPTS;
        let mut reading: Vec<usize> = (0..self.texts.len()).filter(|index| !self.texts[*index].speaks()).collect();
        // Half of the pass is for the oldest prompt, the rest for the shortest: neither waits for all others.
        let oldest = reading.first().copied();
        reading.sort_by_key(|index| (self.texts[*index].left(), *index));
        let turns = oldest
            .into_iter()
            .map(|index| (index, left.div_ceil(2)))
            .chain(reading.into_iter().map(|index| (index, left)));
        for (index, most) in turns.collect::<Vec<_>>() {
            let already = chosen.iter().find(|(other, _)| *other == index).map_or(0, |(_, count)| *count);
            if left == 0 || already == self.texts[index].left() || !self.begin(index, pages) {
                continue;
            }
            let count = (self.texts[index].left() - already).min(most).min(left);
            if !self.make_room(index, already + count, &mut chosen, pages) {
                continue;
            }
            left -= count;
            match chosen.iter_mut().find(|(other, _)| *other == index) {
                Some((_, chosen)) => *chosen += count,
                None => chosen.push((index, count)),
            }
        }
        chosen
    }

    /// Lets a text begin where there are pages for its prompt beside those that others will soon want.
    fn begin(&mut self, index: usize, pages: &mut Pages) -> bool {
        let text = &mut self.texts[index];
        if text.pages.is_empty() && index > 0 && pages.available() < text.left().div_ceil(PAGE) + index {
            return false;
        }
        text.begin(pages);
        true
    }

    /// Makes room for `count` tokens of a text, at the cost of those that came after it: they leave the pass.
    fn make_room(&mut self, index: usize, count: usize, chosen: &mut Vec<(usize, usize)>, pages: &mut Pages) -> bool {
        while !self.texts[index].make_room(count, pages) {
            let holds = |later: &usize| !self.texts[*later].pages.is_empty();
            let Some(later) = (index + 1..self.texts.len()).rev().find(holds) else { return false };
            self.texts[later].pause(pages);
            chosen.retain(|(chosen, _)| *chosen != later);
        }
        true
    }

    /// Ends all texts with what went wrong. Their pages go with the model.
    pub fn fail(&mut self, error: &Error) {
        for text in self.texts.drain(..) {
            // Whoever asked may have stopped listening.
            let _ = text.question.events.send(Event::Failed(error.clone()));
        }
    }

    /// Ends all texts as cancelled.
    pub fn cancel(&mut self) {
        let mut none = Pages::new(0);
        for mut text in self.texts.drain(..) {
            text.pages.clear();
            text.end(Finish::Cancelled, &mut none);
        }
    }
}
