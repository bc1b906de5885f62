//! A path into structured data: `services.web.ports[0]`, `"a key.with dots".b`; empty for the whole.

use std::fmt;

use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    Key(String),
    Index(usize),
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataPath(pub Vec<Segment>);

impl DataPath {
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("`{text}` is not a path: {what}; write `a.b[0]`");
        let mut segments = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(inner) = rest.strip_prefix('[') {
                let (number, after) = inner.split_once(']').ok_or_else(|| wrong("a bracket is not closed"))?;
                segments.push(Segment::Index(number.parse().map_err(|_| wrong("a bracket holds no number"))?));
                rest = after;
            } else {
                let start = if segments.is_empty() { Some(rest) } else { rest.strip_prefix('.') };
                let start = start.ok_or_else(|| wrong("a dot is missing"))?;
                let (key, after) = match start.strip_prefix('"') {
                    Some(quoted) => quoted.split_once('"').ok_or_else(|| wrong("a quotation mark is not closed"))?,
                    None => start.split_at(start.find(['.', '[']).unwrap_or(start.len())),
                };
                if key.is_empty() {
                    return Err(wrong("a key is empty"));
                }
                segments.push(Segment::Key(key.to_owned()));
                rest = after;
            }
        }
        Ok(Self(segments))
    }

    pub fn join(&self, segment: Segment) -> Self {
        Self(self.0.iter().cloned().chain([segment]).collect())
    }

    pub fn key(&self, key: &str) -> Self {
        self.join(Segment::Key(key.to_owned()))
    }

    pub fn entry(&self, index: usize) -> Self {
        self.join(Segment::Index(index))
    }

    /// The path of the first `count` segments.
    pub fn first(&self, count: usize) -> Self {
        Self(self.0.iter().take(count).cloned().collect())
    }

    /// The value at the path; else how many segments exist, and the value at the last of those.
    pub fn find<'a>(&self, root: &'a Value) -> Result<&'a Value, (usize, &'a Value)> {
        let mut at = root;
        for (depth, segment) in self.0.iter().enumerate() {
            let next = match segment {
                Segment::Key(key) => at.as_object().and_then(|object| object.get(key)),
                Segment::Index(index) => at.as_array().and_then(|items| items.get(*index)),
            };
            at = next.ok_or((depth, at))?;
        }
        Ok(at)
    }
}

impl fmt::Display for DataPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(number) => write!(f, "[{number}]")?,
                Segment::Key(key) => {
                    let quote = if key.contains(['.', '[', ' ']) { "\"" } else { "" };
                    write!(f, "{}{quote}{key}{quote}", if index == 0 { "" } else { "." })?;
                }
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for DataPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
