//! Whatever a learner's file or program says, a check finds an outcome.

use std::{
    collections::BTreeMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use checks::{Outcome, ServiceState, Status};
use curriculum::Lab;
use proptest::prelude::*;
use testkit::memory_probe::MemoryProbe;

use crate::world::{one, outcome};

/// Labs are read from the disk, so each is read once.
static LABS: LazyLock<Mutex<BTreeMap<(String, String), Lab>>> = LazyLock::new(Mutex::default);

fn found(kind: &str, settings: &str, probe: &MemoryProbe) -> Outcome {
    let mut labs = LABS.lock().unwrap_or_else(PoisonError::into_inner);
    let lab = labs.entry((kind.to_owned(), settings.to_owned())).or_insert_with(|| one(kind, settings));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(outcome(lab, probe, &BTreeMap::new()))
}

fn finds_an_outcome(kind: &str, settings: &str, probe: &MemoryProbe) -> Status {
    let found = found(kind, settings, probe);
    assert!(!found.summary.is_empty());
    assert!(found.actual.is_none_or(|actual| actual.len() < 2300));
    found.status
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,120}",
        "[\\[\\]{}\"'=:,.#a-c0-9\\n\\t &*!|>-]{0,60}",
        "([a-c]{1,3}[:=] ?[a-c0-9\"\\[{]{0,4}\\n ?){0,8}"
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_file_can_be_judged(text in text()) {
        for path in ["x.json", "x.yaml", "x.toml", "x.tf"] {
            let settings = format!("path = \"{path}\"\nassert = [{{ at = \"a.b[1]\", equals = 1 }}]");
            let status = finds_an_outcome("data", &settings, &MemoryProbe::new().file(path, &text));
            prop_assert!(status == Status::Failed || text.contains('b'), "{path}");
        }
        finds_an_outcome("text", "path = \"x\"\ncontains = \"a = 'b'\"", &MemoryProbe::new().file("x", &text));
    }

    /// A workflow with pieces cut out and others put in reaches the schema, the expressions and the runner.
    #[test]
    fn any_workflow_can_be_judged(
        cuts in proptest::collection::vec((0usize..2000, 0usize..30, "[\\[\\]{}$:'\"|.*&a-z0-9\\n -]{0,12}"), 1..4)
    ) {
        let mut text = crate::workflow::GOOD.to_owned();
        for (from, length, put) in cuts {
            let from = from % text.len();
            text.replace_range(from..(from + length).min(text.len()), &put);
        }
        let probe = MemoryProbe::new().file(".github/workflows/ci.yml", &text).file("app/one.py", "fine").machines(&[]);
        finds_an_outcome("workflow", "", &probe);
    }

    /// A shipped lab with pieces cut out and others put in reaches the settings of every kind.
    #[test]
    fn any_lab_can_be_linted(
        cuts in proptest::collection::vec((0usize..20_000, 0usize..60, "[\\[\\]{}\"'=.,a-z0-9\\n -]{0,12}"), 1..4)
    ) {
        let mut text = include_str!("../../../../../labs/orientation/lab.toml").to_owned();
        for (from, length, put) in cuts {
            let from = text.floor_char_boundary(from % text.len());
            let to = text.floor_char_boundary((from + length).min(text.len()));
            text.replace_range(from..to, &put);
        }
        if let (Some(lab), _) = curriculum::parse_lab(&text) {
            let _ = checks::lint(&lab);
        }
    }

    #[test]
    fn any_output_can_be_judged(text in text(), code in 0..3) {
        let words = format!("Traceback (most recent call last):\n  File \"x.py\", line {code}\n{text}");
        for said in [&text, &words] {
            let probe = MemoryProbe::new().file("x.py", "").prints(&["x"], code, said, said);
            finds_an_outcome("command", "run = [\"x\"]\nstdout = { contains = \"a = 'b'\" }", &probe);
            let log = said.lines().map(str::to_owned).collect();
            let probe = MemoryProbe::new().service("web", ServiceState::Failed { summary: text.clone(), log });
            finds_an_outcome("http", "service = \"web\"\npath = \"/\"", &probe);
        }
    }

    #[test]
    fn any_document_and_any_metrics_can_be_judged(text in text(), marks in "[#*\\[\\]()<>|`!\\-\\n a-c1-3:%./{}\"=]{0,80}") {
        for text in [&text, &marks] {
            let document = MemoryProbe::new().file("x.md", text).file("a/b", "");
            let settings = "path = \"x.md\"\nfigures = 2\nsections = [{ heading = \"a\", mentions = \"b\" }]";
            finds_an_outcome("writing", settings, &document);
            let url = "http://127.0.0.1:1/metrics";
            let web = ServiceState::Ready { url: "http://127.0.0.1:1".to_owned() };
            let probe = MemoryProbe::new().service("web", web).answer_text("GET", url, 200, text);
            finds_an_outcome("metrics", "service = \"web\"\nmetrics = [{ name = \"a\", buckets = [1] }]", &probe);
            let probe = MemoryProbe::new().file("tests/a.py", text).any_program(checks::Exit::Code(0), text, text);
            finds_an_outcome("pytest", "paths = [\"tests\"]\nnames = [\"test_a\"]", &probe);
            finds_an_outcome("script", "run = [\"x\"]", &probe);
        }
    }

    /// The line of a value is found in each format, whatever stands before it.
    #[test]
    fn a_wrong_value_is_found_on_its_line(before in 0usize..6, inside in 0usize..6) {
        let fill = |count: usize, line: &str| (0..count).map(|number| line.replace('N', &number.to_string())).collect::<String>();
        let files = [
            ("x.json", format!("{{\n{}\"a\": {{\n{}\"b\": 1}}}}", fill(before, "\"kN\": [1],\n"), fill(inside, "\"iN\": {},\n")), 2),
            ("x.yaml", format!("{}a:\n{}  b: 1\n", fill(before, "kN: [1]\n"), fill(inside, "  iN: x\n")), 1),
            ("x.toml", format!("{}[a]\n{}b = 1\n", fill(before, "kN = [1]\n"), fill(inside, "iN = 1\n")), 1),
            ("x.tf", format!("{}a {{\n{}b = 1\n}}\n", fill(before, "kN = [1]\n"), fill(inside, "iN = 1\n")), 1),
        ];
        for (path, content, extra) in files {
            let settings = format!("path = \"{path}\"\nassert = [{{ at = \"a.b\", equals = 2 }}]");
            let found = found("data", &settings, &MemoryProbe::new().file(path, &content));
            let line = u32::try_from(before + inside + extra + 1).unwrap();
            prop_assert_eq!(found.place, Some(checks::Place::File { path: path.to_owned(), line: Some(line) }), "{}", content);
        }
    }
}
