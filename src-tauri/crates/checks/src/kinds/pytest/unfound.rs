//! Why pytest found no test, or not the one that was asked for: almost always a name that it does not look for.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    Pytest, file,
    session::{Session, short},
};
use crate::{
    Place, Probe,
    excerpt::inline,
    finding::{Failure, Halt},
};

static DEFINITION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?<indent>[ \t]*)(?:async[ \t]+)?(?<what>def|class)[ \t]+(?<name>\w+)").ok());

/// Files that are looked at in search of a near miss.
const FILES: usize = 50;

/// A function or class of a test file.
struct Definition {
    file: String,
    line: u32,
    name: String,
    class: bool,
    /// The class around it.
    inside: Option<String>,
    fixture: bool,
}

/// No test was found at all.
pub async fn no_tests(
    pytest: &Pytest,
    session: &Session,
    probe: &dyn Probe,
    files: &[String],
) -> Result<Failure, Halt> {
    if let Some(wanted) = pytest.paths.iter().find(|path| path.contains("::") && !session.collected.is_empty()) {
        return no_name(pytest, short(wanted), session, probe, files).await;
    }
    let found = definitions(pytest, probe, files).await?;
    let failure = |summary: String| Failure::new(summary).expected("at least 1 test").actual("no tests found");
    let test = |one: &&Definition| !one.class && one.name.starts_with("test");
    if let Some(one) = found.iter().filter(|one| !looked_at(pytest, &one.file)).find(test) {
        let better = better_file(&one.file);
        return Ok(failure(format!("No test was found, but `{}` holds `{}`.", one.file, one.name))
            .at(Place::file(&one.file, Some(one.line)))
            .next(format!("pytest looks in files called test_….py: rename it to `{better}`.")));
    }
    let unlike = |one: &&Definition| one.inside.as_ref().is_some_and(|class| !class.starts_with("Test"));
    if let Some(one) = found.iter().filter(test).find(unlike) {
        let class = one.inside.as_deref().unwrap_or_default();
        return Ok(failure(format!("No test was found: `{}` is in the class `{class}`.", one.name))
            .at(Place::file(&one.file, Some(one.line)))
            .next(format!("pytest looks in classes called Test…: rename it to `Test{}`.", class.replace("Test", ""))));
    }
    let built =
        |one: &&Definition| one.name == "__init__" && one.inside.as_ref().is_some_and(|c| c.starts_with("Test"));
    if let Some(one) = found.iter().find(built) {
        let class = one.inside.as_deref().unwrap_or_default();
        return Ok(failure(format!("No test was found: the class `{class}` has an `__init__`."))
            .at(Place::file(&one.file, Some(one.line)))
            .next("pytest passes over such classes: make what it sets in a fixture instead."));
    }
    let plain = |one: &&Definition| !one.class && !one.fixture && one.inside.is_none() && !one.name.starts_with('_');
    let tests = |one: &&Definition| one.name.to_lowercase().contains("test");
    let near = found.iter().filter(plain).find(tests).or_else(|| found.iter().find(plain));
    if let Some(one) = near.filter(|one| looked_at(pytest, &one.file)) {
        return Ok(failure(format!("No test was found: `{}` in `{}` is not called test_….", one.name, one.file))
            .at(Place::file(&one.file, Some(one.line)))
            .next(format!("Rename it to `{}`.", better_function(&one.name))));
    }
    let place = file(pytest.paths.first().map_or(".", String::as_str));
    let example = if place.ends_with(".py") { place.to_owned() } else { format!("{place}/test_….py") };
    Ok(failure(format!("No test was found in `{}`.", pytest.paths.join("`, `")))
        .at(Place::file(place, None))
        .next(format!("Write a function whose name begins with test_ in `{example}`.")))
}

/// One test that must be there is not.
pub async fn no_name(
    pytest: &Pytest,
    name: &str,
    session: &Session,
    probe: &dyn Probe,
    files: &[String],
) -> Result<Failure, Halt> {
    let function = name.rsplit("::").next().unwrap_or(name);
    let failure = |summary: String| Failure::new(summary).expected(format!("a test `{name}`"));
    let known = || session.collected.iter().map(|test| short(test));
    let last = |test: &'_ str| test.rsplit("::").next().map(str::to_owned).unwrap_or_default();
    let names: Vec<String> = known().map(last).collect();
    if let Some(near) = curriculum::nearest(function, names.iter().map(String::as_str)) {
        let at = names.iter().position(|name| name == near).and_then(|index| session.collected.get(index));
        return Ok(failure(format!("There is no test `{name}`, but there is `{near}`."))
            .actual(format!("`{near}`"))
            .at(Place::file(file(at.map_or("", String::as_str)), None))
            .next(format!("Rename `{near}` to `{function}`.")));
    }
    let found = definitions(pytest, probe, files).await?;
    let alike = curriculum::nearest(function, found.iter().map(|one| one.name.as_str()))
        .or_else(|| found.iter().map(|one| one.name.as_str()).find(|name| better_function(name) == function));
    if let Some(one) = alike.and_then(|name| found.iter().find(|one| one.name == name)) {
        let why = match looked_at(pytest, &one.file) {
            true => "pytest passes over that name",
            false => "pytest does not look in that file",
        };
        let next = match looked_at(pytest, &one.file) {
            true => format!("Rename `{}` to `{function}`.", one.name),
            false => format!("Rename the file to `{}`.", better_file(&one.file)),
        };
        return Ok(failure(format!("There is no test `{name}`, but `{}` in `{}`: {why}.", one.name, one.file))
            .actual(format!("`{}`", one.name))
            .at(Place::file(&one.file, Some(one.line)))
            .next(next));
    }
    let place = pytest.paths.first().map_or(".", |path| file(path));
    Ok(failure(format!("There is no test `{name}`."))
        .actual(inline(&names.join(", ")))
        .at(Place::file(place, None))
        .next(format!("Write a test `{function}`.")))
}

/// Whether pytest looks for tests in a file: a file that is named in the paths, or one called like a test.
fn looked_at(pytest: &Pytest, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    pytest.paths.iter().any(|asked| file(asked) == path) || name.starts_with("test_") || name.ends_with("_test.py")
}

/// `tests/sums_tests.py`, `tests/Sums.py`: `tests/test_sums.py`.
fn better_file(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(_, name)| path.split_at(path.len() - name.len()));
    let stem = name.trim_end_matches(".py").to_lowercase();
    format!("{folder}{}.py", better_function(&stem.replace('-', "_")))
}

/// `check_sums`, `sumsTest`, `Test_sums`: `test_check_sums`, `test_sums`.
fn better_function(name: &str) -> String {
    let bare = name.to_lowercase().replace("tests", "").replace("test", "");
    format!("test_{}", bare.trim_matches('_').replace("__", "_"))
}

async fn definitions(pytest: &Pytest, probe: &dyn Probe, files: &[String]) -> Result<Vec<Definition>, Halt> {
    let asked = |path: &&String| {
        let below =
            |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        path.ends_with(".py") && pytest.paths.iter().any(|asked| file(asked) == super::TOP || below(file(asked)))
    };
    let mut found = Vec::new();
    for path in files.iter().filter(asked).take(FILES) {
        let bytes = probe.read(path).await?.unwrap_or_default();
        found.extend(of_file(path, &String::from_utf8_lossy(&bytes)));
    }
    Ok(found)
}

/// The functions and classes of a file and the methods of its classes.
fn of_file(path: &str, text: &str) -> Vec<Definition> {
    let Some(pattern) = DEFINITION.as_ref() else { return Vec::new() };
    let mut found = Vec::new();
    let mut class: Option<String> = None;
    let mut before = "";
    for (line, text) in (1..).zip(text.lines()) {
        if let Some(one) = pattern.captures(text) {
            let (top, is_class) = (one["indent"].is_empty(), &one["what"] == "class");
            if top {
                class = None;
            }
            found.push(Definition {
                file: path.to_owned(),
                line,
                name: one["name"].to_owned(),
                class: is_class,
                inside: class.clone(),
                fixture: before.trim_start().starts_with('@') && before.contains("fixture"),
            });
            if top && is_class {
                class = Some(one["name"].to_owned());
            }
        }
        before = text;
    }
    found
}
