//! What every text model offers, whatever runs it: a conversation in, tokens out. The gateway, the playground and the
//! tests see a model through [`Generator`] only.
//!
//! Never knows candle, files or devices.

use std::time::Duration;

use serde::{Deserialize, Serialize};
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
    /// Tokens of prompt and answer together.
    pub context: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub messages: Vec<Message>,
    /// Tokens to generate at most; `None` goes on until the model ends or its context is full.
    pub max_tokens: Option<u32>,
    /// 0 decodes greedily.
    pub temperature: f32,
    /// Samples from the likeliest tokens whose probabilities sum to this; 1 keeps all.
    pub top_p: f32,
    /// Equal seeds give equal texts; `None` draws one.
    pub seed: Option<u64>,
    /// The text ends before the first of these, which is not sent.
    pub stop: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub role: Role,
    pub content: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    System,
    User,
    Assistant,
}

impl Role {
    /// As in chat templates and in the OpenAI interface.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

#[derive(Debug)]
pub enum Event {
    /// Whole UTF-8, perhaps of several tokens: bytes of an unfinished character are held back.
    Token {
        text: String,
    },
    Done {
        finish: Finish,
        usage: Usage,
        timings: Timings,
    },
    Failed(Error),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The model ended, or said a stop text.
    Stop,
    /// `max_tokens`, or the context, was full.
    Length,
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    pub prompt_tokens: u32,
    pub completion_tokens: u32,
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
    Busy,
    #[error("the prompt is {prompt} tokens long, and the model reads {context} in all")]
    ContextOverflow { prompt: u32, context: u32 },
    #[error("the model failed: {message}")]
    Model { message: String },
    /// The model could not be loaded.
    #[error(transparent)]
    File(#[from] FileError),
}

impl Fault for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Busy => "inference.busy",
            Self::ContextOverflow { .. } => "inference.context_overflow",
            Self::Model { .. } => "inference.failed",
            Self::File(error) => error.code(),
        }
    }

    fn next_step(&self) -> String {
        match self {
            Self::Busy => "Wait for a running answer to end, then try again.".into(),
            Self::ContextOverflow { .. } => "Shorten the conversation, or leave out its oldest messages.".into(),
            Self::Model { .. } => "Try again; if it fails once more, run `groundwork doctor`.".into(),
            Self::File(error) => error.next_step(),
        }
    }

    fn owner(&self) -> Owner {
        match self {
            Self::Busy | Self::ContextOverflow { .. } => Owner::Learner,
            Self::Model { .. } => Owner::Product,
            Self::File(error) => error.owner(),
        }
    }
}
