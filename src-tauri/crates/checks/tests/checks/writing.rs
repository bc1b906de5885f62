//! What is told of a document.

use testkit::memory_probe::MemoryProbe;

use crate::world::{Case, table};

fn document(text: &str) -> MemoryProbe {
    MemoryProbe::new().file("docs/report.md", text)
}

const REPORT: &str = "---\ntitle: x\n---\n# Report\n\n## Context\n\nWe serve a small model on a laptop.\nThe gateway takes\nAzure's calls.\n\n\
### Limits\n\nIt answers one request at a time.\n\n## 2. Decision:\n\nKeep it. p95 was 45.5 ms, at 1,200 tokens/s and $3.\n\n```sh\naz deployment list\n```\n\n\
| size | p95 (ms) | note |\n|---|---|---|\n| small | 12 | fine |\n| large | 40 | slow |\n";

#[tokio::test]
async fn substance() {
    let all = r#"path = "docs/report.md"
sections = [
  { heading = "Context", min_words = 20, mentions = "gateway takes Azure" },
  { heading = "decision", figures = 5, mentions = ["az deployment", "p95"] },
]
in_order = true
min_words = 25
figures = 5"#;
    let section = |more: &'static str| -> &'static str { more };
    let cases: Vec<Case> = vec![
        ("all there", all, document(REPORT), "passed: `docs/report.md` has what it should: 41 words, 2 sections.
measured: words 41"),
        ("no file", "path = \"docs/report.md\"", MemoryProbe::new().file("docs/Report.md", "x"), "failed: There is no `docs/report.md`, but there is `docs/Report.md`: the name differs in upper and lower case.
expected: a file `docs/report.md`
actual: `docs/Report.md`
at: docs/Report.md
next: Rename `docs/Report.md` to `docs/report.md`."),
        ("empty", "path = \"docs/report.md\"", document("\n<!-- Write here. -->\n"), "failed: `docs/report.md` is empty.
expected: a document in Markdown
actual: nothing
at: docs/report.md:1
next: Write it."),
        (
            "no section",
            section("path = \"docs/report.md\"\nsections = [{ heading = \"Risks\" }]"),
            document(REPORT),
            "failed: `docs/report.md` has no section “Risks”.
expected: a heading “Risks”
actual: Report, Context, Limits, 2. Decision:
at: docs/report.md
next: Add a heading `## Risks` and write the section.",
        ),
        ("no headings", "path = \"docs/report.md\"\nsections = [{ heading = \"Risks\" }]", document("Words.\n"), "failed: `docs/report.md` has no section “Risks”.
expected: a heading “Risks”
actual: no headings
at: docs/report.md
next: Add a heading `## Risks` and write the section."),
        (
            "a heading that comes close",
            "path = \"docs/report.md\"\nsections = [{ heading = \"Desicion\" }]",
            document(REPORT),
            "failed: `docs/report.md` has no section “Desicion”, but one called “2. Decision:”.
expected: a heading “Desicion”
actual: 2. Decision:
at: docs/report.md:16
next: Call it “Desicion”.",
        ),
        (
            "a longer heading",
            "path = \"docs/report.md\"\nsections = [{ heading = \"Risks\" }]",
            document("# Known risks and what follows\n\nFew.\n"),
            "failed: `docs/report.md` has no section “Risks”, but one called “Known risks and what follows”.
expected: a heading “Risks”
actual: Known risks and what follows
at: docs/report.md:1
next: Call it “Risks”.",
        ),
        (
            "bold is no heading",
            "path = \"docs/report.md\"\nsections = [{ heading = \"Risks\" }]",
            document("# A\n\n**Risks**\n\nFew.\n"),
            "failed: `docs/report.md` has no section “Risks”: the words are there, but not as a heading.
expected: a heading “Risks”
actual: Risks
at: docs/report.md:3
next: Write it as `## Risks`.",
        ),
        (
            "no space after the mark",
            "path = \"docs/report.md\"\nsections = [{ heading = \"Risks\" }]",
            document("# A\n\n##Risks\n\nFew.\n"),
            "failed: `docs/report.md` has no section “Risks”, for want of a space.
expected: a heading “Risks”
actual: ##Risks
at: docs/report.md:3
next: Put a space after the `#`.",
        ),
        (
            "a heading in code is none",
            "path = \"docs/report.md\"\nsections = [{ heading = \"Risks\" }]",
            document("# A\n\n```md\n# Risks\n```\n"),
            "failed: `docs/report.md` has no section “Risks”.
expected: a heading “Risks”
actual: A
at: docs/report.md
next: Add a heading `## Risks` and write the section.",
        ),
        (
            "out of order",
            "path = \"docs/report.md\"\nin_order = true\nsections = [{ heading = \"Decision\" }, { heading = \"Context\" }]",
            document(REPORT),
            "failed: “2. Decision:” stands after “Context”.
expected: Decision, Context
actual: Context, 2. Decision:
at: docs/report.md:16
next: Move the section “2. Decision:” up, before “Context”.",
        ),
        (
            "an empty section",
            "path = \"docs/report.md\"\nsections = [{ heading = \"A\" }]",
            document("# A\n\n## B\n\n```\nx y\n```\n"),
            "failed: The section “A” is empty.
expected: at least 1 word
actual: 0 words
at: docs/report.md:1
next: Write 1 word more.",
        ),
        (
            "a short section",
            "path = \"docs/report.md\"\nsections = [{ heading = \"Limits\", min_words = 9 }]",
            document(REPORT),
            "failed: The section “Limits” has 7 words.
expected: at least 9 words
actual: 7 words
at: docs/report.md:12
next: Write 2 words more.",
        ),
        ("a short document", "path = \"docs/report.md\"\nmin_words = 500", document(REPORT), "failed: `docs/report.md` has 41 words.
expected: at least 500 words
actual: 41 words
at: docs/report.md
next: Write 459 words more."),
        (
            "not mentioned",
            "path = \"docs/report.md\"\nmentions = { pattern = \"[Rr]etr(y|ies)\", means = \"retries\" }",
            document(REPORT),
            "failed: `docs/report.md` does not mention retries.
expected: retries
actual: 41 words without it
at: docs/report.md
next: Say what it asks for, in your own words.",
        ),
        ("mentioned in another case", "path = \"docs/report.md\"\nmentions = \"azure\"", document(REPORT), "failed: `docs/report.md` does not mention `azure`.
expected: `azure`
actual: We serve a small model on a laptop.
The gateway takes
Azure's calls.
at: docs/report.md:8
next: It comes close here: write it in the same upper and lower case."),
        (
            "not mentioned in its section",
            "path = \"docs/report.md\"\nsections = [{ heading = \"Context\", mentions = \"p95\" }]",
            document(REPORT),
            "failed: The section “Context” does not mention `p95`.
expected: `p95`
actual: 20 words without it
at: docs/report.md:6
next: Say what it asks for, in your own words.",
        ),
        (
            "no figures",
            "path = \"docs/report.md\"\nsections = [{ heading = \"Context\", figures = 2 }]",
            document(REPORT),
            "failed: The section “Context” has 0 figures with units.
expected: at least 2 figures with units
actual: 0 figures with units
at: docs/report.md:6
next: Measure and write down 2 more, with units.",
        ),
        (
            "a figure without a unit",
            "path = \"docs/report.md\"\nfigures = 2",
            document("# A\n\nIt took 5 ms.\n\nThen 45.\n"),
            "failed: `docs/report.md` has 1 figure with a unit.
expected: at least 2 figures with units
actual: Then 45.
at: docs/report.md:5
next: Line 5 has a number without a unit: give it one.",
        ),
        (
            "another unit",
            "path = \"docs/report.md\"\nfigures = 1\nunits = [\"USD\"]",
            document("# A\n\nIt took 5 ms.\n"),
            "failed: `docs/report.md` has 0 figures with units.
expected: at least 1 figure with a unit
actual: It took 5 ms.
at: docs/report.md:3
next: Line 3 has a number without one of the units that count: USD.",
        ),
    ];
    table("writing", cases).await;
}

#[tokio::test]
async fn what_is_left_of_the_template() {
    let plain = "path = \"docs/report.md\"";
    let starter = "path = \"docs/report.md\"\nstarter_text = \"Say why you chose it.\"";
    let cases: Vec<Case> = vec![
        (
            "a mark",
            plain,
            document("# A\n\nOne.\nTwo TODO: more\n"),
            "failed: Line 4 of `docs/report.md` is not filled in yet.
expected: no placeholders
actual: Two TODO: more
at: docs/report.md:4
next: Write what belongs there.",
        ),
        (
            "a mark in code is part of it",
            plain,
            document("# A\n\n`x` fine.\n\n```\nTODO\n```\n"),
            "passed: `docs/report.md` has what it should: 2 words.
measured: words 2",
        ),
        (
            "angle brackets",
            plain,
            document("# A\n\nBy <your name>.\n"),
            "failed: Line 3 of `docs/report.md` is not filled in yet.
expected: no placeholders
actual: <your name>
at: docs/report.md:3
next: Write what belongs there.",
        ),
        (
            "angle brackets alone",
            plain,
            document("# A\n\n<describe the risk>\n"),
            "failed: Line 3 of `docs/report.md` is not filled in yet.
expected: no placeholders
actual: <describe the risk>
at: docs/report.md:3
next: Write what belongs there.",
        ),
        (
            "square brackets",
            plain,
            document("# A\n\nBy [your name here].\n"),
            "failed: Line 3 of `docs/report.md` is not filled in yet.
expected: no placeholders
actual: By [your name here].
at: docs/report.md:3
next: Write what belongs there.",
        ),
        (
            "lorem ipsum",
            plain,
            document("# A\n\nLorem ipsum dolor sit amet.\n"),
            "failed: Line 3 of `docs/report.md` is not filled in yet.
expected: no placeholders
actual: Lorem ipsum dolor sit amet.
at: docs/report.md:3
next: Write what belongs there.",
        ),
        (
            "a whole paragraph",
            plain,
            document("# A\n\n...\n\ntbd\n"),
            "failed: Line 3 of `docs/report.md` is not filled in yet.
expected: no placeholders
actual: ...
at: docs/report.md:3
next: Write what belongs there.",
        ),
        (
            "words that only look so",
            plain,
            document("# A\n\nYour service is a to-do list <https://a.org> [1].\n\n- [ ] write\n"),
            "passed: `docs/report.md` has what it should: 9 words.
measured: words 9",
        ),
        (
            "marks may stay",
            "path = \"docs/report.md\"\nplaceholders = true",
            document("# A\n\nA TODO list app.\n"),
            "passed: `docs/report.md` has what it should: 4 words.
measured: words 4",
        ),
        (
            "the starter's own sentence",
            starter,
            document("# A\n\nSay why\nyou chose it. Because.\n"),
            "failed: Line 3 of `docs/report.md` still says what the starter said.
expected: your own words
actual: Say why you chose it.
at: docs/report.md:3
next: Replace the sentence with what it asks for.",
        ),
        (
            "the sentence is gone",
            starter,
            document("# A\n\nBecause it is small.\n"),
            "passed: `docs/report.md` has what it should: 4 words.
measured: words 4",
        ),
    ];
    table("writing", cases).await;
}

#[tokio::test]
async fn links() {
    let plain = "path = \"docs/report.md\"";
    let world = |link: &str| {
        let text = format!("# First Part\n\nSee <a id=\"here\"></a>\n{link} for more.\n\n[ref]: ../README.md\n");
        document(&text)
            .file("docs/figures/load.png", "")
            .file("README.md", "")
            .file("docs/a b.md", "")
            .file(".github/x.yml", "")
    };
    let mut cases: Vec<Case> = Vec::new();
    for good in [
        "[x](https://nowhere.invalid/x)",
        "[x](mailto:ada@a.org)",
        "![load](figures/load.png)",
        "[x](../README.md#top)",
        "[x](figures/)",
        "[x](<a b.md>)",
        "[x](a%20b.md)",
        "[x](./figures/../figures/load.png?raw=1)",
        "[x](#first-part)",
        "[x](#here)",
        "[x](#)",
        "[x](../.github/x.yml)",
        "[x][ref]",
    ] {
        cases.push((
            "leads there",
            plain,
            world(good),
            "passed: `docs/report.md` has what it should: 4 words.\nmeasured: words 4",
        ));
    }
    cases.extend([
        ("nothing there", plain, world("[x](load.csv)"), "failed: The link in line 4 of `docs/report.md` leads to `docs/load.csv`, which is not there.
expected: a link that leads somewhere in the workspace
actual: load.csv
at: docs/report.md:4
next: Make `docs/load.csv`, or take the link out."),
        ("another ending", plain, world("[x](figures/load.svg)"), "failed: The link in line 4 of `docs/report.md` leads to `docs/figures/load.svg`, which is not there, but `docs/figures/load.png` is there.
expected: a link that leads somewhere in the workspace
actual: figures/load.svg
at: docs/report.md:4
next: Let the link lead to `docs/figures/load.png`, or rename that to `docs/figures/load.svg`."),
        ("from the wrong folder", plain, world("[x](README.md)"), "failed: The link in line 4 of `docs/report.md` leads to `docs/README.md`, which is not there, but `README.md` is there.
expected: a link that leads somewhere in the workspace
actual: README.md
at: docs/report.md:4
next: Let the link lead to `README.md`, or rename that to `docs/README.md`."),
        ("out of the workspace", plain, world("[x](../../README.md)"), "failed: The link in line 4 of `docs/report.md` leads out of the workspace.
expected: a link that leads somewhere in the workspace
actual: ../../README.md
at: docs/report.md:4
next: Write it from the folder of `docs/report.md`."),
        ("absolute", plain, world("[x](/README.md)"), "failed: The link in line 4 of `docs/report.md` is absolute.
expected: a link that leads somewhere in the workspace
actual: /README.md
at: docs/report.md:4
next: Write it from the folder of `docs/report.md`."),
        ("of this machine", plain, world("[x](file:///home/ada/x.md)"), "failed: The link in line 4 of `docs/report.md` leads to a file of this machine alone.
expected: a link that leads somewhere in the workspace
actual: file:///home/ada/x.md
at: docs/report.md:4
next: Write it from the folder of `docs/report.md`."),
        ("of a drive", plain, world("[x](C:/x.md)"), "failed: The link in line 4 of `docs/report.md` leads to a file of this machine alone.
expected: a link that leads somewhere in the workspace
actual: C:/x.md
at: docs/report.md:4
next: Write it from the folder of `docs/report.md`."),
        ("nowhere", plain, world("[x]()"), "failed: The link in line 4 of `docs/report.md` leads nowhere.
expected: a link that leads somewhere in the workspace
actual: 
at: docs/report.md:4
next: Write it from the folder of `docs/report.md`."),
        ("an anchor that comes close", plain, world("[x](#first-prat)"), "failed: The link in line 4 of `docs/report.md` leads to `#first-prat`, and no heading is called so.
expected: a link that leads somewhere in the workspace
actual: #first-prat
at: docs/report.md:4
next: Did you mean `#first-part`?"),
        ("no such anchor", plain, world("[x](#conclusion)"), "failed: The link in line 4 of `docs/report.md` leads to `#conclusion`, and no heading is called so.
expected: a link that leads somewhere in the workspace
actual: #conclusion
at: docs/report.md:4
next: Write the heading that it leads to, in lower case with hyphens."),
        ("not asked for", "path = \"docs/report.md\"\nlinks = false", world("[x](load.csv)"), "passed: `docs/report.md` has what it should: 4 words.
measured: words 4"),
    ]);
    table("writing", cases).await;
}
