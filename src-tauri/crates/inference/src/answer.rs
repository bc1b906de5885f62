//! An answer as it grows: from what its tokens say to the events that tell of it.
//!
//! Text goes out as whole characters, without stop texts and without the form in which tools are called. The probability of
//! a token goes with the first of its text that goes out. Never knows the model.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use crate::generator::{Event, TokenLogprob};
use crate::text::{Characters, Stops};
use crate::tools::{Calls, Piece};

#[derive(Debug)]
pub(crate) struct Answer {
    characters: Characters,
    /// Where tools may be called.
    calls: Option<Calls>,
    stops: Stops,
    /// Bytes of text that have come, and of text that was sent: the text before the first call is the whole text's beginning.
    come: usize,
    sent: usize,
    /// Probabilities whose text is not sent yet, each with where its text begins.
    waiting: VecDeque<(usize, TokenLogprob)>,
}

impl Answer {
    /// Ends before the first of `stops`; `calls` says whether tools may be called in it.
    pub fn new(stops: Vec<String>, calls: bool) -> Self {
        Self {
            characters: Characters::default(),
            calls: calls.then(Calls::default),
            stops: Stops::new(stops),
            come: 0,
            sent: 0,
            waiting: VecDeque::new(),
        }
    }

    /// Takes what a token says. Gives what is to be told of it now, and whether a stop text has come: then nothing may
    /// follow, `finish` included.
    pub fn push(&mut self, bytes: &[u8], logprob: Option<TokenLogprob>) -> (Vec<Event>, bool) {
        self.waiting.extend(logprob.map(|logprob| (self.come, logprob)));
        let text = self.characters.push(bytes);
        self.come += text.len();
        let Some(calls) = &mut self.calls else { return self.tell(vec![Piece::Text(text)]) };
        let pieces = calls.push(&text);
        self.tell(pieces)
    }

    /// Tells what was held back, once the answer is over. Bytes of an unfinished character are no text.
    pub fn finish(&mut self) -> Vec<Event> {
        let held = self.calls.as_mut().map(Calls::finish).unwrap_or_default();
        let (mut events, stopped) = self.tell(vec![Piece::Text(held)]);
        if !stopped {
            let held = self.stops.finish();
            events.extend(self.text(held));
        }
        events
    }

    /// Whether a tool was called.
    pub fn has_called(&self) -> bool {
        self.calls.as_ref().is_some_and(|calls| calls.count() > 0)
    }

    fn tell(&mut self, pieces: Vec<Piece>) -> (Vec<Event>, bool) {
        let mut events = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => {
                    let (text, stopped) = self.stops.push(&text);
                    events.extend(self.text(text));
                    if stopped {
                        return (events, true);
                    }
                }
                Piece::Call { index, name, arguments } => {
                    let held = self.stops.finish();
                    events.extend(self.text(held));
                    events.push(Event::ToolCall { index, name, arguments });
                }
            }
        }
        (events, false)
    }

    fn text(&mut self, text: String) -> Option<Event> {
        if text.is_empty() {
            return None;
        }
        self.sent += text.len();
        let begun = self.waiting.partition_point(|(start, _)| *start < self.sent);
        Some(Event::Token { text, logprobs: self.waiting.drain(..begun).map(|(_, logprob)| logprob).collect() })
    }
}
