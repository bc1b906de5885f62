//! What every embedding model offers, whatever runs it: texts in, vectors out.
//!
//! Never knows candle, files or devices.

use task::Cancellation;
use tokio::sync::oneshot::Receiver;

use crate::generator::Error;

/// A model that turns texts to vectors whose inner products say how near the texts are in meaning.
pub trait Embedder: Send + Sync {
    fn describe(&self) -> EmbedderDescription;

    /// Queues `inputs`, which are embedded together. The answer comes once; a sender that is dropped means that the model
    /// stopped.
    fn embed(&self, inputs: Vec<Input>, cancellation: Cancellation) -> Receiver<Result<Embedded, Error>>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbedderDescription {
    /// The name that callers ask for: `all-minilm-l6-v2`.
    pub id: String,
    /// Values of a vector.
    pub dimension: u32,
    /// Tokens of one input; `u32::MAX` where only the server elsewhere knows.
    pub context: u32,
}

/// What to embed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    Text(String),
    /// Tokens of the embedding model itself, without its special ones.
    Tokens(Vec<u32>),
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Embedded {
    /// One for each input, in order, each of length 1; from a server elsewhere, as they come.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens of all inputs, special ones included.
    pub tokens: u32,
}
