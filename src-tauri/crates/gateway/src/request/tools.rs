//! Reads the functions that a model may call, and whether it may, must or must not.

use inference::{Tool, ToolChoice};
use serde_json::{Value, json};

use super::{
    constraint,
    field::{self, Fields},
};
use crate::refusal::Refusal;

pub(crate) const READ: &[&str] = &["tools", "tool_choice", "parallel_tool_calls"];

const MOST_TOOLS: usize = 128;
const ONLY_FUNCTIONS: &str = "Only tools of type \"function\" can be called here, by your own code.";

/// What a request says of tools.
pub(crate) struct Tools {
    pub offered: Vec<Tool>,
    pub choice: ToolChoice,
    /// The model calls one tool at most.
    pub one_call: bool,
}

/// Where an interface keeps a function's name and the rest: in a field of its own, as chat completions do, or beside
/// the `type`, as responses do.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Layout {
    Nested,
    Flat,
}

impl Tools {
    pub fn read(fields: &Fields, layout: Layout) -> Result<Self, Refusal> {
        let offered = match field::get(fields, "tools") {
            Some(value) => offered(field::list(value, "tools")?, layout)?,
            None => Vec::new(),
        };
        let one_call = field::boolean(fields, "parallel_tool_calls")? == Some(false);
        let choice = choice(fields, &offered, layout)?;
        Ok(Self { offered, choice, one_call })
    }
}

fn offered(tools: &[Value], layout: Layout) -> Result<Vec<Tool>, Refusal> {
    if tools.len() > MOST_TOOLS {
        let message = format!("'tools' may hold {MOST_TOOLS} tools, but holds {}.", tools.len());
        return Err(Refusal::of("tools", "array_above_max_length", message));
    }
    let mut offered: Vec<Tool> = Vec::with_capacity(tools.len());
    for (index, value) in tools.iter().enumerate() {
        let (place, tool) = tool(value, &format!("tools[{index}]"), layout)?;
        if offered.iter().any(|known| known.name == tool.name) {
            let message = format!("Two tools are called {:?}. Give each a name of its own.", tool.name);
            return Err(Refusal::of(format!("{place}.name"), "invalid_value", message));
        }
        offered.push(tool);
    }
    Ok(offered)
}

/// A tool, and the place of its name.
fn tool(value: &Value, place: &str, layout: Layout) -> Result<(String, Tool), Refusal> {
    const KNOWN: &[&str] = &["name", "description", "parameters", "strict"];
    let fields = field::object(value, place)?;
    let kind = field::kind(fields, place)?;
    if kind != "function" {
        let message = format!("'{place}' is of type {kind:?}. {ONLY_FUNCTIONS}");
        return Err(Refusal::of(format!("{place}.type"), "unsupported_value", message));
    }
    let (function, place) = match layout {
        Layout::Nested => {
            field::only(place, fields, &["type", "function"])?;
            nested(fields, place)?
        }
        Layout::Flat => (fields, place.to_owned()),
    };
    field::only(&place, function, &[KNOWN, &["type"]].concat())?;
    // Arguments are always held to the parameters, so `strict` asks for nothing more.
    constraint::strict(function, &place)?;
    let name = field::name(function, &place)?.to_owned();
    let description = field::text_at(function, "description", &format!("{place}.description"))?.map(Into::into);
    let parameters = match field::get(function, "parameters") {
        Some(parameters) => {
            field::object(parameters, &format!("{place}.parameters"))?;
            parameters.clone()
        }
        None => json!({"type": "object", "properties": {}}),
    };
    Ok((place, Tool { name, description, parameters }))
}

fn nested<'a>(fields: &'a Fields, place: &str) -> Result<(&'a Fields, String), Refusal> {
    let place = format!("{place}.function");
    let value = field::get(fields, "function").ok_or_else(|| field::missing(&place))?;
    Ok((field::object(value, &place)?, place))
}

fn choice(fields: &Fields, offered: &[Tool], layout: Layout) -> Result<ToolChoice, Refusal> {
    const PLACE: &str = "tool_choice";
    let Some(value) = field::get(fields, PLACE) else {
        return Ok(if offered.is_empty() { ToolChoice::None } else { ToolChoice::Auto });
    };
    let choice = match value {
        Value::String(word) => match word.as_str() {
            "none" => return Ok(ToolChoice::None),
            "auto" => ToolChoice::Auto,
            "required" => ToolChoice::Required,
            other => {
                let message = format!("'{PLACE}' must be none, auto, required or a function, but is {other:?}.");
                return Err(Refusal::of(PLACE, "invalid_value", message));
            }
        },
        Value::Object(fields) => named(fields, PLACE, layout)?,
        other => return Err(field::wrong_type(PLACE, "a text or an object", other)),
    };
    if offered.is_empty() {
        let message = "'tool_choice' goes with 'tools' only. Send the tools too, or leave it out.";
        return Err(Refusal::of(PLACE, "invalid_parameter_combination", message));
    }
    match &choice {
        ToolChoice::Named(name) if !offered.iter().any(|tool| tool.name == *name) => {
            let message = format!("'{PLACE}' names {name:?}, which is not among the tools.");
            Err(Refusal::of(PLACE, "invalid_value", message))
        }
        _ => Ok(choice),
    }
}

fn named(fields: &Fields, place: &str, layout: Layout) -> Result<ToolChoice, Refusal> {
    let kind = field::kind(fields, place)?;
    if kind != "function" {
        let message = format!("'{place}' is of type {kind:?}. {ONLY_FUNCTIONS}");
        return Err(Refusal::of(format!("{place}.type"), "unsupported_value", message));
    }
    let (function, place) = match layout {
        Layout::Nested => nested(fields, place)?,
        Layout::Flat => (fields, place.to_owned()),
    };
    Ok(ToolChoice::Named(field::name(function, &place)?.into()))
}
