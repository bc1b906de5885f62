//! Reads what a response asks for.

use inference::{Prompt, Request};
use serde_json::Value;

use super::input;
use crate::{
    refusal::Refusal,
    request::{
        choices::{self, Asked},
        constraint,
        field::{self, Fields},
        parameter::{Inert, LABELS, never, refuse_others},
        sampling, streaming,
        tools::{self, Layout, Tools},
    },
};

/// The parameters that change the answer, beside those that other interfaces have too.
const READ: &[&str] = &["model", "input", "instructions", "max_output_tokens", "text", "include", "top_logprobs"];

/// The other parameters of the API. Each is accepted only where it changes nothing.
const INERT: &[Inert] = &[
    // Nothing is stored, whatever is asked: the answer says so.
    Inert("store", Value::is_boolean, "It must be true or false."),
    Inert("previous_response_id", never, "Nothing is stored here. Send the earlier items in 'input'."),
    Inert("conversation", never, "Nothing is stored here. Send the earlier items in 'input'."),
    Inert("prompt", never, "No prompts are stored here. Send the text in 'input'."),
    Inert("background", |background| *background == false, "Answers are waited for here, or streamed."),
    Inert("truncation", |how| *how == "disabled", "Nothing is cut silently: shorten the input yourself."),
    // It bounds tools that run at the provider, of which there are none.
    Inert("max_tool_calls", Value::is_u64, "It must be a whole number."),
    Inert("reasoning", |how| how.as_object().is_some_and(says_nothing), "This model does not reason first."),
    Inert("context_management", never, "Nothing is compacted here."),
];

fn says_nothing(fields: &Fields) -> bool {
    fields.values().all(|value| value.is_null() || *value == "none")
}

pub(super) fn read(fields: &Fields) -> Result<Asked, Refusal> {
    let shared = [streaming::READ, sampling::BASIC, sampling::EXTRAS, constraint::GUIDED, tools::READ];
    let messages = input::read(fields)?;
    refuse_others(fields, &[&[READ], &shared[..]].concat(), &[INERT, LABELS])?;
    let Tools { offered, choice, one_call } = Tools::read(fields, Layout::Flat)?;
    let text = field::get(fields, "text").map(|text| field::object(text, "text")).transpose()?;
    if let Some(text) = text {
        field::only("text", text, &["format"])?;
    }
    let format = text.and_then(|text| field::get(text, "format"));
    let request = Request {
        max_tokens: sampling::most_tokens(fields, "max_output_tokens")?,
        sampling: sampling::sampling(fields)?,
        constraint: constraint::constraint(fields, format, "text.format", None)?,
        logprobs: logprobs(fields)?,
        ..Request::greedy(Prompt::Tokens(Vec::new()))
    };
    let prompts = vec![Prompt::Chat { messages, tools: offered, choice }];
    Ok(Asked { prompts, choices: 1, request, one_call })
}

/// Probabilities are asked for by `include`.
fn logprobs(fields: &Fields) -> Result<Option<u32>, Refusal> {
    const LOGPROBS: &str = "message.output_text.logprobs";
    // The model does not reason, so there is nothing of it to include.
    const NOTHING: &str = "reasoning.encrypted_content";
    let included = match field::get(fields, "include") {
        Some(value) => field::list(value, "include")?,
        None => &[],
    };
    if let Some(other) = included.iter().find(|item| **item != LOGPROBS && **item != NOTHING) {
        let message = format!("'include' cannot hold {other}: only \"{LOGPROBS}\" can be included here.");
        return Err(Refusal::of("include", "unsupported_value", message));
    }
    choices::top_logprobs(
        fields,
        included.iter().any(|item| *item == LOGPROBS),
        &format!("'include': [\"{LOGPROBS}\"]"),
    )
}
