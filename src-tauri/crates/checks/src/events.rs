//! Server-sent events, read as the WHATWG HTML standard says (section "Parsing an event stream"). What the standard drops
//! in silence is kept beside the events, because it tells what a service does wrong.

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One dispatched event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// `message` where the stream names none.
    pub kind: String,
    /// Its `data` lines, joined by line feeds.
    pub data: String,
}

/// Reads a stream that comes in pieces, cut anywhere.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    /// The line that has not ended yet.
    line: Vec<u8>,
    /// The last byte was a carriage return: a line feed right after it ends no further line.
    after_return: bool,
    /// Lines that ended.
    lines: usize,
    kind: String,
    data: Vec<String>,
    /// The first line that is no field of an event stream.
    pub stray: Option<String>,
}

impl Reader {
    /// The events that `bytes` complete.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for byte in bytes {
            let feeds = *byte == b'\n' && std::mem::take(&mut self.after_return);
            self.after_return = *byte == b'\r';
            match byte {
                b'\n' if feeds => {}
                b'\n' | b'\r' => events.extend(self.end_line()),
                other => self.line.push(*other),
            }
        }
        events
    }

    /// The `data` lines that no blank line closed: the standard drops them with the end of the stream.
    pub fn unclosed(mut self) -> Vec<String> {
        if !self.line.is_empty() {
            self.end_line();
        }
        self.data
    }

    fn end_line(&mut self) -> Option<Event> {
        let line = std::mem::take(&mut self.line);
        let line = if self.lines == 0 { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&line) } else { &line };
        self.lines += 1;
        let line = String::from_utf8_lossy(line);
        if line.is_empty() {
            return self.dispatch();
        }
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => self.data.push(value.to_owned()),
            "event" => self.kind = value.to_owned(),
            // A comment, and fields for reconnecting.
            "" | "id" | "retry" => {}
            _ => {
                self.stray.get_or_insert_with(|| line.clone().into_owned());
            }
        }
        None
    }

    fn dispatch(&mut self) -> Option<Event> {
        let kind = std::mem::take(&mut self.kind);
        let data = std::mem::take(&mut self.data);
        let kind = if kind.is_empty() { "message".to_owned() } else { kind };
        (!data.is_empty()).then(|| Event { kind, data: data.join("\n") })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops where its world cannot be made")]

    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        Reader::default().push(text.as_bytes()).into_iter().map(|event| (event.kind, event.data)).collect()
    }

    #[test]
    fn the_standard_s_own_cases() {
        for (what, text, expected) in [
            ("one", "data: a\n\n", vec![("message", "a")]),
            ("no space", "data:a\n\n", vec![("message", "a")]),
            ("one space of two", "data:  a\n\n", vec![("message", " a")]),
            ("several lines", "data: YHOO\ndata: +2\ndata: 10\n\n", vec![("message", "YHOO\n+2\n10")]),
            ("carriage returns", "data: a\r\rdata: b\r\r", vec![("message", "a"), ("message", "b")]),
            ("both", "data: a\r\n\r\ndata: b\r\n\r\n", vec![("message", "a"), ("message", "b")]),
            ("a comment", ": ping\n\n:\ndata: a\n\n", vec![("message", "a")]),
            ("a kind", "event: add\ndata: 1\n\ndata: 2\n\n", vec![("add", "1"), ("message", "2")]),
            ("a kind without data", "event: add\n\ndata: 2\n\n", vec![("message", "2")]),
            ("empty data", "data\n\ndata\ndata\n\ndata:", vec![("message", ""), ("message", "\n")]),
            ("a byte order mark", "\u{feff}data: a\n\n", vec![("message", "a")]),
            ("a second mark", "\n\u{feff}data: a\n\n", vec![]),
            ("a colon in the data", "data: a: b\n\n", vec![("message", "a: b")]),
            ("an unclosed one", "data: a\n", vec![]),
            ("fields for later", "id: 1\nretry: 10\ndata: a\n\n", vec![("message", "a")]),
            ("case counts", "Data: a\n\n", vec![]),
        ] {
            let expected: Vec<_> =
                expected.into_iter().map(|(kind, data)| (kind.to_owned(), data.to_owned())).collect();
            assert_eq!(read(text), expected, "{what}");
        }
    }

    #[test]
    fn what_the_standard_drops_is_kept_for_the_diagnosis() {
        let mut reader = Reader::default();
        assert!(reader.push(b"{\"a\": 1}\ndata: one\ndata: tw").is_empty());
        assert_eq!(reader.stray.as_deref(), Some("{\"a\": 1}"));
        assert_eq!(reader.unclosed(), ["one", "tw"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_written_is_read_however_it_is_cut(
            events in prop::collection::vec(("[a-z]{0,5}", prop::collection::vec("[^\r\n]{0,8}", 1..4)), 0..6),
            end in prop::sample::select(vec!["\n", "\r", "\r\n"]),
            cuts in prop::collection::vec(1usize..7, 1..8),
        ) {
            let mut text = String::new();
            for (kind, lines) in &events {
                if !kind.is_empty() {
                    text += &format!(":{kind}{end}event: {kind}{end}");
                }
                for line in lines {
                    text += &format!("data: {line}{end}");
                }
                text += end;
            }
            let (mut reader, mut found, mut rest) = (Reader::default(), Vec::new(), text.as_bytes());
            for cut in cuts.iter().cycle() {
                let (piece, after) = rest.split_at((*cut).min(rest.len()));
                found.extend(reader.push(piece));
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
            let expected: Vec<Event> = events
                .iter()
                .map(|(kind, lines)| Event {
                    kind: if kind.is_empty() { "message".to_owned() } else { kind.clone() },
                    data: lines.join("\n"),
                })
                .collect();
            prop_assert_eq!(found, expected);
            prop_assert_eq!(reader.stray.take(), None);
            prop_assert!(reader.unclosed().is_empty());
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut reader = Reader::default();
            reader.push(&bytes);
            reader.unclosed();
        }
    }
}
