use std::time::{Duration, Instant};

use lopdf::{
    Dictionary, Document, EncryptionState, EncryptionVersion, Object, Permissions, Stream,
    content::{Content, Operation},
    dictionary, text_string,
};
use proptest::prelude::*;

use super::{PATIENCE, Unreadable, font::Fonts, page::Page, parse};
use crate::{Error, Original, Result, Unit, format::Parsed};

/// Puts a file together, a drawing for each page.
struct Draft {
    document: Document,
    pages: Vec<Object>,
    tree: (u32, u16),
    resources: Dictionary,
}

impl Draft {
    fn new() -> Self {
        let mut document = Document::with_version("1.5");
        let tree = document.new_object_id();
        let widths: Vec<Object> = (32..127).map(|_| Object::Integer(500)).collect();
        let font = document.add_object(dictionary! {
            "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
            "FirstChar" => 32, "Widths" => widths,
        });
        let resources = dictionary! { "Font" => dictionary! { "F1" => font } };
        Self { document, pages: Vec::new(), tree, resources }
    }

    fn page(mut self, drawing: &str) -> Self {
        let content = self.document.add_object(Stream::new(dictionary! {}, drawing.as_bytes().to_vec()));
        self.pages.push(
            self.document
                .add_object(dictionary! {
                    "Type" => "Page", "Parent" => self.tree, "Contents" => content, "Resources" => self.resources.clone(),
                    "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
                })
                .into(),
        );
        self
    }

    fn finished(mut self) -> Document {
        let count = i64::try_from(self.pages.len()).unwrap();
        let tree = dictionary! { "Type" => "Pages", "Kids" => self.pages, "Count" => count };
        self.document.objects.insert(self.tree, tree.into());
        let catalog = self.document.add_object(dictionary! { "Type" => "Catalog", "Pages" => self.tree });
        self.document.trailer.set("Root", catalog);
        self.document
    }

    fn bytes(self) -> Vec<u8> {
        saved(self.finished())
    }
}

fn saved(mut document: Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

fn read(bytes: Vec<u8>) -> Result<Parsed> {
    parse(&Original::new("a.pdf", bytes), PATIENCE)
}

/// Page and text of each block.
fn blocks(bytes: Vec<u8>) -> Vec<(u32, String)> {
    let blocks = read(bytes).unwrap().blocks;
    assert!(blocks.iter().all(|block| block.place.unit == Unit::Page));
    blocks.into_iter().map(|block| (block.place.first, block.text)).collect()
}

fn drawn(drawing: &str) -> String {
    let blocks = blocks(Draft::new().page(drawing).bytes());
    blocks.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("¶")
}

#[test]
fn where_the_pen_goes_says_what_is_a_word_a_line_and_a_paragraph() {
    let cases: &[(&str, &str, &str)] = &[
        ("one text", "BT /F1 10 Tf 50 700 Td (Hello pods) Tj ET", "Hello pods"),
        ("kerning parts no word", "BT /F1 10 Tf [(H) 30 (el) -80 (lo)] TJ ET", "Hello"),
        ("a wide gap parts words", "BT /F1 10 Tf [(one) -400 (two)] TJ ET", "one two"),
        ("pieces that touch are one word", "BT /F1 10 Tf 0 0 Td (wo) Tj 10 0 Td (rd) Tj ET", "word"),
        ("pieces apart are two", "BT /F1 10 Tf 0 0 Td (one) Tj 20 0 Td (two) Tj ET", "one two"),
        ("a blank is there once", "BT /F1 10 Tf 0 0 Td (one ) Tj 30 0 Td (two) Tj ET", "one two"),
        ("lines", "BT /F1 10 Tf 12 TL 0 700 Td (one) Tj T* (two) Tj (three) ' ET", "one\ntwo\nthree"),
        ("paragraphs", "BT /F1 10 Tf 0 700 Td (one) Tj 0 -12 Td (two) Tj 0 -30 Td (three) Tj ET", "one\ntwo¶three"),
        (
            "a wider step",
            "BT /F1 10 Tf 0 700 Td (a) Tj 0 -12 Td (b) Tj 0 -18 Td (c) Tj 0 -12 Td (d) Tj ET",
            "a\nb¶c\nd",
        ),
        ("a heading", "BT /F1 16 Tf 0 700 Td (Head) Tj /F1 10 Tf 0 -18 Td (text) Tj ET", "Head¶text"),
        (
            "a matrix",
            "q 2 0 0 2 0 0 cm BT /F1 5 Tf 1 0 0 1 0 300 Tm (one) Tj 1 0 0 1 0 294 Tm (two) Tj ET Q",
            "one\ntwo",
        ),
        ("turned", "BT /F1 10 Tf 0 1 -1 0 100 100 Tm (one) Tj 0 1 -1 0 112 100 Tm (two) Tj ET", "one\ntwo"),
        ("more than ASCII", "BT /F1 10 Tf (caf\\351 \\226 5 \\200) Tj ET", "café – 5 €"),
        ("hexadecimal", "BT /F1 10 Tf <48692e> Tj ET", "Hi."),
        ("another kind of line", "BT /F1 10 Tf 12 TL 0 0 Td (one) Tj 1 2 (two) \" ET", "one\ntwo"),
        (
            "what is missing costs itself only",
            "BT /F1 Tf /F9 9 Tf (lost) Tj /F1 10 Tf (kept) Tj Td Tm TJ Do ET",
            "kept",
        ),
    ];
    for (what, drawing, expected) in cases {
        assert_eq!(drawn(drawing), *expected, "{what}");
    }
}

#[test]
fn every_block_knows_its_page() {
    let text = |text: &str| format!("BT /F1 10 Tf 0 700 Td ({text}) Tj ET");
    let bytes = Draft::new().page(&text("one")).page("").page(&text("three")).bytes();
    assert_eq!(blocks(bytes), [(1, "one".to_owned()), (3, "three".to_owned())]);
}

#[test]
fn title_and_author_are_the_files_own() {
    let mut document = Draft::new().page("BT /F1 10 Tf (text) Tj ET").finished();
    let information = dictionary! { "Title" => text_string("Über Pods"), "Author" => text_string("Platform") };
    let information = document.add_object(information);
    document.trailer.set("Info", information);
    let read = crate::format::document(&Original::new("no-ending", saved(document))).unwrap();
    assert_eq!((&*read.title, &*read.metadata["author"], read.format), ("Über Pods", "Platform", "pdf"));
}

/// With a font of two bytes a letter whose map to Unicode is `map`.
fn composite(map: Option<&str>, text: &str) -> Vec<u8> {
    let mut draft = Draft::new();
    let descendant = draft.document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "CIDFontType2", "DW" => 500, "W" => vec![1.into(), vec![Object::Integer(600)].into()],
    });
    let mut font = dictionary! {
        "Type" => "Font", "Subtype" => "Type0", "Encoding" => "Identity-H", "DescendantFonts" => vec![descendant.into()],
    };
    if let Some(map) = map {
        let map = draft.document.add_object(Stream::new(dictionary! {}, map.as_bytes().to_vec()));
        font.set("ToUnicode", map);
    }
    let font = draft.document.add_object(font);
    draft.resources = dictionary! { "Font" => dictionary! { "F1" => font } };
    draft.page(&format!("BT /F1 10 Tf 0 0 Td <{text}> Tj ET")).bytes()
}

#[test]
fn a_font_is_read_by_its_map_and_without_one_its_text_is_missing_not_garbled() {
    let map = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n1 begincodespacerange\n<0000> <FFFF>\n\
        endcodespacerange\n2 beginbfchar\n<0001> <65E5>\n<0002> <672C>\nendbfchar\nendcmap end end\n";
    assert_eq!(blocks(composite(Some(map), "00010002")), [(1, "日本".to_owned())]);
    assert!(matches!(read(composite(None, "00010002")), Err(Error::Scanned { pages: 1, .. })));
    // Longer than what is read between two looks at the clock.
    let said = blocks(composite(Some(map), &"00010002".repeat(10_000)));
    assert_eq!(said, [(1, "日本".repeat(10_000))]);
}

#[test]
fn what_fonts_and_their_maps_make_of_a_text_is_bounded_too() {
    let within = |map: &str, text: &str, budget: usize| {
        let document = Document::load_mem(&composite(Some(map), text)).unwrap();
        let id = document.get_pages()[&1];
        let until = Instant::now() + PATIENCE;
        Page::new(&document, &mut Fonts::of(&document), until, budget).read(id)
    };
    let letter = |units: usize| format!("beginbfchar <0001> <{}> endbfchar", "0041".repeat(units));
    let text = "0001".repeat(1000);
    assert!(within(&letter(1), &text, 20_000).is_ok());
    assert!(matches!(within(&letter(64), &text, 20_000), Err(Unreadable::Bomb)), "a text that its map multiplies");
    assert!(matches!(within(&letter(6000), "0001", 20_000), Err(Unreadable::Bomb)), "a map that is large itself");
}

#[test]
fn a_text_that_takes_too_long_is_given_up_in_its_midst() {
    let map = format!(
        "begincodespacerange {} endcodespacerange beginbfchar <0001> <0041> endbfchar",
        "<00> <00> ".repeat(256)
    );
    let bytes = composite(Some(&map), &"0101".repeat(4_000_000));
    let given_up = parse(&Original::new("a.pdf", bytes), Duration::from_millis(100));
    assert!(matches!(given_up, Err(Error::Slow { .. })));
}

#[test]
fn an_encrypted_file_is_told_unless_it_opens_without_a_password() {
    for (password, opens) in [("secret", false), ("", true)] {
        let mut document = Draft::new().page("BT /F1 10 Tf (text) Tj ET").finished();
        let id = Object::string_literal("0123456789abcdef");
        document.trailer.set("ID", vec![id.clone(), id]);
        let version = EncryptionVersion::V2 {
            document: &document,
            owner_password: "owner",
            user_password: password,
            key_length: 128,
            permissions: Permissions::all(),
        };
        let state = EncryptionState::try_from(version).unwrap();
        document.encrypt(&state).unwrap();
        let read = read(saved(document));
        match opens {
            true => assert_eq!(read.unwrap().blocks[0].text, "text"),
            false => assert!(matches!(read, Err(Error::Encrypted { .. }))),
        }
    }
}

#[test]
fn a_scanned_file_is_told_with_its_pages() {
    let bytes = Draft::new().page("q Q").page("").bytes();
    assert!(matches!(read(bytes), Err(Error::Scanned { pages: 2, .. })));
}

#[test]
fn a_cut_file_and_one_that_is_none_are_told() {
    let whole = Draft::new().page("BT /F1 10 Tf (text) Tj ET").bytes();
    for bytes in [b"%PDF-1.7\nnothing more".to_vec(), whole[..whole.len() / 3].to_vec(), Vec::new()] {
        assert!(matches!(read(bytes), Err(Error::Damaged { .. })));
    }
}

/// A form that calls `callees` and says `a`.
fn form(document: &mut Document, callees: &[(u32, u16)], calls: usize, id: (u32, u16)) {
    let names: Vec<String> = (0..callees.len()).map(|index| format!("X{index}")).collect();
    let mut forms = Dictionary::new();
    names.iter().zip(callees).for_each(|(name, id)| forms.set(name.as_str(), *id));
    let calls = names.iter().flat_map(|name| std::iter::repeat_n(format!("/{name} Do "), calls)).collect::<String>();
    let dictionary = dictionary! { "Subtype" => "Form", "Resources" => dictionary! { "XObject" => forms } };
    document.objects.insert(id, Stream::new(dictionary, calls.into_bytes()).into());
}

fn calling(make: impl FnOnce(&mut Document) -> (u32, u16)) -> Vec<u8> {
    let mut draft = Draft::new();
    let first = make(&mut draft.document);
    draft.resources.set("XObject", dictionary! { "X0" => first });
    draft.page("BT /F1 10 Tf (text) Tj ET /X0 Do").bytes()
}

#[test]
fn a_drawing_that_draws_itself_ends() {
    let bytes = calling(|document| {
        let id = document.new_object_id();
        form(document, &[id], 1, id);
        id
    });
    assert_eq!(blocks(bytes), [(1, "text".to_owned())]);
}

#[test]
fn drawings_that_multiply_are_given_up_in_time() {
    let bytes = calling(|document| {
        let ids: Vec<(u32, u16)> = (0..16).map(|_| document.new_object_id()).collect();
        for two in ids.windows(2) {
            form(document, &[two[1]], 10, two[0]);
        }
        form(document, &[], 0, ids[15]);
        ids[0]
    });
    let given_up = parse(&Original::new("a.pdf", bytes), Duration::from_millis(50));
    assert!(matches!(given_up, Err(Error::Slow { .. } | Error::Bomb { .. })));
}

#[test]
fn a_page_that_unpacks_without_end_is_given_up() {
    let mut stream = Stream::new(dictionary! {}, vec![b' '; super::MOST_UNPACKED + 1]);
    stream.compress().unwrap();
    let mut draft = Draft::new().page("");
    let content = draft.document.add_object(stream);
    let page = draft.pages[0].as_reference().unwrap();
    draft.document.get_dictionary_mut(page).unwrap().set("Contents", content);
    let bytes = draft.bytes();
    assert!(bytes.len() < 1 << 20);
    assert!(matches!(read(bytes), Err(Error::Bomb { .. })));
}

#[test]
fn brackets_without_end_are_no_danger() {
    for open in ["[", "<<", "(", "<</a ", "q ", "BT "] {
        let content = open.repeat(100_000);
        let _ = read(Draft::new().page(&content).bytes());
        let _ = read(format!("%PDF-1.7\n1 0 obj\n{content}").into_bytes());
    }
}

#[test]
fn operations_are_written_as_they_are_read() {
    let operations = vec![
        Operation::new("BT", vec![]),
        Operation::new("Tf", vec!["F1".into(), 10.into()]),
        Operation::new("Tj", vec![Object::string_literal("by (lopdf)")]),
        Operation::new("ET", vec![]),
    ];
    let drawing = Content { operations }.encode().unwrap();
    assert_eq!(drawn(std::str::from_utf8(&drawing).unwrap()), "by (lopdf)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn no_bytes_panic_and_none_run_away(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        at in 0..1000usize,
        byte in any::<u8>(),
        drawing in prop::collection::vec(prop::sample::select(&[
            "BT ", "ET ", "/F1 10 Tf ", "/F1 ", "1 ", "-99999999999999999999 ", "0 ", "(a) ", "<61> ", "Tj ", "TJ ", "' ", "\" ",
            "[(b) 5 ] ", "Td ", "Tm ", "cm ", "q ", "Q ", "Do ", "Tz ", "TL ", "T* ", "BI ", "ID ", "EI ", "[ ", "<< ", "% ",
        ][..]), 0..60),
    ) {
        let _ = read(bytes);
        let mut whole = Draft::new().page(&drawing.concat()).bytes();
        let _ = read(whole.clone());
        let at = at % whole.len();
        whole[at] = byte;
        let _ = read(whole);
    }
}
