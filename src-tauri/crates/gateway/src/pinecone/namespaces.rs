//! The namespaces of an index. One comes to be with the first vector that is put into it, or by its name.

use axum::{Json, body::Body, extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Answer, DEFAULT, Named, NamedTwice, creation, index, inside, named, outside,
    parameters::{Asked, Parameters},
    reading,
    refused::{self, invalid},
};
use crate::{body, refusal::Refusal, server::App};

/// Namespaces of one page at most.
const PAGE: usize = 100;

pub(crate) async fn list(State(app): State<App>, index: Named, asked: Asked) -> Answer {
    let parameters = Parameters::read(asked, &["limit", "paginationToken", "prefix"])?;
    super::on(&app, named(index), move |index| {
        let (limit, start) = (parameters.limit(PAGE)?, parameters.start()?.unwrap_or_default());
        let prefix = parameters.get("prefix").unwrap_or_default();
        let all = index.namespaces()?.into_iter().map(|(name, points)| (outside(&name).to_owned(), points));
        let mut all: Vec<_> = all.filter(|(name, _)| name.starts_with(prefix)).collect();
        all.sort();
        let count = all.len();
        let mut rest = all.into_iter().skip_while(|(name, _)| *name < start);
        let page: Vec<_> = rest.by_ref().take(limit).map(|(name, points)| described(&name, points)).collect();
        let next = rest.next();
        let list = json!({"namespaces": page, "total_count": count});
        Ok(Json(reading::followed(list, next.as_ref().map(|(name, _)| name.as_str()))))
    })
    .await
}

fn described(name: &str, points: u64) -> Value {
    json!({"name": outside(name), "record_count": points})
}

pub(crate) async fn describe(State(app): State<App>, names: NamedTwice) -> Answer {
    let (index, namespace) = named(names);
    super::on(&app, index, move |index| match index.namespaces()?.get(inside(&namespace)) {
        Some(points) => Ok(Json(described(&namespace, *points))),
        None => Err(refused::no_namespace(&namespace)),
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Creation {
    name: String,
    schema: Option<Value>,
}

pub(crate) async fn create(State(app): State<App>, index: Named, body: Body) -> Answer {
    let Creation { name, schema } = body::vectors(body, &app.limits).await?;
    if schema.is_some() {
        return Err(creation::every_field_is_filterable());
    }
    if inside(&name).is_empty() {
        let message = format!("{DEFAULT} is there by itself, and a namespace's name is not empty.");
        return Err(invalid("invalid_namespace", message));
    }
    super::on(&app, named(index), move |index| {
        let name = index::namespace(Some(&name))?;
        let exists = || {
            let message = format!("Namespace {name:?} already exists.");
            Refusal::new(StatusCode::CONFLICT, "namespace_exists", message)
        };
        if index.has(&name)? || !index.annotate(|notes| notes.namespaces.insert(name.clone()))? {
            return Err(exists());
        }
        Ok(Json(described(&name, 0)))
    })
    .await
}

pub(crate) async fn delete(State(app): State<App>, names: NamedTwice) -> Answer {
    let (index, namespace) = named(names);
    super::on(&app, index, move |index| {
        let name = inside(&namespace);
        if index.settings.delay.is_zero() && !index.has(name)? {
            return Err(refused::no_namespace(&namespace));
        }
        index.collection.delete_namespace(name).map_err(refused::of)?;
        if index.notes.namespaces.contains(name) {
            index.annotate(|notes| notes.namespaces.remove(name))?;
        }
        Ok(Json(json!({})))
    })
    .await
}
