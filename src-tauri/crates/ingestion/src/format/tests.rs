use proptest::prelude::*;

use super::{document, formats};
use crate::{Document, Error, Original, Unit};

fn read(name: &str, bytes: &[u8]) -> Document {
    document(&Original::new(name, bytes.to_vec())).unwrap()
}

/// A block a line: place, headings, text.
fn outline(document: &Document) -> Vec<String> {
    let block = |block: &crate::Block| {
        let unit = match block.place.unit {
            Unit::Line => "line",
            Unit::Page => "page",
            Unit::Row => "row",
        };
        let mark = if block.heading { "#" } else { "" };
        let place = format!("{unit} {}-{}", block.place.first, block.place.last);
        format!("{place} {mark}[{}] {}", block.headings.join(" > "), block.text.replace('\n', "⏎"))
    };
    document.blocks.iter().map(block).collect()
}

#[test]
fn each_format_keeps_text_places_and_headings() {
    let cases: &[(&str, &str, &str, &[&str])] = &[
        ("a.txt", "One\nmore\n\n\n  Two\n", "a.txt", &["line 1-2 [] One⏎more", "line 5-5 []   Two"]),
        ("notes/README", "No ending\n", "README", &["line 1-1 [] No ending"]),
        ("empty.txt", "\n \n", "empty.txt", &[]),
        (
            "a.md",
            "Before\n\n# A *b* `c`\n\ntext [x]\n\n[x]: http://x\n\n## D\n\n```sh\n# no heading\n\nls\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nE\n===\n\n- f\n- g\n",
            "A b c",
            &[
                "line 1-1 [] Before",
                "line 3-3 #[A b c] # A *b* `c`",
                "line 5-7 [A b c] text [x]⏎⏎[x]: http://x",
                "line 9-9 #[A b c > D] ## D",
                "line 11-15 [A b c > D] ```sh⏎# no heading⏎⏎ls⏎```",
                "line 17-19 [A b c > D] | a | b |⏎|---|---|⏎| 1 | 2 |",
                "line 21-22 #[E] E⏎===",
                "line 24-25 [E] - f⏎- g",
            ],
        ),
        (
            "a.html",
            "<!doctype html><title>Pods &amp; nodes</title><style>p{}</style>\n<nav><h1>Menu</h1><a>Home</a></nav>\n<h1>Pods\n run</h1><p>One &lt;pod&gt;&nbsp;is <b>bo</b>ld,\n   caf&eacute;.<script>if (a < b) alert('<p>')</script><h2>Lists</h2>\n<ul><li>one<li>two</ul><table><tr><th>a<th>b<tr><td>1<td>2</table><pre>\n  x\n   y\n</pre>end",
            "Pods & nodes",
            &[
                "line 3-4 #[Pods run] Pods run",
                "line 4-5 [Pods run] One <pod>\u{a0}is bold, café.",
                "line 5-5 #[Pods run > Lists] Lists",
                "line 6-6 [Pods run > Lists] - one",
                "line 6-6 [Pods run > Lists] - two",
                "line 6-6 [Pods run > Lists] a | b",
                "line 6-6 [Pods run > Lists] 1 | 2",
                "line 7-8 [Pods run > Lists]   x⏎   y",
                "line 9-9 [Pods run > Lists] end",
            ],
        ),
        (
            "cells.html",
            "<table><tr><td><br><td>a<td>b<tr><td><td>c</table><ul><li><td>d</ul>",
            "cells.html",
            &["line 1-1 [] a | b", "line 1-1 [] c", "line 1-1 [] - d"],
        ),
        (
            "broken.htm",
            "<h1>A</h2><nav>kept, since it never ends<p>b</p",
            "A",
            &["line 1-1 #[A] A", "line 1-1 [A] kept, since it never ends", "line 1-1 [A] b"],
        ),
        (
            "src/a.rs",
            "//! A.\n\n/// One.\nfn one() {\n    a();\n\n    b();\n}\n\nfn two() {}\n",
            "a.rs",
            &[
                "line 1-1 [] //! A.",
                "line 3-8 [] /// One.⏎fn one() {⏎    a();⏎⏎    b();⏎}",
                "line 10-10 [] fn two() {}",
            ],
        ),
        (
            "a.csv",
            "name;size, MB;\n\"one; two\";3;x\nthree;;;more\n\n\"a\nb\";1\n",
            "a.csv",
            &[
                "row 2-2 [] name: one; two⏎size, MB: 3⏎column 3: x",
                "row 3-3 [] name: three⏎column 4: more",
                "row 4-4 [] name: a⏎b⏎size, MB: 1",
            ],
        ),
        ("a.tsv", "a\tb\n1\t2,5\n", "a.tsv", &["row 2-2 [] a: 1⏎b: 2,5"]),
    ];
    for (name, text, title, expected) in cases {
        let document = read(name, text.as_bytes());
        assert_eq!(outline(&document), *expected, "{name}");
        assert_eq!(document.title, *title, "{name}");
        assert_eq!(document.source, *name);
    }
}

#[test]
fn what_a_document_says_about_itself_is_kept() {
    let markdown = read("a.md", b"---\ntitle: Guide\ntags: [a, b]\nversion: 2\nempty:\n---\n\n# Other\n");
    assert_eq!(markdown.title, "Guide");
    let metadata: Vec<(&str, &str)> = markdown.metadata.iter().map(|(key, value)| (&**key, &**value)).collect();
    assert_eq!(metadata, [("tags", "a, b"), ("title", "Guide"), ("version", "2")]);
    assert_eq!(outline(&markdown), ["line 8-8 #[Other] # Other"]);

    let broken = read("a.md", b"---\na: [\n---\ntext\n");
    assert_eq!(broken.metadata["front matter"], "a: [");

    let html = read("a.html", b"<meta name=Description content='What a\n pod is'><meta name=viewport content=x><p>a");
    assert_eq!(html.metadata.len(), 1);
    assert_eq!(html.metadata["description"], "What a pod is");

    let table = read("a.csv", b"a,b\n1,2\n");
    assert_eq!(table.metadata["columns"], "a, b");
}

#[test]
fn what_many_blocks_repeat_is_short() {
    let long = "word ".repeat(100_000);
    let html = format!("<meta name=author content='{long}'><h1>{long}</h1><p>a");
    let markdown = format!("---\ntitle: {long}\n---\n\n# {long}\n\na\n");
    let table = format!("{long},b\n1,2\n");
    let name = "word ".repeat(60) + "…";
    for (file, text, is_titled) in [("a.html", html, true), ("a.md", markdown, true), ("a.csv", table, false)] {
        let document = read(file, text.as_bytes());
        let last = document.blocks.last().unwrap();
        assert_eq!(document.title == name, is_titled, "{file}: {}", document.title.len());
        assert!(last.headings.iter().all(|heading| **heading == *name), "{file}");
        assert!(last.text.len() < 400, "{file}: {}", last.text.len());
        assert!(document.metadata.get("author").is_none_or(|author| *author == name));
    }
}

#[test]
fn a_document_is_known_by_the_hash_of_its_bytes() {
    let document = read("a.txt", b"abc");
    assert_eq!(document.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn a_binary_file_is_told_whatever_it_is_called() {
    for name in ["a.txt", "a.md", "a.csv", "a.html", "a.rs", "a"] {
        let read = document(&Original::new(name, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()));
        assert!(matches!(read, Err(Error::Binary { .. })), "{name}");
    }
}

#[test]
fn every_ending_belongs_to_one_format() {
    let mut endings: Vec<&str> = formats().iter().flat_map(|format| format.endings).copied().collect();
    let count = endings.len();
    endings.sort_unstable();
    endings.dedup();
    assert_eq!(endings.len(), count);
}

/// Letters that say something, in their order.
fn letters(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

proptest! {
    #[test]
    fn no_bytes_make_a_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), text in ".{0,200}") {
        for format in formats().iter().filter(|format| format.name != "pdf") {
            for ending in format.endings.iter().take(2) {
                let name = format!("a.{ending}");
                let _ = document(&Original::new(name.clone(), bytes.clone()));
                let _ = document(&Original::new(name, text.clone().into_bytes()));
            }
        }
    }

    #[test]
    fn no_markup_makes_a_parser_panic_and_blocks_are_never_blank(
        parts in prop::collection::vec(
            prop::sample::select(&[
                "<nav>", "</nav>", "<h1>", "</h1>", "<pre>", "</pre>", "<script>", "</script>", "<title>", "</title>", "<li>",
                "<td>", "<br>", "&amp;", "<!--", "-->", "<svg/>", "<template>", "</template>", "word", " ", "\n", "\n\n", "# ",
                "---\n", "```\n", "> ", "- ", "| a |", "\n|---|\n", "[x]: y", "===", "\"", ",", ";", "    ", "\t", "é", "\u{a0}",
            ][..]),
            0..60,
        )
    ) {
        let text = parts.concat();
        for name in ["a.html", "a.md", "a.csv", "a.tsv", "a.rs", "a.txt"] {
            let document = read(name, text.as_bytes());
            prop_assert!(document.blocks.iter().all(|block| !block.text.trim().is_empty()));
            prop_assert!(document.blocks.iter().all(|block| block.place.first <= block.place.last));
        }
    }

    #[test]
    fn text_code_and_markdown_lose_no_letter(text in "([a-c#>`|é\\-] ?|\n){0,120}") {
        for name in ["a.txt", "a.rs", "a.md"] {
            let document = read(name, text.as_bytes());
            let said: String = document.blocks.iter().map(|block| letters(&block.text)).collect();
            let matter: String = document.metadata.values().map(|value| letters(value)).collect();
            if matter.is_empty() && !text.starts_with("---") {
                prop_assert_eq!(said, letters(&text), "{}", name);
            }
        }
    }
}
