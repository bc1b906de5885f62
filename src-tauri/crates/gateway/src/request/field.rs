//! Reads single fields of a JSON object and names the one that is wrong. `null` is as good as absent.

use std::{fmt::Display, ops::RangeInclusive};

use serde_json::{Map, Value};

use crate::refusal::Refusal;

pub(crate) type Fields = Map<String, Value>;

pub(crate) fn get<'a>(fields: &'a Fields, name: &str) -> Option<&'a Value> {
    fields.get(name).filter(|value| !value.is_null())
}

pub(crate) fn boolean(fields: &Fields, name: &str) -> Result<Option<bool>, Refusal> {
    get(fields, name).map(|value| value.as_bool().ok_or_else(|| wrong_type(name, "true or false", value))).transpose()
}

pub(crate) fn text<'a>(fields: &'a Fields, name: &str) -> Result<Option<&'a str>, Refusal> {
    text_at(fields, name, name)
}

/// A text at `place`, which is how a refusal names it.
pub(crate) fn text_at<'a>(fields: &'a Fields, name: &str, place: &str) -> Result<Option<&'a str>, Refusal> {
    get(fields, name).map(|value| value.as_str().ok_or_else(|| wrong_type(place, "a text", value))).transpose()
}

/// The text that the object at `place` must have as `name`.
pub(crate) fn needed<'a>(fields: &'a Fields, name: &str, place: &str) -> Result<&'a str, Refusal> {
    let place = format!("{place}.{name}");
    text_at(fields, name, &place)?.ok_or_else(|| missing(&place))
}

pub(crate) fn object<'a>(value: &'a Value, place: &str) -> Result<&'a Fields, Refusal> {
    value.as_object().ok_or_else(|| wrong_type(place, "an object", value))
}

pub(crate) fn list<'a>(value: &'a Value, place: &str) -> Result<&'a [Value], Refusal> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| wrong_type(place, "a list", value))
}

/// A number within `range`.
pub(crate) fn number(fields: &Fields, name: &str, range: RangeInclusive<f64>) -> Result<Option<f32>, Refusal> {
    let Some(value) = get(fields, name) else { return Ok(None) };
    let number = value.as_f64().ok_or_else(|| wrong_type(name, "a number", value))?;
    let codes = ["decimal_below_min_value", "decimal_above_max_value"];
    within(name, number, &range, codes).map(|number| Some(number as f32))
}

/// A whole number within `range`.
pub(crate) fn integer(fields: &Fields, name: &str, range: RangeInclusive<i64>) -> Result<Option<i64>, Refusal> {
    let Some(value) = get(fields, name) else { return Ok(None) };
    let number = value.as_i64().ok_or_else(|| wrong_type(name, "a whole number", value))?;
    let codes = ["integer_below_min_value", "integer_above_max_value"];
    within(name, number, &range, codes).map(Some)
}

fn within<T: Copy + PartialOrd + Display>(
    name: &str,
    value: T,
    range: &RangeInclusive<T>,
    codes: [&'static str; 2],
) -> Result<T, Refusal> {
    let (least, most) = (*range.start(), *range.end());
    let code = match () {
        () if value < least => codes[0],
        () if value > most => codes[1],
        () => return Ok(value),
    };
    Err(Refusal::of(name, code, format!("'{name}' must be from {least} to {most}, but is {value}.")))
}

pub(crate) fn missing(name: &str) -> Refusal {
    Refusal::of(name, "missing_required_parameter", format!("'{name}' is missing."))
}

pub(crate) fn wrong_type(name: &str, wanted: &str, found: &Value) -> Refusal {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    Refusal::of(name, "invalid_type", format!("'{name}' must be {wanted}, but is {found}."))
}

/// An object sent back as a client keeps it has empty fields beside what it says; those say nothing.
pub(crate) fn only(place: &str, fields: &Fields, known: &[&str]) -> Result<(), Refusal> {
    let says = |value: &Value| match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        _ => true,
    };
    match fields.iter().find(|(name, value)| !known.contains(&name.as_str()) && says(value)) {
        Some((name, _)) => {
            let place = format!("{place}.{name}");
            let message = format!("This model does not read '{place}'. Leave it out.");
            Err(Refusal::of(place, "unsupported_parameter", message))
        }
        None => Ok(()),
    }
}

/// The `type` of a part that comes in several.
pub(crate) fn kind<'a>(fields: &'a Fields, place: &str) -> Result<&'a str, Refusal> {
    needed(fields, "type", place)
}

/// A name that OpenAI's interface takes for a function or a schema.
pub(crate) fn name<'a>(fields: &'a Fields, place: &str) -> Result<&'a str, Refusal> {
    const MOST: usize = 64;
    let name = needed(fields, "name", place)?;
    let place = format!("{place}.name");
    let good = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    if name.is_empty() || name.len() > MOST || !name.chars().all(good) {
        let message = format!("'{place}' must be 1 to {MOST} letters, digits, _ or -, but is {name:?}.");
        return Err(Refusal::of(place, "invalid_value", message));
    }
    Ok(name)
}
