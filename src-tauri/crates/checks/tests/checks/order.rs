//! In which order checks run, which ones a save concerns, what blocks what, and which hint is shown.

use std::collections::BTreeMap;

use checks::{Call, Outcome, Prepared, Status, concerned, hint, prepare, quiz};
use testkit::memory_probe::MemoryProbe;

use crate::world::{lab, one, outcome, render};

fn check(id: &str, kind: &str, rest: &str) -> String {
    format!("[[steps.checks]]\nid = \"{id}\"\ntitle = \"The {id}\"\nkind = \"{kind}\"\n{rest}\n")
}

fn ids(checks: &[Prepared]) -> Vec<&str> {
    checks.iter().map(Prepared::id).collect()
}

fn chain() -> Vec<Prepared> {
    let written = check("last", "file", "path = \"z.md\"\nafter = [\"middle\"]")
        + &check("first", "file", "path = \"notes.md\"")
        + &check("middle", "file", "path = \"b.md\"\nafter = [\"first\"]\nwatches = [\"src/**/*.py\"]")
        + &check("it", "file", "path = \"alone.md\"");
    prepare(&lab(&written).unwrap()).unwrap()
}

#[test]
fn each_check_comes_after_what_it_waits_for() {
    assert_eq!(ids(&chain()), ["first", "middle", "last", "it"]);
}

#[test]
fn a_save_concerns_its_checks_and_those_after_them() {
    let checks = chain();
    let concerns =
        |path: &str| concerned(&checks, path).into_iter().map(|index| checks[index].id()).collect::<Vec<_>>();
    for (path, expected) in [
        ("notes.md", vec!["first", "middle", "last"]),
        ("Notes.txt", vec!["first", "middle", "last"]),
        ("docs/notes.md", vec!["first", "middle", "last"]),
        ("src/deep/x.py", vec!["middle", "last"]),
        ("src/deep/x.pyc", vec![]),
        ("z.md", vec!["last"]),
        ("alone.md", vec!["it"]),
        ("other.md", vec![]),
        (".env", vec![]),
    ] {
        assert_eq!(concerns(path), expected, "{path}");
    }
}

#[test]
fn a_file_that_the_lab_knows_is_no_other_one_misspelt_and_a_star_stays_in_its_folder() {
    let written = check("it", "command", "run = [\"python\", \"leak.py\"]\nwatches = [\"*.toml\"]")
        + "[[files]]\npath = \"leak.json\"\nrole = \"watch\"\n";
    let checks = prepare(&lab(&written).unwrap()).unwrap();
    for (path, expected) in [
        ("leak.py", true),
        ("leak.json", false),
        ("Leak.py", true),
        ("leak.txt", true),
        ("plan.toml", true),
        ("deep/plan.toml", false),
    ] {
        assert_eq!(checks[0].concerns(path), expected, "{path}");
    }
}

#[test]
fn what_each_kind_is_concerned_with() {
    let concerns = |kind: &str, settings: &str, path: &str| prepare(&one(kind, settings)).unwrap()[0].concerns(path);
    for (kind, settings, path, expected) in [
        ("command", "run = [\"python\", \"ask.py\"]", "ask.py", true),
        ("command", "run = [\"python\", \"ask.py\"]", "other.py", false),
        ("command", "run = [\"python\", \"-m\", \"app.main\"]", "app/main.py", true),
        ("command", "run = [\"python\", \"-m\", \"app\"]", "app/deep/x.py", true),
        ("command", "run = [\"python\", \"/usr/bin/x.py\"]", "x.py", false),
        ("http", "service = \"web\"\npath = \"/\"", "app/main.py", true),
        ("http", "service = \"web\"\npath = \"/\"", "readme.md", false),
        ("gateway", "", "ask.py", false),
        ("pytest", "paths = [\"tests\"]", "tests/data/rows.csv", true),
        ("pytest", "paths = [\"tests/test_a.py::test_b\"]", "app/deep/sums.py", true),
        ("pytest", "paths = [\"tests\"]", "readme.md", false),
        ("pytest", "paths = [\".\"]", "data/rows.csv", true),
        ("script", "run = [\"python\", \"checks/look.py\"]", "checks/look.py", true),
        ("metrics", "service = \"web\"\nmetrics = [{ name = \"x\" }]", "app/main.py", true),
        ("writing", "path = \"docs/report.md\"", "docs/report.md", true),
        ("entry", "sort = \"community\"", "ask.py", false),
    ] {
        assert_eq!(concerns(kind, settings, path), expected, "{kind} {settings} {path}");
    }
    let quiz = "question = \"?\"\nanswer = [\"a\"]\noptions = [{ id = \"a\", text = \"A\" }, { id = \"b\", text = \"B\", why = \"No.\" }]";
    let prepared = |kind: &str, settings: &str| prepare(&one(kind, settings)).unwrap().remove(0);
    assert!(prepared("gateway", "").concerns_calls());
    let trace = prepared("trace", "spans = [{ id = \"ask\", name = \"^ask$\" }]");
    assert!(trace.concerns_spans() && !trace.concerns_calls());
    assert!(prepared("quiz", quiz).concerns_answers());
    assert!(prepared("entry", "sort = \"community\"").concerns_entries());
    assert!(!prepared("quiz", quiz).concerns_entries());
    assert!(!prepared("file", "path = \"a\"").concerns_calls());
}

fn earlier(outcomes: &[(&str, Status, Option<&str>)]) -> BTreeMap<String, Outcome> {
    let outcome = |check: &str, status: Status, blocked_by: Option<&str>| Outcome {
        check: check.to_owned(),
        status,
        summary: String::new(),
        expected: None,
        actual: None,
        place: None,
        next_step: None,
        blocked_by: blocked_by.map(str::to_owned),
        measured: Vec::new(),
        started_at: "2026-01-01T10:00:00Z".parse().unwrap(),
        millis: 2000.0,
    };
    outcomes.iter().map(|&(check, status, by)| (check.to_owned(), outcome(check, status, by))).collect()
}

#[tokio::test]
async fn a_check_waits_for_the_root_of_what_is_wrong() {
    let written = check("base", "file", "path = \"a\"")
        + &check("next", "file", "path = \"b\"\nafter = [\"base\"]")
        + &check("it", "file", "path = \"c\"\nafter = [\"next\"]");
    let lab = lab(&written).unwrap();
    let world = MemoryProbe::new().file("c", "");
    for (before, expected) in [
        (vec![], "blocked: Waits for “The next”.\nnext: Make “The next” pass first."),
        (vec![("next", Status::Failed, None)], "blocked: Waits for “The next”.\nnext: Make “The next” pass first."),
        (vec![("next", Status::Error, None)], "blocked: Waits for “The next”.\nnext: Make “The next” pass first."),
        (
            vec![("next", Status::Blocked, Some("base"))],
            "blocked: Waits for “The base”.\nnext: Make “The base” pass first.",
        ),
        (vec![("next", Status::Passed, None)], "passed: `c` is there, 0 bytes."),
    ] {
        let before = earlier(&before);
        assert_eq!(render(&outcome(&lab, &world, &before).await), expected);
    }
}

fn call(at: &str) -> Call {
    Call {
        at: at.parse().unwrap(),
        method: "POST".to_owned(),
        path: "/v1/chat/completions".to_owned(),
        dialect: "openai".to_owned(),
        status: 200,
        model: None,
        stream: false,
        prompt_tokens: 1,
        completion_tokens: 1,
        finish_reason: None,
        first_token_ms: None,
        millis: 1.0,
        error: None,
        injected: false,
        started: true,
    }
}

#[tokio::test]
async fn only_calls_during_the_named_check_count() {
    let written = check("ask", "command", "run = [\"x\"]") + &check("it", "gateway", "during = \"ask\"");
    let lab = lab(&written).unwrap();
    assert_eq!(prepare(&lab).unwrap()[1].after(), ["ask"], "it waits for the check that it reads");
    for (at, status) in [
        ("2026-01-01T09:59:59Z", Status::Failed),
        ("2026-01-01T10:00:01Z", Status::Passed),
        ("2026-01-01T10:00:03Z", Status::Failed),
    ] {
        let world = MemoryProbe::new().call(call(at));
        let found = outcome(&lab, &world, &earlier(&[("ask", Status::Passed, None)])).await;
        assert_eq!(found.status, status, "{at}");
    }
    let world = MemoryProbe::new().call(call("2026-01-01T10:00:01Z"));
    assert_eq!(outcome(&lab, &world, &BTreeMap::new()).await.status, Status::Blocked);
    let by_hand = MemoryProbe::new().call(Call { started: false, ..call("2026-01-01T10:00:01Z") });
    let found = outcome(&lab, &by_hand, &earlier(&[("ask", Status::Passed, None)])).await;
    assert_eq!(found.status, Status::Failed, "what the learner ran meanwhile does not count");
}

#[tokio::test]
async fn a_call_that_is_recorded_late_counts() {
    let written = check("ask", "command", "run = [\"x\"]") + &check("it", "gateway", "during = \"ask\"");
    let lab = lab(&written).unwrap();
    let mut earlier = earlier(&[("ask", Status::Passed, None)]);
    let asked = earlier.get_mut("ask").unwrap();
    asked.started_at = jiff::Timestamp::now();
    asked.millis = 20.0;
    let call = call(&asked.started_at.to_string());
    let found = outcome(&lab, &MemoryProbe::new().late_call(call), &earlier).await;
    assert_eq!(found.status, Status::Passed, "{found:?}");
    assert_eq!(outcome(&lab, &MemoryProbe::new(), &earlier).await.status, Status::Failed);
}

#[test]
fn a_circle_through_during_is_told() {
    let written =
        check("ask", "command", "run = [\"x\"]\nafter = [\"it\"]") + &check("it", "gateway", "during = \"ask\"");
    let problems = prepare(&lab(&written).unwrap()).unwrap_err();
    assert_eq!(problems[0].to_string(), "lab/lab.toml:14:1: check `ask` waits for a check that waits for it");
}

#[tokio::test]
async fn a_hint_fits_the_wrong_state_that_was_seen() {
    let lab = one(
        "text",
        "path = \"a\"\ncontains = \"hello\"\n\
         [[steps.checks.hint_when]]\nactual = \"^hola\"\nhint = \"In English.\"\n\
         [[steps.checks.hint_when]]\nactual = \"(?i)^HELLO$\"\nhint = \"Mind the case.\"",
    );
    let check = &lab.steps[0].checks[0];
    for (content, expected) in
        [("hola", Some("In English.")), ("x\nHello\n", Some("Mind the case.")), ("nothing", None), ("hello", None)]
    {
        let found = outcome(&lab, &MemoryProbe::new().file("a", content), &BTreeMap::new()).await;
        assert_eq!(hint(check, &found), expected, "{content}");
    }
}

#[tokio::test]
async fn what_is_shown_stays_short() {
    let long = "x y z ".repeat(5000);
    let lab = one("text", "path = \"a\"\ncontains = \"hello there\"");
    let found = outcome(&lab, &MemoryProbe::new().file("a", &long), &BTreeMap::new()).await;
    let actual = found.actual.unwrap();
    assert!(actual.len() < 2200 && actual.contains("more bytes"), "{}", actual.len());

    let lab = one("command", "run = [\"x\"]");
    let lines = (0..5000).map(|number| format!("line {number}\n")).collect::<String>();
    let found = outcome(&lab, &MemoryProbe::new().prints(&["x"], 1, "", &lines), &BTreeMap::new()).await;
    let actual = found.actual.unwrap();
    assert!(actual.len() < 2200 && actual.contains("line 4999"), "{actual}");
}

#[test]
fn a_quiz_can_be_shown() {
    let lab = one(
        "quiz",
        "question = \"?\"\nanswer = [\"a\"]\noptions = [{ id = \"a\", text = \"A\" }, { id = \"b\", text = \"B\", why = \"No.\" }]",
    );
    let quiz = quiz(&lab.steps[0].checks[0]).unwrap();
    assert_eq!((quiz.question.as_str(), quiz.options.len(), quiz.answer), ("?", 2, vec!["a".to_owned()]));
    assert!(checks::quiz(&one("file", "path = \"a\"").steps[0].checks[0]).is_none());
}

#[tokio::test]
async fn the_probe_is_asked_what_the_author_wrote() {
    let world = MemoryProbe::new();
    let lab =
        one("command", "run = [\"x\", \"y z\"]\nstdin = \"in\"\nenv = { A = \"b\" }\ntimeout_s = 3\nmemory_mb = 99");
    outcome(&lab, &world, &BTreeMap::new()).await;
    let asked = world.asked().commands.remove(0);
    assert_eq!((asked.argv, asked.stdin.as_deref()), (vec!["x".to_owned(), "y z".to_owned()], Some("in")));
    assert_eq!((asked.timeout.as_secs(), asked.memory_mb, asked.env["A"].as_str()), (3, 99, "b"));

    let world =
        MemoryProbe::new().service("web", checks::ServiceState::Ready { url: "http://127.0.0.1:1/".to_owned() });
    let lab = one(
        "http",
        "service = \"web\"\npath = \"/a?b=c\"\nmethod = \"PUT\"\njson = { n = 1, d = 2026-01-01 }\nheaders = { x-a = \"b\" }",
    );
    outcome(&lab, &world, &BTreeMap::new()).await;
    let asked = world.asked().requests.remove(0);
    assert_eq!((asked.method.as_str(), asked.url.as_str()), ("PUT", "http://127.0.0.1:1/a?b=c"));
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(asked.headers, [header("x-a", "b"), header("content-type", "application/json")]);
    assert_eq!(String::from_utf8(asked.body.unwrap()).unwrap(), r#"{"d":"2026-01-01","n":1}"#);
}
