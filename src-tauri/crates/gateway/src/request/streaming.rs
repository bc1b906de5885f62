//! Reads whether and how an answer is streamed.

use serde_json::Value;

use super::field::{self, Fields};
use crate::refusal::Refusal;

pub(crate) const READ: &[&str] = &["stream", "stream_options"];

/// Whether a stream ends with its usage. `known` are the options of the interface.
pub(crate) fn include_usage(fields: &Fields, known: &[&str]) -> Result<bool, Refusal> {
    let stream = field::boolean(fields, "stream")?.unwrap_or_default();
    let Some(value) = field::get(fields, "stream_options") else { return Ok(false) };
    let options = field::object(value, "stream_options")?;
    if !stream {
        let message = "'stream_options' goes with 'stream': true only.";
        return Err(Refusal::of("stream_options", "invalid_parameter_combination", message));
    }
    let unread = |(name, value): &(&String, &Value)| match name.as_str() {
        _ if value.is_null() => false,
        name if !known.contains(&name) => true,
        // Padding is for networks that others listen on.
        "include_obfuscation" => **value != false,
        _ => !value.is_boolean(),
    };
    if let Some((name, _)) = options.iter().find(unread) {
        let place = format!("stream_options.{name}");
        let message = format!("'{place}' cannot be used as sent. Leave it out.");
        return Err(Refusal::of(place, "unsupported_parameter", message));
    }
    Ok(field::boolean(options, "include_usage")?.unwrap_or_default())
}
