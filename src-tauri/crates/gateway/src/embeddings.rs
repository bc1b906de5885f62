//! Embeddings: texts in, vectors out, in figures or in base64.

mod parameters;
pub(crate) mod texts;

use axum::{Json, response::IntoResponse, response::Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use inference::Embedded;
use serde_json::{Value, json};

use crate::{
    Limits, call::Entry, dialect::Interface, question::Question, quota::Estimate, refusal::Refusal, request::choices,
};
use parameters::{Encoding, Parameters};

pub(crate) struct Embeddings;

impl Interface for Embeddings {
    fn most_bytes(limits: &Limits) -> usize {
        limits.vector_body_bytes
    }

    async fn answer(question: Question) -> Result<Response, Refusal> {
        choices::check_model(&question.fields, question.is_in_the_path())?;
        let Parameters { inputs, encoding, dimensions } = Parameters::read(&question.fields)?;
        let model = question.embedder()?;
        let described = model.describe();
        if let Some(asked) = dimensions.filter(|asked| *asked != described.dimension) {
            let message = format!(
                "{:?} makes vectors of {} values, not of {asked}. Leave 'dimensions' out.",
                described.id, described.dimension
            );
            return Err(Refusal::of("dimensions", "invalid_value", message));
        }
        let mut place = question.place(Estimate::of_inputs(&inputs))?;
        let embedded = texts::vectors(&question.app, model.as_ref(), inputs, "input").await;
        end(&mut place.entry, &embedded).await;
        embedded.map(|embedded| Json(body(&embedded, &described.id, encoding)).into_response())
    }
}

async fn end(entry: &mut Entry, embedded: &Result<Embedded, Refusal>) {
    match embedded {
        Ok(embedded) => {
            entry.call.prompt_tokens = embedded.tokens;
            entry.close(200, None).await;
        }
        Err(refusal) => entry.close(refusal.status.as_u16(), Some(refusal.code)).await,
    }
}

fn body(embedded: &Embedded, model: &str, encoding: Encoding) -> Value {
    let data: Vec<Value> = embedded
        .vectors
        .iter()
        .enumerate()
        .map(|(index, vector)| json!({"object": "embedding", "index": index, "embedding": encoded(vector, encoding)}))
        .collect();
    let usage = json!({"prompt_tokens": embedded.tokens, "total_tokens": embedded.tokens});
    json!({"object": "list", "data": data, "model": model, "usage": usage})
}

/// Each figure is written as the double that equals it, so that a client reads the very number that base64 holds.
fn encoded(vector: &[f32], encoding: Encoding) -> Value {
    match encoding {
        Encoding::Float => vector.iter().map(|value| Value::from(f64::from(*value))).collect(),
        Encoding::Base64 => {
            let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
            STANDARD.encode(bytes).into()
        }
    }
}
