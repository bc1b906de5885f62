//! Reading calls from an answer's text while it comes.

use serde_json::Deserializer;

use super::{BEFORE_ARGUMENTS, BEFORE_NAME, OPEN};
use crate::text::overlap;

/// A piece of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    /// As in [`crate::Event::ToolCall`].
    Call {
        index: usize,
        name: Option<String>,
        arguments: String,
    },
}

/// The calls of one answer.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    place: Place,
    /// What has come and is not decided.
    held: String,
    count: usize,
}

/// Where in the form the text is.
#[derive(Debug, Default)]
enum Place {
    /// Before the first call.
    #[default]
    Text,
    /// Between the opening and the arguments.
    Head,
    Arguments(Nesting),
    /// After the arguments of a call.
    After,
}

/// How deep in JSON.
#[derive(Debug, Default)]
struct Nesting {
    depth: usize,
    string: bool,
    escaped: bool,
}

impl Calls {
    /// Takes more text and gives what is decided. Blanks before a call are part of its form.
    pub fn push(&mut self, text: &str) -> Vec<Piece> {
        self.held.push_str(text);
        let mut pieces = Vec::new();
        while let Some(piece) = self.next() {
            pieces.extend(piece);
        }
        pieces
    }

    /// Text that only looked like the beginning of a call.
    pub fn finish(&mut self) -> String {
        let held = std::mem::take(&mut self.held);
        if matches!(self.place, Place::Text) { held } else { String::new() }
    }

    /// Calls whose name has come.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Goes one place further, if what has come is enough for it.
    fn next(&mut self) -> Option<Option<Piece>> {
        match &mut self.place {
            Place::Text => {
                if let Some(at) = self.held.find(OPEN) {
                    let text = self.held[..at].trim_end().to_owned();
                    self.held.drain(..at + OPEN.len());
                    self.place = Place::Head;
                    return Some((!text.is_empty()).then_some(Piece::Text(text)));
                }
                let sure = self.held.len() - overlap(&self.held, OPEN);
                let text = self.held[..sure].trim_end().to_owned();
                self.held.drain(..text.len());
                if text.is_empty() { None } else { Some(Some(Piece::Text(text))) }
            }
            Place::Head => {
                let (name, length) = head(&self.held)?;
                self.held.drain(..length);
                self.place = Place::Arguments(Nesting::default());
                self.count += 1;
                Some(Some(Piece::Call { index: self.count - 1, name: Some(name), arguments: String::new() }))
            }
            Place::Arguments(nesting) => {
                let end = nesting.end(&self.held);
                let arguments: String = self.held.drain(..end.unwrap_or(self.held.len())).collect();
                if end.is_some() {
                    self.place = Place::After;
                }
                if arguments.is_empty() {
                    return end.map(|_| None);
                }
                Some(Some(Piece::Call { index: self.count - 1, name: None, arguments }))
            }
            Place::After => {
                let at = self.held.find(OPEN)?;
                self.held.drain(..at + OPEN.len());
                self.place = Place::Head;
                Some(None)
            }
        }
    }
}

/// The name in a call's beginning, and how long that is; `None` while it is not whole.
fn head(text: &str) -> Option<(String, usize)> {
    let after = text.strip_prefix(BEFORE_NAME)?;
    let mut names = Deserializer::from_str(after).into_iter::<String>();
    let name = names.next()?.ok()?;
    let rest = after[names.byte_offset()..].strip_prefix(BEFORE_ARGUMENTS)?;
    Some((name, text.len() - rest.len()))
}

impl Nesting {
    /// Where the value that began before or with `text` ends in it.
    fn end(&mut self, text: &str) -> Option<usize> {
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = self.string,
                b'"' => self.string = !self.string,
                _ if self.string => {}
                b'{' | b'[' => self.depth += 1,
                // What holds the value: it is no object and no list.
                b'}' | b']' if self.depth == 0 => return Some(at),
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Calls, Piece};
    use crate::tools::written;

    /// Feeds `parts`; text stands in what is expected as it is, a call as `[index name` and `arguments]`.
    fn check(parts: &[&str], expected: &str) {
        let mut calls = Calls::default();
        let mut told = String::new();
        let mut tell = |piece: &Piece| match piece {
            Piece::Text(text) => told += &format!("{text}|"),
            Piece::Call { index, name: Some(name), arguments } => told += &format!("[{index} {name}{arguments}|"),
            Piece::Call { index, name: None, arguments } => told += &format!("{index}{arguments}|"),
        };
        parts.iter().for_each(|part| calls.push(part).iter().for_each(&mut tell));
        tell(&Piece::Text(calls.finish()));
        assert_eq!(told, expected, "{parts:?}");
    }

    #[test]
    fn reads_calls_as_they_come() {
        check(&["plain text"], "plain text||");
        check(&["one ", "two  ", "three "], "one|  two|  three| |".replace("  two", " two").as_str());
        check(&[&written("now", "{}")], "[0 now|0{}||");
        check(
            &["<tool", "_call>\n{\"na", "me\": \"a\", \"arguments\": {\"x", "\": 1}}\n</tool_call>"],
            "[0 a|0{\"x|0\": 1}||",
        );
        // Braces and quotes within strings, and lists.
        let arguments = r#"{"a": "}\"]\\", "b": [{"c": "{"}]}"#;
        check(&[&written("f", arguments)], &format!("[0 f|0{arguments}||"));
        // Neither objects nor lists, whose end may come later.
        for arguments in ["null", "5", r#""a}b""#] {
            check(&[&written("f", arguments)], &format!("[0 f|0{arguments}||"));
        }
        let next = format!("}}\n</tool_call>\n{}", written("g", "{}"));
        check(&["<tool_call>\n{\"name\": \"f\", \"arguments\": 5", &next], "[0 f|05|[1 g|1{}||");
        // Several calls, and text before them without the blanks between.
        let two = format!("{}\n{}", written("f", "{}"), written("g", "{\"y\": 2}"));
        check(&["Let me look.\n\n", &two], "Let me look.|[0 f|0{}|[1 g|1{\"y\": 2}||");
        // What only looks like a call.
        check(&["a <tool", " box> b"], "a| <tool box> b||");
        check(&["a <tool_ca"], "a| <tool_ca|");
        check(&["1 < 2 <", "<tool_call"], "1 < 2| <|<tool_call|");
        // Cut short.
        check(&["<tool_call>\n{\"name\": \"f"], "|");
        check(&["<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"b"], "[0 f|0{\"a\": \"b||");
        check(&["</tool_call>", "</tool_call>"], "</tool_call>|</tool_call>||");
    }
}
