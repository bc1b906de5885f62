//! OpenAI's API, as its `OpenAI` class calls it.

use axum::{
    Extension, Json,
    body::Body,
    extract::{Path, State, rejection::PathRejection},
    response::Response,
    routing::{get, post},
};
use serde_json::Value;

use super::{Dialect, Route, bearer};
use crate::{call::Slot, chat, models, refusal::Refusal, server::App};

pub(super) const DIALECT: Dialect = Dialect {
    name: "openai",
    prefix: "/v1/",
    key: bearer,
    key_header: "Authorization: Bearer KEY",
    routes: &[
        Route { path: "/v1/chat/completions", methods: || post(complete) },
        Route { path: "/v1/models", methods: || get(list) },
        Route { path: "/v1/models/{model}", methods: || get(find) },
    ],
};

async fn complete(State(app): State<App>, Extension(slot): Extension<Slot>, body: Body) -> Result<Response, Refusal> {
    chat::complete(app, slot, body, None).await
}

async fn list(State(app): State<App>) -> Json<Value> {
    Json(models::list(&app))
}

async fn find(State(app): State<App>, id: Result<Path<String>, PathRejection>) -> Result<Json<Value>, Refusal> {
    let id = id.map_or_else(|_| String::new(), |Path(id)| id);
    models::find(&app, &id).map(Json)
}
