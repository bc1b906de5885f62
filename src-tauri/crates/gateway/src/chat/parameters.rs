//! Reads what a chat completion asks for.

use inference::{Prompt, Request};
use serde_json::json;

use super::conversation;
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
const READ: &[&str] =
    &["model", "messages", "n", "max_tokens", "max_completion_tokens", "response_format", "logprobs", "top_logprobs"];

/// The other parameters of the API. Each is accepted only where it changes nothing.
const INERT: &[Inert] = &[
    Inert("store", |store| *store == false, "Nothing is stored here."),
    Inert("functions", never, "Send them as 'tools', which took their place."),
    Inert("function_call", |choice| *choice == "none", "Send it as 'tool_choice', which took its place."),
    Inert("modalities", |kinds| *kinds == json!(["text"]), "This model answers in text only."),
    Inert("audio", never, "This model answers in text only."),
    Inert("prediction", never, "Predicted outputs are not used here."),
    Inert("reasoning_effort", never, "This model does not reason before it answers."),
    Inert("verbosity", never, "This model has no such setting."),
    Inert("web_search_options", never, "This model has no web to search."),
];

pub(super) fn read(fields: &Fields) -> Result<Asked, Refusal> {
    let messages = conversation::read(fields)?;
    let shared = [streaming::READ, sampling::BASIC, sampling::FULL, sampling::EXTRAS, constraint::GUIDED, tools::READ];
    refuse_others(fields, &[&[READ], &shared[..]].concat(), &[INERT, LABELS])?;
    let Tools { offered, choice, one_call } = Tools::read(fields, Layout::Nested)?;
    let format = field::get(fields, "response_format");
    let request = Request {
        max_tokens: most_tokens(fields)?,
        sampling: sampling::sampling(fields)?,
        stop: sampling::stop(fields)?,
        constraint: constraint::constraint(fields, format, "response_format", Some("json_schema"))?,
        logprobs: logprobs(fields)?,
        ..Request::greedy(Prompt::Tokens(Vec::new()))
    };
    let prompts = vec![Prompt::Chat { messages, tools: offered, choice }];
    Ok(Asked { prompts, choices: choices::choices(fields)?, request, one_call })
}

fn most_tokens(fields: &Fields) -> Result<Option<u32>, Refusal> {
    let older = sampling::most_tokens(fields, "max_tokens")?;
    let newer = sampling::most_tokens(fields, "max_completion_tokens")?;
    if older.is_some() && newer.is_some() {
        let message = "'max_tokens' and 'max_completion_tokens' say the same. Send one of them.";
        return Err(Refusal::of("max_tokens", "invalid_parameter_combination", message));
    }
    Ok(newer.or(older))
}

fn logprobs(fields: &Fields) -> Result<Option<u32>, Refusal> {
    let asked = field::boolean(fields, "logprobs")?.unwrap_or_default();
    choices::top_logprobs(fields, asked, "'logprobs': true")
}
