//! Reads Prometheus's text format, version 0.0.4, as Prometheus itself does: what it refuses is refused here, with line
//! and reason. The crates for it pass over lines that they cannot read, which is what a learner must be told of.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

#[cfg(test)]
mod tests;

/// One scrape.
#[derive(Debug, Default, PartialEq)]
pub struct Exposition {
    /// By the name in the TYPE line.
    pub types: BTreeMap<String, Type>,
    pub samples: Vec<Sample>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    Counter,
    Gauge,
    Histogram,
    Summary,
    Untyped,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
            Self::Untyped => "untyped",
        })
    }
}

/// One value of one series.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub value: f64,
    /// Counts from 1.
    pub line: u32,
}

/// A line that Prometheus would refuse.
#[derive(Debug, PartialEq, Eq)]
pub struct Bad {
    pub line: u32,
    /// What is wrong, as the end of a sentence.
    pub reason: String,
}

impl Exposition {
    pub fn read(text: &str) -> Result<Self, Bad> {
        let mut read = Self::default();
        let mut known = BTreeSet::new();
        for (line, text) in (1..).zip(text.split('\n')) {
            let bad = |reason: String| Bad { line, reason };
            let text = text.trim_matches([' ', '\t']);
            if text.ends_with('\r') {
                return Err(bad("it ends in a carriage return; lines end in a line feed alone".to_owned()));
            }
            if let Some(comment) = text.strip_prefix('#') {
                read.comment(comment).map_err(bad)?;
            } else if !text.is_empty() {
                let sample = sample(text, line).map_err(bad)?;
                if !known.insert((sample.name.clone(), sample.labels.clone())) {
                    return Err(bad(format!("the series {sample} is there twice")));
                }
                read.samples.push(sample);
            }
        }
        Ok(read)
    }

    fn comment(&mut self, comment: &str) -> Result<(), String> {
        let mut words = comment.split([' ', '\t']).filter(|word| !word.is_empty());
        let keyword = words.next();
        if !matches!(keyword, Some("TYPE" | "HELP")) {
            return Ok(());
        }
        // With nothing after it, it is a comment like any other.
        let Some(name) = words.next() else { return Ok(()) };
        if word(name, true) != name.len() {
            return Err(format!("`{name}` is no name of a metric"));
        }
        if keyword == Some("HELP") {
            return Ok(());
        }
        let kind = match (words.next().unwrap_or_default(), words.next()) {
            ("counter", None) => Type::Counter,
            ("gauge", None) => Type::Gauge,
            ("histogram", None) => Type::Histogram,
            ("summary", None) => Type::Summary,
            // The second is what OpenMetrics calls it.
            ("untyped" | "unknown", None) => Type::Untyped,
            (other, _) => {
                return Err(format!("`{other}` is no type; those are counter, gauge, histogram, summary, untyped"));
            }
        };
        if self.samples.iter().any(|sample| family(&sample.name, kind) == name) {
            return Err(format!("the TYPE of `{name}` stands after its first value"));
        }
        match self.types.insert(name.to_owned(), kind) {
            Some(_) => Err(format!("`{name}` has a second TYPE")),
            None => Ok(()),
        }
    }

    /// The type of the family that a metric or one of its series belongs to.
    pub fn type_of(&self, name: &str) -> Option<Type> {
        self.types.get(name).or_else(|| self.types.get(name.strip_suffix("_total")?)).copied()
    }
}

/// The family of a series: without the ending that its type adds.
pub fn family(name: &str, kind: Type) -> &str {
    let endings: &[&str] = match kind {
        Type::Histogram => &["_bucket", "_sum", "_count"],
        Type::Summary => &["_sum", "_count"],
        Type::Counter | Type::Gauge | Type::Untyped => &[],
    };
    endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if self.labels.is_empty() {
            return Ok(());
        }
        let escape = |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let pairs = self.labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escape(value)));
        write!(f, "{{{}}}", pairs.collect::<Vec<_>>().join(","))
    }
}

/// How many bytes at the start are a name: letters, digits and `_`, in a metric's also `:`, no digit first.
fn word(text: &str, colons: bool) -> usize {
    let fits = |(at, byte): (usize, u8)| {
        byte.is_ascii_alphabetic() || byte == b'_' || (byte == b':' && colons) || (byte.is_ascii_digit() && at > 0)
    };
    text.bytes().enumerate().position(|byte| !fits(byte)).unwrap_or(text.len())
}

fn blank(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

/// `name{label="value"} 1.5 1700000000000`
fn sample(text: &str, line: u32) -> Result<Sample, String> {
    let (name, rest) = text.split_at(word(text, true));
    let next = rest.chars().next();
    if name.is_empty() || !matches!(next, None | Some(' ' | '\t' | '{')) {
        let shown = text.split([' ', '\t', '{']).next().unwrap_or_default();
        return Err(format!("`{shown}` is no name of a metric: letters, digits, _ and :, no digit first"));
    }
    let rest = blank(rest);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(inside) => labels(inside)?,
        None => (BTreeMap::new(), rest),
    };
    let mut words = rest.split([' ', '\t']).filter(|word| !word.is_empty());
    let Some(value) = words.next() else { return Err(format!("`{name}` has no value")) };
    let value = number(value).ok_or_else(|| format!("`{value}` is no number"))?;
    if let Some(time) = words.next().filter(|time| time.parse::<i64>().is_err()) {
        return Err(format!("`{time}` after the value is no time in milliseconds"));
    }
    match words.next() {
        Some(extra) => Err(format!("`{extra}` stands after the time")),
        None => Ok(Sample { name: name.to_owned(), labels, value, line }),
    }
}

/// As Prometheus writes numbers: `1`, `1e-3`, `+Inf`, `NaN`.
pub fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

type Labels<'a> = (BTreeMap<String, String>, &'a str);

/// What stands after the opening brace, and what follows the closing one.
fn labels(text: &str) -> Result<Labels<'_>, String> {
    let mut labels = BTreeMap::new();
    let mut rest = blank(text);
    loop {
        if let Some(after) = rest.strip_prefix('}') {
            return Ok((labels, after));
        }
        let (name, after) = rest.split_at(word(rest, false));
        let after = blank(after);
        let Some(after) = after.strip_prefix('=').filter(|_| !name.is_empty()) else {
            let shown = rest.split(['=', ',', '}']).next().unwrap_or_default();
            return Err(match shown.is_empty() {
                true => "the braces of its labels are not closed".to_owned(),
                false => format!("`{shown}` is no label: write name=\"value\""),
            });
        };
        let quoted = blank(after).strip_prefix('"');
        let quoted = quoted.ok_or_else(|| format!("the value of the label `{name}` is not in quotation marks"))?;
        let (value, after) = value(quoted).map_err(|reason| format!("the value of the label `{name}` {reason}"))?;
        if labels.insert(name.to_owned(), value).is_some() {
            return Err(format!("the label `{name}` is there twice"));
        }
        let after = blank(after);
        rest = match after.strip_prefix(',') {
            Some(more) => blank(more),
            None if after.starts_with('}') => after,
            None => return Err(format!("after the label `{name}` there is neither a comma nor a closing brace")),
        };
    }
}

/// A label's value up to its closing quotation mark, and what follows that.
fn value(text: &str) -> Result<(String, &str), String> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((value, &text[at + 1..])),
            '\\' => match chars.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, escaped @ ('\\' | '"'))) => value.push(escaped),
                Some((_, other)) => return Err(format!("has `\\{other}`, which stands for nothing")),
                None => break,
            },
            other => value.push(other),
        }
    }
    Err("has no closing quotation mark".to_owned())
}
