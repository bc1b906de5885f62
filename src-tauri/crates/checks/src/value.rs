//! What may be written for a setting, read from the words that its documentation uses. One grammar for all kinds, so the
//! reference and the schema cannot disagree.

use crate::Setting;

/// The form of a setting's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text,
    WholeNumber,
    Number,
    Truth,
    /// A regular expression, or a table with `pattern` and `means`.
    Pattern,
    /// One of these words.
    Choice(Vec<&'static str>),
    /// A table whose keys are the setting's fields.
    Table,
    /// A table with any keys.
    TableOf(Box<Value>),
    List(Box<Value>),
    Either(Box<Value>, Box<Value>),
    Any,
}

impl Value {
    /// Reads words such as `list of texts`, `pattern or list of patterns`, `json, yaml or toml`.
    pub fn read(words: &'static str) -> Option<Self> {
        if let Some(atom) = Self::atom(words) {
            return Some(atom);
        }
        if let Some((one, other)) = words.split_once(" or ")
            && let (Some(one), Some(other)) = (Self::read(one), Self::read(other))
        {
            return Some(Self::Either(Box::new(one), Box::new(other)));
        }
        if let Some(items) = words.strip_prefix("list of ") {
            return Some(Self::List(Box::new(Self::atom(singular(items))?)));
        }
        if let Some(items) = words.strip_prefix("table of ") {
            return Some(Self::TableOf(Box::new(Self::atom(singular(items))?)));
        }
        Self::choice(words)
    }

    fn atom(word: &str) -> Option<Self> {
        Some(match word {
            "text" | "Markdown" | "path" | "data path" | "name" | "id" | "check id" | "glob" => Self::Text,
            "whole number" => Self::WholeNumber,
            "number" => Self::Number,
            "true or false" => Self::Truth,
            "pattern" => Self::Pattern,
            "table" => Self::Table,
            "value" | "any value" => Self::Any,
            _ => return None,
        })
    }

    fn choice(words: &'static str) -> Option<Self> {
        let (first, last) = words.rsplit_once(" or ")?;
        let all: Vec<&str> = first.split(", ").chain([last]).collect();
        all.iter().all(|word| !word.contains(' ')).then_some(Self::Choice(all))
    }
}

fn singular(words: &str) -> &str {
    words.strip_suffix('s').unwrap_or(words)
}

impl Setting {
    /// The form of the value; `None` where the words of the documentation are not understood, which a test forbids.
    pub fn form(&self) -> Option<Value> {
        Value::read(self.value)
    }
}
