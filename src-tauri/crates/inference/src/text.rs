//! From the bytes that tokens say to text that may be sent: whole characters only, and nothing of a stop text.

/// An answer's text as it grows.
#[derive(Debug)]
pub(crate) struct Text {
    stops: Vec<String>,
    /// Bytes of a character whose end has not come yet.
    unfinished: Vec<u8>,
    /// Text that may be the beginning of a stop text.
    held: String,
}

impl Text {
    pub fn new(stops: Vec<String>) -> Self {
        let stops = stops.into_iter().filter(|stop| !stop.is_empty()).collect();
        Self { stops, unfinished: Vec::new(), held: String::new() }
    }

    /// Takes what a token says. Gives what may be sent now, and whether a stop text has come: then nothing may follow.
    pub fn push(&mut self, bytes: &[u8]) -> (String, bool) {
        self.unfinished.extend_from_slice(bytes);
        self.take_whole_characters();
        if let Some(at) = self.stops.iter().filter_map(|stop| self.held.find(stop)).min() {
            self.held.truncate(at);
            return (std::mem::take(&mut self.held), true);
        }
        let longest = self.stops.iter().map(|stop| overlap(&self.held, stop)).max().unwrap_or(0);
        let rest = self.held.split_off(self.held.len() - longest);
        (std::mem::replace(&mut self.held, rest), false)
    }

    /// What was held back for a stop text that never came. Bytes of an unfinished character are no text.
    pub fn finish(self) -> String {
        self.held
    }

    /// Bytes that no UTF-8 holds become U+FFFD: a model may say any.
    fn take_whole_characters(&mut self) {
        let mut rest = self.unfinished.as_slice();
        while !rest.is_empty() {
            match std::str::from_utf8(rest) {
                Ok(text) => {
                    self.held.push_str(text);
                    rest = &[];
                }
                Err(error) => {
                    let (whole, wrong) = rest.split_at(error.valid_up_to());
                    self.held.push_str(&String::from_utf8_lossy(whole));
                    rest = wrong;
                    let Some(length) = error.error_len() else { break };
                    self.held.push(char::REPLACEMENT_CHARACTER);
                    rest = &rest[length..];
                }
            }
        }
        self.unfinished = rest.to_vec();
    }
}

/// Bytes at the end of `text` that `stop` begins with, short of all of it.
fn overlap(text: &str, stop: &str) -> usize {
    let begins = |length: &usize| stop.is_char_boundary(*length) && text.ends_with(&stop[..*length]);
    (1..stop.len().min(text.len() + 1)).rev().find(begins).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Text;

    /// Feeds `tokens`; `|` in what is expected stands between what was sent after each, the last after the end.
    fn check(stops: &[&str], tokens: &[&[u8]], expected: &str) {
        let mut text = Text::new(stops.iter().map(|stop| stop.to_string()).collect());
        let mut sent = Vec::new();
        let mut stopped = false;
        for token in tokens {
            let (now, stop) = text.push(token);
            sent.push(now);
            stopped = stop;
            if stopped {
                break;
            }
        }
        sent.push(if stopped { "stopped".into() } else { text.finish() });
        assert_eq!(sent.join("|"), expected, "{stops:?} {tokens:?}");
    }

    #[test]
    fn sends_whole_characters_only() {
        check(&[], &[b"a", b"b"], "a|b|");
        check(&[], &[b"\xf0\x9f", b"\xa6\x80"], "|🦀|");
        check(&[], &[b"x\xf0", b"\x9f", b"\xa6", b"\x80y"], "x|||🦀y|");
        check(&[], &[b"\xc3", b"\xa9\xc3", b"\xa9"], "|é|é|");
        // Cut off in the middle of a character.
        check(&[], &[b"ok\xf0\x9f"], "ok|");
        // Bytes that begin no character, and a character that another begins within.
        check(&[], &[b"a\xffb", b"\xf0\x9f", b"z"], "a\u{fffd}b||\u{fffd}z|");
    }

    #[test]
    fn stops_across_tokens() {
        check(&["END"], &[b"one E", b"N", b"D two"], "one |||stopped");
        check(&["END"], &[b"one E", b"N", b"d"], "one ||ENd|");
        check(&["END"], &[b"E", b"E", b"END"], "|E|E|stopped");
        check(&["\n\n"], &[b"a\n", b"b\n", b"\nc"], "a|\nb||stopped");
        // The first in the text ends it, whichever is listed first.
        check(&["two", "one"], &[b"zero one two"], "zero |stopped");
        // A stop text that is a character spread over tokens.
        check(&["🦀"], &[b"a\xf0\x9f", b"\xa6\x80b"], "a||stopped");
        // What was held back is sent when the answer ends otherwise.
        check(&["stop"], &[b"do not st"], "do not |st");
        check(&[""], &[b"an empty stop text stops nothing"], "an empty stop text stops nothing|");
    }
}
