//! Reads single fields of a JSON object and names the one that is wrong. `null` is as good as absent.

use std::fmt::Display;

use serde_json::{Map, Value};

use crate::refusal::Refusal;

pub(super) type Fields = Map<String, Value>;

pub(super) fn get<'a>(fields: &'a Fields, name: &str) -> Option<&'a Value> {
    fields.get(name).filter(|value| !value.is_null())
}

pub(super) fn boolean(fields: &Fields, name: &str) -> Result<bool, Refusal> {
    let Some(value) = get(fields, name) else { return Ok(false) };
    value.as_bool().ok_or_else(|| wrong_type(name, "true or false", value))
}

pub(super) fn text<'a>(fields: &'a Fields, name: &str) -> Result<Option<&'a str>, Refusal> {
    get(fields, name).map(|value| value.as_str().ok_or_else(|| wrong_type(name, "a text", value))).transpose()
}

/// A number from 0 to `most`.
pub(super) fn number(fields: &Fields, name: &str, most: f64) -> Result<Option<f64>, Refusal> {
    let Some(value) = get(fields, name) else { return Ok(None) };
    let number = value.as_f64().ok_or_else(|| wrong_type(name, "a number", value))?;
    let codes = ["decimal_below_min_value", "decimal_above_max_value"];
    within(name, number, 0.0, most, codes).map(Some)
}

/// A whole number from `least` to `most`.
pub(super) fn integer(fields: &Fields, name: &str, least: i64, most: i64) -> Result<Option<i64>, Refusal> {
    let Some(value) = get(fields, name) else { return Ok(None) };
    let number = value.as_i64().ok_or_else(|| wrong_type(name, "a whole number", value))?;
    let codes = ["integer_below_min_value", "integer_above_max_value"];
    within(name, number, least, most, codes).map(Some)
}

fn within<T: Copy + PartialOrd + Display>(
    name: &str,
    value: T,
    least: T,
    most: T,
    codes: [&'static str; 2],
) -> Result<T, Refusal> {
    let code = match () {
        () if value < least => codes[0],
        () if value > most => codes[1],
        () => return Ok(value),
    };
    Err(Refusal::of(name, code, format!("'{name}' must be from {least} to {most}, but is {value}.")))
}

pub(super) fn missing(name: &str) -> Refusal {
    Refusal::of(name, "missing_required_parameter", format!("'{name}' is missing."))
}

pub(super) fn wrong_type(name: &str, wanted: &str, found: &Value) -> Refusal {
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
