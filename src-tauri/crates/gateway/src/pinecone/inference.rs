//! Texts that are embedded here, by a deployment that is named as the model: for `embed`, and for indexes that were made
//! for a model.

use std::sync::Arc;

use axum::{Extension, Json, body::Body, extract::State};
use inference::{Embedded, Embedder};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Answer, reading,
    refused::{invalid, unsupported},
};
use crate::{body, call::Slot, embeddings::texts, refusal::Refusal, server::App};

/// Texts of one request at most.
pub(super) const MOST_TEXTS: usize = 96;

pub(super) fn embedder(app: &App, model: &str) -> Result<Arc<dyn Embedder>, Refusal> {
    texts::find(app, &[model]).map(|(_, embedder)| embedder)
}

pub(super) async fn embedded(app: &App, slot: &Slot, model: &str, inputs: Vec<String>) -> Result<Embedded, Refusal> {
    let embedder = texts::lead(app, slot, &[model])?;
    if !(1..=MOST_TEXTS).contains(&inputs.len()) {
        let message = format!("A request has 1 to {MOST_TEXTS} texts to embed, not {}.", inputs.len());
        return Err(invalid("too_many", message));
    }
    texts::embed(app, slot, embedder.as_ref(), inputs, "inputs").await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    model: String,
    inputs: Vec<Text>,
    parameters: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    text: String,
}

pub(crate) async fn embed(State(app): State<App>, Extension(slot): Extension<Slot>, body: Body) -> Answer {
    let Asked { model, inputs, parameters } = body::vectors(body, &app.limits).await?;
    if let Some(parameters) = &parameters {
        check_parameters(parameters)?;
    }
    let texts = inputs.into_iter().map(|input| input.text).collect();
    let embedded = embedded(&app, &slot, &model, texts).await?;
    let vector = |vector: &Vec<f32>| json!({"values": reading::numbers(vector), "vector_type": "dense"});
    let data: Vec<_> = embedded.vectors.iter().map(vector).collect();
    let usage = json!({"total_tokens": embedded.tokens});
    Ok(Json(json!({"model": model, "vector_type": "dense", "data": data, "usage": usage})))
}

/// The models that run here embed queries and passages alike and cut no text, so only what asks for that is taken.
pub(super) fn check_parameters(parameters: &Value) -> Result<(), Refusal> {
    let Some(parameters) = parameters.as_object() else {
        return Err(invalid("invalid_argument", "'parameters' is an object."));
    };
    for (name, value) in parameters {
        match (name.as_str(), value.as_str()) {
            ("input_type", Some("query" | "passage")) | ("truncate", Some("NONE")) => {}
            // What clients send by themselves; a text that is too long is refused, whatever it says.
            ("truncate", Some("END")) => {}
            _ => {
                return Err(unsupported(
                    &format!("The parameter {name:?} = {value}"),
                    "There are input_type (query or passage) and truncate (END or NONE).",
                ));
            }
        }
    }
    Ok(())
}
