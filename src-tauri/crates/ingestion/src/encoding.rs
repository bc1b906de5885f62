//! Bytes to text: what a file is written in, and whether it is text at all. Knows no format.

use encoding_rs::{Encoding, WINDOWS_1252};

/// Of a hundred letters of text in an unknown encoding, at most one is a control character.
const LETTERS_PER_CONTROL: usize = 100;

/// The text of a file, its line ends as `\n`. A byte order mark decides, as the Encoding Standard has it (section 6,
/// "BOM sniff"); without one it is UTF-8, with a mark (U+FFFD) for each of a few bytes that are not, or else windows-1252.
/// `None` for what is no text.
pub(crate) fn text(bytes: &[u8]) -> Option<String> {
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => {
            encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..])?.into_owned()
        }
        None => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => worn(bytes).unwrap_or_else(|| WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()),
        },
    };
    // No text holds a zero, and every program, picture and archive of some length does.
    let controls = text.chars().filter(|letter| is_odd(*letter)).count();
    let plain = !text.contains('\0') && controls * LETTERS_PER_CONTROL <= text.chars().count();
    plain.then(|| match text.contains('\r') {
        true => text.replace("\r\n", "\n").replace('\r', "\n"),
        false => text,
    })
}

/// UTF-8 in which some bytes went wrong: more letters beyond ASCII are whole than are not. In another encoding hardly
/// any would look like one.
fn worn(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let marks = text.chars().filter(|letter| *letter == char::REPLACEMENT_CHARACTER).count();
    let beyond = text.chars().filter(|letter| !letter.is_ascii()).count();
    (beyond - marks > marks).then(|| text.into_owned())
}

/// A control character that no writer types: a tab, a line's or page's end, and a terminal's escape aside.
fn is_odd(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1b}' | '\u{85}')
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn a_file_is_read_in_the_encoding_it_is_written_in() {
        let cases: &[(&str, &[u8], &str)] = &[
            ("UTF-8", "naïve – 日本\n".as_bytes(), "naïve – 日本\n"),
            ("UTF-8 with a mark", b"\xef\xbb\xbfa", "a"),
            ("UTF-16, little end first", b"\xff\xfea\0\xe9\0", "aé"),
            ("UTF-16, big end first", b"\xfe\xff\0a\0\xe9", "aé"),
            ("windows-1252", b"caf\xe9 \x96 \x80 5, and more", "café – € 5, and more"),
            ("UTF-8 with a bad byte", b"na\xc3\xafve \xe2\x80\x93 \xff \xe6\x97\xa5", "naïve – \u{fffd} 日"),
            ("UTF-8 that was cut", b"\xe6\x97\xa5\xe6\x9c\xac\xe6\x97", "日本\u{fffd}"),
            ("windows-1252 with a pair that UTF-8 has", b"\xc3\xa9 \xe9 \xe8 \xfc", "Ã© é è ü"),
            ("line ends", b"a\r\nb\rc\n", "a\nb\nc\n"),
            ("nothing", b"", ""),
        ];
        for (what, bytes, expected) in cases {
            assert_eq!(text(bytes).as_deref(), Some(*expected), "{what}");
        }
    }

    #[test]
    fn what_is_no_text_is_told_and_never_garbled() {
        let cases: &[(&str, &[u8])] = &[
            ("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
            ("a program", b"\x7fELF\x02\x01\x01\0"),
            ("noise", b"\x01\x9d\x03\xff\x05\x06\x81\x08"),
            ("half a letter of UTF-16", b"\xff\xfe\x00\xd8a\0"),
            ("a zero", b"ab\0cd"),
        ];
        for (what, bytes) in cases {
            assert_eq!(text(bytes), None, "{what}");
        }
    }
}
