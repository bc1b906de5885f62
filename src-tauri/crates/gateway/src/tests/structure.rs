//! What an answer is held to, and what a model finds wrong with it.

use inference::{Constraint, Error};
use serde_json::json;

use super::*;

#[tokio::test]
async fn a_form_is_read_or_named() {
    let world = World::new(ScriptedModel::saying("{}")).await;
    let format = |format: &str| chat_with(&format!(r#""response_format": {format}"#));
    let schema = |schema: &str| format(&format!(r#"{{"type": "json_schema", "json_schema": {schema}}}"#));
    let table = vec![
        (format(r#"{"type": "text"}"#), "200"),
        (format(r#"{"type": "json_object"}"#), "200"),
        (schema(r#"{"name": "a", "schema": {}}"#), "200"),
        (schema(r#"{"name": "a", "schema": {"type": "object"}, "strict": true, "description": "b"}"#), "200"),
        (chat_with(r#""guided_grammar": "start: /a/", "response_format": {"type": "text"}"#), "200"),
        (format("\"json\""), "400 invalid_type response_format"),
        (format("{}"), "400 missing_required_parameter response_format.type"),
        (format(r#"{"type": "xml"}"#), "400 invalid_value response_format.type"),
        (format(r#"{"type": "json_schema"}"#), "400 missing_required_parameter response_format.json_schema"),
        (schema("[]"), "400 invalid_type response_format.json_schema"),
        (schema(r#"{"schema": {}}"#), "400 missing_required_parameter response_format.json_schema.name"),
        (schema(r#"{"name": "a b", "schema": {}}"#), "400 invalid_value response_format.json_schema.name"),
        (schema(r#"{"name": "a"}"#), "400 missing_required_parameter response_format.json_schema.schema"),
        (schema(r#"{"name": "a", "schema": [1]}"#), "400 invalid_type response_format.json_schema.schema"),
        (schema(r#"{"name": "a", "schema": {}, "strict": 1}"#), "400 invalid_type response_format.json_schema.strict"),
        (
            schema(r#"{"name": "a", "schema": {}, "lax": true}"#),
            "400 unsupported_parameter response_format.json_schema.lax",
        ),
        (chat_with(r#""guided_regex": 1"#), "400 invalid_type guided_regex"),
        (
            chat_with(r#""guided_regex": "a", "response_format": {"type": "json_object"}"#),
            "400 invalid_parameter_combination guided_regex",
        ),
    ];
    check(&world, table).await;
    let asked: Vec<_> = world.model.requests().into_iter().map(|request| request.constraint).collect();
    let object = json!({"type": "object"});
    assert_eq!(
        asked,
        [
            None,
            Some(Constraint::Object),
            Some(Constraint::Schema(json!({}))),
            Some(Constraint::Schema(object)),
            Some(Constraint::Grammar("start: /a/".into())),
        ]
    );
}

#[tokio::test]
async fn what_the_model_finds_wrong_is_named_as_the_client_knows_it() {
    let schema = r#""response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {}}}"#;
    let tool = r#""tools": [{"type": "function", "function": {"name": "a"}}]"#;
    let text = r#""text": {"format": {"type": "json_schema", "name": "a", "schema": {}}}"#;
    let input = r#"{"model": "scripted", "input": "Hi"}"#;
    let prompt = r#"{"model": "scripted", "prompt": "Hi"}"#;
    let table = [
        ("the schema", chat_with(schema), "400 invalid_value response_format"),
        ("the schema", chat_with(tool), "400 invalid_value tools"),
        ("the schema", with(RESPONSES, input, text), "400 invalid_value text.format"),
        ("the grammar", chat_with(r#""guided_grammar": "?""#), "400 invalid_value guided_grammar"),
        ("the regex", chat_with(r#""guided_regex": "(""#), "400 invalid_value guided_regex"),
        ("the bias", chat_with(r#""logit_bias": {"9999999": 1}"#), "400 invalid_value logit_bias"),
        ("the prompt", Ask::post(COMPLETIONS, prompt), "400 invalid_value prompt"),
        ("the prompt", Ask::post(CHAT, HELLO), "400 invalid_value messages"),
        ("the conversation", Ask::post(CHAT, HELLO), "400 invalid_value messages"),
        ("the tools", chat_with(tool), "400 invalid_value tools"),
        ("the tool choice", chat_with(tool), "400 invalid_value tool_choice"),
        ("the weather", Ask::post(CHAT, HELLO), "400 invalid_value"),
    ];
    for (part, ask, expected) in table {
        let error = Error::Invalid { part, message: "it is too grey".into() };
        let world = World::new(ScriptedModel::saying("Hello.").failing_after(0, error)).await;
        let answer = world.send(&ask).await;
        assert_eq!(answer.verdict(), expected, "{part}: {}", ask.body);
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains("too grey") && message.contains("as the message says"), "{message}");
    }
}
