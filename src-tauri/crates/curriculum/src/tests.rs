//! Whole packs on disk: a good one, and the good one with one thing broken.

mod bad;
mod good;
mod guides;
mod pages;

use std::{fs, path::Path};

use good::Fixture;
use proptest::prelude::*;
use task::Fault;

use crate::{document::Document, load, nearest, parse_lab};

/// How one pack differs from the good one.
enum Edit {
    /// File, text in it, replacement.
    Replace(&'static str, &'static str, &'static str),
    Append(&'static str, &'static str),
    Write(&'static str, &'static [u8]),
    Remove(&'static str),
    /// Link, target.
    Link(&'static str, &'static str),
}
use Edit::{Append, Link, Remove, Replace, Write};

impl Edit {
    fn apply(&self, pack: &Path) {
        match *self {
            Replace(file, from, to) => {
                let text = fs::read_to_string(pack.join(file)).unwrap();
                assert!(text.contains(from), "{file} has no {from:?}");
                fs::write(pack.join(file), text.replacen(from, to, 1)).unwrap();
            }
            Append(file, more) => {
                let text = fs::read_to_string(pack.join(file)).unwrap();
                fs::write(pack.join(file), text + more).unwrap();
            }
            Write(file, bytes) => {
                fs::create_dir_all(pack.join(file).parent().unwrap()).unwrap();
                fs::write(pack.join(file), bytes).unwrap();
            }
            Remove(path) if pack.join(path).is_dir() => fs::remove_dir_all(pack.join(path)).unwrap(),
            Remove(path) => fs::remove_file(pack.join(path)).unwrap(),
            #[cfg(unix)]
            Link(link, target) => std::os::unix::fs::symlink(target, pack.join(link)).unwrap(),
            #[cfg(not(unix))]
            Link(..) => {}
        }
    }
}

/// Every problem with its code and next step, one a line.
fn problems(edits: &[Edit]) -> String {
    let fixture = Fixture::new();
    edits.iter().for_each(|edit| edit.apply(fixture.path()));
    match load(fixture.path()) {
        Ok(_) => "none".to_owned(),
        Err(problems) => {
            let lines =
                problems.iter().map(|problem| format!("{problem} [{}] {}", problem.code(), problem.next_step()));
            lines.collect::<Vec<_>>().join("\n").replace(&fixture.path().display().to_string(), "PACK")
        }
    }
}

#[test]
fn a_good_pack_loads_whole() {
    let fixture = Fixture::new();
    let pack = load(fixture.path()).unwrap();
    assert_eq!(pack.title, "A small pack");
    assert_eq!(pack.plan.labs.len(), 3);
    assert_eq!(pack.labs.iter().map(|lab| lab.slug.as_str()).collect::<Vec<_>>(), ["first", "second"]);
    let lab = pack.lab("first").unwrap();
    assert_eq!(lab.steps[0].guide, "# Look around\n");
    assert_eq!(lab.services[0].ready.within_s, 10);
    let check = &lab.steps[1].checks[1];
    assert_eq!((check.id.as_str(), check.kind.as_str()), ("port-is-set", "data"));
    assert_eq!(check.after, ["notes-written"]);
    assert_eq!(check.settings.keys().collect::<Vec<_>>(), ["assert", "path"]);
    assert_eq!(check.place.to_string(), "first/lab.toml:57:1");
    assert_eq!(check.place_of("path").to_string(), "first/lab.toml:62:1");
    assert_eq!(check.place_of("assert[1].at").to_string(), "first/lab.toml:65:5");
    assert_eq!(check.place_of("assert[1].unheard").to_string(), "first/lab.toml:65:3");
    assert_eq!(check.place_of("unheard").to_string(), "first/lab.toml:57:1");
    assert!(pack.lab("third").is_none(), "planned, not yet in the pack");
}

#[test]
fn variants_that_are_fine() {
    for (name, edits) in [
        ("a byte order mark", vec![Replace("pack.toml", "format", "\u{feff}format")]),
        ("Windows line ends", vec![Replace("first/lab.toml", "format = 1\n", "format = 1\r\n")]),
        ("hidden and cache folders", vec![Write(".git/config", b""), Write("__pycache__/x", b"")]),
        ("no labs at all yet", vec![Remove("first"), Remove("second")]),
        ("two labs on one day", vec![Replace("pack.toml", "days = [2, 3]", "days = [1, 1]")]),
        ("a link to a file of the pack", vec![Link("LINK.toml", "pack.toml")]),
        ("a link inside the lab", vec![Link("first/guide/00.md", "01.md")]),
        (
            "a folder that labs share",
            vec![
                Replace("first/lab.toml", "[[services]]", "[[shared]]\nfrom = \"x\"\nto = \"corpus\"\n\n[[services]]"),
                Write("shared/x/a.md", b"text"),
            ],
        ),
        ("no phase after day 4", vec![Replace("pack.toml", "days = 10", "days = 90")]),
    ] {
        assert_eq!(problems(&edits), "none", "{name}");
    }
}

#[test]
fn every_problem_has_its_place_and_a_next_step() {
    for (name, edits, expected) in bad::bad_packs() {
        assert_eq!(problems(&edits), expected, "{name}");
    }
}

#[test]
fn a_pack_that_is_not_there() {
    let problems = load(Path::new("/no/such/pack")).unwrap_err();
    assert_eq!(problems[0].to_string(), "pack.toml:1:1: there is no such file in /no/such/pack");
}

#[test]
fn independent_problems_are_all_told_at_once() {
    let told = problems(&[
        Replace("pack.toml", "days = [2, 3]", "days = [3, 2]"),
        Replace("first/lab.toml", "\"notes-written\"]", "\"nots-written\"]"),
        Remove("second/guide/01.md"),
    ]);
    assert_eq!(told.lines().count(), 3, "{told}");
}

#[test]
fn a_name_is_a_slip_only_where_it_is_about_as_long() {
    assert_eq!(nearest("licens", ["title", "licence"]), Some("licence"));
    let long = "a".repeat(200_000);
    assert_eq!(nearest("licens", ["title", long.as_str(), "licence"]), Some("licence"));
    assert_eq!(nearest(&long, ["title", long.as_str()]), None);
}

fn parse(text: &str) {
    let _ = parse_lab(text);
    if let Ok(document) = Document::parse(Path::new("pack.toml"), text.to_owned()) {
        let _ = document.get::<crate::Plan>().map(|plan| plan.problems(&document));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
        parse(&text);
        parse(&format!("format = 1\n{text}"));
    }

    /// A good file with a piece cut out and another put in reaches the rules behind the parser.
    #[test]
    fn no_damaged_lab_makes_the_reader_panic(from in 0usize..3000, length in 0usize..40, put in "[\\[\\]{}\"'=.,a-z0-9\\n\u{e9}-]{0,6}") {
        let mut text = good::LAB.to_owned();
        let from = text.floor_char_boundary(from);
        let to = text.floor_char_boundary(from + length);
        text.replace_range(from..to, &put);
        parse(&text);
    }

    #[test]
    fn no_guide_makes_the_reader_panic(page in "([#>`\\[\\]!()a-z:./=0-9\u{e9} -]{0,30}\\n){0,12}") {
        crate::guide::Page::read(Path::new("page.md"), &page);
        crate::guide::Page::read(Path::new("page.md"), &format!("> [!note]\n> ```sh run {page}"));
    }

    #[test]
    fn paths_that_are_fit_stay_inside(path in "[a-z./\\\\~:]{1,12}") {
        if crate::unfit(&path).is_none() {
            let joined = Path::new("/home/learner").join(&path);
            prop_assert!(joined.components().all(|part| part != std::path::Component::ParentDir));
            prop_assert!(joined.starts_with("/home/learner"));
        }
    }
}
