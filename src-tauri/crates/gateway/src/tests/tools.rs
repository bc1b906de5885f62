//! Tools: offered, called, and their results sent back.

use inference::{Message, Prompt, Role, Tool, ToolCall, ToolChoice};
use serde_json::json;

use super::*;

const TOOL: &str = r#""tools": [{"type": "function", "function": {"name": "weather", "description": "Of a city", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}, "strict": true}}]"#;

fn calling() -> ScriptedModel {
    ScriptedModel::saying("").calling(&[("weather", r#"{"city": "Oslo"}"#), ("weather", r#"{"city": "Rome"}"#)])
}

#[tokio::test]
async fn tools_are_read_or_named() {
    let world = World::new(calling()).await;
    let tool = |tool: &str| chat_with(&format!(r#""tools": [{tool}]"#));
    let choice = |choice: &str| chat_with(&format!(r#"{TOOL}, "tool_choice": {choice}"#));
    let weather = r#"{"type": "function", "function": {"name": "weather"}}"#;
    let table = vec![
        (chat_with(TOOL), "200"),
        (tool(weather), "200"),
        (chat_with(r#""tools": [], "parallel_tool_calls": true"#), "200"),
        (choice("\"none\""), "200"),
        (choice("\"auto\""), "200"),
        (choice("\"required\""), "200"),
        (choice(weather), "200"),
        (choice("\"any\""), "400 invalid_value tool_choice"),
        (choice("1"), "400 invalid_type tool_choice"),
        (choice(r#"{"type": "function"}"#), "400 missing_required_parameter tool_choice.function"),
        (choice(r#"{"type": "allowed_tools"}"#), "400 unsupported_value tool_choice.type"),
        (choice(&weather.replace("weather", "time")), "400 invalid_value tool_choice"),
        (chat_with(r#""tool_choice": "auto""#), "400 invalid_parameter_combination tool_choice"),
        (chat_with(r#""parallel_tool_calls": 1"#), "400 invalid_type parallel_tool_calls"),
        (chat_with(r#""tools": {}"#), "400 invalid_type tools"),
        (tool("1"), "400 invalid_type tools[0]"),
        (tool(r#"{"function": {"name": "a"}}"#), "400 missing_required_parameter tools[0].type"),
        (tool(r#"{"type": "custom", "custom": {"name": "a"}}"#), "400 unsupported_value tools[0].type"),
        (tool(r#"{"type": "function"}"#), "400 missing_required_parameter tools[0].function"),
        (tool(r#"{"type": "function", "function": {}}"#), "400 missing_required_parameter tools[0].function.name"),
        (tool(r#"{"type": "function", "function": {"name": "a b"}}"#), "400 invalid_value tools[0].function.name"),
        (
            tool(r#"{"type": "function", "function": {"name": "a", "parameters": []}}"#),
            "400 invalid_type tools[0].function.parameters",
        ),
        (
            tool(r#"{"type": "function", "function": {"name": "a", "strict": "yes"}}"#),
            "400 invalid_type tools[0].function.strict",
        ),
        (tool(&format!("{weather}, {weather}")), "400 invalid_value tools[1].function.name"),
        (tool(&vec![weather; 129].join(",")), "400 array_above_max_length tools"),
    ];
    check(&world, table).await;
}

#[tokio::test]
async fn the_model_is_offered_the_tools() {
    let world = World::new(calling()).await;
    for (choice, expected) in [
        ("", ToolChoice::Auto),
        (r#", "tool_choice": "none""#, ToolChoice::None),
        (r#", "tool_choice": "required""#, ToolChoice::Required),
        (
            r#", "tool_choice": {"type": "function", "function": {"name": "weather"}}"#,
            ToolChoice::Named("weather".into()),
        ),
    ] {
        world.send(&chat_with(&format!("{TOOL}{choice}"))).await;
        let parameters = json!({"type": "object", "properties": {"city": {"type": "string"}}});
        let tool = Tool { name: "weather".into(), description: Some("Of a city".into()), parameters };
        let prompt =
            Prompt::Chat { messages: vec![Message::new(Role::User, "Hi")], tools: vec![tool], choice: expected };
        assert_eq!(world.model.requests().last().unwrap().prompt, prompt);
    }
}

#[tokio::test]
async fn calls_are_told_whole_and_in_a_stream() {
    let world = World::new(calling()).await;
    let answer = world.send(&chat_with(TOOL)).await;
    insta::assert_snapshot!("calls_whole", answer.stable_body());
    assert_eq!(world.only_call().await.finish_reason.as_deref(), Some("tool_calls"));
    let stream = world.send(&chat_with(&format!(r#"{TOOL}, "stream": true"#))).await;
    insta::assert_snapshot!("calls_streamed", stream.stable_body());
}

#[tokio::test]
async fn one_call_at_a_time_when_asked() {
    let world = World::new(calling().slowly(Duration::from_millis(1))).await;
    let answer = world.send(&chat_with(&format!(r#"{TOOL}, "parallel_tool_calls": false"#))).await.json();
    let choice = &answer["choices"][0];
    assert_eq!(choice["message"]["tool_calls"].as_array().unwrap().len(), 1);
    assert_eq!(choice["message"]["tool_calls"][0]["function"]["arguments"], r#"{"city": "Oslo"}"#);
    assert_eq!(choice["finish_reason"], "tool_calls");
    // The model was stopped there.
    world.model.cancelled(1).await;
    assert_eq!(world.only_call().await.status, 200);
}

#[tokio::test]
async fn a_text_may_come_before_the_calls() {
    let world = World::new(ScriptedModel::saying("Let me look.").calling(&[("weather", "{}")])).await;
    let message = world.send(&chat_with(TOOL)).await.json()["choices"][0]["message"].clone();
    assert_eq!(message["content"], "Let me look.");
    assert_eq!(message["tool_calls"][0]["function"]["name"], "weather");
}

#[tokio::test]
async fn results_follow_their_calls() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    let call = |id: &str| json!({"id": id, "type": "function", "function": {"name": "weather", "arguments": "{\"city\": \"Oslo\"}"}});
    let calls = |ids: &[&str]| json!({"role": "assistant", "content": null, "tool_calls": ids.iter().map(|id| call(id)).collect::<Vec<_>>()});
    let result = |id: &str| json!({"role": "tool", "tool_call_id": id, "content": "12 degrees"});
    let user = json!({"role": "user", "content": "Hi"});
    let chat = |messages: &[Value]| Ask::post(CHAT, &json!({"model": "scripted", "messages": messages}).to_string());
    let without = |mut message: Value, field: &str| {
        message.as_object_mut().unwrap().remove(field);
        message
    };
    let table = vec![
        (chat(&[user.clone(), calls(&["a"]), result("a")]), "200"),
        (chat(&[user.clone(), calls(&["a", "b"]), result("b"), result("a"), user.clone()]), "200"),
        (chat(&[user.clone(), calls(&["a"]), result("b")]), "400 invalid_value messages[2]"),
        (chat(&[user.clone(), result("a")]), "400 invalid_value messages[1]"),
        (chat(&[user.clone(), calls(&["a", "b"]), result("a")]), "400 invalid_value messages[1]"),
        (chat(&[user.clone(), calls(&["a"]), user.clone()]), "400 invalid_value messages[1]"),
        (chat(&[calls(&["a"]), result("a"), result("a")]), "400 invalid_value messages[2]"),
        (
            chat(&[user.clone(), without(result("a"), "tool_call_id")]),
            "400 missing_required_parameter messages[1].tool_call_id",
        ),
        (chat(&[json!({"role": "assistant"})]), "400 missing_required_parameter messages[0].content"),
        (chat(&[json!({"role": "assistant", "tool_calls": [1]})]), "400 invalid_type messages[0].tool_calls[0]"),
        (
            chat(&[json!({"role": "assistant", "tool_calls": [without(call("a"), "id")]})]),
            "400 missing_required_parameter messages[0].tool_calls[0].id",
        ),
        (
            chat(&[json!({"role": "user", "content": "Hi", "tool_calls": [call("a")]})]),
            "400 unsupported_parameter messages[0].tool_calls",
        ),
        (chat(&[json!({"role": "function", "name": "a", "content": "Hi"})]), "400 unsupported_value messages[0].role"),
    ];
    check(&world, table).await;
    let said = world.model.requests()[0].prompt.clone();
    let called = ToolCall { id: "a".into(), name: "weather".into(), arguments: "{\"city\": \"Oslo\"}".into() };
    let messages = vec![
        Message::new(Role::User, "Hi"),
        Message { tool_calls: vec![called], ..Message::new(Role::Assistant, "") },
        Message { tool_call: Some("a".into()), ..Message::new(Role::Tool, "12 degrees") },
    ];
    assert_eq!(said, Prompt::chat(messages));
}
