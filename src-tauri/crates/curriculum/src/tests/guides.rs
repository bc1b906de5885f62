//! What an author hears of their guides, solutions and mutants: a lab with one thing broken, and all that is said of it.

use std::fs;

use task::Fault;

use super::good::Fixture;
use crate::{lint, load, runs, shown};

/// What the linter says of the good pack with these files written into the lab `first`.
fn told(files: &[(&str, &str)]) -> String {
    let fixture = Fixture::new();
    for lab in ["first", "second"] {
        fs::create_dir(fixture.path().join(lab).join("solution")).unwrap();
    }
    let first = fixture.path().join("first");
    for (path, text) in
        [("solution/main.py", "one\ntwo\n"), ("assets/figure.svg", "<svg/>"), ("assets/figure.pdf", "%PDF")]
            .iter()
            .chain(files)
    {
        fs::create_dir_all(first.join(path).parent().unwrap()).unwrap();
        fs::write(first.join(path), text).unwrap();
    }
    let pack = load(fixture.path()).unwrap();
    let lines =
        lint(&pack).into_iter().map(|problem| format!("{problem} [{}] {}", problem.code(), problem.next_step()));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_page_that_is_fine() {
    let page = "# Look around\n\n\
        [up](#look-around), [the other](02.md#write), [a file](main.py#L2), [to write](notes.md), [given](data/fixed.json),\n\
        [a check](check:notes-written), [a lab](#/lab/third), [the models](#/models), [outside](https://example.org/x).\n\n\
        ![A figure](assets/figure.svg \"Figure 1\")\n\n\
        > [!note] Mind the step\n> Text.\n\n\
        > [!linux]\n> ```sh run\n> true\n> ```\n\n\
        ```python\nprint(1)\n```\n\n```sh\nls\n```\n\n```sh run exits=3 within=5\nexit 3\n```\n\n\
        ```python file=main.py#L2\ntwo\n```\n\n<!-- for authors -->\n\n\
        ```text\n[not a link](nowhere) ![](not-a-picture)\n```\n";
    assert_eq!(told(&[("guide/01.md", page)]), "");
}

#[test]
fn what_is_wrong_on_a_page_is_told_with_its_place() {
    let cases = [
        (
            "HTML",
            "a <b>c",
            "first/guide/01.md:1:3: HTML is not shown in a guide [curriculum.directive] Write it as Markdown, or in backticks.",
        ),
        (
            "a block of a file that is not there",
            "```python file=mian.py#L1\nx\n```",
            "first/guide/01.md:1:1: the link `mian.py` leads nowhere [curriculum.link] Name a page of this guide, or a file of the workspace.",
        ),
        (
            "a block of a file elsewhere",
            "```python file=../x.py\nx\n```",
            "first/guide/01.md:1:1: the link `../x.py` leaves its folder [curriculum.link] Write it from the top of the workspace, such as \"src/main.py\".",
        ),
        (
            "a block of no file",
            "```python file=\nx\n```",
            "first/guide/01.md:1:1: `file=` is not known after the language of a code block [curriculum.directive] Write it like `file=ask.py#L12`.",
        ),
        (
            "a picture of a kind that nothing shows",
            "![Words](assets/figure.pdf)",
            "first/guide/01.md:1:1: the picture `assets/figure.pdf` is of no kind that can be shown [curriculum.image] Use a .svg, .png, .jpg, .webp or .gif file.",
        ),
        (
            "a picture that is not an asset",
            "![Words](guide/01.md)",
            "first/guide/01.md:1:1: the picture `guide/01.md` is not in the lab's folder `assets` [curriculum.image] Put it there, and write its path like \"assets/figure.svg\".",
        ),
        (
            "a heading that is not there",
            "# A\n\nSee [b](#bb).",
            "first/guide/01.md:3:5: the page `01.md` has no heading `#bb` [curriculum.link] Link to a heading that is there.",
        ),
        (
            "a heading that is almost there",
            "# What goes wrong\n\n[b](#what-go-wrong)",
            "first/guide/01.md:3:1: the page `01.md` has no heading `#what-go-wrong` [curriculum.link] Did you mean `#what-goes-wrong`?",
        ),
        (
            "another page's heading",
            "[b](02.md#read)",
            "first/guide/01.md:1:1: the page `02.md` has no heading `#read` [curriculum.link] Link to a heading that is there.",
        ),
        (
            "a page that is not there",
            "[b](03.md)",
            "first/guide/01.md:1:1: the link `03.md` leads nowhere [curriculum.link] Did you mean `01.md`?",
        ),
        (
            "a file that is not there",
            "é [b](src/app.py)",
            "first/guide/01.md:1:3: the link `src/app.py` leads nowhere [curriculum.link] Name a page of this guide, or a file of the workspace.",
        ),
        (
            "a line that is not there",
            "[b](main.py#L3)",
            "first/guide/01.md:1:1: the file `main.py` has 2 lines, not 3 [curriculum.link] Correct the line's number.",
        ),
        (
            "no line",
            "[b](main.py#two)",
            "first/guide/01.md:1:1: `#two` is no line of a file [curriculum.link] Write it like `#L12`.",
        ),
        (
            "a way out",
            "[b](../../secret)",
            "first/guide/01.md:1:1: the link `../../secret` leaves its folder [curriculum.link] Write it from the top of the workspace, such as \"src/main.py\".",
        ),
        (
            "an absolute path",
            "[b](/etc/passwd)",
            "first/guide/01.md:1:1: the link `/etc/passwd` is absolute [curriculum.link] Write it from the top of the workspace, such as \"src/main.py\".",
        ),
        (
            "a script",
            "[b](javascript:alert)",
            "first/guide/01.md:1:1: a link to `javascript:` leads nowhere [curriculum.link] Link to a heading, a page, a file of the workspace, a check, or an https address.",
        ),
        (
            "an unknown check",
            "[b](check:notes-writen)",
            "first/guide/01.md:1:1: no check of this lab is called `notes-writen` [curriculum.link] Did you mean `check:notes-written`?",
        ),
        (
            "an unknown lab",
            "[b](#/lab/fourth)",
            "first/guide/01.md:1:1: no lab of the plan is called `fourth` [curriculum.link] Name a lab of the plan.",
        ),
        (
            "a picture without words",
            "![](assets/figure.svg)",
            "first/guide/01.md:1:1: the picture `assets/figure.svg` has no words for those who do not see it [curriculum.image] Say what it shows, in the square brackets.",
        ),
        (
            "a picture that is not there",
            "![A](assets/lost.svg)",
            "first/guide/01.md:1:1: there is no file `assets/lost.svg` in the lab [curriculum.image] Add first/assets/lost.svg.",
        ),
        (
            "a picture from elsewhere",
            "![A](https://example.org/a.png)",
            "first/guide/01.md:1:1: the picture `https://example.org/a.png` is not in the lab's folder `assets` [curriculum.image] Put it there, and write its path like \"assets/figure.svg\".",
        ),
        (
            "an unknown box",
            "> [!nota]\n> x",
            "first/guide/01.md:1:1: there is no box called `nota` [curriculum.directive] Did you mean `[!note]`?",
        ),
        (
            "an unknown word",
            "a\n\n```sh rum\nx\n```",
            "first/guide/01.md:3:1: `rum` is not known after the language of a code block [curriculum.directive] Write `run`.",
        ),
        (
            "an unknown attribute",
            "```sh run exit=1\nx\n```",
            "first/guide/01.md:1:1: `exit=1` is not known after the language of a code block [curriculum.directive] Write `exits=NUMBER`.",
        ),
        (
            "no exit code",
            "```sh run exits=-1\nx\n```",
            "first/guide/01.md:1:1: `-1` is not an exit code [curriculum.directive] Write a number from 0 to 255.",
        ),
        (
            "for ever",
            "```sh run within=86400\nx\n```",
            "first/guide/01.md:1:1: `86400` is no number of seconds that a block may run [curriculum.directive] Write a number from 1 to 600.",
        ),
        (
            "another language",
            "```python run\nx\n```",
            "first/guide/01.md:1:1: a block of `python` cannot be run [curriculum.directive] Write the commands of a shell, in a block that begins with `sh run`.",
        ),
        (
            "an end without a run",
            "```sh exits=1\nx\n```",
            "first/guide/01.md:1:1: the block says how it ends, and not that it can be run [curriculum.directive] Add `run` after the language.",
        ),
    ];
    for (name, page, expected) in cases {
        assert_eq!(told(&[("guide/01.md", page)]), expected, "{name}");
    }
}

#[test]
fn very_many_equal_headings_are_told_apart() {
    let page = "# a\n".repeat(20_000) + "\n[first](#a), [last](#a-19999), [none](#a-20000)\n";
    assert_eq!(
        told(&[("guide/01.md", &page)]),
        "first/guide/01.md:20002:32: the page `01.md` has no heading `#a-20000` [curriculum.link] Did you mean `#a-10000`?"
    );
}

#[test]
fn what_is_wrong_with_a_mutant() {
    let cases = [
        (
            "no such check",
            "fails = [\"note-written\"]",
            "first/mutants/m/mutant.toml:1:10: no check of this lab is called `note-written` [curriculum.mutant] Did you mean `notes-written`?",
        ),
        (
            "no check",
            "fails = []",
            "first/mutants/m/mutant.toml:1:1: a mutant has to fail a check [curriculum.mutant] Name the checks that this mistake fails.",
        ),
        (
            "another key",
            "fail = [\"notes-written\"]",
            "first/mutants/m/mutant.toml:1:1: `fail` is not a key that is known here [curriculum.setting] Did you mean `fails`?",
        ),
        (
            "no TOML",
            "fails =",
            "first/mutants/m/mutant.toml:1:8: this is not TOML: a value is missing after the `=` [curriculum.syntax] Correct the file at this place.",
        ),
    ];
    for (name, text, expected) in cases {
        assert_eq!(told(&[("mutants/m/mutant.toml", text), ("mutants/m/notes.md", "x")]), expected, "{name}");
    }
    assert_eq!(
        told(&[("mutants/m/mutant.toml", "fails = [\"notes-written\"]")]),
        "first/mutants/m/mutant.toml:1:1: the mutant has no file beside its mutant.toml [curriculum.mutant] Add the file with the mistake in it."
    );
}

#[test]
fn a_lab_without_a_solution() {
    let fixture = Fixture::new();
    let told: Vec<String> = lint(&load(fixture.path()).unwrap()).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "first/lab.toml:1:1: the lab has no folder `solution`",
            "second/lab.toml:1:1: the lab has no folder `solution`"
        ]
    );
}

#[test]
fn runnable_blocks_are_found_with_their_conditions() {
    let fixture = Fixture::new();
    let page = "```sh\nno\n```\n> [!docker]\n> > [!linux]\n> > ```sh run\n> > docker ps\n> > ```\n\n```sh run exits=2 within=7\na\nb\n```\n";
    fs::write(fixture.path().join("first/guide/02.md"), page).unwrap();
    let pack = load(fixture.path()).unwrap();
    let found = runs(pack.lab("first").unwrap());
    assert_eq!(found.iter().map(|run| run.script.as_str()).collect::<Vec<_>>(), ["docker ps\n", "a\nb\n"]);
    assert_eq!((found[1].exits, found[1].within.as_secs()), (2, 7));
    assert_eq!(found[1].place.to_string(), "first/guide/02.md:10:1");
    assert!(!shown(&found[0], false) && shown(&found[1], false));
    assert_eq!(shown(&found[0], true), cfg!(target_os = "linux"));
}
