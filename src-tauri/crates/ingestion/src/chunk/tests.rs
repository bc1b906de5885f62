use proptest::prelude::*;

use super::{Chunk, Chunker, Chunking, LEAST_TOKENS, Tokens, chunkers};
use crate::{Document, Error, Original, Unit};

/// A token for every four bytes of a word and one for white space of more than a blank, two around the text; and letters join
/// across blanks, so that two parts are neither more nor less than the whole.
struct Scripted;

impl Tokens for Scripted {
    fn count(&self, text: &str) -> usize {
        self.starts(text).len() + 2
    }

    fn starts(&self, text: &str) -> Vec<usize> {
        let mut starts = Vec::new();
        let mut since = 0;
        let mut before = ' ';
        for (at, letter) in text.char_indices() {
            let joined = letter.is_ascii_lowercase() && before.is_ascii_lowercase() && since < 4;
            let after_blank = before == ' ' && at > 0 && since < 2 && letter == 'e';
            if letter != ' ' && !joined && !after_blank {
                starts.push(at);
                since = 0;
            }
            (since, before) = (since + letter.len_utf8(), letter);
        }
        starts
    }
}

fn document(name: &str, text: &str) -> Document {
    Original::new(name, text.as_bytes().to_vec()).document().unwrap()
}

fn chunker(name: &str) -> &'static Chunker {
    chunkers().iter().find(|chunker| chunker.name == name).unwrap()
}

fn cut(name: &str, document: &Document, chunking: &Chunking) -> Vec<Chunk> {
    chunker(name).cut(document, &Scripted, chunking).unwrap()
}

const fn chunking(most_tokens: usize, overlap: usize) -> Chunking {
    Chunking { most_tokens, overlap, with_headings: false }
}

fn letters(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

fn shown(chunks: &[Chunk]) -> String {
    let chunk = |chunk: &Chunk| {
        let unit = match chunk.place.unit {
            Unit::Line => "lines",
            Unit::Page => "pages",
            Unit::Row => "rows",
        };
        let Chunk { ordinal, text, tokens, place, headings } = chunk;
        let headings = headings.join(" > ");
        format!("=== {ordinal}: {tokens} tokens, {unit} {}-{}, [{headings}]\n{text}\n", place.first, place.last)
    };
    chunks.iter().map(chunk).collect()
}

const HANDBOOK: &str = include_str!("tests/handbook.md");

#[test]
fn a_page_of_a_handbook_is_cut_where_a_reader_would_cut_it() {
    let page = document("handbook/on-call.md", HANDBOOK);
    for chunker in chunkers() {
        let chunking = Chunking { most_tokens: 120, overlap: 20, with_headings: true };
        insta::assert_snapshot!(chunker.name, shown(&chunker.cut(&page, &Scripted, &chunking).unwrap()));
    }
}

#[test]
fn rows_pages_and_lines_are_found_again() {
    let rows = document("a.csv", "name,size\nalpha,1\nbeta,2\ngamma,3\n");
    let chunks = cut("recursive", &rows, &chunking(16, 0));
    let places: Vec<(u32, u32)> = chunks.iter().map(|chunk| (chunk.place.first, chunk.place.last)).collect();
    assert_eq!(places, [(2, 2), (3, 3), (4, 4)]);

    let code = document("a.py", "def a():\n    one two three four five\n    six seven eight nine ten\n    eleven\n");
    let chunks = cut("recursive", &code, &chunking(16, 0));
    let places: Vec<(u32, u32, &str)> =
        chunks.iter().map(|chunk| (chunk.place.first, chunk.place.last, &*chunk.text)).collect();
    assert_eq!(
        places,
        [(1, 2, "def a():\n    one two three four five"), (3, 4, "    six seven eight nine ten\n    eleven"),]
    );
}

#[test]
fn tiny_sections_share_a_chunk_with_their_siblings_only() {
    let text = "# A\n\n## One\n\nred\n\n## Two\n\nblue\n\n# B\n\n## Three\n\ngreen\n";
    let document = document("a.md", text);
    let chunks = cut("heading", &document, &Chunking { most_tokens: 64, overlap: 0, with_headings: true });
    let found: Vec<(String, &str)> = chunks.iter().map(|chunk| (chunk.headings.join(" > "), &*chunk.text)).collect();
    assert_eq!(
        found,
        [
            ("A".to_owned(), "# A\n\n## One\n\nred\n\n## Two\n\nblue"),
            ("B > Three".to_owned(), "# B\n\n## Three\n\ngreen"),
        ]
    );
}

#[test]
fn the_headings_before_a_chunk_count_as_part_of_it() {
    let text = format!("# Guide\n\n## Long\n\n{}", "some more words here. ".repeat(60));
    let chunks =
        cut("heading", &document("a.md", &text), &Chunking { most_tokens: 60, overlap: 0, with_headings: true });
    assert!(chunks.len() > 4);
    assert!(chunks[0].text.starts_with("# Guide\n\n## Long\n\nsome more words here."), "{}", chunks[0].text);
    for chunk in &chunks[1..] {
        assert!(chunk.text.starts_with("Guide > Long\n\n"), "{}", chunk.text);
        assert!(chunk.tokens <= 60);
    }
    assert_eq!(
        chunks.iter().map(|chunk| chunk.ordinal as usize).collect::<Vec<_>>(),
        (0..chunks.len()).collect::<Vec<_>>()
    );
}

#[test]
fn lengths_that_cannot_be_kept_are_refused() {
    let page = document("a.txt", "a");
    let said = |chunking| chunker("fixed").cut(&page, &Scripted, &chunking).unwrap_err();
    assert!(matches!(said(chunking(LEAST_TOKENS - 1, 0)), Error::Short { .. }));
    assert!(matches!(said(chunking(20, 11)), Error::Overlap { most: 10, .. }));

    /// Reads a hundred tokens for anything.
    struct Heavy;
    impl Tokens for Heavy {
        fn count(&self, text: &str) -> usize {
            text.len() * 100
        }
        fn starts(&self, text: &str) -> Vec<usize> {
            text.char_indices().map(|(at, _)| at).collect()
        }
    }
    for chunker in chunkers() {
        let told = chunker.cut(&page, &Heavy, &chunking(20, 0)).unwrap_err();
        assert!(matches!(told, Error::Unsplittable { letter: 'a', most: 20 }), "{told}");
    }
}

#[test]
fn no_document_makes_no_chunk() {
    for chunker in chunkers() {
        assert!(chunker.cut(&document("a.txt", " \n"), &Scripted, &chunking(16, 4)).unwrap().is_empty());
    }
}

/// What the end of one text and the beginning of the next have in common, as long as it can be.
fn repeated<'a>(one: &'a str, next: &str) -> &'a str {
    let starts = one.char_indices().map(|(at, _)| &one[at..]);
    starts.into_iter().find(|end| next.starts_with(end)).unwrap_or_default()
}

#[test]
fn an_overlap_repeats_whole_words_and_no_more_than_it_says() {
    let text: String = (0..400).map(|number| format!("Word{number} ")).collect();
    for name in ["fixed", "recursive"] {
        let chunks = cut(name, &document("a.txt", &text), &chunking(60, 15));
        assert!(chunks.len() > 10);
        for two in chunks.windows(2) {
            let repeated = repeated(&two[0].text, &two[1].text);
            let tokens = Scripted.count(repeated) - 2;
            assert!((8..=15).contains(&tokens), "{name}: {repeated:?} is {tokens}");
            assert!(repeated.starts_with("Word"), "{name}: {repeated:?}");
        }
    }
}

#[test]
fn a_word_is_cut_only_where_it_is_longer_than_a_chunk() {
    let text = format!("short words {} and more words", "X".repeat(100));
    let chunks = cut("fixed", &document("a.txt", &text), &chunking(30, 5));
    let texts: Vec<&str> = chunks.iter().map(|chunk| &*chunk.text).collect();
    assert_eq!(texts[0], "short words");
    assert!(texts[1..4].iter().all(|text| text.chars().all(|letter| letter == 'X')), "{texts:?}");
}

fn page() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[a-f]{1,12}",
        3 => Just(" ".to_owned()),
        1 => Just("\n".to_owned()),
        1 => Just("\n\n".to_owned()),
        1 => Just(". ".to_owned()),
        1 => "[A-Z]{1,40}",
        1 => "[éß日本。🦀\u{3000}]{1,20}",
        1 => Just("\n\n# Head\n\n".to_owned()),
        1 => Just("\n\n## Deeper head\n\n".to_owned()),
        1 => Just("    ".to_owned()),
    ];
    prop::collection::vec(part, 0..150).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_chunk_is_too_long_and_nothing_is_lost(
        text in page(), most in LEAST_TOKENS..80, overlap in 0..40usize, with_headings in any::<bool>()
    ) {
        let document = document("a.md", &text);
        let chunking = Chunking { most_tokens: most, overlap: overlap.min(most / 2), with_headings };
        for chunker in chunkers() {
            let chunks = chunker.cut(&document, &Scripted, &chunking).unwrap();
            for chunk in &chunks {
                prop_assert!(chunk.tokens <= most, "{}: {} tokens", chunker.name, chunk.tokens);
                prop_assert_eq!(chunk.tokens, Scripted.count(&chunk.text));
                prop_assert!(!chunk.text.trim().is_empty());
                prop_assert!(chunk.place.first <= chunk.place.last);
            }
            prop_assert_eq!(&chunks, &chunker.cut(&document, &Scripted, &chunking).unwrap());
            for two in chunks.windows(2) {
                prop_assert!(two[0].place.first <= two[1].place.first);
            }
        }
    }

    #[test]
    fn without_overlap_the_chunks_are_the_document(text in page(), most in LEAST_TOKENS..80) {
        let document = document("a.md", &text);
        let whole: String = document.blocks.iter().map(|block| letters(&block.text)).collect();
        for chunker in chunkers() {
            let chunks = chunker.cut(&document, &Scripted, &chunking(most, 0)).unwrap();
            prop_assert_eq!(&chunks.iter().map(|chunk| letters(&chunk.text)).collect::<String>(), &whole, "{}", chunker.name);
        }
    }

    #[test]
    fn with_overlap_every_letter_is_in_a_chunk_and_each_goes_further(
        text in page(), most in LEAST_TOKENS..80, overlap in 1..40usize
    ) {
        let document = document("a.md", &text);
        let flow = super::Flow::of(&document.blocks);
        let measure = super::Measure::of(flow.text(), &Scripted, most);
        let overlap = overlap.min(most / 2);
        for chunker in chunkers() {
            let pieces = (chunker.cut)(&flow, &measure, &chunking(most, overlap)).unwrap();
            let mut reached = 0;
            for piece in pieces {
                let (start, end) = (piece.range.start, piece.range.end);
                if start > reached {
                    prop_assert!(flow.text()[reached..start].trim().is_empty(), "{}: lost", chunker.name);
                } else if start < reached {
                    let repeated = Scripted.count(&flow.text()[start..reached]) - 2;
                    prop_assert!(repeated <= overlap, "{}: {} of {}", chunker.name, repeated, overlap);
                }
                prop_assert!(end > reached, "{}: goes no further", chunker.name);
                reached = end;
            }
            prop_assert!(flow.text()[reached..].trim().is_empty(), "{}: lost the end", chunker.name);
        }
    }
}
