//! A request as another server reads it. What that server has no standard word for is refused, never left out in silence.

use inference::{Constraint, Error, Message, Prompt, Request, Sampling, Tool, ToolChoice};
use serde_json::{Map, Value, json};

/// The path below the base URL, and the body.
pub fn body(model: &str, request: &Request) -> Result<(&'static str, Value), Error> {
    let mut body = Map::new();
    let mut put = |key: &str, value: Value| drop(body.insert(key.into(), value));
    put("model", json!(model));
    let path = match &request.prompt {
        Prompt::Chat { messages, tools, choice } => {
            put("messages", messages.iter().map(message).collect());
            if !tools.is_empty() {
                put("tools", tools.iter().map(tool).collect());
                put("tool_choice", tool_choice(choice));
            }
            if let Some(top) = request.logprobs {
                put("logprobs", json!(true));
                put("top_logprobs", json!(top));
            }
            "chat/completions"
        }
        Prompt::Text(text) => {
            put("prompt", json!(text));
            "completions"
        }
        Prompt::Tokens(tokens) => {
            put("prompt", json!(tokens));
            "completions"
        }
    };
    if let (Some(top), "completions") = (request.logprobs, path) {
        put("logprobs", json!(top));
    }
    if let Some(most) = request.max_tokens {
        put("max_tokens", json!(most));
    }
    if !request.stop.is_empty() {
        put("stop", json!(request.stop));
    }
    match &request.constraint {
        None => {}
        Some(Constraint::Object) => put("response_format", json!({"type": "json_object"})),
        Some(Constraint::Schema(schema)) => {
            let schema = json!({"name": "answer", "schema": schema, "strict": true});
            put("response_format", json!({"type": "json_schema", "json_schema": schema}));
        }
        Some(Constraint::Grammar(_)) => return Err(only_here("the grammar")),
        Some(Constraint::Regex(_)) => return Err(only_here("the regex")),
    }
    for (key, value) in sampling(&request.sampling) {
        put(key, value);
    }
    put("stream", json!(true));
    put("stream_options", json!({"include_usage": true}));
    Ok((path, body.into()))
}

fn only_here(part: &'static str) -> Error {
    let message = "this deployment's model runs on another server, and servers differ in how they take it";
    Error::Invalid { part, message: message.into() }
}

/// What is not at its default: a server that does not know a word is not told it in vain.
fn sampling(sampling: &Sampling) -> Vec<(&'static str, Value)> {
    let usual = Sampling::default();
    let bias: Map<String, Value> = sampling.bias.iter().map(|(token, bias)| (token.to_string(), json!(bias))).collect();
    let all = [
        (true, "temperature", json!(sampling.temperature)),
        (sampling.top_p != usual.top_p, "top_p", json!(sampling.top_p)),
        (sampling.top_k != usual.top_k, "top_k", json!(sampling.top_k)),
        (sampling.min_p != usual.min_p, "min_p", json!(sampling.min_p)),
        (
            sampling.repetition_penalty != usual.repetition_penalty,
            "repetition_penalty",
            json!(sampling.repetition_penalty),
        ),
        (sampling.frequency_penalty != usual.frequency_penalty, "frequency_penalty", json!(sampling.frequency_penalty)),
        (sampling.presence_penalty != usual.presence_penalty, "presence_penalty", json!(sampling.presence_penalty)),
        (sampling.seed.is_some(), "seed", json!(sampling.seed)),
        (!bias.is_empty(), "logit_bias", bias.into()),
    ];
    all.into_iter().filter(|(told, ..)| *told).map(|(_, key, value)| (key, value)).collect()
}

fn message(message: &Message) -> Value {
    let mut written = Map::new();
    written.insert("role".into(), json!(message.role.name()));
    written.insert("content".into(), json!(message.content));
    if !message.tool_calls.is_empty() {
        let calls = message.tool_calls.iter().map(|call| {
            json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}})
        });
        written.insert("tool_calls".into(), calls.collect());
    }
    if let Some(call) = &message.tool_call {
        written.insert("tool_call_id".into(), json!(call));
    }
    written.into()
}

fn tool(tool: &Tool) -> Value {
    let mut function = json!({"name": tool.name, "parameters": tool.parameters});
    if let Some(description) = &tool.description {
        function["description"] = json!(description);
    }
    json!({"type": "function", "function": function})
}

fn tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::None => json!("none"),
        ToolChoice::Auto => json!("auto"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Named(name) => json!({"type": "function", "function": {"name": name}}),
    }
}
