//! Refusals as Pinecone's clients read them, and what is refused because it is not here.

use axum::http::{StatusCode, Uri};
use retrieval::Error;
use serde_json::{Value, json};

use crate::refusal::Refusal;

/// Of the control plane: `{"error": {code, message}, "status"}`.
pub(crate) fn control(refusal: &Refusal) -> Value {
    let (word, _) = canonical(refusal.status);
    json!({"error": {"code": word, "message": refusal.shown()}, "status": refusal.status.as_u16()})
}

/// Of the data plane: `{code, message, details}`, the code being gRPC's number.
pub(crate) fn data(refusal: &Refusal) -> Value {
    let (_, number) = canonical(refusal.status);
    json!({"code": number, "message": refusal.shown(), "details": []})
}

/// The canonical code that stands for a status, as a word and as gRPC's number.
fn canonical(status: StatusCode) -> (&'static str, u8) {
    match status.as_u16() {
        401 => ("UNAUTHENTICATED", 16),
        403 => ("FORBIDDEN", 7),
        404 => ("NOT_FOUND", 5),
        408 | 504 => ("DEADLINE_EXCEEDED", 4),
        409 => ("ALREADY_EXISTS", 6),
        413 => ("OUT_OF_RANGE", 11),
        429 | 507 => ("RESOURCE_EXHAUSTED", 8),
        499 => ("CANCELLED", 1),
        405 | 501 => ("UNIMPLEMENTED", 12),
        503 => ("UNAVAILABLE", 14),
        500.. => ("INTERNAL", 13),
        _ => ("INVALID_ARGUMENT", 3),
    }
}

pub(super) fn invalid(code: &'static str, message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, code, message)
}

/// A part of the service that a client may ask for and this gateway lacks. Clients do not try 501 again.
pub(super) fn unsupported(what: &str, instead: &str) -> Refusal {
    let message = format!("{what} is not to be had here. {instead}");
    Refusal::new(StatusCode::NOT_IMPLEMENTED, "not_implemented", message)
}

/// Answers the routes of the service that lead nowhere here.
pub(crate) async fn absent(uri: Uri) -> Refusal {
    let parts: Vec<_> = uri.path().split('/').collect();
    let has = |part: &str| parts.contains(&part);
    let (what, instead) = if has("documents") {
        ("The documents API", "Use upsert and query, or upsert_records and search of an index made for a model.")
    } else if has("imports") {
        ("Import from object storage", "Read the files and upsert their vectors.")
    } else if has("rerank") {
        ("Reranking", "Order the results in your own code.")
    } else if has("models") {
        ("The list of models", "GET /v1/models, as OpenAI's client asks it, names all that are served.")
    } else if has("collections") {
        ("Collections of pods", "Fetch the vectors and upsert them into another index.")
    } else {
        ("Backup", "Copy the folder of the collection while Groundwork is stopped.")
    };
    unsupported(what, instead)
}

pub(super) fn no_index(name: &str) -> Refusal {
    let message =
        format!("Resource {name} not found: there is no index of this name. list_indexes names those there are.");
    Refusal::new(StatusCode::NOT_FOUND, "index_not_found", message)
}

pub(super) fn no_namespace(name: &str) -> Refusal {
    let message =
        format!("Namespace not found: the index has no namespace {name:?}. list_namespaces names those there are.");
    Refusal::new(StatusCode::NOT_FOUND, "namespace_not_found", message)
}

/// What a collection could not do, in the words of the service where it has any.
pub(super) fn of(error: Error) -> Refusal {
    match error {
        Error::Unknown { name } => no_index(&name),
        Error::Exists { name } => {
            let message =
                format!("Resource {name} already exists. Use it as it is, delete it first, or take another name.");
            Refusal::new(StatusCode::CONFLICT, "index_exists", message)
        }
        other => other.into(),
    }
}
