//! Writes: vectors are put in, changed and deleted. Each is on the disk once it is answered.

use axum::{Json, body::Body, extract::State};
use retrieval::{PayloadChange, Point, Selection};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Answer, Named, filter,
    index::{self, Index},
    metadata, named,
    refused::{self, invalid},
};
use crate::{body, refusal::Refusal, server::App};

/// Vectors, or ids, of one request.
const MOST_VECTORS: usize = 1000;

/// What the vectors of one request come to, as the service documents it: four bytes a number, ids and metadata.
const MOST_BYTES: usize = 2 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Upsert {
    vectors: Vec<Vector>,
    namespace: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Vector {
    id: String,
    #[serde(default)]
    values: Vec<f32>,
    sparse_values: Option<Value>,
    metadata: Option<Map<String, Value>>,
}

pub(crate) async fn upsert(State(app): State<App>, index: Named, body: Body) -> Answer {
    let Upsert { vectors, namespace } = body::vectors(body, &app.limits).await?;
    super::on(&app, named(index), move |index| {
        let namespace = index::namespace(namespace.as_deref())?;
        let count = vectors.len();
        let points = points(index, vectors)?;
        index.collection.upsert(&namespace, points).map_err(refused::of)?;
        Ok(Json(json!({"upsertedCount": count})))
    })
    .await
}

fn points(index: &Index, vectors: Vec<Vector>) -> Result<Vec<Point>, Refusal> {
    if !(1..=MOST_VECTORS).contains(&vectors.len()) {
        return Err(count("vectors", vectors.len(), "Upsert in batches: batch_size=200."));
    }
    let mut bytes = 0;
    let mut points = Vec::with_capacity(vectors.len());
    for (place, Vector { id, values, sparse_values, metadata }) in vectors.into_iter().enumerate() {
        no_sparse(sparse_values.as_ref())?;
        let id = index::id(&id)?;
        let whose = format!("vectors[{place}] ({:?})", id.as_str());
        index.check(&values, &whose)?;
        let payload = metadata.unwrap_or_default();
        bytes += values.len() * size_of::<f32>() + id.as_str().len() + metadata::check(&payload, &whose)?;
        points.push(Point { id, vector: values, payload });
    }
    if bytes > MOST_BYTES {
        let message = format!(
            "Message length too large: the vectors come to {bytes} bytes, the limit is {MOST_BYTES}. Upsert in smaller batches: batch_size={}.",
            (points.len() * MOST_BYTES / bytes).max(1)
        );
        return Err(invalid("batch_too_large", message));
    }
    Ok(points)
}

fn count(what: &str, found: usize, instead: &str) -> Refusal {
    invalid("too_many", format!("A request has 1 to {MOST_VECTORS} {what}, not {found}. {instead}"))
}

pub(super) fn no_sparse(values: Option<&Value>) -> Result<(), Refusal> {
    match values {
        None => Ok(()),
        Some(_) => {
            Err(invalid("sparse_values", "Index configuration does not support sparse values: the index is dense."))
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Update {
    id: Option<String>,
    values: Option<Vec<f32>>,
    sparse_values: Option<Value>,
    set_metadata: Option<Map<String, Value>>,
    namespace: Option<String>,
    filter: Option<Map<String, Value>>,
    #[serde(default)]
    dry_run: bool,
}

pub(crate) async fn update(State(app): State<App>, index: Named, body: Body) -> Answer {
    let asked: Update = body::vectors(body, &app.limits).await?;
    super::on(&app, named(index), move |index| {
        no_sparse(asked.sparse_values.as_ref())?;
        if let Some(metadata) = &asked.set_metadata {
            metadata::check(metadata, "'setMetadata'")?;
        }
        match (&asked.id, filter::read(asked.filter.as_ref())?) {
            (Some(id), None) if !asked.dry_run => by_id(index, id, &asked),
            (None, Some(filter)) if asked.values.is_none() => by_filter(index, filter, &asked),
            _ => Err(invalid(
                "invalid_argument",
                "An update has an 'id' with 'values' or 'setMetadata', or a 'filter' with 'setMetadata'; 'dryRun' goes with a filter.",
            )),
        }
    })
    .await
}

/// A vector that is not there is no error, as at the service.
fn by_id(index: &Index, id: &str, asked: &Update) -> Answer {
    let id = index::id(id)?;
    let namespace = index::namespace(asked.namespace.as_deref())?;
    let change = asked.set_metadata.clone().map(PayloadChange::Set);
    if let Some(values) = &asked.values {
        index.check(values, &format!("{:?}", id.as_str()))?;
    }
    let written = match (asked.values.clone(), change) {
        (Some(values), Some(change)) => index.collection.update(&namespace, id, values, change),
        (Some(values), None) => index.collection.update_vectors(&namespace, vec![(id, values)]),
        (None, Some(change)) => index.collection.change_payload(&namespace, Selection::Ids(vec![id]), change),
        (None, None) => return Err(invalid("invalid_argument", "Update what? Give 'values' or 'setMetadata'.")),
    };
    written.map_err(refused::of)?;
    Ok(Json(json!({})))
}

fn by_filter(index: &Index, filter: retrieval::Filter, asked: &Update) -> Answer {
    let namespace = index::namespace(asked.namespace.as_deref())?;
    let matched = || index.collection.count(&namespace, Some(&filter)).map_err(refused::of);
    if asked.dry_run {
        return Ok(Json(json!({"matchedRecords": matched()?})));
    }
    let Some(metadata) = asked.set_metadata.clone() else {
        return Err(invalid("invalid_argument", "An update by filter sets metadata: give 'setMetadata'."));
    };
    // Where writes are seen late, how many it will concern is not known; so many it would concern now.
    let now = matched()?;
    let which = Selection::Matching(filter.clone());
    let written =
        index.collection.change_payload(&namespace, which, PayloadChange::Set(metadata)).map_err(refused::of)?;
    Ok(Json(json!({"matchedRecords": written.points.unwrap_or(now)})))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Delete {
    ids: Option<Vec<String>>,
    #[serde(default)]
    delete_all: bool,
    namespace: Option<String>,
    filter: Option<Map<String, Value>>,
}

pub(crate) async fn delete(State(app): State<App>, index: Named, body: Body) -> Answer {
    let Delete { ids, delete_all, namespace, filter } = body::vectors(body, &app.limits).await?;
    super::on(&app, named(index), move |index| {
        let which = match (ids.filter(|ids| !ids.is_empty()), delete_all, filter::read(filter.as_ref())?) {
            (Some(ids), false, None) if ids.len() > MOST_VECTORS => {
                return Err(count("ids", ids.len(), "Delete in batches."));
            }
            (Some(ids), false, None) => Selection::Ids(ids.iter().map(|id| index::id(id)).collect::<Result<_, _>>()?),
            (None, true, None) => Selection::All,
            (None, false, Some(filter)) => Selection::Matching(filter),
            _ => {
                let message = "A delete has exactly one of 'ids', 'deleteAll' and 'filter'.";
                return Err(invalid("invalid_argument", message));
            }
        };
        let namespace = index::namespace(namespace.as_deref())?;
        // Where writes are seen late, the namespace may come with one that is still out of sight.
        if index.settings.delay.is_zero() && !index.has(&namespace)? {
            return Err(refused::no_namespace(&namespace));
        }
        index.collection.delete(&namespace, which).map_err(refused::of)?;
        Ok(Json(json!({})))
    })
    .await
}
