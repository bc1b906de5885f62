//! Texts that any dialect has embedded, within the time that an answer has; for the dialects of vector databases also by
//! the deployment that is named as the model, within its quota, and noted in the call's record. Knows no dialect.

use std::sync::Arc;

use inference::{Embedded, Embedder, Input};
use tokio::time::sleep;

use crate::{
    Deployment, Model,
    call::Slot,
    metrics::Led,
    quota::Estimate,
    refusal::{Parts, Refusal},
    server::App,
};

/// The embedding model of the first of these names that a deployment has.
pub(crate) fn find(app: &App, names: &[&str]) -> Result<(Deployment, Arc<dyn Embedder>), Refusal> {
    let served = app.served.served();
    let asked = names.first().copied().unwrap_or_default();
    let found = names.iter().find_map(|name| served.find(name)).ok_or_else(|| Refusal::no_model(asked, &served))?;
    match &found.model {
        Model::Embedding(embedder) => Ok((found.clone(), embedder.clone())),
        Model::Text(_) => {
            let message = format!("The model {asked:?} generates text and embeds none. {}", served.told());
            Err(Refusal::of("model", "unsupported_model", message))
        }
    }
}

/// The same for a call that is to embed, which is led there: once a call.
pub(crate) fn lead(app: &App, slot: &Slot, names: &[&str]) -> Result<Arc<dyn Embedder>, Refusal> {
    slot.note(names.first().copied(), false);
    let (Deployment { name, model, quota, price }, embedder) = find(app, names)?;
    let metered = app.meters.of(&name, quota);
    slot.lead(Led { deployment: name, model: model.id(), price }, metered);
    Ok(embedder)
}

/// Embeds within the quota of the deployment to which the call was led, once a call. `part` is what the request calls
/// the texts.
pub(crate) async fn embed(
    app: &App,
    slot: &Slot,
    embedder: &dyn Embedder,
    texts: Vec<String>,
    part: &'static str,
) -> Result<Embedded, Refusal> {
    let inputs: Vec<Input> = texts.into_iter().map(Input::Text).collect();
    let _seat = Arc::clone(&app.answers).try_acquire_owned().map_err(|_| Refusal::busy())?;
    let grant = slot.metered().map(|metered| metered.admit(Estimate::of_inputs(&inputs))).transpose();
    let grant = grant.inspect_err(|refusal| slot.with(|entry| entry.count_refusal(refusal)))?;
    slot.with(|entry| entry.begin(grant));
    let embedded = vectors(app, embedder, inputs, part).await?;
    slot.with(|entry| entry.call.prompt_tokens = embedded.tokens);
    Ok(embedded)
}

/// Embeds, whatever it costs.
pub(super) async fn vectors(
    app: &App,
    embedder: &dyn Embedder,
    inputs: Vec<Input>,
    part: &'static str,
) -> Result<Embedded, Refusal> {
    // Dropped with this future, when the client hangs up.
    let cancellation = app.stop.child_token();
    let _cancelled = cancellation.clone().drop_guard();
    let lifetime = app.limits.lifetime;
    tokio::select! {
        embedded = embedder.embed(inputs, cancellation) => match embedded {
            Ok(embedded) => embedded.map_err(|error| Refusal::of_model(error, Parts { prompt: part, schema: part })),
            Err(_) => Err(Refusal::stopping()),
        },
        () = app.stop.cancelled() => Err(Refusal::stopping()),
        () = sleep(lifetime) => Err(Refusal::too_long(lifetime)),
    }
}
