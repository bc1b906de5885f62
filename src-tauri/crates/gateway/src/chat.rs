//! One chat completion, from its body to its answer: [`parameters`] reads what is asked, [`conversation`] the messages,
//! [`answering`] drives the model and the record, [`reply`] words it as one object or as a stream.

mod answering;
mod conversation;
mod field;
mod parameters;
mod reply;

use std::sync::Arc;

use axum::{body::Body, http::StatusCode, response::Response};
use tokio::sync::mpsc;

use crate::{body, call::Slot, refusal::Refusal, server::App};
use answering::{Answering, Piece};
use parameters::Parameters;
use reply::Reply;

/// Pieces that may wait for a slow client before its answer waits too.
const AHEAD: usize = 64;

/// Answers one request. `deployment` is Azure's, and stands for the model.
pub(crate) async fn complete(
    app: App,
    slot: Slot,
    body: Body,
    deployment: Option<String>,
) -> Result<Response, Refusal> {
    let fields = body::object(body, &app.limits).await?;
    let stream = fields.get("stream").and_then(|stream| stream.as_bool()).unwrap_or_default();
    slot.note(deployment.as_deref().or_else(|| fields.get("model")?.as_str()), stream);

    let served = app.model.describe().id;
    let parameters = Parameters::read(&fields, deployment.is_none())?;
    match (&deployment, &parameters.model) {
        (Some(name), _) if *name != served => return Err(no_deployment(name, &served)),
        (None, Some(name)) if *name != served => return Err(Refusal::no_model(name, &served)),
        _ => {}
    }

    let Ok(place) = Arc::clone(&app.answers).try_acquire_owned() else { return Err(Refusal::busy()) };
    let Some(entry) = slot.take() else { return Err(Refusal::stopping()) };
    let reply = Reply::new(served, &parameters);
    let (sender, mut pieces) = mpsc::channel(AHEAD);
    let answering = Answering::new(Arc::clone(&app), parameters.requests(), entry);
    app.tracker.spawn(async move {
        answering.run(sender).await;
        drop(place);
    });

    // What goes wrong before the first token is still an answer with a status of its own.
    match pieces.recv().await {
        Some(Piece::Failed(refusal)) => Err(refusal),
        Some(first) if stream => Ok(reply.stream(first, pieces)),
        Some(first) => reply.whole(first, pieces).await,
        None => Err(Refusal::stopping()),
    }
}

fn no_deployment(name: &str, served: &str) -> Refusal {
    let message = format!("There is no deployment {name:?} here. The one that there is is called {served:?}.");
    Refusal::new(StatusCode::NOT_FOUND, "DeploymentNotFound", message)
}
