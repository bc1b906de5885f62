//! What every text model offers, whatever runs it: a conversation in, tokens out. The gateway, the playground and the
//! tests see a model through [`Generator`] only.
//!
//! Never knows candle, files or devices.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use task::{Cancellation, Fault, Owner};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::fault::FileError;

/// A model that answers conversations.
pub trait Generator: Send + Sync {
    fn describe(&self) -> Description;

    /// Queues `request`. What comes back ends with exactly one `Done` or `Failed`; cancelling, or dropping the
    /// receiver, stops the work within one token.
    fn generate(&self, request: Request, cancellation: Cancellation) -> Generation;
}

/// What a generation tells as it goes. Its length is bounded by the model's context.
pub type Generation = UnboundedReceiver<Event>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The name that callers ask for: `smollm2-135m-instruct`.
    pub id: String,
    /// Tokens of prompt and answer together; `u32::MAX` where only the server elsewhere knows.
    pub context: u32,
}

/// One text to generate.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub prompt: Prompt,
    /// Tokens to generate at most; `None` goes on until the model ends or its context is full.
    pub max_tokens: Option<u32>,
    pub sampling: Sampling,
    /// The text ends before the first of these, which is not sent.
    pub stop: Vec<String>,
    /// What the whole text must be; where a tool is called, the call's own form comes first.
    pub constraint: Option<Constraint>,
    /// Tells the probability of each token, and of so many of the likeliest in its place. `None` tells none.
    pub logprobs: Option<u32>,
}

impl Request {
    /// Greedy, without bounds: what tests and the playground begin from.
    pub fn greedy(prompt: Prompt) -> Self {
        let sampling = Sampling { temperature: 0.0, ..Sampling::default() };
        Self { prompt, max_tokens: None, sampling, stop: Vec::new(), constraint: None, logprobs: None }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Prompt {
    /// A conversation, which the model's own template turns to text.
    Chat {
        messages: Vec<Message>,
        tools: Vec<Tool>,
        choice: ToolChoice,
    },
    /// As it stands; special tokens in it are recognized.
    Text(String),
    Tokens(Vec<u32>),
}

impl Prompt {
    /// A conversation without tools.
    pub fn chat(messages: Vec<Message>) -> Self {
        Self::Chat { messages, tools: Vec::new(), choice: ToolChoice::None }
    }
}

/// How the next token is chosen. Steps apply in the order of the fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampling {
    /// Added to the logits of these tokens.
    pub bias: Vec<(u32, f32)>,
    /// Divides positive logits, and multiplies negative ones, of tokens in the prompt or the text so far (Keskar et al.
    /// 2019). 1 changes nothing.
    pub repetition_penalty: f32,
    /// Taken from a token's logit for each time that it stands in the generated text. 0 changes nothing.
    pub frequency_penalty: f32,
    /// Taken from a token's logit if it stands in the generated text at all. 0 changes nothing.
    pub presence_penalty: f32,
    /// 0 decodes greedily, and nothing below matters.
    pub temperature: f32,
    /// Samples from this many of the likeliest tokens; `None` keeps all.
    pub top_k: Option<u32>,
    /// Samples from the likeliest tokens whose probabilities sum to this (Holtzman et al. 2020); 1 keeps all.
    pub top_p: f32,
    /// Samples from tokens at least this share as likely as the likeliest (Nguyen et al. 2024); 0 keeps all.
    pub min_p: f32,
    /// Equal seeds give equal texts on the CPU, whatever else the model does at the time; `None` draws one.
    pub seed: Option<u64>,
}

impl Default for Sampling {
    fn default() -> Self {
        Self {
            bias: Vec::new(),
            repetition_penalty: 1.0,
            frequency_penalty: 0.0,
            presence_penalty: 0.0,
            temperature: 1.0,
            top_k: None,
            top_p: 1.0,
            min_p: 0.0,
            seed: None,
        }
    }
}

/// What a text is held to while it is generated, token by token.
#[derive(Debug, Clone, PartialEq)]
pub enum Constraint {
    /// A JSON Schema, as JSON.
    Schema(Value),
    /// Any JSON object.
    Object,
    /// A Lark grammar whose rule `start` is the text.
    Grammar(String),
    Regex(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub role: Role,
    pub content: String,
    /// Of an assistant: the tools that it called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// Of a tool: the call that `content` is the result of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call: Option<String>,
}

impl Message {
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self { role, content: content.into(), tool_calls: Vec::new(), tool_call: None }
    }
}

/// A function that the model may ask its caller to run.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    pub name: String,
    pub description: Option<String>,
    /// A JSON Schema of the arguments, as JSON: an object.
    pub parameters: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToolChoice {
    None,
    /// The model may call tools or answer.
    Auto,
    /// The model must call at least one.
    Required,
    /// The model must call this one.
    Named(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    pub id: String,
    pub name: String,
    /// JSON.
    pub arguments: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    System,
    User,
    Assistant,
    Tool,
}

impl Role {
    /// As in chat templates and in the OpenAI interface.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

#[derive(Debug)]
pub enum Event {
    /// Whole UTF-8, perhaps of several tokens: bytes of an unfinished character are held back.
    Token {
        text: String,
        /// One for each token of the text, where they were asked for.
        logprobs: Vec<TokenLogprob>,
    },
    /// A piece of a call. The first piece of each call has its name, later ones go on with its arguments.
    ToolCall {
        /// Which call of the answer, from 0.
        index: usize,
        name: Option<String>,
        /// More of the JSON of the arguments.
        arguments: String,
    },
    Done {
        finish: Finish,
        usage: Usage,
        timings: Timings,
    },
    Failed(Error),
}

/// How likely a token was, before any bias, penalty or temperature.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenLogprob {
    pub token: Likely,
    /// The likeliest in its place, likeliest first.
    pub top: Vec<Likely>,
}

/// A token and the natural logarithm of its probability.
#[derive(Debug, Clone, PartialEq)]
pub struct Likely {
    /// What it says; not always whole characters.
    pub bytes: Vec<u8>,
    pub logprob: f32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The model ended, or said a stop text.
    Stop,
    /// The model called tools.
    ToolCalls,
    /// `max_tokens`, or the context, was full.
    Length,
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    pub prompt_tokens: u32,
    pub completion_tokens: u32,
    /// Of the prompt: read before, for this or another request, and not computed again.
    pub cached_tokens: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timings {
    /// Waiting for earlier requests, and for the model to load.
    pub queued: Duration,
    /// Reading the prompt.
    pub prefill: Duration,
    /// Generating, after the first token.
    pub decode: Duration,
}

/// Why a generation gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the model has as many requests waiting as it takes")]
    Busy {
        /// When a place will be free, as far as the model can tell.
        retry_after: Duration,
    },
    /// A part of the request that can be read, but not done.
    #[error("{part} cannot be used: {message}")]
    Invalid {
        /// `the schema`
        part: &'static str,
        message: String,
    },
    #[error("the prompt is {prompt} tokens long, and the model reads {context} in all")]
    ContextOverflow { prompt: u32, context: u32 },
    #[error("the model failed: {message}")]
    Model { message: String },
    /// The server elsewhere that has the model.
    #[error("the model's server did not answer: {message}")]
    Remote { message: String },
    /// The model could not be loaded.
    #[error(transparent)]
    File(#[from] FileError),
}

impl Fault for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Busy { .. } => "inference.busy",
            Self::Invalid { .. } => "inference.invalid",
            Self::ContextOverflow { .. } => "inference.context_overflow",
            Self::Model { .. } => "inference.failed",
            Self::Remote { .. } => "inference.remote",
            Self::File(error) => error.code(),
        }
    }

    fn next_step(&self) -> String {
        match self {
            Self::Busy { .. } => "Wait for a running answer to end, then try again.".into(),
            Self::Invalid { part, .. } => format!("Change {part} as the message says, then ask again."),
            Self::ContextOverflow { .. } => "Shorten the conversation, or leave out its oldest messages.".into(),
            Self::Model { .. } => "Try again; if it fails once more, run `groundwork doctor`.".into(),
            Self::Remote { .. } => "Look whether that server runs, then at the deployment: `groundwork doctor`.".into(),
            Self::File(error) => error.next_step(),
        }
    }

    fn owner(&self) -> Owner {
        match self {
            Self::Busy { .. } | Self::Invalid { .. } | Self::ContextOverflow { .. } | Self::Remote { .. } => {
                Owner::Learner
            }
            Self::Model { .. } => Owner::Product,
            Self::File(error) => error.owner(),
        }
    }
}
