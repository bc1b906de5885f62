use comrak::{Arena, nodes::NodeValue, parse_document};
use proptest::prelude::*;

use super::{BETWEEN_LISTS, introduction, options, reflection};
use crate::{
    Lab, Portfolio, html, markdown,
    tests::{empty, half_done, orientation},
};

#[test]
fn a_text_is_written_to_stay_below_its_heading() {
    for (told, shown) in [
        ("Plain words.", "Plain words."),
        ("# A\n\n### B\n\n## C\n\n# D", "#### A\n\n##### B\n\n##### C\n\n#### D"),
        ("###### Six\n\n# One", "#### Six\n\n#### One"),
        ("Title\n=====\n\nwords", "#### Title\n\nwords"),
        ("so <b>bold</b>", "so \\<b\\>bold\\</b\\>"),
        ("<script>alert(1)</script>", "```html\n<script>alert(1)</script>\n```"),
        ("![a graph](https://example.org/a.png)", "[a graph](https://example.org/a.png)"),
        ("![](https://example.org/a.png)", "<https://example.org/a.png>"),
        ("[![a graph](https://example.org/a.png)](https://example.org)", "[a graph](https://example.org)"),
        ("[x](javascript:alert(1)) [y](notes.md) [z](#/settings)", "x y z"),
        ("[x](https://example.org \"a title\")", "[x](https://example.org)"),
        ("```py title\nx < 1", "```py\nx < 1\n```"),
        ("- a\n- b\n\nwords", "- a\n- b\n\nwords"),
        // Nothing but the place of a link.
        ("[x]: https://example.org", "```text\n[x]: https://example.org\n```"),
    ] {
        assert_eq!(reflection(told), format!("### In my own words\n\n{shown}\n"), "{told}");
    }
    assert_eq!(introduction("# A"), "## Introduction\n\n### A\n");
    assert_eq!((introduction(" \n"), reflection("")), (String::new(), String::new()));
}

#[test]
fn what_nests_without_end_is_shown_as_it_was_typed() {
    let told = format!("{} ```deep", ">".repeat(200));
    assert_eq!(reflection(&told), format!("### In my own words\n\n````text\n{told}\n````\n"));
}

/// What tries to leave its place.
const HOSTILE: &[&str] = &[
    "# Built\n",
    "Built\n===\n",
    "Built\n&#32;===\n",
    "Built\n---\n",
    "~~~a&#10;~~~&#10;# Built\nx\n~~~\n",
    "[https://a&#10;&#10;# Built](<https://a&#10;&#10;# Built>)",
    "[x](https://a \"&#10;&#10;# Built\")",
    "<script>alert(1)</script>",
    "</section><section class=\"record\">",
    "\n<details>\n\n",
    "\n<!-- ",
    " -->",
    "![i](https://x.org/y.png)",
    "[![i](a)](https://b.org)",
    "![a [b](https://c.org) d](https://e.org)",
    "[x]: https://y.org\n",
    "[x]",
    "https://a.org/b_c ",
    "www.a.org a@b.org ",
    "\n> ",
    "\n- ",
    "\n* ",
    "\n1. ",
    "\n```\n",
    "\n    ",
    "\n| a | b |\n|---|:-:|\n| `|` |\n",
    "&#10;",
    "&#9;",
    "\\",
    "\r",
    "\0",
    "\n\n",
];

proptest! {
    /// Headings of the page, by GitHub's own grammar, are those that it has without the text, and no markup of any other
    /// kind comes of it.
    #[test]
    fn nothing_that_is_told_changes_the_page_around_it(
        pieces in prop::collection::vec(
            prop_oneof![
                prop::sample::select(HOSTILE).prop_map(str::to_owned),
                r##"[-*_#|\\`<>&\[\]()!~=+.0-9a \n]{0,10}"##,
            ],
            0..14,
        )
    ) {
        let text = pieces.concat();
        let portfolio = |text: &str| Portfolio {
            introduction: text.to_owned(),
            labs: vec![Lab { reflection: text.to_owned(), ..half_done() }, orientation()],
            ..empty()
        };
        let plain = if text.trim().is_empty() { "" } else { "words" };
        let (page, without) = (markdown(&portfolio(&text)), markdown(&portfolio(plain)));
        prop_assert_eq!(outline(&page), outline(&without), "{}", page);

        let (page, without) = (html(&portfolio(&text)), html(&portfolio(plain)));
        for tag in ["<section", "</section", "<script", "<img", "<details"] {
            prop_assert_eq!(page.matches(tag).count(), without.matches(tag).count(), "{} in {}", tag, page);
        }
    }
}

/// The page's own headings. Fails on what no part of it may hold.
fn outline(page: &str) -> Vec<(u8, String)> {
    let arena = Arena::new();
    let root = parse_document(&arena, page, &options());
    let mut outline = Vec::new();
    for node in root.descendants() {
        match &node.data().value {
            // The introduction's own are one level higher than those of a lab, and none is called as the page's.
            NodeValue::Heading(heading) if heading.level < 3 => outline.push((heading.level, node.collect_text())),
            NodeValue::Heading(heading) if heading.level == 3 => {
                let text = node.collect_text();
                if ["In my own words", "Checks passed", "Measured", "Effort", "Not shown yet"].contains(&text.as_str())
                {
                    outline.push((3, text));
                }
            }
            NodeValue::HtmlBlock(html) => assert_eq!(html.literal.trim(), BETWEEN_LISTS, "{page}"),
            other @ (NodeValue::HtmlInline(_) | NodeValue::Image(_)) => panic!("{other:?} in {page}"),
            _ => {}
        }
    }
    outline
}
