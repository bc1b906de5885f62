//! Reads `instructions` and `input`: one text, or a list of messages, calls of functions and their results.

use inference::{Message, Role, ToolCall};
use serde_json::Value;

use crate::{
    refusal::Refusal,
    request::{
        content,
        field::{self, Fields},
        pairs,
    },
};

pub(super) fn read(fields: &Fields) -> Result<Vec<Message>, Refusal> {
    let mut messages = Vec::new();
    if let Some(instructions) = field::text(fields, "instructions")? {
        messages.push(Message::new(Role::System, instructions));
    }
    match field::get(fields, "input") {
        Some(Value::String(text)) => messages.push(Message::new(Role::User, text)),
        Some(Value::Array(items)) if items.is_empty() => {
            return Err(Refusal::of("input", "empty_array", "'input' is empty. Send at least one item."));
        }
        Some(Value::Array(items)) => {
            for (index, value) in items.iter().enumerate() {
                item(&mut messages, value, &format!("input[{index}]"))?;
            }
        }
        Some(other) => return Err(field::wrong_type("input", "a text or a list of items", other)),
        None => return Err(field::missing("input")),
    }
    // Items and messages are numbered differently.
    pairs::check(&messages, |_| "input".into())?;
    Ok(messages)
}

fn item(messages: &mut Vec<Message>, value: &Value, place: &str) -> Result<(), Refusal> {
    let fields = field::object(value, place)?;
    match field::text_at(fields, "type", &format!("{place}.type"))?.unwrap_or("message") {
        "message" => messages.push(message(fields, place)?),
        "function_call" => {
            let call = call(fields, place)?;
            // Calls that follow a text of the model's, or each other, are of one message.
            match messages.last_mut().filter(|last| last.role == Role::Assistant) {
                Some(last) => last.tool_calls.push(call),
                None => messages.push(Message { tool_calls: vec![call], ..Message::new(Role::Assistant, "") }),
            }
        }
        "function_call_output" => messages.push(output(fields, place)?),
        "item_reference" => {
            let message = "No items are stored here. Send the item itself.";
            return Err(Refusal::of(format!("{place}.type"), "unsupported_value", message));
        }
        other => {
            let message = format!("'{place}' is of type {other:?}, which this model does not read. Leave it out.");
            return Err(Refusal::of(format!("{place}.type"), "unsupported_value", message));
        }
    }
    Ok(())
}

fn message(fields: &Fields, place: &str) -> Result<Message, Refusal> {
    field::only(place, fields, &["type", "role", "content", "id", "status"])?;
    let role = match field::needed(fields, "role", place)? {
        "system" | "developer" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        other => {
            let place = format!("{place}.role");
            let message = format!("'{place}' must be system, developer, user or assistant, but is {other:?}.");
            return Err(Refusal::of(place, "invalid_value", message));
        }
    };
    let place = format!("{place}.content");
    let content = field::get(fields, "content").ok_or_else(|| field::missing(&place))?;
    Ok(Message::new(role, content::text(content, &place, &["input_text", "output_text", "text"])?))
}

fn call(fields: &Fields, place: &str) -> Result<ToolCall, Refusal> {
    field::only(place, fields, &["type", "call_id", "name", "arguments", "id", "status"])?;
    Ok(ToolCall {
        id: field::needed(fields, "call_id", place)?.into(),
        name: field::name(fields, place)?.into(),
        arguments: field::needed(fields, "arguments", place)?.into(),
    })
}

fn output(fields: &Fields, place: &str) -> Result<Message, Refusal> {
    field::only(place, fields, &["type", "call_id", "output", "id", "status"])?;
    let call = field::needed(fields, "call_id", place)?.to_owned();
    let place = format!("{place}.output");
    let output = field::get(fields, "output").ok_or_else(|| field::missing(&place))?;
    let content = content::text(output, &place, &["input_text", "output_text", "text"])?;
    Ok(Message { tool_call: Some(call), ..Message::new(Role::Tool, content) })
}
