//! Embeddings: texts in, vectors out, in figures or in base64.

mod parameters;

use axum::{Json, response::IntoResponse, response::Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use inference::Embedded;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    call::Entry,
    dialect::Interface,
    question::Question,
    quota::Estimate,
    refusal::{Parts, Refusal},
    request::choices,
};
use parameters::{Encoding, Parameters};

pub(crate) struct Embeddings;

impl Interface for Embeddings {
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
        // Dropped with this future, when the client hangs up.
        let cancellation = question.app.stop.child_token();
        let _cancelled = cancellation.clone().drop_guard();
        let (stop, lifetime) = (&question.app.stop, question.app.limits.lifetime);
        let embedded = tokio::select! {
            embedded = model.embed(inputs, cancellation) => match embedded {
                Ok(embedded) => {
                    let parts = Parts { prompt: "input", schema: "input" };
                    embedded.map_err(|error| Refusal::of_model(error, parts))
                }
                Err(_) => Err(Refusal::stopping()),
            },
            () = stop.cancelled() => Err(Refusal::stopping()),
            () = sleep(lifetime) => Err(Refusal::too_long(lifetime)),
        };
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
