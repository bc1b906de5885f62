//! What must hold of one value in structured data, and the words for the first thing that does not.

use serde::Deserialize;
use serde_json::Value;

use super::{
    compare::{Broken, describe, equal, first_difference, is_placeholder, kind, likeness},
    path::{DataPath, Segment},
};
use crate::{
    excerpt::{count, inline},
    finding::Wrong,
    registry::Setting,
    settings::{Literal, Pattern},
};

pub const ASSERT: Setting = Setting::new(
    "assert",
    "list of tables",
    "Each table names a place in the data by `at` and says what must hold there; the first that does not is told.",
)
.fields(&[
    Setting::required("at", "data path", "`a.b[0]`; a key with dots stands in quotation marks; \"\" is the whole."),
    Setting::new("equals", "any value", "Exactly this value. Tables and lists are compared entry by entry."),
    Setting::new("one_of", "list of values", "One of these."),
    Setting::new("type", "string, integer, number, boolean, array, object or null", "A value of this type."),
    Setting::new("min", "number", "A number, at least this."),
    Setting::new("max", "number", "A number, at most this."),
    Setting::new("matches", "pattern", "A text that this regular expression matches."),
    Setting::new("min_length", "whole number", "At least this many characters, entries or keys."),
    Setting::new(
        "not_placeholder",
        "true or false",
        "A text that was really filled in: not empty, `TODO`, `<name>`, `your-key`.",
    ),
]);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assertion {
    at: DataPath,
    equals: Option<Literal>,
    one_of: Option<Vec<Literal>>,
    r#type: Option<Type>,
    min: Option<f64>,
    max: Option<f64>,
    matches: Option<Pattern>,
    min_length: Option<usize>,
    #[serde(default)]
    not_placeholder: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Type {
    String,
    Integer,
    Number,
    Boolean,
    Array,
    Object,
    Null,
}

/// The first thing that does not hold.
#[derive(Debug, PartialEq)]
pub struct Miss {
    pub summary: String,
    pub expected: String,
    pub actual: String,
    /// What to point at: the value, or the deepest part of the path that exists.
    pub point: DataPath,
    pub next_step: String,
}

impl Assertion {
    pub fn lint(&self, index: usize) -> Option<Wrong> {
        let at = |key: &str| format!("assert[{index}].{key}");
        if self.min.zip(self.max).is_some_and(|(min, max)| min > max) {
            return Some(Wrong::new(at("min"), "`min` is larger than `max`", "Swap them."));
        }
        let empty = self.one_of.as_ref().is_some_and(Vec::is_empty);
        empty.then(|| Wrong::new(at("one_of"), "`one_of` is empty", "List the values that are right."))
    }

    /// Judges the document `root`, which sentences call `subject`.
    pub fn judge(&self, root: &Value, subject: &str) -> Result<(), Miss> {
        let value = self.at.find(root).map_err(|(depth, parent)| self.missing(root, depth, parent, subject))?;
        self.value_rules(value).map_err(|Broken { at, what, expected, next_step }| {
            let summary = format!("{} {what}.", name(&at, subject));
            let actual = describe(at.find(root).unwrap_or(&Value::Null));
            Miss { summary, expected, actual, point: at, next_step }
        })
    }

    fn value_rules(&self, value: &Value) -> Result<(), Broken> {
        let broken = |what: String, expected: String, next: &str| {
            Err(Broken { at: self.at.clone(), what, expected, next_step: next.to_owned() })
        };
        if let Some(Literal(wanted)) = &self.equals
            && let Some(difference) = first_difference(wanted, value, &self.at)
        {
            return Err(difference);
        }
        if let Some(choices) = &self.one_of
            && !choices.iter().any(|choice| equal(&choice.0, value))
        {
            let list: Vec<String> = choices.iter().map(|choice| choice.0.to_string()).collect();
            let near = choices.iter().find_map(|choice| likeness(&choice.0, value));
            let (how, next) = near.unwrap_or((String::new(), "Choose one of the expected values.".to_owned()));
            return broken(
                format!("is not one of the expected values{how}"),
                format!("one of {}", list.join(", ")),
                &next,
            );
        }
        if let Some(wanted) = self.r#type.filter(|wanted| !wanted.fits(value)) {
            let next = match (wanted, value) {
                (Type::Integer | Type::Number | Type::Boolean, Value::String(text)) if is_bare(text) => {
                    "Take the quotation marks away."
                }
                (Type::String, Value::Number(_) | Value::Bool(_)) => "Put it in quotation marks.",
                _ => "Write a value of the expected type.",
            };
            return broken(format!("is {}, not {}", kind(value), wanted.words()), wanted.words().to_owned(), next);
        }
        if self.min.is_some() || self.max.is_some() {
            let range = match (self.min, self.max) {
                (Some(min), Some(max)) => format!("a number from {min} to {max}"),
                (Some(min), None) => format!("a number, at least {min}"),
                (None, max) => format!("a number, at most {}", max.unwrap_or_default()),
            };
            let Some(number) = value.as_f64() else {
                let quoted = value.as_str().is_some_and(is_bare);
                let next = if quoted { "Take the quotation marks away." } else { "Write a number." };
                return broken(format!("is {}, not a number", kind(value)), range, next);
            };
            if self.min.is_some_and(|min| number < min) {
                return broken("is too small".to_owned(), range, "Write a larger number.");
            }
            if self.max.is_some_and(|max| number > max) {
                return broken("is too large".to_owned(), range, "Write a smaller number.");
            }
        }
        if let Some(pattern) = &self.matches {
            let Some(text) = value.as_str() else {
                return broken(format!("is {}, not text", kind(value)), pattern.wish(), "Write text.");
            };
            if !pattern.regex.is_match(text) {
                let any_case = pattern.any_case().is_some_and(|regex| regex.is_match(text));
                let how = if any_case { "differs in upper and lower case from" } else { "is not" };
                return broken(format!("{how} what is expected"), pattern.wish(), "Change the text.");
            }
        }
        if let Some(least) = self.min_length {
            let (length, noun) = match value {
                Value::String(text) => (text.chars().count(), "character"),
                Value::Array(items) => (items.len(), "entry"),
                Value::Object(entries) => (entries.len(), "key"),
                _ => (0, "character"),
            };
            if length < least {
                let expected = format!("at least {}", count(least, noun));
                return broken("is too short".to_owned(), expected, &format!("Add {} more.", least - length));
            }
        }
        if self.not_placeholder && is_placeholder(value) {
            return broken(
                "is not filled in".to_owned(),
                "a value of your own".to_owned(),
                "Replace it by your own value.",
            );
        }
        Ok(())
    }

    /// The path ends early: names its deepest part that exists, and what is there instead.
    fn missing(&self, root: &Value, depth: usize, parent: &Value, subject: &str) -> Miss {
        let point = self.at.first(depth);
        let owner = name(&point, subject);
        let miss = |summary: String, actual: String, point: DataPath, next_step: String| Miss {
            summary,
            expected: format!("`{}`", self.at),
            actual: inline(&actual),
            point,
            next_step,
        };
        let key = match (&self.at.0[depth], parent) {
            (Segment::Index(index), Value::Array(items)) => {
                let there = count(items.len(), "entry");
                let more = count(index + 1 - items.len(), "entry");
                return miss(format!("{owner} has only {there}."), there, point, format!("Add {more}."));
            }
            (Segment::Key(key), Value::Object(_)) => key,
            (segment, _) => {
                let wanted = if matches!(segment, Segment::Key(_)) { "a table of keys" } else { "a list" };
                let actual = describe(parent);
                return miss(
                    format!("{owner} is {}, not {wanted}.", kind(parent)),
                    actual,
                    point,
                    format!("Make it {wanted}."),
                );
            }
        };
        let keys: Vec<&str> = parent.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        if let Some(near) = curriculum::nearest(key, keys.iter().copied()) {
            let point = point.join(Segment::Key(near.to_owned()));
            let next = format!("Rename `{near}` to `{key}`.");
            return miss(format!("{owner} has no `{key}`, but `{near}`."), format!("`{near}`"), point, next);
        }
        if let Some(elsewhere) = search(root, key, &DataPath::default()) {
            let target = if point.0.is_empty() { "to the top".to_owned() } else { format!("into {owner}") };
            let summary = format!("{owner} has no `{key}`; it stands at `{elsewhere}`.");
            return miss(summary, format!("`{elsewhere}`"), elsewhere, format!("Move `{key}` {target}."));
        }
        let actual = if keys.is_empty() { "no keys".to_owned() } else { format!("the keys {}", keys.join(", ")) };
        miss(format!("{owner} has no `{key}`."), actual, point, format!("Add `{key}`."))
    }
}

impl Type {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
            Self::Null => value.is_null(),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::String => "text",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Array => "a list",
            Self::Object => "a table of keys",
            Self::Null => "nothing (null)",
        }
    }
}

/// Whether a text would be a number or a truth without its quotation marks.
fn is_bare(text: &str) -> bool {
    let text = text.trim();
    text.parse::<f64>().is_ok() || text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

fn name(path: &DataPath, subject: &str) -> String {
    if path.0.is_empty() { subject.to_owned() } else { format!("`{path}`") }
}

/// The first path to a key of this name.
fn search(value: &Value, key: &str, at: &DataPath) -> Option<DataPath> {
    match value {
        Value::Object(entries) if entries.contains_key(key) => Some(at.join(Segment::Key(key.to_owned()))),
        Value::Object(entries) => {
            entries.iter().find_map(|(name, value)| search(value, key, &at.join(Segment::Key(name.clone()))))
        }
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, value)| search(value, key, &at.join(Segment::Index(index))))
        }
        _ => None,
    }
}
