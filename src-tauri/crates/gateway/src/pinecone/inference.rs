//! Texts that are embedded here, by a deployment that is named as the model: for `embed`, and for indexes that were made
//! for a model.

use std::sync::Arc;

use axum::{Extension, Json, body::Body, extract::State};
use inference::{Embedded, Embedder, Input};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    Answer, reading,
    refused::{invalid, unsupported},
};
use crate::{
    body,
    call::Slot,
    metrics::Led,
    quota::Estimate,
    refusal::{Parts, Refusal},
    served::{Deployment, Model},
    server::App,
};

/// Texts of one request at most.
pub(super) const MOST_TEXTS: usize = 96;

fn deployment(app: &App, model: &str) -> Result<(Deployment, Arc<dyn Embedder>), Refusal> {
    let served = app.served.served();
    let deployment = served.find(model).ok_or_else(|| Refusal::no_model(model, &served))?.clone();
    match deployment.model.clone() {
        Model::Embedding(embedder) => Ok((deployment, embedder)),
        Model::Text(_) => {
            let message = format!("The model {model:?} generates text and embeds none. {}", served.told());
            Err(invalid("unsupported_model", message))
        }
    }
}

pub(super) fn embedder(app: &App, model: &str) -> Result<Arc<dyn Embedder>, Refusal> {
    deployment(app, model).map(|(_, embedder)| embedder)
}

/// Embeds texts within the deployment's quota and the gateway's bounds, and notes it in the call's record.
pub(super) async fn embedded(app: &App, slot: &Slot, model: &str, texts: Vec<String>) -> Result<Embedded, Refusal> {
    slot.note(Some(model), false);
    let (deployment, embedder) = deployment(app, model)?;
    let id = deployment.model.id();
    let led = Led { deployment: deployment.name.clone(), model: id, price: deployment.price };
    slot.lead(led, app.meters.of(&deployment.name, deployment.quota));
    if !(1..=MOST_TEXTS).contains(&texts.len()) {
        let message = format!("A request has 1 to {MOST_TEXTS} texts to embed, not {}.", texts.len());
        return Err(invalid("too_many", message));
    }
    let inputs: Vec<Input> = texts.into_iter().map(Input::Text).collect();
    let _seat = Arc::clone(&app.answers).try_acquire_owned().map_err(|_| Refusal::busy())?;
    let grant = slot.metered().map(|metered| metered.admit(Estimate::of_inputs(&inputs))).transpose();
    let grant = grant.inspect_err(|refusal| slot.with(|entry| entry.count_refusal(refusal)))?;
    slot.with(|entry| entry.begin(grant));
    // Dropped with this future, when the client hangs up.
    let cancellation = app.stop.child_token();
    let _cancelled = cancellation.clone().drop_guard();
    let embedded = tokio::select! {
        embedded = embedder.embed(inputs, cancellation) => match embedded {
            Ok(embedded) => {
                embedded.map_err(|error| Refusal::of_model(error, Parts { prompt: "inputs", schema: "inputs" }))
            }
            Err(_) => Err(Refusal::stopping()),
        },
        () = app.stop.cancelled() => Err(Refusal::stopping()),
        () = sleep(app.limits.lifetime) => Err(Refusal::too_long(app.limits.lifetime)),
    }?;
    slot.with(|entry| entry.call.prompt_tokens = embedded.tokens);
    Ok(embedded)
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
