//! What a reader sees of a page: each mark as the block that the window draws, and nothing that a stranger could smuggle in.

use std::fs;

use serde_json::{Value, json};

use super::good::Fixture;
use crate::{load, page};

/// The first page of the lab `first` as the window gets it.
fn shown(text: &str, docker: bool) -> Value {
    let fixture = Fixture::new();
    let first = fixture.path().join("first");
    fs::write(first.join("guide/01.md"), text).unwrap();
    fs::create_dir_all(first.join("assets")).unwrap();
    fs::write(first.join("assets/figure.svg"), "<svg/>").unwrap();
    fs::write(first.join("assets/notes.txt"), "text").unwrap();
    fs::write(first.join("assets/large.png"), vec![0; 1_000_001]).unwrap();
    fs::write(fixture.path().join("secret.svg"), "<svg/>").unwrap();
    let pack = load(fixture.path()).unwrap();
    // What was not there when the pack was read.
    #[cfg(unix)]
    std::os::unix::fs::symlink(fixture.path().join("secret.svg"), first.join("assets/link.svg")).unwrap();
    let lab = pack.lab("first").unwrap();
    serde_json::to_value(page(lab, &lab.steps[0], docker)).unwrap()
}

fn paragraph(inline: Value) -> Value {
    json!([{ "block": "paragraph", "text": inline }])
}

fn text(text: &str) -> Value {
    json!({ "inline": "text", "text": text })
}

#[test]
fn each_mark_is_a_block() {
    let code = |language: &str, code: &str, run: bool, file: Value| json!({ "block": "code", "language": language, "code": code, "run": run, "file": file });
    let said = |words: &str| json!({ "block": "paragraph", "text": [text(words)] });
    let item = |words: &str, ticked: Value| json!({ "ticked": ticked, "blocks": [said(words)] });
    let cases = [
        (
            "## What *goes* wrong",
            json!([{ "block": "heading", "level": 2, "anchor": "what-goes-wrong",
                "text": [text("What "), { "inline": "emphasis", "text": [text("goes")] }, text(" wrong")] }]),
        ),
        (
            "a\nb **c** `d` ~~e~~  \nf",
            paragraph(json!([
                text("a b "), { "inline": "strong", "text": [text("c")] }, text(" "), { "inline": "code", "code": "d" },
                text(" "), { "inline": "struck", "text": [text("e")] }, { "inline": "break" }, text("f")
            ])),
        ),
        ("```sh run exits=1\nls\n```", json!([code("sh", "ls", true, Value::Null)])),
        ("```python\nx\n\ny\n```", json!([code("python", "x\n\ny", false, Value::Null)])),
        (
            "```python file=src/a%20b.py#L12\nx\n```",
            json!([code("python", "x", false, json!({ "path": "src/a b.py", "line": 12 }))]),
        ),
        ("```python file=../../x.py\nx\n```", json!([code("python", "x", false, Value::Null)])),
        ("    plain\n", json!([code("", "plain", false, Value::Null)])),
        (
            "3. a\n4. b",
            json!([{ "block": "list", "first": 3, "items": [item("a", Value::Null), item("b", Value::Null)] }]),
        ),
        (
            "- [x] a\n- [ ] b",
            json!([{ "block": "list", "first": null, "items": [item("a", json!(true)), item("b", json!(false))] }]),
        ),
        ("> quoted", json!([{ "block": "quote", "blocks": [said("quoted")] }])),
        (
            "> [!note] Mind `it`\n> Text.",
            json!([{ "block": "note", "kind": "note", "title": [text("Mind "), { "inline": "code", "code": "it" }], "blocks": [said("Text.")] }]),
        ),
        (
            "> [!warning]\n> Text.",
            json!([{ "block": "note", "kind": "warning", "title": [], "blocks": [said("Text.")] }]),
        ),
        ("> [!note] Alone", json!([{ "block": "note", "kind": "note", "title": [text("Alone")], "blocks": [] }])),
        (
            "| a | b |\n|---|---|\n| c | d |",
            json!([{ "block": "table", "head": [[text("a")], [text("b")]], "rows": [[[text("c")], [text("d")]]] }]),
        ),
        ("---", json!([{ "block": "rule" }])),
        ("[Answer here](check:notes-written)", json!([{ "block": "check", "check": "notes-written" }])),
        (
            "![Words](assets/figure.svg \"The queue\")",
            json!([{ "block": "figure", "figure": { "source": "data:image/svg+xml;base64,PHN2Zy8+", "alt": "Words", "title": "The queue" } }]),
        ),
    ];
    for (markdown, expected) in cases {
        assert_eq!(shown(markdown, false), expected, "{markdown}");
    }
}

#[test]
fn a_link_leads_where_a_guide_may_lead_or_is_text() {
    let to = |to: Value| paragraph(json!([{ "inline": "link", "to": to, "text": [text("x")] }, text(".")]));
    let nowhere = || paragraph(json!([text("x.")]));
    let cases = [
        ("[x](main.py#L2).", to(json!({ "to": "file", "file": { "path": "main.py", "line": 2 } }))),
        ("[x](src/main.py).", to(json!({ "to": "file", "file": { "path": "src/main.py", "line": null } }))),
        ("[x](02.md#write).", to(json!({ "to": "step", "step": "write", "heading": "write" }))),
        ("[x](#below).", to(json!({ "to": "step", "step": "look", "heading": "below" }))),
        ("[x](check:notes-written).", to(json!({ "to": "check", "check": "notes-written" }))),
        ("[x](#/models).", to(json!({ "to": "screen", "hash": "#/models" }))),
        ("[x](https://example.org/a?b).", to(json!({ "to": "web", "url": "https://example.org/a?b" }))),
        ("[x](check:nowhere).", nowhere()),
        ("[x](javascript:alert).", nowhere()),
        ("[x](data:text/html,x).", nowhere()),
        ("[x](file:///etc/passwd).", nowhere()),
        ("[x](../../etc/passwd).", nowhere()),
        ("[x](/etc/passwd).", nowhere()),
    ];
    for (markdown, expected) in cases {
        assert_eq!(shown(markdown, false), expected, "{markdown}");
    }
}

#[test]
fn a_box_is_shown_where_it_applies_and_anchors_stay_the_same() {
    let page = "> [!docker]\n> ## Same\n\n> [!no-docker]\n> ## Same\n\n> [!linux]\n> ## Same\n\n> [!windows]\n> ## Same\n\n## Same";
    let names = |docker: bool| {
        let blocks = shown(page, docker);
        let name = |block: &Value| {
            let heading = if block["block"] == "note" { &block["blocks"][0] } else { block };
            format!("{} {}", block["kind"].as_str().unwrap_or("page"), heading["anchor"].as_str().unwrap())
        };
        blocks.as_array().unwrap().iter().map(name).collect::<Vec<_>>()
    };
    let system = if cfg!(windows) { "windows same-3" } else { "linux same-2" };
    if cfg!(any(windows, target_os = "linux")) {
        assert_eq!(names(true), ["docker same", system, "page same-4"]);
        assert_eq!(names(false), ["no-docker same-1", system, "page same-4"]);
    }
}

#[test]
fn nothing_of_a_strangers_page_is_code() {
    for (markdown, expected) in [
        ("<script>alert(1)</script>", json!([])),
        ("a <b onclick=\"x()\">b</b> c", paragraph(json!([text("a b c")]))),
        ("<!-- kept for the author -->", json!([])),
        ("&lt;script&gt;", paragraph(json!([text("<script>")]))),
    ] {
        assert_eq!(shown(markdown, false), expected, "{markdown}");
    }
    for source in [
        "assets/../../secret.svg",
        "../secret.svg",
        "assets/link.svg",
        "assets/large.png",
        "assets/notes.txt",
        "https://example.org/a.png",
        "data:image/png;base64,AA",
        "assets/lost.svg",
    ] {
        let figure = &shown(&format!("![Words]({source})"), false)[0]["figure"];
        assert_eq!((&figure["source"], &figure["alt"]), (&Value::Null, &"Words".into()), "{source}");
    }
}

#[test]
fn a_page_as_deep_as_a_well_does_no_harm() {
    for mark in ["> ", "- ", "*a "] {
        let depth = shown(&format!("{}x", mark.repeat(5_000)), false).to_string().matches("block").count();
        assert!(depth < 100, "{mark:?}: {depth}");
    }
}
