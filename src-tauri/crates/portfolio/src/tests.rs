//! A made-up portfolio for the tests of every format, and what holds for all of them.

use crate::{Check, Entry, Lab, Machine, Measured, Passed, Portfolio, Usage, formats};

pub fn at(time: &str) -> jiff::Timestamp {
    time.parse().unwrap()
}

pub fn measured(name: &str, value: &str, unit: &str) -> Measured {
    Measured { name: name.into(), value: value.into(), unit: unit.into() }
}

pub fn check(title: &str, step: &str, passed: Option<(&str, &str, Vec<Measured>)>) -> Check {
    let passed =
        passed.map(|(first, latest, measured)| Passed { first_at: at(first), latest_at: at(latest), measured });
    Check { title: title.into(), step: step.into(), passed, passed_before: None }
}

pub fn empty() -> Portfolio {
    Portfolio {
        title: "Ada Obi: AI systems engineering, built and checked".into(),
        introduction: String::new(),
        labs: Vec::new(),
        planned: 26,
        machine: None,
        product_version: "0.1.0".into(),
        generated_at: at("2026-02-11T16:20:00Z"),
    }
}

pub fn orientation() -> Lab {
    let (first, latest) = ("2026-02-09T18:31:00Z", "2026-02-11T16:02:00Z");
    Lab {
        title: "Orientation".into(),
        summary: "A workspace of your own, a first answer from a language model that runs on this computer, and a \
                  settings file that a program reads back."
            .into(),
        phase: "Foundation".into(),
        started_at: at("2026-02-09T18:05:00Z"),
        minutes_spent: 47.6,
        reflection: String::new(),
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
        entries: vec![],
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

pub fn half_done() -> Lab {
    Lab {
        title: "A first service".into(),
        summary: "A typed HTTP service with health, routes and documentation.".into(),
        phase: "Foundation".into(),
        started_at: at("2026-02-11T09:00:00Z"),
        minutes_spent: 0.4,
        reflection: String::new(),
        checks: vec![
            check(
                "The service answers /health",
                "It runs",
                Some(("2026-02-11T09:20:00Z", "2026-02-11T09:20:00Z", vec![measured("response time", "3.1", "ms")])),
            ),
            check("/docs describes every route", "It explains itself", None),
            check("A bad body is refused with 422", "It refuses", None),
        ],
        entries: vec![],
        usage: vec![],
    }
}

/// One lab done and told of, with what was written down meanwhile, and one under way.
pub fn told() -> Portfolio {
    let entry = |sort: &str, title: &str, text: &str, url: Option<&str>| Entry {
        at: at("2026-02-10T20:00:00Z"),
        sort: sort.into(),
        title: title.into(),
        text: text.into(),
        url: url.map(str::to_owned),
    };
    let done = Lab {
        reflection:
            "## Decided\n\nOne file of settings: <b>settings.toml</b>.\n\n![the trace](https://example.org/trace.png)\n"
                .into(),
        entries: vec![
            entry("decision", "One settings file", "The program reads it,\nand so do I.", None),
            entry("first-answer", "Ports below 1024", "", Some("https://example.org/t/1")),
        ],
        ..orientation()
    };
    let machine =
        Machine { device: "CPU (AMD EPYC 9B14, 2 threads)".into(), model: "SmolLM2-135M-Instruct.Q4_1".into() };
    Portfolio {
        introduction: "Ten years of clouds behind me.\n\n# What I was after\n\nModels *without* an account.".into(),
        labs: vec![done, half_done()],
        machine: Some(machine),
        ..empty()
    }
}

#[test]
fn formats_have_names_of_their_own() {
    let mut names: Vec<_> = formats().iter().map(|format| format.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), formats().len());
}
