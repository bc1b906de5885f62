//! Reads `messages`.

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
    let value = field::get(fields, "messages").ok_or_else(|| field::missing("messages"))?;
    let values = field::list(value, "messages")?;
    if values.is_empty() {
        return Err(Refusal::of("messages", "empty_array", "'messages' is empty. Send at least one message."));
    }
    let messages = values.iter().enumerate().map(|(index, value)| message(&format!("messages[{index}]"), value));
    let messages = messages.collect::<Result<Vec<_>, _>>()?;
    pairs::check(&messages, |index| format!("messages[{index}]"))?;
    Ok(messages)
}

fn message(place: &str, value: &Value) -> Result<Message, Refusal> {
    let fields = field::object(value, place)?;
    let role = role(place, fields)?;
    match role {
        Role::Assistant => field::only(place, fields, &["role", "content", "tool_calls"])?,
        // The call tells the tool's name.
        Role::Tool => field::only(place, fields, &["role", "content", "tool_call_id", "name"])?,
        Role::System | Role::User => field::only(place, fields, &["role", "content"])?,
    }
    let tool_calls = match field::get(fields, "tool_calls") {
        Some(calls) => tool_calls(&format!("{place}.tool_calls"), calls)?,
        None => Vec::new(),
    };
    let tool_call = match role {
        Role::Tool => Some(field::needed(fields, "tool_call_id", place)?.to_owned()),
        _ => None,
    };
    let place = format!("{place}.content");
    let content = match field::get(fields, "content") {
        Some(content) => content::text(content, &place, &["text"])?,
        None if !tool_calls.is_empty() => String::new(),
        None => return Err(field::missing(&place)),
    };
    Ok(Message { role, content, tool_calls, tool_call })
}

fn role(place: &str, fields: &Fields) -> Result<Role, Refusal> {
    match field::needed(fields, "role", place)? {
        // OpenAI's newer name for the same thing.
        "system" | "developer" => Ok(Role::System),
        "user" => Ok(Role::User),
        "assistant" => Ok(Role::Assistant),
        "tool" => Ok(Role::Tool),
        "function" => {
            let message =
                "The role function is not read here. Send the result with the role tool and its tool_call_id.";
            Err(Refusal::of(format!("{place}.role"), "unsupported_value", message))
        }
        other => {
            let place = format!("{place}.role");
            let message = format!("'{place}' must be system, developer, user, assistant or tool, but is {other:?}.");
            Err(Refusal::of(place, "invalid_value", message))
        }
    }
}

fn tool_calls(place: &str, value: &Value) -> Result<Vec<ToolCall>, Refusal> {
    let call = |(index, value): (usize, &Value)| {
        let place = format!("{place}[{index}]");
        let fields = field::object(value, &place)?;
        // A streamed call that is put together keeps its index.
        field::only(&place, fields, &["id", "type", "function", "index"])?;
        let kind = field::kind(fields, &place)?;
        if kind != "function" {
            let message = format!("'{place}' is of type {kind:?}. Only calls of functions are read here.");
            return Err(Refusal::of(format!("{place}.type"), "unsupported_value", message));
        }
        let id = field::needed(fields, "id", &place)?.to_owned();
        let place = format!("{place}.function");
        let function = field::get(fields, "function").ok_or_else(|| field::missing(&place))?;
        let function = field::object(function, &place)?;
        field::only(&place, function, &["name", "arguments"])?;
        let name = field::name(function, &place)?.to_owned();
        Ok(ToolCall { id, name, arguments: field::needed(function, "arguments", &place)?.to_owned() })
    };
    field::list(value, place)?.iter().enumerate().map(call).collect()
}
