//! The grammar of calls on the real vocabulary, and what is read from the texts that it allows.

use serde_json::{Value, json};

use super::{Calls, Piece, grammar, written};
use crate::constraint::tests::Model;
use crate::generator::{Constraint, Error, Prompt, Tool, ToolChoice};

fn tools() -> Vec<Tool> {
    let weather = json!({
        "type": "object",
        "properties": { "city": { "type": "string" }, "days": { "type": "integer", "minimum": 1, "maximum": 7 } },
        "required": ["city"],
        "additionalProperties": false,
    });
    let tool = |name: &str, parameters: Value| Tool { name: name.into(), description: None, parameters };
    // The second says nothing of its arguments, and the third more than a text can be held to.
    vec![
        tool("weather", weather),
        tool("now", Value::Null),
        tool("set", json!({ "properties": { "to": { "not": { "type": "null" } } }, "required": ["to"] })),
    ]
}

#[test]
fn what_an_answer_may_be() {
    let model = Model::load();
    let check = |choice: ToolChoice, constraint: Option<&Constraint>, text: &str, expected: bool| {
        let mut constrained = model.hold(grammar(&tools(), &choice, constraint).unwrap().unwrap());
        assert_eq!(model.takes(&mut constrained, text), expected, "{choice:?} {text}");
    };
    let weather = written("weather", r#"{"city": "Paris", "days": 2}"#);
    let now = written("now", "{}");
    let both = format!("{weather}\n{now}");

    for text in ["Hello!", "", "a < b, <tool> and <tool_call", &weather, &both, &format!("Let me see.\n{both}")] {
        check(ToolChoice::Auto, None, text, true);
    }
    for text in ["<tool_call> hm", &format!("{weather} and so"), &written("weather", "{}"), &written("other", "{}")] {
        check(ToolChoice::Auto, None, text, false);
    }
    for (text, expected) in [(weather.as_str(), true), (&now, true), (&both, true), ("Hello!", false), ("", false)] {
        check(ToolChoice::Required, None, text, expected);
    }
    for (text, expected) in [(now.as_str(), true), (&weather, false), (&both, false), ("Hello!", false)] {
        check(ToolChoice::Named("now".into()), None, text, expected);
    }
    check(ToolChoice::Required, None, &written("set", r#"{"to": [1, {"a": null}]}"#), true);
    check(ToolChoice::Required, None, &written("weather", r#"{"city": "Paris", "days": 9}"#), false);
    let schema = Constraint::Schema(json!({ "type": "object", "properties": { "answer": { "type": "string" } } }));
    for (text, expected) in [(r#"{"answer": "yes"}"#, true), (weather.as_str(), true), ("yes", false)] {
        check(ToolChoice::Auto, Some(&schema), text, expected);
    }
    check(ToolChoice::Auto, Some(&Constraint::Regex("yes|no".into())), "yes", true);
    check(ToolChoice::None, Some(&Constraint::Regex("yes|no".into())), &weather, false);
}

#[test]
fn without_tools_nothing_is_held() {
    let offered = |choice| super::offered(&Prompt::Chat { messages: Vec::new(), tools: tools(), choice }).len();
    assert_eq!([ToolChoice::None, ToolChoice::Auto, ToolChoice::Named("now".into())].map(offered), [0, 3, 3]);
    assert!(grammar(&tools(), &ToolChoice::None, None).unwrap().is_none());
    assert!(grammar(&[], &ToolChoice::Auto, None).unwrap().is_none());
    let message = |tools: &[Tool], choice: ToolChoice| match grammar(tools, &choice, None) {
        Err(Error::Invalid { part, message }) => format!("{part}: {message}"),
        other => panic!("{:?}", other.err()),
    };
    assert_eq!(
        message(&tools(), ToolChoice::Named("then".into())),
        "the tool choice: there is no tool `then`; there is `weather`, `now`, `set`"
    );
    assert_eq!(message(&[], ToolChoice::Required), "the tool choice: a tool must be called, and there is none");
    let odd = [Tool { name: "odd".into(), description: None, parameters: json!(3) }];
    assert_eq!(message(&odd, ToolChoice::Auto), "the tools: `odd`: it is 3, not a JSON object");
}

#[test]
fn every_call_that_chance_makes_is_read_and_valid() {
    let model = Model::load();
    let validator = jsonschema::validator_for(&tools()[0].parameters).unwrap();
    for seed in 0..40 {
        let text = model.draw(grammar(&tools(), &ToolChoice::Required, None).unwrap().unwrap(), seed);
        let mut calls = Calls::default();
        let mut read: Vec<(String, String)> = Vec::new();
        for letter in text.chars() {
            for piece in calls.push(&letter.to_string()) {
                let Piece::Call { index, name, arguments } = piece else { panic!("{text}: {piece:?}") };
                read.extend(name.map(|name| (name, String::new())));
                assert_eq!(index + 1, read.len());
                read[index].1 += &arguments;
            }
        }
        assert_eq!(calls.finish(), "");
        assert_eq!(calls.count(), read.len());
        let again: Vec<String> = read.iter().map(|(name, arguments)| written(name, arguments)).collect();
        assert_eq!(again.join("\n"), text);
        for (name, arguments) in read {
            let arguments: Value = serde_json::from_str(&arguments).unwrap();
            assert!(arguments.is_object() && (name != "weather" || validator.is_valid(&arguments)), "{text}");
        }
    }
}
