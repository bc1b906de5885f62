//! What an answer with tools may be.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{AFTER_ARGUMENTS, BEFORE_ARGUMENTS, BEFORE_NAME, CLOSE, OPEN};
use crate::constraint::Grammar;
use crate::generator::{Constraint, Error, Tool, ToolChoice};

/// Text, or calls, or text that ends in calls: whatever `choice` leaves. Text is held to `constraint`, and then comes in
/// place of calls, not before them. `None` leaves everything open.
pub(crate) fn grammar(
    tools: &[Tool],
    choice: &ToolChoice,
    constraint: Option<&Constraint>,
) -> Result<Option<Grammar>, Error> {
    let callable: Vec<&Tool> = match choice {
        ToolChoice::None => Vec::new(),
        ToolChoice::Auto | ToolChoice::Required => tools.iter().collect(),
        ToolChoice::Named(name) => {
            let tool = tools.iter().find(|tool| tool.name == *name);
            let unknown = || format!("there is no tool `{name}`; there is {}", names(tools));
            vec![tool.ok_or_else(|| Error::Invalid { part: "the tool choice", message: unknown() })?]
        }
    };
    let text = constraint.map(Grammar::of).transpose()?;
    if callable.is_empty() {
        return match choice {
            ToolChoice::Required => Err(Error::Invalid {
                part: "the tool choice",
                message: "a tool must be called, and there is none".into(),
            }),
            _ => Ok(text),
        };
    }
    let mut lark = String::new();
    let start = match (choice, &text) {
        (ToolChoice::Auto, None) => {
            lark += "TEXT: /(?s:.*)/\n";
            let _ = writeln!(lark, "opening[lazy]: TEXT {}", quoted(OPEN));
            "TEXT | opening body more*".to_owned()
        }
        (ToolChoice::Auto, Some(_)) => format!("{} body more* | @{}", quoted(OPEN), Grammar::TEXT),
        (ToolChoice::Named(_), _) => format!("{} body", quoted(OPEN)),
        _ => format!("{} body more*", quoted(OPEN)),
    };
    let _ = writeln!(lark, "start: {start}");
    let _ = writeln!(lark, "more: {} body", quoted(&format!("\n{OPEN}")));
    let body = |(index, tool): (usize, &&Tool)| {
        let before = format!("{BEFORE_NAME}{}{BEFORE_ARGUMENTS}", Value::from(tool.name.as_str()));
        format!("{} @arguments{index} {}", quoted(&before), quoted(&format!("{AFTER_ARGUMENTS}{CLOSE}")))
    };
    let bodies: Vec<String> = callable.iter().enumerate().map(body).collect();
    let _ = writeln!(lark, "body: {}", bodies.join(" | "));
    let mut grammar = Grammar::lark("the tools", lark);
    for (index, tool) in callable.iter().enumerate() {
        grammar.add_schema(format!("arguments{index}"), &arguments(tool)).map_err(|error| match error {
            Error::Invalid { message, .. } => {
                Error::Invalid { part: "the tools", message: format!("`{}`: {message}", tool.name) }
            }
            other => other,
        })?;
    }
    if let (ToolChoice::Auto, Some(text)) = (choice, text) {
        grammar.add(text);
    }
    Ok(Some(grammar))
}

/// The schema of a tool's arguments: an object, whatever else it says.
fn arguments(tool: &Tool) -> Value {
    let mut schema = match &tool.parameters {
        Value::Null => json!({}),
        other => other.clone(),
    };
    if let Value::Object(schema) = &mut schema
        && !["$ref", "anyOf", "oneOf", "allOf"].iter().any(|keyword| schema.contains_key(*keyword))
    {
        schema.insert("type".into(), "object".into());
        schema.entry("properties").or_insert_with(|| json!({}));
    }
    schema
}

fn names(tools: &[Tool]) -> String {
    let names: Vec<String> = tools.iter().map(|tool| format!("`{}`", tool.name)).collect();
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

/// As Lark writes a text: as JSON does.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
