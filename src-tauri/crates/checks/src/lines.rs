//! What a text must and must not hold, and how near a text comes that does not.

use serde::Deserialize;

use crate::{
    excerpt::{count, inline},
    registry::Setting,
    settings::{Many, Pattern, one},
};

/// What must hold of a text.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextRules {
    #[serde(default)]
    pub contains: Many<String>,
    #[serde(default)]
    pub matches: Many<Pattern>,
    #[serde(default)]
    pub lacks: Many<Pattern>,
    #[serde(default = "one")]
    pub at_least: usize,
}

pub const CONTAINS: Setting =
    Setting::new("contains", "text or list of texts", "Each must stand in it, letter by letter.");
pub const MATCHES: Setting = Setting::new(
    "matches",
    "pattern or list of patterns",
    "Each regular expression must match; ^ and $ match at every line. Write { pattern, means } to tell the learner what it stands for.",
);
pub const LACKS: Setting =
    Setting::new("lacks", "pattern or list of patterns", "No regular expression of these may match.");
pub const AT_LEAST: Setting = Setting::new(
    "at_least",
    "whole number",
    "How often each of `contains` and `matches` must be found. 1 where left out.",
);
pub const TEXT_RULES: &[Setting] = &[CONTAINS, MATCHES, LACKS, AT_LEAST];

/// The first rule that a text breaks.
#[derive(Debug, PartialEq, Eq)]
pub struct Miss {
    /// What follows the text's name: `does not contain `hello``.
    pub what: String,
    pub expected: String,
    pub actual: Option<String>,
    /// Counts from 1.
    pub line: Option<u32>,
    pub next_step: String,
}

impl TextRules {
    pub fn is_empty(&self) -> bool {
        self.contains.0.is_empty() && self.matches.0.is_empty() && self.lacks.0.is_empty()
    }

    /// `add` is what a learner does to get text there: `Add` it to a file, `Print` it.
    pub fn judge(&self, text: &str, add: &str) -> Result<(), Miss> {
        for wanted in &self.contains.0 {
            let found = text.matches(wanted.as_str()).count();
            if found < self.at_least {
                let short = format!("`{}`", inline(wanted));
                return Err(self.too_few(text, found, wanted, &short, add, || near(wanted, text)));
            }
        }
        for pattern in &self.matches.0 {
            let found = pattern.regex.find_iter(text).count();
            if found < self.at_least {
                let near = || {
                    let found = pattern.any_case()?.find(text)?.start();
                    Some(Near { line: line_at(text, found), how: CASE })
                };
                return Err(self.too_few(text, found, &pattern.wish(), &pattern.wish(), add, near));
            }
        }
        for pattern in &self.lacks.0 {
            if let Some(found) = pattern.regex.find(text) {
                let line = line_at(text, found.start());
                let unwanted = pattern.means.clone().unwrap_or_else(|| format!("`{}`", inline(found.as_str())));
                return Err(Miss {
                    what: format!("has {unwanted}, which must not be there"),
                    expected: match &pattern.means {
                        Some(means) => format!("nothing like {means}"),
                        None => format!("no {}", pattern.wish()),
                    },
                    actual: Some(line_text(text, line).to_owned()),
                    line: Some(line),
                    next_step: format!("See to it that line {line} is free of it."),
                });
            }
        }
        Ok(())
    }

    fn too_few(
        &self,
        text: &str,
        found: usize,
        wish: &str,
        short: &str,
        add: &str,
        near: impl Fn() -> Option<Near>,
    ) -> Miss {
        let expected =
            if self.at_least > 1 { format!("{wish}, at least {} times", self.at_least) } else { wish.to_owned() };
        if found > 0 {
            return Miss {
                what: format!("has {short} {}, fewer than {}", count(found, "time"), self.at_least),
                expected,
                actual: Some(count(found, "time")),
                line: None,
                next_step: format!("{add} {} more.", self.at_least - found),
            };
        }
        if text.trim().is_empty() {
            return Miss {
                what: "is empty".to_owned(),
                expected,
                actual: Some("nothing".to_owned()),
                line: None,
                next_step: format!("{add} {short}."),
            };
        }
        match near() {
            Some(Near { line, how }) => Miss {
                what: format!("comes close in line {line}, but {how}"),
                expected,
                actual: Some(line_text(text, line).to_owned()),
                line: Some(line),
                next_step: "Compare the line with what is expected, letter by letter.".to_owned(),
            },
            None => Miss {
                what: format!("does not have {short}"),
                expected,
                actual: Some(text.trim().to_owned()),
                line: None,
                next_step: format!("{add} {short}."),
            },
        }
    }
}

/// A line that is almost what was wanted.
#[derive(Debug, PartialEq, Eq)]
struct Near {
    line: u32,
    how: &'static str,
}

const CASE: &str = "differs in upper and lower case";
/// Longer lines and longer texts are not searched for likeness: it costs their product.
const LIKENESS_LINE: usize = 300;
const LIKENESS_LINES: usize = 2000;

/// A text without what does not matter.
type Plain = fn(&str) -> String;

/// Ways to look past a difference, each with its name.
const ALIKE: [(Plain, &str); 4] = [
    (str::to_lowercase, CASE),
    (squash, "differs in spaces"),
    (plain_quotes, "has other quotation marks"),
    (|text| squash(&plain_quotes(&text.to_lowercase())), "differs in case, spaces or quotation marks"),
];

fn squash(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn plain_quotes(text: &str) -> String {
    text.replace(['\'', '“', '”', '‘', '’', '`', '«', '»'], "\"")
}

fn near(wanted: &str, text: &str) -> Option<Near> {
    // Of several lines, the first that is missing is the one to look for.
    let wanted = wanted.lines().find(|line| !text.contains(line)).unwrap_or(wanted);
    for (plain, how) in ALIKE {
        let wanted = plain(wanted);
        if let Some(index) = text.lines().position(|line| !wanted.is_empty() && plain(line).contains(&wanted)) {
            return Some(Near { line: number(index), how });
        }
    }
    let length = wanted.chars().count();
    if !(4..=LIKENESS_LINE).contains(&length) {
        return None;
    }
    text.lines()
        .take(LIKENESS_LINES)
        .enumerate()
        .filter(|(_, line)| line.trim().chars().count().abs_diff(length) * 4 <= length)
        .map(|(index, line)| (strsim::osa_distance(wanted.trim(), line.trim()), index))
        .filter(|(distance, _)| distance * 4 <= length)
        .min()
        .map(|(_, index)| Near { line: number(index), how: "is not the same" })
}

/// The line, counting from 1, in which the byte `at` stands.
pub fn line_at(text: &str, at: usize) -> u32 {
    number(text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count())
}

fn number(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}

/// The line's text, counting from 1.
pub fn line_text(text: &str, line: u32) -> &str {
    text.lines().nth(line.saturating_sub(1) as usize).unwrap_or_default()
}
