//! The routes that change points.

use axum::{body::Body, response::Response};
use retrieval::Written;
use serde::Deserialize;

use super::{Asked, about::About, embedding, told, write::Write};
use crate::refusal::Refusal;

pub(crate) async fn upsert(asked: Asked, body: Body) -> Result<Response, Refusal> {
    let upsert = Some(asked.read(body).await?);
    one(asked, Write { upsert, ..Write::default() }).await
}

pub(crate) async fn delete(asked: Asked, body: Body) -> Result<Response, Refusal> {
    let delete = Some(asked.read(body).await?);
    one(asked, Write { delete, ..Write::default() }).await
}

pub(crate) async fn set_payload(asked: Asked, body: Body) -> Result<Response, Refusal> {
    let set_payload = Some(asked.read(body).await?);
    one(asked, Write { set_payload, ..Write::default() }).await
}

pub(crate) async fn overwrite_payload(asked: Asked, body: Body) -> Result<Response, Refusal> {
    let overwrite_payload = Some(asked.read(body).await?);
    one(asked, Write { overwrite_payload, ..Write::default() }).await
}

pub(crate) async fn delete_payload(asked: Asked, body: Body) -> Result<Response, Refusal> {
    let delete_payload = Some(asked.read(body).await?);
    one(asked, Write { delete_payload, ..Write::default() }).await
}

pub(crate) async fn clear_payload(asked: Asked, body: Body) -> Result<Response, Refusal> {
    let clear_payload = Some(asked.read(body).await?);
    one(asked, Write { clear_payload, ..Write::default() }).await
}

pub(crate) async fn update_vectors(asked: Asked, body: Body) -> Result<Response, Refusal> {
    let update_vectors = Some(asked.read(body).await?);
    one(asked, Write { update_vectors, ..Write::default() }).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Operations {
    operations: Vec<Write>,
}

/// One after another; those before one that fails are done.
pub(crate) async fn batch(asked: Asked, body: Body) -> Result<Response, Refusal> {
    let Operations { operations } = asked.read(body).await?;
    let written = apply(&asked, operations).await?;
    let told: Vec<_> = written.into_iter().map(|written| told::written(&asked, written)).collect();
    Ok(asked.tell(told))
}

async fn one(asked: Asked, write: Write) -> Result<Response, Refusal> {
    let written = apply(&asked, vec![write]).await?;
    let told = written.into_iter().next().map(|written| told::written(&asked, written));
    Ok(asked.tell(told))
}

async fn apply(asked: &Asked, mut writes: Vec<Write>) -> Result<Vec<Written>, Refusal> {
    embedding::embed_points(asked, &mut writes).await?;
    asked
        .on(move |collection| {
            let about = About::of(&collection.describe()?.settings);
            writes.into_iter().map(|write| write.apply(collection, &about)).collect()
        })
        .await
}
