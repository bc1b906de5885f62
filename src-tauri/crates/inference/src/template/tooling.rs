//! Tools, calls and results in a conversation: as templates that know them expect them, and as text for those that do not.

use serde_json::{Value, json};

use super::plain;
use crate::generator::{Message, Role, Tool};
use crate::tools::written;

/// A tool as templates and models know it.
pub(super) fn described(tool: &Tool) -> Value {
    let mut function = json!({ "name": tool.name });
    if let Some(description) = &tool.description {
        function["description"] = description.as_str().into();
    }
    function["parameters"] = match &tool.parameters {
        Value::Null => json!({ "type": "object", "properties": {} }),
        parameters => parameters.clone(),
    };
    json!({ "type": "function", "function": function })
}

pub(super) fn as_templates_expect(messages: &[Message]) -> Vec<Value> {
    let calls = || messages.iter().flat_map(|message| &message.tool_calls);
    let convert = |message: &Message| {
        let mut converted = plain(message);
        if !message.tool_calls.is_empty() {
            let call = |call: &crate::generator::ToolCall| {
                // Templates write the arguments as JSON themselves.
                let arguments =
                    serde_json::from_str(&call.arguments).unwrap_or_else(|_| call.arguments.as_str().into());
                let arguments: Value = arguments;
                json!({ "id": call.id, "type": "function", "function": { "name": call.name, "arguments": arguments } })
            };
            converted["tool_calls"] = message.tool_calls.iter().map(call).collect();
        }
        if let Some(id) = &message.tool_call {
            converted["tool_call_id"] = id.as_str().into();
            if let Some(call) = calls().find(|call| call.id == *id) {
                converted["name"] = call.name.as_str().into();
            }
        }
        converted
    };
    messages.iter().map(convert).collect()
}

/// For templates that know nothing of tools: the system's text names them, the assistant's has its calls as it wrote
/// them, and results come from the user. Users' messages in a row become one, because some templates take no two.
pub(super) fn as_text(messages: &[Message], tools: &[Tool]) -> Vec<Value> {
    let mut converted: Vec<(Role, String)> = Vec::new();
    for message in messages {
        let (role, content) = match message.role {
            Role::Tool => (Role::User, format!("<tool_response>\n{}\n</tool_response>", message.content)),
            role => {
                let calls = message.tool_calls.iter().map(|call| written(&call.name, &call.arguments));
                let parts = std::iter::once(message.content.clone()).filter(|text| !text.is_empty()).chain(calls);
                (role, parts.collect::<Vec<String>>().join("\n"))
            }
        };
        match converted.last_mut() {
            Some((Role::User, before)) if role == Role::User => {
                before.push('\n');
                before.push_str(&content);
            }
            _ => converted.push((role, content)),
        }
    }
    if !tools.is_empty() {
        let told = instructions(tools);
        match converted.first_mut() {
            Some((Role::System, before)) => *before = format!("{before}\n\n{told}"),
            _ => converted.insert(0, (Role::System, told)),
        }
    }
    converted.into_iter().map(|(role, content)| json!({ "role": role.name(), "content": content })).collect()
}

fn instructions(tools: &[Tool]) -> String {
    let described: Vec<String> = tools.iter().map(|tool| described(tool).to_string()).collect();
    format!(
        "You can call these functions, one JSON description a line:\n<tools>\n{}\n</tools>\n\nTo call a function, write \
         nothing but its name and arguments, in this form:\n{}\nThe results come back between <tool_response> and \
         </tool_response>. Answer in plain text when no function is needed.",
        described.join("\n"),
        written("name of the function", "{\"name of an argument\": \"value\"}"),
    )
}
