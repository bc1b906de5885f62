//! The few things that are read from a Dockerfile itself. Its meaning is the engine's business.

use std::collections::BTreeMap;

/// One `FROM` and what follows it.
struct Stage {
    line: u32,
    /// In small letters; empty where it has none.
    name: String,
    /// The image that it stands on, through the stages before it.
    base: String,
}

fn stages(text: &str, given: &BTreeMap<String, String>) -> Vec<Stage> {
    let mut arguments: BTreeMap<String, String> = BTreeMap::new();
    let mut stages: Vec<Stage> = Vec::new();
    for (line, instruction, rest) in instructions(text) {
        match instruction.as_str() {
            // Those before the first FROM are the ones that a FROM may use.
            "ARG" if stages.is_empty() => {
                let (name, default) = rest.split_once('=').unwrap_or((rest.as_str(), ""));
                let value = given.get(name.trim()).cloned().unwrap_or_else(|| unquoted(default));
                arguments.insert(name.trim().to_owned(), value);
            }
            "FROM" => {
                let mut words = rest.split_whitespace().filter(|word| !word.starts_with("--"));
                let from = filled(words.next().unwrap_or_default(), &arguments);
                let name = words.nth(1).unwrap_or_default().to_lowercase();
                let earlier = stages.iter().find(|stage| !from.is_empty() && stage.name == from.to_lowercase());
                let base = earlier.map_or(from, |stage| stage.base.clone());
                stages.push(Stage { line, name, base });
            }
            _ => {}
        }
    }
    stages
}

/// The image that a stage stands on, the last one where no other is named; `scratch` where there is none.
pub fn base(text: &str, given: &BTreeMap<String, String>, target: Option<&str>) -> String {
    let mut stages = stages(text, given).into_iter();
    let found = match target.map(str::to_lowercase) {
        Some(target) => stages.find(|stage| stage.name == target),
        None => stages.next_back(),
    };
    found.map_or_else(|| "scratch".to_owned(), |stage| stage.base)
}

/// The first base that is named by no digest and no fixed tag, with its line. Earlier stages and `scratch` are no bases.
pub fn floating(text: &str, given: &BTreeMap<String, String>) -> Option<(u32, String)> {
    let floats = |stage: &Stage| stage.base != "scratch" && !is_pinned(&stage.base);
    stages(text, given).into_iter().find(floats).map(|stage| (stage.line, stage.base))
}

/// The line of the last instruction of this name.
pub fn line_of(text: &str, instruction: &str) -> Option<u32> {
    instructions(text).into_iter().rfind(|(_, name, _)| name == instruction).map(|(line, ..)| line)
}

fn is_pinned(base: &str) -> bool {
    if base.contains("@sha256:") {
        return true;
    }
    let name = base.rsplit('/').next().unwrap_or(base);
    name.split_once(':').is_some_and(|(_, tag)| !tag.is_empty() && tag != "latest")
}

/// Each instruction with its line, in capitals, and what follows it; continued lines are one.
fn instructions(text: &str) -> Vec<(u32, String, String)> {
    let mut found: Vec<(u32, String, String)> = Vec::new();
    let mut continued = false;
    for (line, text) in (1..).zip(text.lines()) {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let part = text.trim_end_matches('\\').trim_end();
        match found.last_mut().filter(|_| continued) {
            Some((_, _, rest)) => {
                rest.push(' ');
                rest.push_str(part);
            }
            None => {
                let (name, rest) = part.split_once(char::is_whitespace).unwrap_or((part, ""));
                found.push((line, name.to_uppercase(), rest.trim().to_owned()));
            }
        }
        continued = text.ends_with('\\');
    }
    found
}

/// Puts in the values of `$NAME`, `${NAME}` and `${NAME:-default}`.
fn filled(text: &str, arguments: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let (name, default, left) = match after.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            Some((inner, left)) => {
                let (name, default) = inner.split_once(":-").unwrap_or((inner, ""));
                (name, default, left)
            }
            None => {
                let end = after.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
                let (name, left) = after.split_at(end.unwrap_or(after.len()));
                (name, "", left)
            }
        };
        let value = arguments.get(name).filter(|value| !value.is_empty());
        out.push_str(value.map_or(default, String::as_str));
        rest = left;
    }
    out + rest
}

fn unquoted(text: &str) -> String {
    text.trim().trim_matches(['"', '\'']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(u32, &str)>) {
        let found = floating(text, &BTreeMap::new());
        assert_eq!(found.as_ref().map(|(line, base)| (*line, base.as_str())), expected, "{text}");
    }

    #[test]
    fn a_base_without_a_fixed_version_is_found() {
        check("FROM python", Some((1, "python")));
        check("FROM python:latest", Some((1, "python:latest")));
        check(
            "# a base\n\nfrom registry.example:5000/team/python AS build",
            Some((3, "registry.example:5000/team/python")),
        );
        check("ARG BASE=python\nFROM ${BASE}", Some((2, "python")));
        check("FROM python:3.12 AS build\nFROM debian", Some((2, "debian")));
        check("FROM --platform=linux/amd64 \\\n  python", Some((1, "python")));
    }

    #[test]
    fn a_pinned_base_an_earlier_stage_and_nothing_are_fine() {
        check("FROM python:3.12-slim", None);
        check("FROM python@sha256:0a", None);
        check("FROM registry.example:5000/python:3.12", None);
        check("ARG VERSION=\"3.12\"\nFROM python:$VERSION-slim AS build\nFROM build\nFROM scratch", None);
        check("ARG VERSION\nFROM python:${VERSION:-3.12}", None);
        let given = BTreeMap::from([("VERSION".to_owned(), "latest".to_owned())]);
        assert_eq!(floating("ARG VERSION=3.12\nFROM python:$VERSION", &given), Some((2, "python:latest".into())));
    }

    #[test]
    fn the_base_is_what_the_built_stage_stands_on() {
        let check = |text: &str, target: Option<&str>, expected: &str| {
            let given = BTreeMap::from([("VERSION".to_owned(), "3.13".to_owned())]);
            assert_eq!(base(text, &given, target), expected, "{text}");
        };
        check("FROM python:3.12", None, "python:3.12");
        check("ARG VERSION=3.12\nFROM python:${VERSION} AS build", None, "python:3.13");
        let stages = "FROM a:1 AS One\nFROM b:1 AS two\nFROM one AS three\nRUN x\nFROM three\n";
        for (target, expected) in
            [(None, "a:1"), (Some("two"), "b:1"), (Some("Three"), "a:1"), (Some("four"), "scratch")]
        {
            check(stages, target, expected);
        }
        // A stage that only gives files is no base.
        check("FROM a:1 AS build\nFROM scratch\nCOPY --from=build /x /x\n", None, "scratch");
        check("", None, "scratch");
    }

    #[test]
    fn an_instruction_is_found_where_it_stands_last() {
        let text = "FROM a:1\nUSER one\nRUN x \\\n  USER y\nuser two\n";
        assert_eq!((line_of(text, "USER"), line_of(text, "EXPOSE")), (Some(5), None));
    }
}
