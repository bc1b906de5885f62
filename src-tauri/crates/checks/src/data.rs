//! Structured text: JSON, YAML, TOML and HCL read into one form, with paths into it and the lines where they stand.

pub mod assertion;
pub mod compare;
mod locate;
pub mod path;

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use crate::settings::from_toml;
pub use locate::locate;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Json,
    Yaml,
    Toml,
    Hcl,
}

impl Format {
    /// By the ending of a file's name.
    pub fn of(path: &str) -> Option<Self> {
        match path.rsplit_once('.')?.1.to_lowercase().as_str() {
            "json" | "ipynb" => Some(Self::Json),
            "yaml" | "yml" => Some(Self::Yaml),
            "toml" => Some(Self::Toml),
            "hcl" | "tf" | "tfvars" => Some(Self::Hcl),
            _ => None,
        }
    }

    /// What most often is wrong in a file of this format.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Json => {
                "JSON wants double quotes around texts and keys, commas between entries, none after the last, no comments."
            }
            Self::Yaml => "YAML is indented with spaces, never tabs, the same number for entries that belong together.",
            Self::Toml => "TOML wants `key = value`, with quotation marks around texts.",
            Self::Hcl => "HCL wants `key = value` or `block { … }`, with double quotes around texts.",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "JSON",
            Self::Yaml => "YAML",
            Self::Toml => "TOML",
            Self::Hcl => "HCL",
        })
    }
}

/// Why a text is not of its format.
#[derive(Debug, PartialEq, Eq)]
pub struct Syntax {
    pub line: u32,
    pub column: u32,
    pub reason: String,
}

impl Syntax {
    fn new(line: usize, column: usize, reason: &str) -> Self {
        let number = |number: usize| u32::try_from(number.max(1)).unwrap_or(u32::MAX);
        Self { line: number(line), column: number(column), reason: reason.to_owned() }
    }

    fn at(text: &str, start: usize, reason: &str) -> Self {
        let before = &text[..text.floor_char_boundary(start)];
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self::new(before.matches('\n').count() + 1, column, reason)
    }
}

pub fn parse(text: &str, format: Format) -> Result<Value, Syntax> {
    match format {
        Format::Json => serde_json::from_str(text).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.rsplit_once(" at line ").map_or(reason.as_str(), |(reason, _)| reason);
            let reason = match reason {
                "key must be a string" => "a key must stand in double quotes".to_owned(),
                _ => reason.replace("EOF while parsing a", "the file ends inside a"),
            };
            Syntax::new(error.line(), error.column(), &reason)
        }),
        Format::Yaml => serde_norway::from_str(text).map(from_yaml).map_err(|error| {
            let reason = error.to_string();
            let (line, column) = error.location().map_or((1, 1), |place| (place.line(), place.column()));
            let blanks = text.lines().nth(line - 1).map_or("", |line| &line[..line.len() - line.trim_start().len()]);
            let reason = match reason.split(" at line ").next() {
                _ if blanks.contains('\t') => "the line is indented with a tab",
                reason => reason.unwrap_or_default(),
            };
            Syntax::new(line, column, reason)
        }),
        Format::Toml => {
            toml::from_str::<toml::Table>(text).map(|table| from_toml(toml::Value::Table(table))).map_err(|error| {
                let (start, reason) = curriculum::syntax(text, &error);
                Syntax::at(text, start, &reason)
            })
        }
        Format::Hcl => {
            hcl_edit::parser::parse_body(text)
                .map_err(|error| Syntax::new(error.location().line(), error.location().column(), error.message()))?;
            hcl::from_str(text).map_err(|error| Syntax::new(1, 1, &error.to_string()))
        }
    }
}

fn from_yaml(value: serde_norway::Value) -> Value {
    use serde_norway::Value as Yaml;
    match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(truth) => Value::Bool(truth),
        Yaml::Number(number) => serde_json::to_value(&number).unwrap_or_else(|_| Value::String(number.to_string())),
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => items.into_iter().map(from_yaml).collect(),
        Yaml::Mapping(entries) => entries.into_iter().map(|(key, value)| (yaml_key(key), from_yaml(value))).collect(),
        Yaml::Tagged(tagged) => from_yaml(tagged.value),
    }
}

/// YAML's keys may be anything; ours are text: `8080: web` has the key `8080`.
fn yaml_key(key: serde_norway::Value) -> String {
    match from_yaml(key) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
