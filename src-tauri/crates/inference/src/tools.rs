//! Tools: how a model says that it wants one called, the grammar that holds it to that, and how a call is read as it comes.
//!
//! The form is the one that Hermes and Qwen models are trained on: a JSON object with `name` and `arguments` between
//! `<tool_call>` and `</tool_call>`. Never calls anything.

mod calls;
mod grammar;

#[cfg(test)]
mod tests;

use crate::generator::{Prompt, Tool, ToolChoice};

pub(crate) use calls::{Calls, Piece};
pub(crate) use grammar::grammar;

pub(crate) const OPEN: &str = "<tool_call>";
const CLOSE: &str = "</tool_call>";
/// Between the opening and the name as JSON, between the name and the arguments, and after these.
const BEFORE_NAME: &str = "\n{\"name\": ";
const BEFORE_ARGUMENTS: &str = ", \"arguments\": ";
const AFTER_ARGUMENTS: &str = "}\n";

/// The tools that the model is shown and may call.
pub(crate) fn offered(prompt: &Prompt) -> &[Tool] {
    match prompt {
        Prompt::Chat { tools, choice, .. } if *choice != ToolChoice::None => tools,
        _ => &[],
    }
}

/// A call as a model says it. `arguments` is JSON.
pub(crate) fn written(name: &str, arguments: &str) -> String {
    let name = serde_json::Value::from(name);
    format!("{OPEN}{BEFORE_NAME}{name}{BEFORE_ARGUMENTS}{arguments}{AFTER_ARGUMENTS}{CLOSE}")
}
