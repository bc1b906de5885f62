//! What may stand beside a vector: strings, numbers, booleans and lists of strings, 40 KB of them.

use serde_json::{Map, Value};

use super::refused::invalid;
use crate::refusal::Refusal;

/// As the service documents it.
const MOST_BYTES: usize = 40 * 1024;

/// The bytes that it takes, where it is what metadata may be. `whose` names the vector.
pub(super) fn check(metadata: &Map<String, Value>, whose: &str) -> Result<usize, Refusal> {
    for (key, value) in metadata {
        if key.is_empty() || key.starts_with('$') {
            let message =
                format!("The metadata of {whose} has the key {key:?}: a key is not empty and begins with no $.");
            return Err(invalid("invalid_metadata", message));
        }
        let fits = match value {
            Value::String(_) | Value::Number(_) | Value::Bool(_) => true,
            Value::Array(items) => items.iter().all(Value::is_string),
            Value::Null | Value::Object(_) => false,
        };
        if !fits {
            let message = format!(
                "Metadata value must be a string, number, boolean or list of strings, got '{value}' for field '{key}' of {whose}."
            );
            return Err(invalid("invalid_metadata", message));
        }
    }
    let bytes = serde_json::to_vec(metadata).map_or(0, |text| text.len());
    if bytes > MOST_BYTES {
        let message = format!(
            "The metadata of {whose} is {bytes} bytes long, which exceeds the limit of {MOST_BYTES} bytes per vector."
        );
        return Err(invalid("metadata_too_large", message));
    }
    Ok(bytes)
}

/// As the service gives it back: it keeps every number as a double, so 2020 comes back as 2020.0.
pub(super) fn shown(metadata: Map<String, Value>) -> Map<String, Value> {
    let double = |value: Value| match value.as_f64() {
        Some(number) if value.is_number() => Value::from(number),
        _ => value,
    };
    metadata.into_iter().map(|(key, value)| (key, double(value))).collect()
}
