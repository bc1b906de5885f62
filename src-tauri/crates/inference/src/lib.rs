//! Text and embedding models on the learner's own machine: model files and what they must be, tokens, the arithmetic, and
//! the one thread that owns a loaded model.
//!
//! The only user of candle, and no type of candle's leaves it. Never fetches a file, and never speaks to a network.

mod answer;
mod bert;
mod blueprint;
mod constraint;
mod cpu;
mod device;
mod embedder;
mod embeddings;
mod engine;
mod fault;
mod generator;
mod gguf;
mod gpu;
mod inspection;
mod manifest;
mod memory;
mod sampler;
mod template;
mod text;
mod tokenizer;
mod tools;
mod wordpiece;

// The integration tests' way to the real model file.
#[cfg(test)]
#[path = "../tests/model/real.rs"]
mod real;

pub use device::{Device, DeviceKind, DevicePreference, pace::read_bandwidth, trying};
pub use embedder::{Embedded, Embedder, EmbedderDescription, Input};
pub use embeddings::{Embeddings, EmbeddingsOptions};
pub use engine::{Engine, EngineOptions, Status};
pub use fault::FileError;
pub use generator::{
    Constraint, Description, Error, Event, Finish, Generation, Generator, Likely, Message, Prompt, Request, Role,
    Sampling, Timings, TokenLogprob, Tool, ToolCall, ToolChoice, Usage,
};
pub use gguf::ModelFile;
pub use inspection::{Inspection, look, try_out};
pub use manifest::{Manifest, ModelKind, Package, TokenizerFile};
pub use memory::Memory;
pub use template::ChatTemplate;
pub use tokenizer::Tokenizer;
pub use wordpiece::WordPiece;
