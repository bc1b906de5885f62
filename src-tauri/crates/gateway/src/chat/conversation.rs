//! Reads `messages`. The model reads text: what is not text is refused, never dropped.

use inference::{Message, Role};
use serde_json::Value;

use super::field::{self, Fields};
use crate::refusal::Refusal;

pub(super) fn read(fields: &Fields) -> Result<Vec<Message>, Refusal> {
    let value = field::get(fields, "messages").ok_or_else(|| field::missing("messages"))?;
    let messages = value.as_array().ok_or_else(|| field::wrong_type("messages", "a list", value))?;
    if messages.is_empty() {
        return Err(Refusal::of("messages", "empty_array", "'messages' is empty. Send at least one message."));
    }
    messages.iter().enumerate().map(|(index, value)| message(&format!("messages[{index}]"), value)).collect()
}

fn message(place: &str, value: &Value) -> Result<Message, Refusal> {
    let fields = value.as_object().ok_or_else(|| field::wrong_type(place, "an object", value))?;
    let role = role(place, fields)?;
    only(place, fields, &["role", "content"])?;
    let place = format!("{place}.content");
    let content = match field::get(fields, "content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts
            .iter()
            .enumerate()
            .map(|(index, value)| part(&format!("{place}[{index}]"), value))
            .collect::<Result<Vec<_>, _>>()?
            .join("\n"),
        Some(other) => return Err(field::wrong_type(&place, "a text or a list of parts", other)),
        None => return Err(field::missing(&place)),
    };
    Ok(Message::new(role, content))
}

fn role(place: &str, fields: &Fields) -> Result<Role, Refusal> {
    let place = format!("{place}.role");
    match field::get(fields, "role") {
        Some(Value::String(role)) => match role.as_str() {
            // OpenAI's newer name for the same thing.
            "system" | "developer" => Ok(Role::System),
            "user" => Ok(Role::User),
            "assistant" => Ok(Role::Assistant),
            "tool" | "function" => Err(Refusal::of(place, "unsupported_value", "This model cannot call tools.")),
            other => {
                let message = format!("'{place}' must be system, developer, user or assistant, but is {other:?}.");
                Err(Refusal::of(place, "invalid_value", message))
            }
        },
        Some(other) => Err(field::wrong_type(&place, "a text", other)),
        None => Err(field::missing(&place)),
    }
}

fn part(place: &str, value: &Value) -> Result<String, Refusal> {
    let fields = value.as_object().ok_or_else(|| field::wrong_type(place, "an object", value))?;
    match field::get(fields, "type").and_then(Value::as_str) {
        Some("text") => {}
        Some(other) => {
            let message = format!("This model reads text only, and '{place}' is of type {other:?}.");
            return Err(Refusal::of(format!("{place}.type"), "unsupported_value", message));
        }
        None => return Err(field::missing(&format!("{place}.type"))),
    }
    only(place, fields, &["type", "text"])?;
    match field::get(fields, "text") {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => Err(field::wrong_type(&format!("{place}.text"), "a text", other)),
        None => Err(field::missing(&format!("{place}.text"))),
    }
}

/// An answer sent back as the client keeps it has empty fields beside its text; those say nothing.
fn only(place: &str, fields: &Fields, known: &[&str]) -> Result<(), Refusal> {
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
