//! An embedding model that makes up vectors, equal for equal inputs, and remembers what it was asked.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use inference::{Embedded, Embedder, EmbedderDescription, Error, Input};
use task::Cancellation;
use tokio::{
    sync::oneshot::{self, Receiver},
    time::sleep,
};

/// Needs a tokio runtime. Each word of a text is a token.
#[derive(Debug, Default)]
pub struct ScriptedEmbedder {
    delay: Duration,
    requests: Mutex<Vec<Vec<Input>>>,
    cancelled: Arc<AtomicUsize>,
}

impl ScriptedEmbedder {
    pub const ID: &'static str = "scripted-embedder";
    pub const DIMENSION: u32 = 4;
    /// Tokens of one input.
    pub const CONTEXT: u32 = 8;

    pub fn slowly(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// Everything it was asked, in order.
    pub fn requests(&self) -> Vec<Vec<Input>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often it was stopped.
    pub fn cancelled(&self) -> usize {
        self.cancelled.load(Ordering::SeqCst)
    }

    /// What it answers for one input: of length 1.
    pub fn vector(input: &Input) -> Vec<f32> {
        let seed = match input {
            Input::Text(text) => text.bytes().fold(1, |sum: u32, byte| sum.wrapping_mul(31).wrapping_add(byte.into())),
            Input::Tokens(tokens) => tokens.iter().fold(2, |sum: u32, token| sum.wrapping_mul(31).wrapping_add(*token)),
        };
        let values: Vec<f32> =
            (1..=Self::DIMENSION).map(|place| (seed.wrapping_mul(place) % 1000) as f32 + 1.0).collect();
        let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
        values.iter().map(|value| value / length).collect()
    }
}

impl Embedder for ScriptedEmbedder {
    fn describe(&self) -> EmbedderDescription {
        EmbedderDescription { id: Self::ID.into(), dimension: Self::DIMENSION, context: Self::CONTEXT }
    }

    fn embed(&self, inputs: Vec<Input>, cancellation: Cancellation) -> Receiver<Result<Embedded, Error>> {
        let (sender, embedded) = oneshot::channel();
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(inputs.clone());
        let (delay, cancelled) = (self.delay, self.cancelled.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = sleep(delay) => {}
                () = cancellation.cancelled() => {
                    cancelled.fetch_add(1, Ordering::SeqCst);
                    return;
                }
            }
            let tokens: Vec<u32> = inputs.iter().map(length).collect();
            let answer = match tokens.iter().find(|tokens| **tokens > Self::CONTEXT) {
                Some(prompt) => Err(Error::ContextOverflow { prompt: *prompt, context: Self::CONTEXT }),
                None => {
                    Ok(Embedded { vectors: inputs.iter().map(Self::vector).collect(), tokens: tokens.iter().sum() })
                }
            };
            let _ = sender.send(answer);
        });
        embedded
    }
}

fn length(input: &Input) -> u32 {
    match input {
        Input::Text(text) => text.split_whitespace().count() as u32,
        Input::Tokens(tokens) => tokens.len() as u32,
    }
}
