//! From the bytes that tokens say to text that may be sent: whole characters only, and nothing of a stop text.

/// Bytes that become characters.
#[derive(Debug, Default)]
pub(crate) struct Characters {
    /// Bytes of a character whose end has not come yet.
    unfinished: Vec<u8>,
}

impl Characters {
    /// Takes more bytes and gives the characters that they end. Bytes that no UTF-8 holds become U+FFFD: a model may say
    /// any.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        self.unfinished.extend_from_slice(bytes);
        let mut text = String::new();
        let mut rest = self.unfinished.as_slice();
        while !rest.is_empty() {
            match std::str::from_utf8(rest) {
                Ok(whole) => {
                    text.push_str(whole);
                    rest = &[];
                }
                Err(error) => {
                    let (whole, wrong) = rest.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(whole));
                    rest = wrong;
                    let Some(length) = error.error_len() else { break };
                    text.push(char::REPLACEMENT_CHARACTER);
                    rest = &rest[length..];
                }
            }
        }
        self.unfinished = rest.to_vec();
        text
    }
}

/// Texts that end an answer before they are sent.
#[derive(Debug)]
pub(crate) struct Stops {
    stops: Vec<String>,
    /// Text that may be the beginning of a stop text.
    held: String,
}

impl Stops {
    pub fn new(stops: Vec<String>) -> Self {
        Self { stops: stops.into_iter().filter(|stop| !stop.is_empty()).collect(), held: String::new() }
    }

    /// Gives what may be sent now, and whether a stop text has come: then nothing may follow.
    pub fn push(&mut self, text: &str) -> (String, bool) {
        self.held.push_str(text);
        if let Some(at) = self.stops.iter().filter_map(|stop| self.held.find(stop)).min() {
            self.held.truncate(at);
            return (std::mem::take(&mut self.held), true);
        }
        let longest = self.stops.iter().map(|stop| overlap(&self.held, stop)).max().unwrap_or(0);
        let rest = self.held.split_off(self.held.len() - longest);
        (std::mem::replace(&mut self.held, rest), false)
    }

    /// What was held back for a stop text that never came.
    pub fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}

/// Bytes at the end of `text` that `stop` begins with, short of all of it.
pub(crate) fn overlap(text: &str, stop: &str) -> usize {
    let begins = |length: &usize| stop.is_char_boundary(*length) && text.ends_with(&stop[..*length]);
    (1..stop.len().min(text.len() + 1)).rev().find(begins).unwrap_or(0)
}
