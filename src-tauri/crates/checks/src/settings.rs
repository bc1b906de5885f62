//! The kinds of value that settings share: paths, patterns, texts that stand alone or in a list.

use std::{fmt, marker::PhantomData};

use regex::{Regex, RegexBuilder};
use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeOwned, Error, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer},
    },
};
use serde_json::Value;

/// For settings of seconds.
pub fn a_minute() -> u64 {
    60
}

/// A path of the workspace: relative, `/`-separated, never leaving it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePath(pub String);

impl<'de> Deserialize<'de> for FilePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let path = String::deserialize(deserializer)?;
        match curriculum::unfit(&path) {
            Some(reason) => {
                Err(D::Error::custom(format!("the path `{path}` {reason}; write it from the top of the workspace")))
            }
            None => Ok(Self(path)),
        }
    }
}

/// A regular expression, with words for what it stands for: `"^ok$"` or `{ pattern = "^ok$", means = "the word ok" }`.
/// `^` and `$` match at every line.
#[derive(Debug, Clone)]
pub struct Pattern {
    pub regex: Regex,
    pub means: Option<String>,
}

impl Pattern {
    pub fn new(pattern: &str) -> Result<Self, String> {
        let regex = RegexBuilder::new(pattern).multi_line(true).build().map_err(|error| {
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or_default().trim().trim_start_matches("error: ");
            format!("`{pattern}` is not a regular expression: {reason}; correct the pattern")
        })?;
        Ok(Self { regex, means: None })
    }

    /// The same pattern, blind to upper and lower case.
    pub fn any_case(&self) -> Option<Regex> {
        RegexBuilder::new(self.regex.as_str()).multi_line(true).case_insensitive(true).build().ok()
    }

    /// What is expected, for the learner.
    pub fn wish(&self) -> String {
        self.means.clone().unwrap_or_else(|| format!("text that matches `{}`", self.regex))
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Described {
            pattern: String,
            means: String,
        }
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Pattern;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a regular expression, or a table with `pattern` and `means`")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Pattern, E> {
                Pattern::new(text).map_err(E::custom)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Pattern, A::Error> {
                let described = Described::deserialize(MapAccessDeserializer::new(map))?;
                let pattern = Pattern::new(&described.pattern).map_err(A::Error::custom)?;
                Ok(Pattern { means: Some(described.means), ..pattern })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// One or a list.
#[derive(Debug, Clone)]
pub struct Many<T>(pub Vec<T>);

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany<T>(PhantomData<T>);
        impl<'de, T: DeserializeOwned> Visitor<'de> for OneOrMany<T> {
            type Value = Many<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text, or a list of texts")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Many<T>, E> {
                Ok(Many(vec![T::deserialize(StrDeserializer::new(text))?]))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Many<T>, A::Error> {
                Ok(Many(vec![T::deserialize(MapAccessDeserializer::new(map))?]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Many<T>, A::Error> {
                Vec::<T>::deserialize(SeqAccessDeserializer::new(seq)).map(Many)
            }
        }
        deserializer.deserialize_any(OneOrMany(PhantomData))
    }
}

/// What many settings stand for where they are left out.
pub fn one() -> usize {
    1
}

pub fn get() -> String {
    "GET".to_owned()
}

pub fn ok() -> u16 {
    200
}

/// Any value, as JSON. A TOML date becomes its text.
#[derive(Debug, Clone, PartialEq)]
pub struct Literal(pub Value);

impl<'de> Deserialize<'de> for Literal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        toml::Value::deserialize(deserializer).map(|value| Self(from_toml(value)))
    }
}

pub fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        // JSON has no infinity and no NaN; their names stand for them.
        toml::Value::Float(number) => {
            serde_json::Number::from_f64(number).map_or_else(|| Value::String(number.to_string()), Value::Number)
        }
        toml::Value::Boolean(truth) => Value::Bool(truth),
        toml::Value::Datetime(date) => Value::String(date.to_string()),
        toml::Value::Array(items) => items.into_iter().map(from_toml).collect(),
        toml::Value::Table(table) => {
            Value::Object(table.into_iter().map(|(key, value)| (key, from_toml(value))).collect())
        }
    }
}
