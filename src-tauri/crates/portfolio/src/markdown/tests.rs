use comrak::{
    Arena, Options,
    nodes::{AstNode, NodeValue},
    parse_document,
};
use proptest::prelude::*;

use super::{duration, escape, markdown, thousands};
use crate::{Check, Lab, Machine, Measured, Passed, Portfolio, Usage, formats};

fn at(time: &str) -> jiff::Timestamp {
    time.parse().unwrap()
}

fn measured(name: &str, value: &str, unit: &str) -> Measured {
    Measured { name: name.into(), value: value.into(), unit: unit.into() }
}

fn check(title: &str, step: &str, passed: Option<(&str, &str, Vec<Measured>)>) -> Check {
    let passed =
        passed.map(|(first, latest, measured)| Passed { first_at: at(first), latest_at: at(latest), measured });
    Check { title: title.into(), step: step.into(), passed }
}

fn empty() -> Portfolio {
    Portfolio {
        title: "Ada Obi: AI systems engineering, built and checked".into(),
        labs: Vec::new(),
        planned: 26,
        machine: None,
        product_version: "0.1.0".into(),
        generated_at: at("2026-02-11T16:20:00Z"),
    }
}

fn orientation() -> Lab {
    let (first, latest) = ("2026-02-09T18:31:00Z", "2026-02-11T16:02:00Z");
    Lab {
        title: "Orientation".into(),
        summary: "A workspace of your own, a first answer from a language model that runs on this computer, and a \
                  settings file that a program reads back."
            .into(),
        phase: "Foundation".into(),
        started_at: at("2026-02-09T18:05:00Z"),
        minutes_spent: 47.6,
        checks: vec![
            check("settings.toml names you", "Your workspace", Some((first, first, vec![]))),
            check(
                "ask.py prints an answer",
                "A first answer",
                Some((first, latest, vec![measured("command time", "1.84", "s")])),
            ),
            check(
                "The answer came from the local model",
                "A first answer",
                Some((
                    "2026-02-10T07:00:00Z",
                    latest,
                    vec![
                        measured("model", "smollm2-135m-instruct", ""),
                        measured("completion tokens", "96", ""),
                        measured("first token", "212", "ms"),
                        measured("speed", "71.3", "tokens/s"),
                    ],
                )),
            ),
            check("You can say where your data went", "What stays here", Some((latest, latest, vec![]))),
        ],
        usage: vec![
            Usage {
                model: Some("smollm2-135m-instruct".into()),
                calls: 14,
                failed: 2,
                prompt_tokens: 1_204,
                completion_tokens: 12_345,
            },
            Usage { model: None, calls: 1, failed: 0, prompt_tokens: 0, completion_tokens: 0 },
        ],
    }
}

fn half_done() -> Lab {
    Lab {
        title: "A first service".into(),
        summary: "A typed HTTP service with health, routes and documentation.".into(),
        phase: "Foundation".into(),
        started_at: at("2026-02-11T09:00:00Z"),
        minutes_spent: 0.4,
        checks: vec![
            check(
                "The service answers /health",
                "It runs",
                Some(("2026-02-11T09:20:00Z", "2026-02-11T09:20:00Z", vec![measured("response time", "3.1", "ms")])),
            ),
            check("/docs describes every route", "It explains itself", None),
            check("A bad body is refused with 422", "It refuses", None),
        ],
        usage: vec![],
    }
}

#[test]
fn one_lab_done_and_one_under_way() {
    let machine =
        Machine { device: "CPU (AMD EPYC 9B14, 2 threads)".into(), model: "SmolLM2-135M-Instruct.Q4_1".into() };
    let portfolio = Portfolio { labs: vec![orientation(), half_done()], machine: Some(machine), ..empty() };
    insta::assert_snapshot!(markdown(&portfolio));
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

#[test]
fn figures_read_as_people_write_them() {
    for (minutes, expect) in [
        (0.0, "none recorded"),
        (0.3, "less than a minute"),
        (0.6, "1 min"),
        (59.4, "59 min"),
        (59.6, "1 h 0 min"),
        (85.0, "1 h 25 min"),
        (60_061.0, "1,001 h 1 min"),
    ] {
        assert_eq!(duration(minutes), expect);
    }
    for (n, expect) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
        assert_eq!(thousands(n), expect);
    }
}

#[test]
fn the_source_stays_readable() {
    for plain in ["max_tokens=96, 1.5 ms", "C# and F#", "a - b + c = d", "(see ask.py:12)", "v1.2.3!", "1.84", "-5"] {
        assert_eq!(escape(plain), plain);
    }
}

#[test]
fn formats_have_names_of_their_own() {
    let mut names: Vec<_> = formats().iter().map(|format| format.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), formats().len());
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
        prop_assert_eq!(cells.iter().filter(|cell| **cell == expect).count(), 2, "{}", page);
    }
}
