//! Lines from bytes that come in pieces. Never holds more than [`LONGEST`] bytes of a line.

/// Bytes of a line; the rest of a longer one is another line.
const LONGEST: usize = 16 * 1024;

#[derive(Debug, Default)]
pub struct Lines(Vec<u8>);

impl Lines {
    /// The lines that these bytes complete, without their ends.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut whole = Vec::new();
        for &byte in bytes {
            if byte == b'\n' {
                whole.push(self.take());
                continue;
            }
            if self.0.len() == LONGEST {
                whole.push(self.take());
            }
            self.0.push(byte);
        }
        whole
    }

    /// Whether no line has begun.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What came after the last end of a line.
    pub fn rest(&mut self) -> Option<String> {
        (!self.is_empty()).then(|| self.take())
    }

    fn take(&mut self) -> String {
        let line = std::mem::take(&mut self.0);
        String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(&line)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole_however_their_bytes_are_cut() {
        let mut lines = Lines::default();
        assert_eq!(lines.push(b"one\r\ntw"), ["one"]);
        assert_eq!(lines.push(b"o\n\nth"), ["two", ""]);
        assert_eq!(lines.rest().as_deref(), Some("th"));
        assert_eq!(lines.rest(), None);
        let long = lines.push(&[b'x'; LONGEST + 5]);
        assert_eq!((long.len(), lines.rest().map(|rest| rest.len())), (1, Some(5)));
    }
}
