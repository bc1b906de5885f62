//! Reads the content of a message: a text, or a list of parts. The model reads text: what is not text is refused, never
//! dropped.

use serde_json::Value;

use super::field::{self, Fields};
use crate::refusal::Refusal;

/// The text at `place`; parts stand a line each. `kinds` are the types of part that hold text.
pub(crate) fn text(value: &Value, place: &str, kinds: &[&str]) -> Result<String, Refusal> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Array(parts) => {
            let parts = parts.iter().enumerate().map(|(index, value)| part(&format!("{place}[{index}]"), value, kinds));
            Ok(parts.collect::<Result<Vec<_>, _>>()?.join("\n"))
        }
        other => Err(field::wrong_type(place, "a text or a list of parts", other)),
    }
}

fn part<'a>(place: &str, value: &'a Value, kinds: &[&str]) -> Result<&'a str, Refusal> {
    let fields: &Fields = field::object(value, place)?;
    let kind = field::kind(fields, place)?;
    if !kinds.contains(&kind) {
        let message = format!("This model reads text only, and '{place}' is of type {kind:?}.");
        return Err(Refusal::of(format!("{place}.type"), "unsupported_value", message));
    }
    // The last two are empty in what a client kept of an answer, and say nothing of the text where they are not.
    field::only(place, fields, &["type", "text", "annotations", "logprobs"])?;
    let place = format!("{place}.text");
    field::text_at(fields, "text", &place)?.ok_or_else(|| field::missing(&place))
}
