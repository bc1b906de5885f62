//! Values as GitHub compares and writes them: loosely, through numbers where types differ, blind to upper and lower case.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// Whether a value counts as true.
pub fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64().is_some_and(|number| number != 0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// A value within a text.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => shown(number),
        Value::String(text) => text.clone(),
        Value::Array(_) => "Array".to_owned(),
        Value::Object(_) => "Object".to_owned(),
    }
}

fn shown(number: &Number) -> String {
    number.as_f64().map_or_else(|| number.to_string(), |number| format!("{number}"))
}

/// A number as it is written: `12`, `-1.5e3`, `0x1f`, `0o17`.
pub fn number(word: &str) -> Option<f64> {
    let whole = |digits: &str, base| u32::from_str_radix(digits, base).ok().map(f64::from);
    if let Some(digits) = word.strip_prefix("0x") {
        return whole(digits, 16);
    }
    if let Some(digits) = word.strip_prefix("0o") {
        return whole(digits, 8);
    }
    // Rust reads words such as `inf`, too.
    let plain = word.chars().all(|letter| letter.is_ascii_digit() || "+-.eE".contains(letter));
    if plain { word.parse().ok() } else { None }
}

/// `None` where the value is no number, which nothing is equal to.
fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Null => Some(0.0),
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Value::Number(number) => number.as_f64(),
        Value::String(text) if text.trim().is_empty() => Some(0.0),
        Value::String(text) => number(text.trim()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// How two values stand to one another; `None` where no comparison holds between them.
pub fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::String(left), Value::String(right)) => Some(left.to_uppercase().cmp(&right.to_uppercase())),
        // They are equal to themselves alone, and two places never hold the same one here.
        (Value::Array(_) | Value::Object(_), _) | (_, Value::Array(_) | Value::Object(_)) => None,
        _ => as_number(left)?.partial_cmp(&as_number(right)?),
    }
}
