//! Reads what a chat completion asks for. A parameter changes the answer, changes nothing by its nature, or is refused:
//! none is overlooked.

use inference::{Message, Prompt, Request, Sampling};
use serde_json::Value;

use super::{
    conversation,
    field::{self, Fields},
};
use crate::refusal::Refusal;

pub(super) struct Parameters {
    /// Absent in some of Azure's requests only.
    pub model: Option<String>,
    pub include_usage: bool,
    /// How many answers.
    pub n: usize,
    messages: Vec<Message>,
    max_tokens: Option<u32>,
    temperature: f32,
    top_p: f32,
    seed: Option<u64>,
    stop: Vec<String>,
}

/// The parameters that change the answer.
const READ: &[&str] = &[
    "model",
    "messages",
    "stream",
    "stream_options",
    "n",
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "seed",
    "stop",
];

/// The other parameters of the API. Each is accepted only where it changes nothing.
const INERT: &[Inert] = &[
    // Labels for the caller's own books.
    Inert("user", Value::is_string, "It must be a text."),
    Inert("safety_identifier", Value::is_string, "It must be a text."),
    Inert("metadata", Value::is_object, "It must be an object."),
    // Where and how fast it is computed.
    Inert("prompt_cache_key", Value::is_string, "It must be a text."),
    Inert("prompt_cache_retention", Value::is_string, "It must be a text."),
    Inert("prompt_cache_options", Value::is_object, "It must be an object."),
    Inert("service_tier", |tier| *tier == "auto" || *tier == "default", "Only \"auto\" and \"default\" exist here."),
    Inert("store", |store| *store == false, "Nothing is stored here."),
    // What this model cannot do.
    Inert("tools", never, NO_TOOLS),
    Inert("tool_choice", |choice| *choice == "none", NO_TOOLS),
    Inert("parallel_tool_calls", Value::is_boolean, NO_TOOLS),
    Inert("functions", never, NO_TOOLS),
    Inert("function_call", |choice| *choice == "none", NO_TOOLS),
    Inert("response_format", |format| format["type"] == "text", "Only the type \"text\" can be asked for here."),
    Inert("logprobs", |logprobs| *logprobs == false, NO_LOGPROBS),
    Inert("top_logprobs", |count| *count == 0, NO_LOGPROBS),
    Inert("logit_bias", |bias| bias.as_object().is_some_and(Fields::is_empty), "Tokens cannot be weighted here."),
    Inert("frequency_penalty", is_zero, "Only 0 can be asked for here."),
    Inert("presence_penalty", is_zero, "Only 0 can be asked for here."),
    Inert("modalities", |kinds| *kinds == serde_json::json!(["text"]), "This model answers in text only."),
    Inert("audio", never, "This model answers in text only."),
    Inert("prediction", never, "Predicted outputs are not used here."),
    Inert("reasoning_effort", never, "This model does not reason before it answers."),
    Inert("verbosity", never, "This model has no such setting."),
    Inert("moderation", never, "Nothing is moderated here."),
    Inert("web_search_options", never, "This model has no web to search."),
];

const NO_TOOLS: &str = "This model cannot call tools.";
const NO_LOGPROBS: &str = "Probabilities of tokens cannot be asked for here.";

/// A parameter, the values of it that change nothing, and what to say of others.
struct Inert(&'static str, fn(&Value) -> bool, &'static str);

fn never(_: &Value) -> bool {
    false
}

fn is_zero(value: &Value) -> bool {
    value.as_f64() == Some(0.0)
}

/// More answers than this to one request are refused.
const MOST_CHOICES: i64 = 16;
const MOST_STOPS: usize = 4;

impl Parameters {
    pub fn read(fields: &Fields, needs_model: bool) -> Result<Self, Refusal> {
        let model = field::text(fields, "model")?.map(Into::into);
        if needs_model && model.is_none() {
            return Err(field::missing("model"));
        }
        let messages = conversation::read(fields)?;
        refuse_others(fields)?;
        let stream = field::boolean(fields, "stream")?;
        Ok(Self {
            model,
            messages,
            include_usage: include_usage(fields, stream)?,
            n: field::integer(fields, "n", 1, MOST_CHOICES)?.map_or(1, |n| n as usize),
            max_tokens: max_tokens(fields)?,
            temperature: field::number(fields, "temperature", 2.0)?.unwrap_or(1.0) as f32,
            top_p: field::number(fields, "top_p", 1.0)?.unwrap_or(1.0) as f32,
            // Any whole number of 64 bits names a seed; the sign is one of its bits.
            seed: field::integer(fields, "seed", i64::MIN, i64::MAX)?.map(|seed| seed as u64),
            stop: stop(fields)?,
        })
    }

    /// One request a choice. With a seed, each choice has its own: equal seeds would give equal answers.
    pub fn requests(self) -> Vec<Request> {
        (0..self.n as u64)
            .map(|choice| Request {
                prompt: Prompt::chat(self.messages.clone()),
                max_tokens: self.max_tokens,
                sampling: Sampling {
                    temperature: self.temperature,
                    top_p: self.top_p,
                    seed: self.seed.map(|seed| seed.wrapping_add(choice)),
                    ..Sampling::default()
                },
                stop: self.stop.clone(),
                constraint: None,
                logprobs: None,
            })
            .collect()
    }
}

fn refuse_others(fields: &Fields) -> Result<(), Refusal> {
    for (name, value) in fields.iter().filter(|(name, value)| !READ.contains(&name.as_str()) && !value.is_null()) {
        match INERT.iter().find(|inert| inert.0 == name) {
            Some(Inert(_, accepts, _)) if accepts(value) => {}
            Some(Inert(_, _, why)) => {
                let message = format!("'{name}' cannot be used as sent. {why} Leave it out.");
                return Err(Refusal::of(name, "unsupported_parameter", message));
            }
            None => {
                let message = format!("There is no parameter '{name}'. Leave it out, or look for a typing mistake.");
                return Err(Refusal::of(name, "unknown_parameter", message));
            }
        }
    }
    Ok(())
}

fn include_usage(fields: &Fields, stream: bool) -> Result<bool, Refusal> {
    let Some(value) = field::get(fields, "stream_options") else { return Ok(false) };
    let options = value.as_object().ok_or_else(|| field::wrong_type("stream_options", "an object", value))?;
    if !stream {
        let message = "'stream_options' goes with 'stream': true only.";
        return Err(Refusal::of("stream_options", "invalid_parameter_combination", message));
    }
    let unread = |(name, value): &(&String, &Value)| match name.as_str() {
        "include_usage" => !value.is_boolean() && !value.is_null(),
        // Padding is for networks that others listen on.
        "include_obfuscation" => **value != false && !value.is_null(),
        _ => true,
    };
    if let Some((name, _)) = options.iter().find(unread) {
        let place = format!("stream_options.{name}");
        let message = format!("'{place}' cannot be used as sent. Leave it out.");
        return Err(Refusal::of(place, "unsupported_parameter", message));
    }
    field::boolean(options, "include_usage")
}

fn max_tokens(fields: &Fields) -> Result<Option<u32>, Refusal> {
    let older = field::integer(fields, "max_tokens", 1, u32::MAX.into())?;
    let newer = field::integer(fields, "max_completion_tokens", 1, u32::MAX.into())?;
    if older.is_some() && newer.is_some() {
        let message = "'max_tokens' and 'max_completion_tokens' say the same. Send one of them.";
        return Err(Refusal::of("max_tokens", "invalid_parameter_combination", message));
    }
    Ok(newer.or(older).map(|most| most as u32))
}

fn stop(fields: &Fields) -> Result<Vec<String>, Refusal> {
    let wanted = "a text or a list of texts";
    let texts: Vec<&Value> = match field::get(fields, "stop") {
        None => Vec::new(),
        Some(Value::Array(texts)) => texts.iter().collect(),
        Some(text) => vec![text],
    };
    if texts.len() > MOST_STOPS {
        let message = format!("'stop' may hold {MOST_STOPS} texts, but holds {}.", texts.len());
        return Err(Refusal::of("stop", "array_above_max_length", message));
    }
    texts
        .into_iter()
        .map(|value| match value.as_str() {
            Some("") => Err(Refusal::of("stop", "invalid_value", "'stop' holds an empty text. Leave that out.")),
            Some(text) => Ok(text.into()),
            None => Err(field::wrong_type("stop", wanted, value)),
        })
        .collect()
}
