//! A font's map from codes to Unicode (ISO 32000-1, 9.10.3; the language is that of Adobe's Technical Note 5411).
//!
//! lopdf reads such maps too, but only those with every ceremonial word in its place, and many writers leave some out.

use std::collections::BTreeMap;

/// What a code may stand for, in units of UTF-16: the longest ligature takes 18.
const MOST_UNITS: usize = 64;
/// Lengths of codes are told in a few ranges, all of which are looked through for each letter.
const MOST_SPACES: usize = 256;
/// What a range takes in memory, about.
const RANGE_BYTES: usize = 128;

#[derive(Debug, Default)]
pub(super) struct Map {
    /// How many bytes a code has, with the first and last code of that length.
    spaces: Vec<(usize, u32, u32)>,
    /// By length and first code: the last code, and what the first is.
    ranges: BTreeMap<(usize, u32), (u32, Vec<u16>)>,
}

#[derive(Debug, PartialEq, Eq)]
enum Word<'a> {
    /// How many bytes, and what they hold.
    Code(Vec<u8>),
    Open,
    Close,
    Other(&'a [u8]),
}

impl Map {
    /// `None` where nothing is mapped.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        let mut map = Self::default();
        let mut operands = Vec::new();
        let mut rest = text;
        while let Some(word) = word(&mut rest) {
            match word {
                Word::Other(b"endcodespacerange") => map.take_spaces(&operands),
                Word::Other(b"endbfchar") => map.take_letters(&operands),
                Word::Other(b"endbfrange") => map.take_ranges(&operands),
                Word::Other(_) => {}
                operand => {
                    operands.push(operand);
                    continue;
                }
            }
            operands.clear();
        }
        (!map.ranges.is_empty()).then_some(map)
    }

    /// What it takes in memory, about.
    pub(super) fn bytes(&self) -> usize {
        self.ranges.len() * RANGE_BYTES
    }

    fn take_spaces(&mut self, operands: &[Word<'_>]) {
        for two in operands.chunks_exact(2).take(MOST_SPACES - self.spaces.len()) {
            if let [Word::Code(first), Word::Code(last)] = two {
                self.spaces.push((first.len(), number(first), number(last)));
            }
        }
    }

    fn take_letters(&mut self, operands: &[Word<'_>]) {
        for two in operands.chunks_exact(2) {
            if let [Word::Code(code), Word::Code(letter)] = two {
                self.ranges.insert((code.len(), number(code)), (number(code), units(letter)));
            }
        }
    }

    /// `first last letter`, or `first last [letter ...]`.
    fn take_ranges(&mut self, operands: &[Word<'_>]) {
        let mut rest = operands;
        while let [Word::Code(first), Word::Code(last), target, after @ ..] = rest {
            rest = after;
            let (length, code) = (first.len(), number(first));
            match target {
                Word::Code(letter) => {
                    self.ranges.insert((length, code), (number(last), units(letter)));
                }
                Word::Open => {
                    let letters = after.iter().take_while(|word| **word != Word::Close);
                    let mut count = 0;
                    for (code, word) in (code..).zip(letters) {
                        if let Word::Code(letter) = word {
                            self.ranges.insert((length, code), (code, units(letter)));
                        }
                        count += 1;
                    }
                    rest = after.get(count + 1..).unwrap_or_default();
                }
                Word::Close | Word::Other(_) => {}
            }
        }
    }

    /// What the bytes say; the replacement character for a code that is not in the map.
    pub(super) fn text(&self, bytes: &[u8], usual_length: usize) -> String {
        let mut said = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let length = self.length(rest, usual_length);
            let (code, after) = rest.split_at(length);
            match self.find(length, number(code)) {
                Some(letter) => said.extend(letter),
                None => said.push(0xfffd),
            }
            rest = after;
        }
        String::from_utf16_lossy(&said)
    }

    /// How many of these bytes are the first code; at least one.
    pub(super) fn length(&self, bytes: &[u8], usual: usize) -> usize {
        let holds = |(length, first, last): &&(usize, u32, u32)| {
            bytes.get(..*length).is_some_and(|code| (*first..=*last).contains(&number(code)))
        };
        let spaces = self.spaces.iter().filter(|(length, ..)| (1..=4).contains(length));
        spaces.filter(holds).map(|(length, ..)| *length).min().unwrap_or(usual).min(bytes.len())
    }

    /// Within a range the last unit grows with the code.
    fn find(&self, length: usize, code: u32) -> Option<Vec<u16>> {
        let ((_, first), (last, letter)) = self.ranges.range((length, 0)..=(length, code)).next_back()?;
        let mut letter = letter.clone();
        if let Some(unit) = letter.last_mut() {
            *unit = unit.wrapping_add(u16::try_from(code - first).ok()?);
        }
        (code <= *last && !letter.is_empty()).then_some(letter)
    }
}

fn number(code: &[u8]) -> u32 {
    code.iter().fold(0, |code, byte| code << 8 | u32::from(*byte))
}

/// UTF-16, the big end first.
fn units(bytes: &[u8]) -> Vec<u16> {
    match bytes {
        // Some writers say a letter in one byte.
        [byte] => vec![u16::from(*byte)],
        bytes => bytes.chunks_exact(2).take(MOST_UNITS).map(|two| u16::from_be_bytes([two[0], two[1]])).collect(),
    }
}

/// Takes the next word off `rest`.
fn word<'a>(rest: &mut &'a [u8]) -> Option<Word<'a>> {
    loop {
        let text = rest.trim_ascii_start();
        let (word, after) = match *text.first()? {
            b'%' => {
                let end = text.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(text.len());
                *rest = &text[end..];
                continue;
            }
            b'[' => (Word::Open, 1),
            b']' => (Word::Close, 1),
            b'<' if text.get(1) != Some(&b'<') => {
                let end = text.iter().position(|byte| *byte == b'>').unwrap_or(text.len());
                (Word::Code(bytes_of(&text[1..end])), (end + 1).min(text.len()))
            }
            _ => {
                let ends = |byte: &u8| byte.is_ascii_whitespace() || b"[]<>%".contains(byte);
                let end = text[1..].iter().position(ends).map_or(text.len(), |end| end + 1);
                (Word::Other(&text[..end]), end)
            }
        };
        *rest = &text[after..];
        return Some(word);
    }
}

/// Hexadecimal digits, white space among them left out; an odd last one is followed by a zero (7.3.4.3).
fn bytes_of(digits: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = digits
        .iter()
        .filter_map(|digit| char::from(*digit).to_digit(16))
        .filter_map(|digit| u8::try_from(digit).ok())
        .collect();
    digits.chunks(2).map(|two| two[0] << 4 | two.get(1).copied().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::{MOST_SPACES, Map};

    #[test]
    fn a_map_is_read_however_much_ceremony_it_has() {
        let cases: &[(&str, usize, &[u8], &str)] = &[
            ("1 beginbfchar\n<0001> <65E5>\nendbfchar", 2, &[0, 1], "日"),
            ("beginbfchar<01><0041><02><00660069>endbfchar", 1, &[1, 2], "Afi"),
            ("1 beginbfrange <0010> <0020> <0061> endbfrange", 2, &[0, 0x10, 0, 0x12], "ac"),
            ("1 beginbfrange\n<00> <02> [<0041> <0042> <0043>]\n<05><06><0058> endbfrange", 1, &[0, 2, 5, 6], "ACXY"),
            ("1 beginbfchar <01> <D83DDE00> endbfchar % <01> <0041>", 1, &[1], "😀"),
            (
                "2 begincodespacerange <00> <7f> <8000> <ffff> endcodespacerange beginbfchar <41> <0061> <8001> <672C> endbfchar",
                1,
                &[0x41, 0x80, 1],
                "a本",
            ),
            ("beginbfchar <01> <0041> endbfchar", 1, &[1, 9], "A\u{fffd}"),
        ];
        for (map, length, bytes, expected) in cases {
            assert_eq!(Map::read(map.as_bytes()).unwrap().text(bytes, *length), *expected, "{map}");
        }
    }

    #[test]
    fn what_would_multiply_is_cut() {
        let letter = format!("beginbfchar <01> <{}> endbfchar", "0041".repeat(1000));
        assert_eq!(Map::read(letter.as_bytes()).unwrap().text(&[1, 1], 1), "A".repeat(128));
        let spaces = "<00> <00> ".repeat(MOST_SPACES) + "<8000> <ffff>";
        let map = format!("begincodespacerange {spaces} endcodespacerange beginbfchar <8001> <672C> endbfchar");
        assert_eq!(Map::read(map.as_bytes()).unwrap().text(&[0x80, 1], 1), "\u{fffd}\u{fffd}");
    }

    #[test]
    fn what_is_no_map_is_none() {
        for text in ["", "beginbfchar", "<01> <02>", "endbfrange [ [ < ", "%", "<<", "endbfchar endbfrange"] {
            assert!(Map::read(text.as_bytes()).is_none(), "{text}");
        }
    }
}
