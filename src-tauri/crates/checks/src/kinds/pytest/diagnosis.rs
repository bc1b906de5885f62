//! Why tests did not pass: never begun, not ended, not read, or failed, each told apart.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    Pytest,
    session::{End, Said, Session, Test, means, short},
};
use crate::{
    Exit, Place, Ran,
    excerpt::{count, inline, tail},
    files,
    finding::Failure,
    program::signal,
    python::advice,
};

/// How pytest tells of a conftest.py that it cannot import: the places, then the error.
static CONFTEST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?m)^(?<file>[^\s:]+):(?<line>\d+): in .*$|^E\s+(?<error>\S.*)$").ok());

const CORRECT: &str = "Open the place and correct what the error names.";

/// There is neither a file nor a folder of this name.
pub fn no_path(path: &str, files: &[String]) -> Option<Failure> {
    let inside = |file: &String| file.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if path == super::TOP || files.iter().any(inside) {
        return None;
    }
    if path.ends_with(".py") {
        return Some(files::missing(path, files));
    }
    let folders = files.iter().filter_map(|file| file.rsplit_once('/')).map(|(folder, _)| folder);
    let near = curriculum::nearest(path, folders);
    let but = near.map(|near| format!(", but there is `{near}`")).unwrap_or_default();
    let next = match near {
        Some(near) => format!("Rename `{near}` to `{path}`."),
        None => format!("Make the folder `{path}` and a file `{path}/test_….py` in it."),
    };
    let failure = Failure::new(format!("There is no folder `{path}`{but}.")).expected(format!("tests in `{path}`"));
    let actual = near.map_or_else(|| "no such folder".to_owned(), |near| format!("`{near}`"));
    Some(failure.actual(actual).at(Place::file(path, None)).next(next))
}

/// A file of the learner's has the name of a library.
pub fn hidden(path: &str) -> Failure {
    Failure::new(format!("Your `{path}` hides the library of that name."))
        .expected("`import pytest` finds pytest")
        .actual(format!("it finds `{path}`"))
        .at(Place::file(path, None))
        .next("Give the file another name.")
}

/// The run did not come to its end, or not to any test.
pub fn unfinished(pytest: &Pytest, session: &Session, ran: &Ran, files: &[String]) -> Option<Failure> {
    if session.code.is_none() {
        return Some(cut_short(pytest, session, ran));
    }
    if let Some((at, said)) = session.broken.first() {
        let place = said.file.clone().unwrap_or_else(|| at.clone());
        let more = match session.broken.len() {
            1 => String::new(),
            broken => format!(" {} cannot be read.", count(broken, "file")),
        };
        return Some(
            Failure::new(format!("`{at}` cannot be read: {}.{more}", first_line(&said.error)))
                .expected("every test file can be imported")
                .actual(with_source(said))
                .at(Place::file(&place, said.line))
                .next(advice(&said.error).unwrap_or(CORRECT)),
        );
    }
    if let Some(said) = &session.stopped {
        let (during, place) = at_work(session);
        let next = if said.error.starts_with("SystemExit") {
            "Take the call that ends the program out, or put it under `if __name__ == \"__main__\":`."
        } else {
            advice(&said.error).unwrap_or(CORRECT)
        };
        let place = said.file.as_ref().map(|file| Place::file(file, said.line)).or(place);
        let failure = Failure::new(format!("pytest stopped {during}: {}.", first_line(&said.error)))
            .expected("pytest runs every test")
            .actual(with_source(said));
        return Some(Failure { place, ..failure }.next(next));
    }
    (session.code == Some(4)).then(|| unusable(pytest, ran, files))
}

/// The interpreter ended, or was ended, before pytest did.
fn cut_short(pytest: &Pytest, session: &Session, ran: &Ran) -> Failure {
    let (during, place) = at_work(session);
    let name = session.running.as_ref().map(|start| format!("`{}`", short(&start.test)));
    let subject = name.unwrap_or_else(|| "pytest".to_owned());
    let before = format!("{} before it", session.counts());
    let (summary, actual, next) = match &ran.exit {
        Exit::TimedOut if session.running.is_some() => (
            format!("{subject} did not end within {} s and was stopped.", pytest.timeout_s),
            format!("{subject} was still running; {before}"),
            "Look for a loop without an end in what the test calls, or for something it waits for.",
        ),
        Exit::TimedOut => (
            format!("pytest did not end within {} s and was stopped {during}.", pytest.timeout_s),
            before,
            "See that the file does its work in functions: what stands at its top level runs while it is imported.",
        ),
        Exit::OutOfMemory => (
            format!("The tests wanted more than {} MiB of memory {during}.", pytest.memory_mb),
            before,
            "Look for what the test keeps that it does not need.",
        ),
        Exit::Signal(number) => (
            format!("Python was ended by {} {during}.", signal(*number)),
            last_words(ran),
            "Run this test alone and see what it does last.",
        ),
        Exit::Code(code) => (
            format!("Python ended with exit code {code} {during}, before pytest could."),
            last_words(ran),
            "Look for what ends the whole process there, such as os._exit.",
        ),
        Exit::NotFound => (String::new(), String::new(), ""),
    };
    let failure = Failure::new(summary).expected(format!("every test ends, within {} s", pytest.timeout_s));
    let place = place.unwrap_or(Place::Command { command: pytest.line() });
    failure.actual(actual).at(place).next(next)
}

/// What pytest was at when it last spoke.
fn at_work(session: &Session) -> (String, Option<Place>) {
    if let Some(start) = &session.running {
        let place = start.file.as_ref().map(|file| Place::file(file, start.line));
        return (format!("while `{}` ran", short(&start.test)), place);
    }
    match &session.collecting {
        Some(file) if session.collected.is_empty() => {
            (format!("while `{file}` was read"), Some(Place::file(file, None)))
        }
        _ => ("between the tests".to_owned(), None),
    }
}

fn last_words(ran: &Ran) -> String {
    let said = ran.stderr.trim();
    if said.is_empty() { "it printed nothing".to_owned() } else { tail(said) }
}

/// pytest refused to begin: its settings, or a conftest.py.
fn unusable(pytest: &Pytest, ran: &Ran, files: &[String]) -> Failure {
    let mut place = None;
    let mut error = None;
    for found in CONFTEST.iter().flat_map(|pattern| pattern.captures_iter(&ran.stderr)) {
        if let Some(text) = found.name("error") {
            error = error.or(Some(text.as_str()));
        } else if files.iter().any(|file| file == &found["file"]) {
            place = found["line"].parse().ok().map(|line| Place::file(&found["file"], Some(line)));
        }
    }
    let said = error.map_or_else(|| last_words(ran), str::to_owned);
    let what = error.unwrap_or_else(|| said.lines().next().unwrap_or_default());
    Failure::new(format!("pytest cannot begin: {}.", inline(what.trim_start_matches("ERROR: ").trim_end_matches('.'))))
        .expected("pytest runs")
        .actual(last_words(ran))
        .at(place.unwrap_or(Place::Command { command: pytest.line() }))
        .next(advice(&said).unwrap_or("Correct what pytest names; its settings are in pytest.ini or pyproject.toml."))
}

/// The first test that did not pass.
pub fn failed(session: &Session) -> Option<Failure> {
    let wrong = |test: &&Test| matches!(test.outcome, End::Failed | End::Error);
    let test = session.tests.iter().find(wrong)?;
    let name = short(&test.test);
    let others: Vec<&str> = session.tests.iter().filter(wrong).skip(1).map(|test| short(&test.test)).collect();
    let also = if others.is_empty() { String::new() } else { format!("\nalso: {}", inline(&others.join(", "))) };
    let said = &test.said;
    let error = ["AssertionError: ", "Failed: "].iter().find_map(|kind| said.error.strip_prefix(kind));
    let error = error.unwrap_or(&said.error);
    let compares = said.error.starts_with("AssertionError") || said.error.starts_with("Failed: DID NOT RAISE");
    let expected = match compares && !said.source.is_empty() {
        true => said.source.clone(),
        false => format!("`{name}` passes"),
    };
    let how = match (test.outcome, test.when.as_str()) {
        (End::Error, "setup") => "could not be set up",
        (End::Error, _) => "left something that could not be put away",
        _ => "fails",
    };
    let failure = Failure::new(format!("`{name}` {how}: {}. {}.", first_line(error), session.counts()))
        .expected(expected)
        .actual(format!("{error}{also}"))
        .next(after(test));
    let place = said.file.as_ref().map(|file| Place::file(file, said.line));
    Some(Failure { place, ..failure })
}

fn after(test: &Test) -> String {
    let error = &test.said.error;
    if let Some(fixture) = error.strip_prefix("fixture '").and_then(|rest| rest.split('\'').next()) {
        let near = curriculum::nearest(fixture, test.available.iter().map(String::as_str));
        return near.map_or_else(
            || format!("Write a fixture `{fixture}` in the file or in conftest.py, or take the parameter out."),
            |near| format!("Did you mean the fixture `{near}`?"),
        );
    }
    if error.starts_with("AssertionError") {
        return "Correct what the test calls; or the test, where it is yours and asks for the wrong thing.".to_owned();
    }
    if error.starts_with("Failed: DID NOT RAISE") {
        return "Raise this exception in what the test calls.".to_owned();
    }
    advice(error).unwrap_or(CORRECT).to_owned()
}

/// All that ran passed, but not enough ran.
pub fn too_few(pytest: &Pytest, session: &Session) -> Option<Failure> {
    let skipped = |test: &&Test| test.outcome == End::Skipped;
    let first = session.tests.iter().find(skipped);
    let named = |name: &String| session.tests.iter().filter(skipped).find(|test| means(name, &test.test));
    let place = |test: &Test| Place::file(super::file(&test.test), test.said.line);
    if let Some(test) = pytest.names.iter().find_map(named) {
        return Some(
            Failure::new(format!("`{}` is skipped, and it must pass.", short(&test.test)))
                .expected(format!("`{}` passes", short(&test.test)))
                .actual(reason(test))
                .at(place(test))
                .next("Take the mark that skips it away."),
        );
    }
    let passed = session.count(End::Passed);
    if passed >= pytest.at_least {
        return None;
    }
    let lacking = count(pytest.at_least - passed, "test");
    let next = match first {
        Some(test) => format!("Let `{}` run, or write {lacking} more.", short(&test.test)),
        None => format!("Write {lacking} more."),
    };
    let failure = Failure::new(format!("Not enough tests pass: {}.", session.counts()))
        .expected(format!("at least {} passed", pytest.at_least))
        .actual(match first {
            Some(test) => format!("{}\n{}: {}", session.counts(), short(&test.test), reason(test)),
            None => session.counts(),
        })
        .next(next);
    Some(failure.at(first.map_or_else(|| Place::Command { command: pytest.line() }, place)))
}

fn reason(test: &Test) -> String {
    if test.said.error.is_empty() { "skipped".to_owned() } else { test.said.error.clone() }
}

fn with_source(said: &Said) -> String {
    if said.source.is_empty() { said.error.clone() } else { format!("{}\n{}", said.source, said.error) }
}

fn first_line(error: &str) -> String {
    inline(error.lines().next().unwrap_or_default()).trim_end_matches('.').to_owned()
}
