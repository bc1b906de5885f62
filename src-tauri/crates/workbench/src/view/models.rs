//! The Models screen and what is asked of a model there.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::Problem;

/// The Models screen.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Models {
    /// Those that came with the product first.
    pub models: Vec<Model>,
    /// Why there is no text model, where there is none.
    pub problem: Option<Problem>,
    /// What computes the text model.
    pub device: Option<Device>,
    pub gateway: GatewayState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// Continues a text.
    Text,
    /// Turns a text to a vector.
    Embedding,
}

impl From<inference::ModelKind> for ModelKind {
    fn from(kind: inference::ModelKind) -> Self {
        match kind {
            inference::ModelKind::Text => Self::Text,
            inference::ModelKind::Embedding => Self::Embedding,
        }
    }
}

/// A model that is here or could be.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Model {
    pub id: String,
    pub kind: ModelKind,
    pub title: String,
    /// The family of its arithmetic: `llama`.
    pub architecture: String,
    pub bytes: f64,
    pub sha256: String,
    pub licence: String,
    /// Tokens of context.
    pub context: u32,
    pub parameters: String,
    pub quantization: String,
    /// Who made it, or where its file was had.
    pub source: String,
    pub origin: ModelOrigin,
    /// The packages of the index that carry it, where it can be fetched by its name.
    pub packages: Vec<String>,
    /// Its file, where it is installed.
    pub file: Option<String>,
    /// What is wrong and what to do, where it is installed and cannot be used.
    pub problem: Option<Problem>,
    /// Whether it is the text model that is asked where none is named.
    pub chosen: bool,
    pub loaded: bool,
    /// Milliseconds that loading took.
    pub load_millis: Option<f64>,
    /// As measured on this machine, with this very file.
    pub speed: Option<Speed>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ModelOrigin {
    /// Came with Groundwork.
    Bundled,
    /// Is fetched by its name.
    Catalogue,
    /// A file of the learner's.
    Own,
}

/// How quick a model is on a machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Speed {
    /// `AMD EPYC, 2 threads`
    pub machine: String,
    /// Tokens a second of a long prompt.
    pub prefill: f64,
    /// Tokens a second of one answer.
    pub decode: f64,
    pub prompt_tokens: u32,
    pub at: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// `cpu`, `cuda` or `metal`.
    pub kind: String,
    /// `AMD EPYC, 2 threads`
    pub name: String,
    /// Why this device and not another.
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct GatewayState {
    /// `http://127.0.0.1:PORT/v1` while it listens.
    pub url: Option<String>,
    pub problem: Option<Problem>,
}

/// A turn of a chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// `system`, `user` or `assistant`.
    pub role: String,
    pub content: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ChatOptions {
    pub max_tokens: u32,
    /// 0 decodes greedily.
    pub temperature: f32,
    pub top_p: f32,
    pub seed: Option<u32>,
}

/// How an answer came about.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Generation {
    pub prompt_tokens: u32,
    pub completion_tokens: u32,
    pub context: u32,
    pub first_token_ms: f64,
    /// Tokens a second after the first token.
    pub tokens_per_second: f64,
    /// `stop`, `length` or `cancelled`.
    pub finish_reason: String,
}
