//! Azure OpenAI's API, as the `AzureOpenAI` class calls it: the deployment stands in the path, the version in the query.
//! `/openai/v1/` is where the plain `OpenAI` class calls Azure: as at OpenAI, with either header for the key.

use axum::{
    Extension, Json,
    body::Body,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::HeaderMap,
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::Value;

use super::{Dialect, Interface, Route, bearer, openai};
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
    name: "azure",
    prefixes: &["/openai/"],
    asks_models: true,
    key,
    key_header: "api-key: KEY",
    refusal: Refusal::body,
    routes: &[
        Route { path: "/openai/deployments/{deployment}/chat/completions", methods: || post(ask::<Chat>) },
        Route { path: "/openai/deployments/{deployment}/completions", methods: || post(ask::<Completions>) },
        Route { path: "/openai/deployments/{deployment}/embeddings", methods: || post(ask::<Embeddings>) },
        Route { path: "/openai/responses", methods: || post(respond) },
        Route { path: "/openai/responses/{response}", methods: || get(not_stored).delete(not_stored) },
        Route { path: "/openai/models", methods: || get(list) },
        Route { path: "/openai/models/{model}", methods: || get(find) },
        Route { path: "/openai/v1/chat/completions", methods: || post(openai::ask::<Chat>) },
        Route { path: "/openai/v1/completions", methods: || post(openai::ask::<Completions>) },
        Route { path: "/openai/v1/embeddings", methods: || post(openai::ask::<Embeddings>) },
        Route { path: "/openai/v1/responses", methods: || post(openai::ask::<Responses>) },
        Route { path: "/openai/v1/responses/{response}", methods: || get(not_stored).delete(not_stored) },
        Route { path: "/openai/v1/models", methods: || get(openai::list) },
        Route { path: "/openai/v1/models/{model}", methods: || get(openai::find) },
    ],
};

/// A bearer token is how Azure's directory tokens come; here it carries the same key.
fn key(headers: &HeaderMap) -> Option<&str> {
    headers.get("api-key").and_then(|key| key.to_str().ok()).or_else(|| bearer(headers))
}

#[derive(Deserialize)]
struct Version {
    #[serde(rename = "api-version")]
    version: String,
}

type Versioned = Result<Query<Version>, QueryRejection>;
type Named = Result<Path<String>, PathRejection>;

async fn ask<I: Interface>(
    State(app): State<App>,
    Extension(slot): Extension<Slot>,
    deployment: Named,
    version: Versioned,
    body: Body,
) -> Result<Response, Refusal> {
    let deployment = name(deployment);
    slot.note(Some(&deployment), false);
    check(version)?;
    I::answer(Question::read::<I>(app, slot, body, Some(deployment)).await?).await
}

/// Responses name their deployment as the model.
async fn respond(
    State(app): State<App>,
    Extension(slot): Extension<Slot>,
    version: Versioned,
    body: Body,
) -> Result<Response, Refusal> {
    check(version)?;
    Responses::answer(Question::read::<Responses>(app, slot, body, None).await?).await
}

async fn list(State(app): State<App>, version: Versioned) -> Result<Json<Value>, Refusal> {
    check(version)?;
    Ok(Json(models::list(&app)))
}

async fn find(State(app): State<App>, id: Named, version: Versioned) -> Result<Json<Value>, Refusal> {
    check(version)?;
    models::find(&app, &name(id)).map(Json)
}

/// Every version is answered alike, but none is not a version.
fn check(version: Versioned) -> Result<(), Refusal> {
    match version {
        Ok(Query(Version { version })) if !version.is_empty() => Ok(()),
        _ => Err(Refusal::of(
            "api-version",
            "missing_required_parameter",
            "Azure wants ?api-version= in the address, once. The AzureOpenAI class takes it as `api_version` or from OPENAI_API_VERSION.",
        )),
    }
}

/// A name that is not UTF-8 is the name of nothing.
fn name(path: Named) -> String {
    path.map_or_else(|_| String::new(), |Path(name)| name)
}
