//! What an author is told of a check that cannot work, and that the documented settings are the real ones.

use checks::{Setting, kinds, lint};
use task::Fault;

use crate::world::{lab, one};

/// Every problem of one check, with its next step; the check's header is line 14 of lab.toml.
fn told(kind: &str, settings: &str) -> String {
    let lines = lint(&one(kind, settings)).into_iter().map(|problem| format!("{problem} {}", problem.next_step()));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn settings_that_cannot_work() {
    let quiz =
        "question = \"?\"\noptions = [{ id = \"a\", text = \"A\" }, { id = \"b\", text = \"B\", why = \"No.\" }]\n";
    let cases = [
        ("file", "", "lab/lab.toml:14:1: check `it`: the key `path` is missing Add `path`."),
        (
            "file",
            "path = \"../secret\"",
            "lab/lab.toml:18:1: check `it`: the path `../secret` leaves its folder Write it from the top of the workspace.",
        ),
        (
            "file",
            "path = \"/etc/passwd\"",
            "lab/lab.toml:18:1: check `it`: the path `/etc/passwd` is absolute Write it from the top of the workspace.",
        ),
        (
            "file",
            "path = \"a\"\nmaxbytes = 3",
            "lab/lab.toml:19:1: check `it`: `maxbytes` is not a key that is known here Did you mean `max_bytes`?",
        ),
        (
            "file",
            "path = \"a\"\nwatchs = [\"b\"]",
            "lab/lab.toml:19:1: check `it`: `watchs` is not a key that is known here Did you mean `watches`?",
        ),
        (
            "file",
            "path = \"a\"\nmax_bytes = \"3\"",
            r#"lab/lab.toml:19:1: check `it`: string "3" stands where a whole number belongs Write a whole number."#,
        ),
        (
            "file",
            "path = 3",
            "lab/lab.toml:18:1: check `it`: integer `3` stands where a string belongs Write a string.",
        ),
        (
            "text",
            "path = \"a\"",
            "lab/lab.toml:18:1: check `it`: nothing is asked of the text Add `contains`, `matches`, `lacks` or `min_words`.",
        ),
        (
            "text",
            "path = \"a\"\nmatches = \"(x\"",
            "lab/lab.toml:19:1: check `it`: `(x` is not a regular expression: unclosed group Correct the pattern.",
        ),
        (
            "text",
            "path = \"a\"\nmatches = [\"x\", \"[y\"]",
            "lab/lab.toml:19:17: check `it`: `[y` is not a regular expression: unclosed character class Correct the pattern.",
        ),
        (
            "text",
            "path = \"a\"\nlacks = { pattern = \"x\" }",
            "lab/lab.toml:19:1: check `it`: the key `means` is missing Add `means`.",
        ),
        (
            "text",
            "path = \"a\"\ncontains = 3",
            "lab/lab.toml:19:1: check `it`: integer `3` stands where text, or a list of texts belongs Write text, or a list of texts.",
        ),
        (
            "text",
            "path = \"a\"\ncontains = [\"x\", 3]",
            "lab/lab.toml:19:18: check `it`: integer `3` stands where a string belongs Write a string.",
        ),
        (
            "data",
            "path = \"a.ini\"",
            "lab/lab.toml:18:1: check `it`: the ending of `a.ini` names no format Add `format`: json, yaml, toml or hcl.",
        ),
        (
            "data",
            "path = \"a.json\"\nformat = \"xml\"",
            "lab/lab.toml:19:1: check `it`: `xml` is not one of the choices Use one of `json`, `yaml`, `toml`, `hcl`.",
        ),
        (
            "data",
            "path = \"a.json\"\nassert = [{ at = \"a..b\" }]",
            "lab/lab.toml:19:13: check `it`: `a..b` is not a path: a key is empty Write `a.b[0]`.",
        ),
        (
            "data",
            "path = \"a.json\"\nassert = [{ at = \"a\" }, { at = \"b[x]\" }]",
            "lab/lab.toml:19:27: check `it`: `b[x]` is not a path: a bracket holds no number Write `a.b[0]`.",
        ),
        (
            "data",
            "path = \"a.json\"\nassert = [{ equals = 1 }]",
            "lab/lab.toml:19:11: check `it`: the key `at` is missing Add `at`.",
        ),
        (
            "data",
            "path = \"a.json\"\nassert = [{ at = \"a\", equal = 1 }]",
            "lab/lab.toml:19:23: check `it`: `equal` is not a key that is known here Did you mean `equals`?",
        ),
        (
            "data",
            "path = \"a.json\"\nassert = [\n  { at = \"a\" },\n  { at = \"b\", type = \"str\" },\n]",
            "lab/lab.toml:21:15: check `it`: `str` is not one of the choices Use one of `string`, `integer`, `number`, `boolean`, `array`, `object`, `null`.",
        ),
        (
            "data",
            "path = \"a.json\"\nassert = [{ at = \"a\", min = 3, max = 2 }]",
            "lab/lab.toml:19:23: check `it`: `min` is larger than `max` Swap them.",
        ),
        (
            "data",
            "path = \"a.json\"\nassert = [{ at = \"a\", one_of = [] }]",
            "lab/lab.toml:19:23: check `it`: `one_of` is empty List the values that are right.",
        ),
        (
            "command",
            "run = []",
            r#"lab/lab.toml:18:1: check `it`: there is no program to run Write ["python", "main.py"]."#,
        ),
        (
            "command",
            "run = \"python main.py\"",
            r#"lab/lab.toml:18:1: check `it`: string "python main.py" stands where a list belongs Write a list."#,
        ),
        (
            "command",
            "run = [\"x\"]\ntimeout_s = 3600\nmemory_mb = 1",
            "lab/lab.toml:19:1: check `it`: 3600 seconds are no sensible limit Write a number from 1 to 300.
lab/lab.toml:20:1: check `it`: no program runs in so little memory Write at least 16.",
        ),
        (
            "command",
            "run = [\"x\"]\nstdout = { contians = \"x\" }",
            "lab/lab.toml:19:12: check `it`: `contians` is not a key that is known here Did you mean `contains`?",
        ),
        (
            "http",
            "service = \"wep\"\npath = \"/\"",
            "lab/lab.toml:18:1: check `it`: the lab has no service `wep` Did you mean `web`?",
        ),
        (
            "http",
            "service = \"web\"\npath = \"health\"\nmethod = \"get\"",
            r#"lab/lab.toml:19:1: check `it`: the path `health` does not begin with a slash Write it like "/health".
lab/lab.toml:20:1: check `it`: `get` is not a method Use one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS."#,
        ),
        (
            "http",
            "service = \"web\"\npath = \"/\"\njson = 1\nbody = \"x\"",
            "lab/lab.toml:21:1: check `it`: a request has one body, not `json` and `body` Take one of them out.",
        ),
        (
            "http",
            "service = \"web\"\npath = \"/\"\nstatus = 70000",
            "lab/lab.toml:20:1: check `it`: integer `70000` is out of range Write a number that fits.",
        ),
        (
            "gateway",
            "during = \"itt\"",
            "lab/lab.toml:18:1: check `it`: no check of this lab is called `itt` Did you mean `it`?",
        ),
        (
            "gateway",
            "during = \"it\"",
            "lab/lab.toml:14:1: check `it` waits for a check that waits for it Take one of `after` and `during` out of the circle.",
        ),
        (
            "gateway",
            "at_least = 0\ndialect = \"aws\"",
            "lab/lab.toml:19:1: check `it`: `aws` is not one of the choices Use one of `openai`, `azure`.",
        ),
        ("gateway", "at_least = 0", "lab/lab.toml:18:1: check `it`: no call at all is asked for Write 1 or more."),
        (
            "gateway",
            "told = { path = \"a.json\", began = \"a\", ended = \"b\", statuses = { ok = \"c\" } }",
            "lab/lab.toml:18:53: check `it`: `ok` is not a status Write a number, such as 429.",
        ),
        (
            "gateway",
            "during = \"itt\"\ntold = { path = \"a.json\", began = \"a\", ended = \"b\" }",
            "lab/lab.toml:18:1: check `it`: no check of this lab is called `itt` Did you mean `it`?
lab/lab.toml:19:1: check `it`: its own times say which calls count Take `during` out.",
        ),
        ("quiz", quiz, "lab/lab.toml:14:1: check `it`: the key `answer` is missing Add `answer`."),
        (
            "quiz",
            &format!("{quiz}answer = [\"c\"]"),
            "lab/lab.toml:19:12: check `it`: the wrong option `a` does not say why it is wrong Add `why`.
lab/lab.toml:20:11: check `it`: no option has the id `c` Name an option by its id.",
        ),
        (
            "quiz",
            &format!("{quiz}answer = []"),
            "lab/lab.toml:19:12: check `it`: the wrong option `a` does not say why it is wrong Add `why`.
lab/lab.toml:20:1: check `it`: no option is right Name the right ones by their ids.",
        ),
        (
            "quiz",
            "question = \"?\"\noptions = [{ id = \"a\", text = \"A\" }, { id = \"a\", text = \"B\" }]\nanswer = [\"a\"]",
            "lab/lab.toml:19:40: check `it`: two options have the id `a` Give this one another id.",
        ),
        (
            "quiz",
            "question = \"?\"\noptions = [{ id = \"a\", text = \"A\" }]\nanswer = [\"a\"]",
            "lab/lab.toml:19:1: check `it`: there is nothing to choose between Write at least two options.",
        ),
        (
            "quiz",
            &format!("{quiz}answer = [\"b\"]"),
            "lab/lab.toml:19:12: check `it`: the wrong option `a` does not say why it is wrong Add `why`.",
        ),
        ("pytest", "paths = []", r#"lab/lab.toml:18:1: check `it`: there are no tests to run Write ["tests"]."#),
        (
            "pytest",
            "paths = [\"tests\", \"../x.py::test_a\"]\nat_least = 0\ntimeout_s = 0",
            "lab/lab.toml:20:1: check `it`: 0 seconds are no sensible limit Write a number from 1 to 300.
lab/lab.toml:18:19: check `it`: the path `../x.py::test_a` leaves its folder Write it from the top of the workspace.
lab/lab.toml:19:1: check `it`: no test at all is asked for Write 1 or more.",
        ),
        (
            "pytest",
            "path = \"tests\"",
            "lab/lab.toml:18:1: check `it`: `path` is not a key that is known here Did you mean `paths`?",
        ),
        (
            "script",
            "run = []\nmemory_mb = 2",
            r#"lab/lab.toml:18:1: check `it`: there is no program to run Write ["python", "main.py"].
lab/lab.toml:19:1: check `it`: no program runs in so little memory Write at least 16."#,
        ),
        (
            "metrics",
            "service = \"wep\"\npath = \"metrics\"\nmetrics = []",
            r#"lab/lab.toml:18:1: check `it`: the lab has no service `wep` Did you mean `web`?
lab/lab.toml:20:1: check `it`: no metric is asked for Write [{ name = "requests_total" }].
lab/lab.toml:19:1: check `it`: the path `metrics` does not begin with a slash Write it like "/metrics"."#,
        ),
        (
            "metrics",
            "service = \"web\"\nmetrics = [{ name = \"x\", min = 3, max = 2 }, { name = \"y\", rises_by = 1, rises_at_least = 1 }]",
            "lab/lab.toml:19:26: check `it`: `min` is larger than `max` Swap them.
lab/lab.toml:19:74: check `it`: `rises_by` already says how much Take one of them out.",
        ),
        (
            "metrics",
            "service = \"web\"\nmetrics = [{ name = \"s_bucket\", buckets = [1] }, { name = \"s\", type = \"gauge\", buckets = [1] }]",
            r#"lab/lab.toml:19:14: check `it`: a histogram is named without _bucket Write `s`.
lab/lab.toml:19:80: check `it`: only a histogram has buckets Write type = "histogram"."#,
        ),
        (
            "metrics",
            "service = \"web\"\nrequests = [{ path = \"ask\" }, { path = \"/\", method = \"get\" }, { path = \"/\", times = 1000 }]\nmetrics = [{ name = \"x\" }]",
            r#"lab/lab.toml:19:15: check `it`: the path `ask` does not begin with a slash Write it like "/metrics".
lab/lab.toml:19:45: check `it`: `get` is not a method Use one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS.
lab/lab.toml:19:77: check `it`: 1000 times are no sensible number Write a number from 1 to 100."#,
        ),
        (
            "metrics",
            "service = \"web\"\nmetrics = [{ name = \"x\", type = \"count\" }]",
            "lab/lab.toml:19:26: check `it`: `count` is not one of the choices Use one of `counter`, `gauge`, `histogram`, `summary`, `untyped`.",
        ),
        (
            "writing",
            "path = \"a.md\"\nin_order = true\nunits = [\"ms\"]\nsections = [{ heading = \" \" }]",
            "lab/lab.toml:21:15: check `it`: the heading is empty Write the section's heading.
lab/lab.toml:19:1: check `it`: there are no two sections to be in order Take it out.
lab/lab.toml:20:1: check `it`: no figures are asked for Add `figures`, or take the units out.",
        ),
        (
            "writing",
            "path = \"a.md\"\nsections = [{ heading = \"Risks\" }, { heading = \"1. risks:\", min_word = 3 }]",
            "lab/lab.toml:19:61: check `it`: `min_word` is not a key that is known here Did you mean `min_words`?",
        ),
        (
            "writing",
            "path = \"a.md\"\nsections = [{ heading = \"Risks\" }, { heading = \"1. risks:\" }]",
            "lab/lab.toml:19:38: check `it`: the section `1. risks:` is asked for twice Take one of the two out.",
        ),
        (
            "entry",
            "sort = \"A community\"\nat_least = 0",
            r#"lab/lab.toml:18:1: check `it`: `A community` is not a name of lower-case words joined by hyphens Write it like "community".
lab/lab.toml:19:1: check `it`: no entry at all is asked for Write 1 or more."#,
        ),
        (
            "entry",
            "sort = \"community\"\nhost = \"(\"",
            "lab/lab.toml:19:1: check `it`: `(` is not a regular expression: unclosed group Correct the pattern.",
        ),
    ];
    let wrong: Vec<String> = cases
        .iter()
        .map(|(kind, settings, expected)| (settings, told(kind, settings), expected))
        .filter(|(_, told, expected)| told != *expected)
        .map(|(settings, told, expected)| format!("--- {settings}\n{told}\n+++ expected\n{expected}\n"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_unknown_kind_names_the_nearest() {
    let told =
        |kind: &str| lint(&one(kind, "")).into_iter().map(|p| format!("{p} {}", p.next_step())).collect::<Vec<_>>();
    assert_eq!(
        told("gatway"),
        ["lab/lab.toml:17:1: check `it`: there is no kind of check called `gatway` Did you mean `gateway`?"]
    );
    assert_eq!(
        told("banana"),
        ["lab/lab.toml:17:1: check `it`: there is no kind of check called `banana` \
          Use one of file, text, data, command, pytest, http, stream, openapi, load, metrics, gateway, collection, trace, image, container, stack, workflow, quiz, writing, entry, script."]
    );
}

#[test]
fn every_check_is_told_of() {
    let lab = lab("[[steps.checks]]\nid = \"it\"\ntitle = \"\"\nkind = \"fil\"\n\
                   [[steps.checks]]\nid = \"b\"\ntitle = \"\"\nkind = \"file\"\n");
    let places: Vec<String> = lint(&lab.unwrap()).into_iter().map(|problem| problem.place.to_string()).collect();
    assert_eq!(places, ["lab/lab.toml:17:1", "lab/lab.toml:18:1"]);
}

/// A key that no settings have makes the reader list those that they do have.
#[test]
fn the_reference_documents_every_setting() {
    for kind in kinds() {
        assert!(
            kind.doc.ends_with('.') && kind.settings.iter().all(|setting| setting.doc.ends_with('.')),
            "{}",
            kind.name
        );
        documented(kind.name, "", "zzzzzzzzzz = 1", kind.settings);
        for setting in kind.settings.iter().filter(|setting| !setting.fields.is_empty()) {
            let (open, close) = if setting.value.starts_with("list") { ("[{", "}]") } else { ("{", "}") };
            documented(
                kind.name,
                setting.name,
                &format!("{} = {open} zzzzzzzzzz = 1 {close}", setting.name),
                setting.fields,
            );
        }
    }
}

fn documented(kind: &str, setting: &str, settings: &str, fields: &[Setting]) {
    let told = told(kind, settings);
    let listed = told.split("Use one of ").nth(1).unwrap_or_else(|| panic!("{kind} {setting}: {told}"));
    let common = curriculum::Check::COMMON_KEYS;
    let mut real: Vec<&str> =
        listed.split('`').skip(1).step_by(2).filter(|name| !common.contains(name) || *name == "id").collect();
    let mut documented: Vec<&str> = fields.iter().map(|field| field.name).collect();
    real.sort_unstable();
    real.dedup();
    documented.sort_unstable();
    if !documented.contains(&"id") {
        real.retain(|name| *name != "id");
    }
    assert_eq!(documented, real, "{kind} {setting}");
}
