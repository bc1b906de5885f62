//! OpenAI's API, as its `OpenAI` class calls it.

use axum::{
    Extension, Json,
    body::Body,
    extract::{Path, State, rejection::PathRejection},
    response::Response,
    routing::{get, post},
};
use serde_json::Value;

use super::{Dialect, Interface, Route, bearer};
use crate::{
    call::Slot,
    chat::Chat,
    completions::Completions,
    embeddings::Embeddings,
    models,
    question::Question,
    refusal::Refusal,
    responses::{Responses, not_stored},
    server::App,
};

pub(super) const DIALECT: Dialect = Dialect {
    name: "openai",
    prefixes: &["/v1/"],
    asks_models: true,
    key: bearer,
    key_header: "Authorization: Bearer KEY",
    refusal: Refusal::body,
    routes: &[
        Route { path: "/v1/chat/completions", methods: || post(ask::<Chat>) },
        Route { path: "/v1/completions", methods: || post(ask::<Completions>) },
        Route { path: "/v1/embeddings", methods: || post(ask::<Embeddings>) },
        Route { path: "/v1/responses", methods: || post(ask::<Responses>) },
        Route { path: "/v1/responses/{response}", methods: || get(not_stored).delete(not_stored) },
        Route { path: "/v1/models", methods: || get(list) },
        Route { path: "/v1/models/{model}", methods: || get(find) },
    ],
};

pub(super) async fn ask<I: Interface>(
    State(app): State<App>,
    Extension(slot): Extension<Slot>,
    body: Body,
) -> Result<Response, Refusal> {
    I::answer(Question::read::<I>(app, slot, body, None).await?).await
}

pub(super) async fn list(State(app): State<App>) -> Json<Value> {
    Json(models::list(&app))
}

pub(super) async fn find(
    State(app): State<App>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Value>, Refusal> {
    let id = id.map_or_else(|_| String::new(), |Path(id)| id);
    models::find(&app, &id).map(Json)
}
