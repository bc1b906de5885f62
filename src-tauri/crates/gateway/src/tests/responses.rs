//! The responses interface.

use inference::{Constraint, Error, Message, Prompt, Role, Tool, ToolCall, ToolChoice};
use serde_json::json;

use super::*;

const SAY: &str = r#"{"model": "scripted", "input": "Hi"}"#;
const TOOL: &str =
    r#""tools": [{"type": "function", "name": "weather", "parameters": {"type": "object"}, "strict": true}]"#;

fn say_with(more: &str) -> Ask {
    with(RESPONSES, SAY, more)
}

fn say(input: &str) -> Ask {
    Ask::post(RESPONSES, &SAY.replace("\"Hi\"", input))
}

#[tokio::test]
async fn each_request_has_its_status_and_code() {
    let world = World::new(ScriptedModel::saying("Hello there.").with_context(8)).await;
    let format = |format: &str| say_with(&format!(r#""text": {{"format": {format}}}"#));
    let item = |item: &str| say(&format!("[{item}]"));
    let table = vec![
        (Ask::post(RESPONSES, SAY), "200"),
        (Ask::post("/openai/responses?api-version=2025-04-01-preview", SAY), "200"),
        (Ask::post("/openai/v1/responses", SAY), "200"),
        (say_with(r#""store": true, "metadata": {"a": "b"}, "truncation": "disabled", "background": false"#), "200"),
        (say_with(r#""reasoning": {"effort": null}, "include": ["reasoning.encrypted_content"]"#), "200"),
        (say_with(r#""stream": true, "stream_options": {"include_obfuscation": false}"#), "200"),
        (format(r#"{"type": "json_schema", "name": "a", "schema": {}, "strict": true}"#), "200"),
        (item(r#"{"role": "user", "content": "Hi"}"#), "200"),
        (item(r#"{"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "Hi"}]}"#), "200"),
        (Ask::post("/openai/responses", SAY), "400 missing_required_parameter api-version"),
        (Ask::post(RESPONSES, r#"{"model": "scripted"}"#), "400 missing_required_parameter input"),
        (Ask::post(RESPONSES, r#"{"input": "Hi"}"#), "400 missing_required_parameter model"),
        (Ask::post(RESPONSES, &SAY.replace("scripted", "gpt")), "404 model_not_found model"),
        (say("1"), "400 invalid_type input"),
        (say("[]"), "400 empty_array input"),
        (item("1"), "400 invalid_type input[0]"),
        (item(r#"{"type": "reasoning"}"#), "400 unsupported_value input[0].type"),
        (item(r#"{"type": "item_reference", "id": "msg_1"}"#), "400 unsupported_value input[0].type"),
        (item(r#"{"role": "robot", "content": "Hi"}"#), "400 invalid_value input[0].role"),
        (item(r#"{"role": "user"}"#), "400 missing_required_parameter input[0].content"),
        (
            item(r#"{"role": "user", "content": [{"type": "input_image", "image_url": "x"}]}"#),
            "400 unsupported_value input[0].content[0].type",
        ),
        (item(r#"{"type": "function_call_output", "call_id": "a", "output": "b"}"#), "400 invalid_value input"),
        (
            item(r#"{"type": "function_call", "call_id": "a", "arguments": "{}"}"#),
            "400 missing_required_parameter input[0].name",
        ),
        (say_with(r#""previous_response_id": "resp_1""#), "400 unsupported_parameter previous_response_id"),
        (say_with(r#""conversation": "conv_1""#), "400 unsupported_parameter conversation"),
        (say_with(r#""background": true"#), "400 unsupported_parameter background"),
        (say_with(r#""truncation": "auto""#), "400 unsupported_parameter truncation"),
        (say_with(r#""reasoning": {"effort": "high"}"#), "400 unsupported_parameter reasoning"),
        (say_with(r#""tools": [{"type": "web_search"}]"#), "400 unsupported_value tools[0].type"),
        (say_with(r#""tools": [{"type": "function"}]"#), "400 missing_required_parameter tools[0].name"),
        (say_with(r#""include": ["file_search_call.results"]"#), "400 unsupported_value include"),
        (say_with(r#""top_logprobs": 2"#), "400 invalid_parameter_combination top_logprobs"),
        (say_with(r#""text": {"verbosity": "low"}"#), "400 unsupported_parameter text.verbosity"),
        (format(r#"{"type": "json_schema", "schema": {}}"#), "400 missing_required_parameter text.format.name"),
        (format(r#"{"type": "json_schema", "name": "a"}"#), "400 missing_required_parameter text.format.schema"),
        (say_with(r#""max_output_tokens": 0"#), "400 integer_below_min_value max_output_tokens"),
        (say_with(r#""max_tokens": 1"#), "400 unknown_parameter max_tokens"),
        (
            say_with(r#""stream": true, "stream_options": {"include_usage": true}"#),
            "400 unsupported_parameter stream_options.include_usage",
        ),
        (say("\"1 2 3 4 5 6 7 8 9\""), "400 context_length_exceeded input"),
        (Ask::get("/v1/responses/resp_1"), "404 response_not_found"),
        (Ask::get("/openai/responses/resp_1"), "404 response_not_found"),
        (Ask::new("DELETE", "/v1/responses/resp_1", ""), "404 response_not_found"),
    ];
    check(&world, table).await;
    let advice = world.send(&say_with(r#""previous_response_id": "resp_1""#)).await.body;
    assert!(advice.contains("Send the earlier items in 'input'"), "{advice}");
}

#[tokio::test]
async fn the_model_is_asked_what_the_client_asked() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    let body = json!({
        "model": "scripted",
        "instructions": "Be brief.",
        "input": [
            {"role": "user", "content": "What of Oslo?"},
            {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant",
             "content": [{"type": "output_text", "text": "Let me look.", "annotations": [], "logprobs": []}]},
            {"type": "function_call", "id": "fc_1", "call_id": "a", "name": "weather", "arguments": "{}", "status": "completed"},
            {"type": "function_call", "call_id": "b", "name": "weather", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "b", "output": "mild"},
            {"type": "function_call_output", "call_id": "a", "output": [{"type": "input_text", "text": "cold"}]},
        ],
        "tools": [{"type": "function", "name": "weather", "description": null, "parameters": {"type": "object"}, "strict": true}],
        "tool_choice": {"type": "function", "name": "weather"},
        "text": {"format": {"type": "json_schema", "name": "a", "schema": {"type": "object"}}},
        "max_output_tokens": 9, "temperature": 0.5, "top_p": 0.25, "top_k": 3,
        "include": ["message.output_text.logprobs"], "top_logprobs": 2,
    });
    let answer = world.send(&Ask::post(RESPONSES, &body.to_string())).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let call = |id: &str| ToolCall { id: id.into(), name: "weather".into(), arguments: "{}".into() };
    let result = |id: &str, said: &str| Message { tool_call: Some(id.into()), ..Message::new(Role::Tool, said) };
    let asked = world.model.requests().remove(0);
    let messages = vec![
        Message::new(Role::System, "Be brief."),
        Message::new(Role::User, "What of Oslo?"),
        Message { tool_calls: vec![call("a"), call("b")], ..Message::new(Role::Assistant, "Let me look.") },
        result("b", "mild"),
        result("a", "cold"),
    ];
    let tools = vec![Tool { name: "weather".into(), description: None, parameters: json!({"type": "object"}) }];
    assert_eq!(asked.prompt, Prompt::Chat { messages, tools, choice: ToolChoice::Named("weather".into()) });
    assert_eq!((asked.max_tokens, asked.logprobs), (Some(9), Some(2)));
    assert_eq!(asked.constraint, Some(Constraint::Schema(json!({"type": "object"}))));
    assert_eq!((asked.sampling.temperature, asked.sampling.top_p, asked.sampling.top_k), (0.5, 0.25, Some(3)));
}

#[tokio::test]
async fn an_answer_is_one_object() {
    let world = World::new(ScriptedModel::saying("Hello there.")).await;
    let answer = world.send(&say_with(r#""metadata": {"a": "b"}, "temperature": 0.5"#)).await;
    insta::assert_snapshot!("response_whole", answer.stable_body());
}

#[tokio::test]
async fn a_stream_is_exactly_these_bytes() {
    let world = World::new(ScriptedModel::saying("Hello there.")).await;
    let stream = world.send(&say_with(r#""stream": true"#)).await;
    insta::assert_snapshot!("response_streamed", stream.stable_body());
}

#[tokio::test]
async fn calls_are_items_of_their_own() {
    let model = ScriptedModel::saying("Let me look.").calling(&[("weather", r#"{"city": "Oslo"}"#), ("weather", "{}")]);
    let world = World::new(model).await;
    let answer = world.send(&say_with(TOOL)).await;
    insta::assert_snapshot!("response_calls", answer.stable_body());
    let stream = world.send(&say_with(&format!(r#"{TOOL}, "stream": true"#))).await;
    let kinds: Vec<_> = stream.events().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect();
    insta::assert_snapshot!("response_call_events", kinds.join("\n"));
    // The stream's last word is the whole answer.
    let strip = |mut items: Value| {
        for item in items.as_array_mut().unwrap() {
            item["id"] = json!(null);
            item["call_id"] = json!(null);
        }
        items
    };
    let last = stream.events().pop().unwrap()["response"]["output"].clone();
    assert_eq!(strip(last), strip(answer.json()["output"].clone()));
}

#[tokio::test]
async fn one_call_at_a_time_when_asked() {
    let world = World::new(ScriptedModel::saying("").calling(&[("weather", "{}"), ("weather", "{}")])).await;
    let answer = world.send(&say_with(&format!(r#"{TOOL}, "parallel_tool_calls": false"#))).await.json();
    assert_eq!(answer["output"].as_array().unwrap().len(), 1, "{answer}");
    assert_eq!(answer["parallel_tool_calls"], false);
}

#[tokio::test]
async fn an_answer_that_was_cut_short_is_incomplete() {
    let world = World::new(ScriptedModel::saying("Hello there.")).await;
    let answer = world.send(&say_with(r#""max_output_tokens": 1"#)).await.json();
    assert_eq!(answer["status"], "incomplete");
    assert_eq!(answer["incomplete_details"], json!({"reason": "max_output_tokens"}));
    assert_eq!(answer["output"][0]["status"], "incomplete");
    let stream = world.send(&say_with(r#""max_output_tokens": 1, "stream": true"#)).await;
    assert_eq!(stream.events().last().unwrap()["type"], "response.incomplete");
}

#[tokio::test]
async fn a_fault_in_mid_stream_is_an_event() {
    let error = Error::Model { message: "out of memory".into() };
    let world = World::new(ScriptedModel::saying("Hello there.").failing_after(1, error)).await;
    let last = world.send(&say_with(r#""stream": true"#)).await.events().pop().unwrap();
    assert_eq!(last["type"], "response.failed");
    assert_eq!(
        (&last["response"]["status"], &last["response"]["error"]["code"]),
        (&json!("failed"), &json!("server_error"))
    );
    assert_eq!(world.send(&Ask::post(RESPONSES, SAY)).await.verdict(), "500 model_failed");
}

#[tokio::test]
async fn events_are_numbered_and_probabilities_told() {
    let world = World::new(ScriptedModel::saying("Hello there.")).await;
    let more = r#""stream": true, "include": ["message.output_text.logprobs"], "top_logprobs": 1"#;
    let events = world.send(&say_with(more)).await.events();
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event["sequence_number"], number);
    }
    let deltas: Vec<_> = events.iter().filter(|event| event["type"] == "response.output_text.delta").collect();
    assert_eq!(deltas[1]["logprobs"][0]["token"], " there.");
    assert_eq!(deltas[1]["logprobs"][0]["top_logprobs"].as_array().unwrap().len(), 1);
    let whole = events.last().unwrap()["response"]["output"][0]["content"][0]["logprobs"].clone();
    assert_eq!(whole.as_array().unwrap().len(), 2);
}
