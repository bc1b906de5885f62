//! What Qdrant's clients ask of collections, in terms of [`retrieval`]: one vector a point, named or not, in the
//! namespace without a name. The routes are in `dialect/qdrant.rs`.
//!
//! Never keeps anything: what Qdrant wants to be told again about a collection lies in that collection's notes.

mod about;
pub(crate) mod collections;
mod creation;
mod diverse;
mod embedding;
mod filter;
mod grouping;
mod id;
pub(crate) mod points;
mod query;
mod read;
pub(crate) mod refuse;
pub(crate) mod search;
mod selector;
pub(crate) mod told;
mod vector;
mod write;

use std::time::Instant;

use axum::{
    body::Body,
    extract::{FromRequestParts, RawPathParams},
    http::{StatusCode, request::Parts},
    response::Response,
};
use retrieval::{Collection, Collections, Error};
use serde::{Serialize, de::DeserializeOwned};

use crate::{body, call::Slot, refusal::Refusal, server::App, vectors};

/// Qdrant knows no namespaces.
const NAMESPACE: &str = "";

/// A request, as its head tells it.
pub(crate) struct Asked {
    app: App,
    slot: Slot,
    /// Empty where the path names none.
    collection: String,
    /// What else the path names.
    item: String,
    /// Whether the client wants a write to be seen by the next read. It is in any case.
    waits: bool,
    since: Instant,
}

impl FromRequestParts<App> for Asked {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let since = Instant::now();
        let slot = parts.extensions.get::<Slot>().cloned().ok_or_else(Refusal::stopping)?;
        let named = RawPathParams::from_request_parts(parts, app).await;
        let named = named.map_err(|_| wrong("path", "is not UTF-8 behind its % signs"))?;
        let mut named = named.iter().map(|(_, value)| value.to_owned());
        let collection = named.next().unwrap_or_default();
        let waits = parts.uri.query().is_some_and(|query| query.split('&').any(|pair| pair == "wait=true"));
        Ok(Self { app: app.clone(), slot, collection, item: named.next().unwrap_or_default(), waits, since })
    }
}

impl Asked {
    async fn read<T: DeserializeOwned>(&self, body: Body) -> Result<T, Refusal> {
        body::vectors(body, &self.app.limits).await
    }

    /// Works on the collection that the path names.
    async fn on<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Collection) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let name = self.collection.clone();
        vectors::on(&self.app, move |collections| work(&open(collections, &name)?)).await
    }

    fn tell(&self, result: impl Serialize) -> Response {
        told::answer(result, self.since)
    }
}

fn open(collections: &Collections, name: &str) -> Result<Collection, Refusal> {
    collections.get(name).map_err(|error| match error {
        // Clients look for these words.
        Error::Unknown { .. } => {
            let message = format!(
                "Not found: Collection `{name}` doesn't exist! Create it first, or list the collections to see what they are called."
            );
            Refusal::new(StatusCode::NOT_FOUND, "retrieval.unknown", message)
        }
        other => other.into(),
    })
}

/// What is wrong at a place of the request: `'limit' must be at least 1.`
fn wrong(place: &str, what: &str) -> Refusal {
    Refusal::of(place, "invalid_value", format!("'{place}' {what}."))
}

/// What Qdrant has and this gateway has not. `instead` is a sentence.
fn missing(place: &str, instead: &str) -> Refusal {
    Refusal::of(place, "unsupported_value", format!("'{place}' cannot be used here. {instead}"))
}
