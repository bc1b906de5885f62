//! Two values side by side: equal, different where, almost equal how; and what a value is called in a sentence.

use serde_json::Value;

use super::path::{DataPath, Segment};
use crate::excerpt::{count, inline};

/// A value that is not as it should be.
#[derive(Debug, PartialEq)]
pub struct Broken {
    pub at: DataPath,
    /// What follows the value's path in a sentence: `is too small`.
    pub what: String,
    pub expected: String,
    pub next_step: String,
}

pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text",
        Value::Number(_) => "a number",
        Value::Bool(_) => "true or false",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table of keys",
        Value::Null => "empty (null)",
    }
}

/// The value with its type: `the text "8080"`.
pub fn describe(value: &Value) -> String {
    let shown = inline(&value.to_string());
    match value {
        Value::String(_) => format!("the text {shown}"),
        Value::Number(_) => format!("the number {shown}"),
        Value::Null => "nothing (null)".to_owned(),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => shown,
    }
}

/// Equal as data: 3 and 3.0 are one number.
pub fn equal(a: &Value, b: &Value) -> bool {
    a == b || (a.is_number() && b.is_number() && a.as_f64() == b.as_f64())
}

/// Where `value` first differs from `wanted`.
pub fn first_difference(wanted: &Value, value: &Value, at: &DataPath) -> Option<Broken> {
    let broken = |at: &DataPath, what: String, expected: String, next_step: String| {
        Some(Broken { at: at.clone(), what, expected, next_step })
    };
    match (wanted, value) {
        (Value::Object(wanted), Value::Object(found)) => {
            for (key, wanted) in wanted {
                let Some(found) = found.get(key) else {
                    let near = curriculum::nearest(key, found.keys().map(String::as_str));
                    let but = near.map(|near| format!(", but `{near}`")).unwrap_or_default();
                    let expected = format!("`{key}`: {}", describe(wanted));
                    return broken(at, format!("has no `{key}`{but}"), expected, format!("Add `{key}`."));
                };
                if let Some(difference) = first_difference(wanted, found, &at.join(Segment::Key(key.clone()))) {
                    return Some(difference);
                }
            }
            let extra = found.keys().find(|key| !wanted.contains_key(*key))?;
            let at = at.join(Segment::Key(extra.clone()));
            broken(&at, "does not belong there".to_owned(), format!("no `{extra}`"), format!("Take `{extra}` out."))
        }
        (Value::Array(wanted), Value::Array(found)) => {
            let pairs = wanted.iter().zip(found).enumerate();
            let inside = |(index, (wanted, found))| first_difference(wanted, found, &at.join(Segment::Index(index)));
            if let Some(difference) = pairs.into_iter().find_map(inside) {
                return Some(difference);
            }
            if wanted.len() == found.len() {
                return None;
            }
            let what = format!("has {}, not {}", count(found.len(), "entry"), wanted.len());
            broken(at, what, count(wanted.len(), "entry"), "Add or remove entries.".to_owned())
        }
        _ if equal(wanted, value) => None,
        _ => {
            let (how, next) = likeness(wanted, value).unwrap_or((String::new(), format!("Write {wanted}.")));
            broken(at, format!("is {}, not {}{how}", describe(value), describe(wanted)), describe(wanted), next)
        }
    }
}

/// How a wrong value almost is the right one, and what mends it.
pub fn likeness(wanted: &Value, value: &Value) -> Option<(String, String)> {
    let near = |how: &str, next: &str| Some((format!("; {how}"), next.to_owned()));
    match (wanted, value) {
        (Value::Number(_) | Value::Bool(_), Value::String(text))
            if text.trim().eq_ignore_ascii_case(&wanted.to_string()) =>
        {
            near("the value is right, its type is not", "Take the quotation marks away.")
        }
        (Value::String(text), Value::Number(_) | Value::Bool(_)) if value.to_string().as_str() == text => {
            near("the value is right, its type is not", "Put it in quotation marks.")
        }
        (Value::String(wanted), Value::String(found)) => {
            let squash = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            if wanted.to_lowercase() == found.to_lowercase() {
                near("they differ in upper and lower case", "Write it exactly as expected.")
            } else if wanted.as_str() == found.trim() {
                near("it has a space too many at an end", "Take the space away.")
            } else if squash(wanted) == squash(found) {
                near("they differ in spaces", "Write it exactly as expected.")
            } else {
                None
            }
        }
        _ => None,
    }
}

pub fn is_placeholder(value: &Value) -> bool {
    let text = match value {
        Value::Null => return true,
        Value::String(text) => text.trim().to_lowercase(),
        _ => return false,
    };
    let bare: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    let whole = ["", "todo", "fixme", "tbd", "changeme", "replaceme", "placeholder", "fillmein", "fillin"];
    let bracketed =
        [("<", ">"), ("{{", "}}"), ("[", "]")].iter().any(|(a, b)| text.starts_with(a) && text.ends_with(b));
    whole.contains(&bare.as_str())
        || bracketed
        || ["todo", "fixme", "your-", "your_", "your ", "lorem ipsum"].iter().any(|start| text.starts_with(start))
        || (bare.len() > 1 && bare.chars().all(|c| c == 'x'))
}
