use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

fn contexts() -> Map<String, Value> {
    let contexts = json!({
        "github": { "ref": "refs/heads/main", "event_name": "push", "event": { "number": 7 } },
        "env": { "Name": "Ada", "EMPTY": "" },
        "needs": { "build": { "result": "success", "outputs": { "score": "0.91" } } },
        "matrix": { "os": "linux", "tags": ["a", "B"] },
        "steps": { "one": { "outputs": { "n": "1" } }, "two": { "outputs": { "n": "2" } } },
    });
    contexts.as_object().cloned().unwrap_or_default()
}

fn scope<'a>(contexts: &'a Map<String, Value>, hashes: &'a BTreeMap<Vec<String>, String>) -> Scope<'a> {
    Scope { contexts, status: Status::Failure, hashes }
}

fn value(text: &str) -> Result<Value, String> {
    let hashes = BTreeMap::from([(vec!["*.lock".to_owned()], "abc".to_owned())]);
    match parse(text)?.evaluate(&scope(&contexts(), &hashes)) {
        Ok(value) => Ok(value),
        Err(Stop::Wrong(reason)) => Err(reason),
        Err(Stop::Hash(patterns)) => Err(format!("hash {}", patterns.join(", "))),
    }
}

#[test]
fn values() {
    let table: Vec<(&str, Value)> = vec![
        ("'it''s'", json!("it's")),
        ("-1.5e2", json!(-150.0)),
        ("0x1f", json!(31.0)),
        ("null", Value::Null),
        ("1 == '1'", json!(true)),
        ("'abc' == 'ABC'", json!(true)),
        ("null == 0", json!(true)),
        ("null == ''", json!(true)),
        ("'' == 0", json!(true)),
        ("true == 1", json!(true)),
        ("'true' == true", json!(false)),
        ("'x' == 0", json!(false)),
        ("'x' != 0", json!(true)),
        ("'x' < 0", json!(false)),
        ("matrix == matrix", json!(false)),
        ("'a' < 'B'", json!(true)),
        ("2 > 10", json!(false)),
        ("needs.build.outputs.score >= 0.9", json!(true)),
        ("'yes' && 'no'", json!("no")),
        ("'' || 'else'", json!("else")),
        ("!0 && !''", json!(true)),
        ("1 < 2 == true", json!(true)),
        ("true || false && false", json!(true)),
        ("(true || false) && false", json!(false)),
        ("github.ref", json!("refs/heads/main")),
        ("GitHub.REF", json!("refs/heads/main")),
        ("github['event'].number", json!(7)),
        ("github.event.none.deeper", Value::Null),
        ("env.name", json!("Ada")),
        ("matrix.tags[1]", json!("B")),
        ("matrix.tags[5]", Value::Null),
        ("steps.*.outputs.n", json!(["1", "2"])),
        ("join(steps.*.outputs.n, '-')", json!("1-2")),
        ("join(matrix.tags)", json!("a,B")),
        ("contains(matrix.tags, 'b')", json!(true)),
        ("contains('Hello', 'ELL')", json!(true)),
        ("startsWith(github.ref, 'refs/HEADS/')", json!(true)),
        ("endsWith(github.ref, 'x')", json!(false)),
        ("format('{1} {{x}} {0}', 'a', 2)", json!("2 {x} a")),
        ("fromJSON('[1, 2]')[1]", json!(2)),
        ("toJSON(matrix.tags)", json!("[\n  \"a\",\n  \"B\"\n]")),
        ("success()", json!(false)),
        ("failure() && always() && !cancelled()", json!(true)),
        ("hashFiles('*.lock')", json!("abc")),
    ];
    for (text, expected) in table {
        assert_eq!(value(text), Ok(expected), "{text}");
    }
}

#[test]
fn what_cannot_be_used_is_told_by_its_reason() {
    for (text, reason) in [
        ("", "nothing stands in it"),
        ("main", "there is no `main`; a text stands in single quotation marks: 'main'"),
        ("gihub.ref", "there is no `gihub`; did you mean `github`?"),
        ("github.ref == \"main\"", "a text stands in single quotation marks here: 'main'"),
        ("github.ref = 'main'", "`=` must stand twice"),
        ("'open", "a quotation mark is not closed"),
        ("1x", "`1x` is no number"),
        ("contain('a', 'b')", "there is no function `contain`; did you mean `contains`?"),
        ("contains('a')", "`contains` takes 2, not 1 arguments"),
        ("(true", "`)` is missing"),
        ("true true", "`true` does not belong where it stands"),
        ("github.", "a name or `*` is missing after a dot"),
        ("true &&", "it ends too early"),
        ("format('{1}', 'a')", "`format` has no value for {1} of '{1}'"),
        ("format('{x}', 'a')", "`format` cannot read '{x}'; braces that are meant stand twice"),
        ("hashFiles('a', 'b')", "hash a, b"),
    ] {
        assert_eq!(value(text), Err(reason.to_owned()), "{text}");
    }
    assert!(value("fromJSON('{')").is_err_and(|reason| reason.starts_with("`fromJSON` was given")));
    assert!(value(&"(".repeat(60)).is_err_and(|reason| reason.contains("nested more than 50")));
    assert!(value(&"!".repeat(501)).is_err_and(|reason| reason.contains("more than 500 words")));
}

#[test]
fn texts_are_filled_and_one_expression_alone_keeps_its_type() {
    let (contexts, hashes) = (contexts(), BTreeMap::new());
    let filled = |text: &str| fill(text, &scope(&contexts, &hashes));
    assert_eq!(filled("a ${{ env.NAME }}-${{ 1.50 }} }}"), Ok(json!("a Ada-1.5 }}")));
    assert_eq!(filled("${{ matrix.tags }}"), Ok(json!(["a", "B"])));
    assert_eq!(filled("${{ '}}' }}"), Ok(json!("}}")));
    assert_eq!(filled("${{ true || false }} and ${{ null }}"), Ok(json!("true and ")));
    assert_eq!(filled("${{ env.NAME"), Err(Stop::Wrong("`${{` is not closed by `}}`".to_owned())));
}

#[test]
fn a_condition_needs_no_braces_and_bears_none_around_a_part() {
    let (contexts, hashes) = (contexts(), BTreeMap::new());
    let holds = |text: &str| Some(truth(&condition(text).ok()?.evaluate(&scope(&contexts, &hashes)).ok()?));
    assert_eq!(holds("github.event_name == 'push'"), Some(true));
    assert_eq!(holds("${{ github.event_name == 'pull' }}"), Some(false));
    assert_eq!(holds("${{ github.event_name }} == 'pull'"), None);
    assert!(condition("always() && true").is_ok_and(|node| node.asks_status()));
    assert!(condition("env.NAME == 'x'").is_ok_and(|node| !node.asks_status()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_has_a_value_or_a_reason(
        text in prop_oneof![
            "\\PC{0,60}",
            "([a-z.()\\[\\]!<>=&|,'*0-9 -]|github|matrix|tags|steps|format|join|\\{0\\}|contains|fromJSON|toJSON){0,30}",
        ]
    ) {
        let _ = value(&text);
        let (contexts, hashes) = (contexts(), BTreeMap::new());
        let _ = fill(&format!("a ${{{{ {text} }}}} b"), &scope(&contexts, &hashes));
        let _ = condition(&text);
    }

    #[test]
    fn a_quoted_text_is_itself(text in "\\PC{0,40}") {
        prop_assert_eq!(value(&format!("'{}'", text.replace('\'', "''"))), Ok(json!(text)));
    }
}
