use comrak::{
    Arena, Options,
    nodes::{AstNode, NodeValue},
    parse_document,
};
use proptest::prelude::*;

use super::markdown;
use crate::{
    Entry, Portfolio,
    tests::{at, empty, half_done, told},
};

#[test]
fn one_lab_done_and_one_under_way() {
    insta::assert_snapshot!(markdown(&told()));
}

#[test]
fn nothing_started() {
    insta::assert_snapshot!(markdown(&empty()));
}

#[test]
fn started_and_nothing_passed() {
    let mut lab = half_done();
    lab.checks[0].passed = None;
    lab.minutes_spent = 0.0;
    insta::assert_snapshot!(markdown(&Portfolio { labs: vec![lab], ..empty() }));
}

#[test]
fn hostile_text_stays_text() {
    let mut lab = half_done();
    let nasty = "<script>alert(1)</script> | [x](javascript:y) *b* _i_ `c` ~~s~~ $m$ &lt; \\| a_b\n\n# not a heading";
    lab.title = nasty.into();
    lab.summary = "1. not a list\n| a | b |\n|---|---|".into();
    lab.checks[0].title = nasty.into();
    lab.checks[1].title = "- nested".into();
    insta::assert_snapshot!(markdown(&Portfolio { title: "# C #".into(), labs: vec![lab], ..empty() }));
}

/// The plain text below a node. Fails on anything that is not text.
fn plain<'a>(node: &'a AstNode<'a>) -> String {
    node.children()
        .map(|child| match &child.data.borrow().value {
            NodeValue::Text(text) => text.to_string(),
            other => panic!("not text: {other:?}"),
        })
        .collect()
}

proptest! {
    /// GitHub's own grammar reads back the very text, in a heading, a paragraph, a list and a table cell.
    #[test]
    fn any_text_reads_back_as_itself(text in r##"([\x00-\x7f]|[-*_#|\\`<>&\[\]()!~$=+.0-9a \n]|\PC){0,40}"##) {
        let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
        let expect = words.collect::<Vec<_>>().join(" ");
        prop_assume!(!expect.is_empty());
        let mut lab = half_done();
        lab.title.clone_from(&text);
        lab.summary.clone_from(&text);
        lab.checks[0].title.clone_from(&text);
        lab.checks[1].title = format!("{text} ");
        let entry = |text: &str| Entry {
            at: at("2026-02-11T09:30:00Z"),
            sort: "decision".into(),
            title: text.into(),
            text: text.into(),
            url: Some(text.into()),
        };
        lab.entries = vec![entry(&text)];
        let page = markdown(&Portfolio { labs: vec![lab], title: text, ..empty() });

        let arena = Arena::new();
        let mut options = Options::default();
        options.extension.table = true;
        options.extension.strikethrough = true;
        options.extension.tasklist = true;
        let root = parse_document(&arena, &page, &options);
        let (mut headings, mut paragraphs, mut cells) = (Vec::new(), Vec::new(), Vec::new());
        for node in root.descendants() {
            match node.data.borrow().value {
                NodeValue::Heading(_) => headings.push(plain(node)),
                NodeValue::Paragraph if !node.children().any(|child| child.data.borrow().value == NodeValue::Strong) => {
                    paragraphs.push(plain(node));
                }
                NodeValue::TableCell => cells.push(plain(node)),
                _ => {}
            }
        }
        prop_assert_eq!(headings.iter().filter(|heading| **heading == expect).count(), 2, "{}", page);
        prop_assert!(paragraphs.contains(&format!("The aim, not yet all shown: {expect}")), "{}", page);
        prop_assert!(paragraphs.contains(&format!("{expect} (It explains itself)")), "{}", page);
        prop_assert_eq!(cells.iter().filter(|cell| **cell == expect).count(), 5, "{}", page);
    }
}
