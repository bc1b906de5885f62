//! The local HTTP server that the learner's own code calls as if it were the cloud, through the official clients
//! unchanged. Owns the listener, who may call (a key per workspace, Host, Origin), what each dialect's requests and
//! answers look like, and one record of each call.
//!
//! Never stores anything (a [`Recorder`] does), never knows how a model works (a [`Generator`](inference::Generator)
//! or an [`Embedder`](inference::Embedder) does), and no axum type crosses its border.

mod answer;
mod body;
mod bridge;
mod call;
mod chat;
mod completions;
mod dialect;
mod embeddings;
mod error;
mod exchanges;
mod faults;
mod guard;
mod holder;
mod identify;
mod key;
mod metrics;
mod models;
mod otlp;
mod pinecone;
mod price;
mod qdrant;
mod question;
mod quota;
mod refusal;
mod request;
mod responses;
mod served;
mod server;
mod upstream;
mod vectors;
mod wheels;

#[cfg(test)]
mod tests;

pub use bridge::open_to_containers;
pub use call::{Call, Recorder};
pub use error::Error;
pub use exchanges::{Body, End, Exchange};
pub use faults::{Injection, Laid, inject};
pub use identify::identify;
pub use key::{Caller, Keys, hash_key, new_key};
pub use otlp::{Span, SpanStatus, Spans, spans};
pub use price::{Cost, Price};
pub use quota::Quota;
pub use served::{Deployment, Model, Served, Serves};
pub use server::{Gateway, Limits, Running, Settings};
pub use upstream::Upstream;
