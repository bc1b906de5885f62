//! Reads by id and by metadata: vectors are fetched and listed, page by page. Never compares vectors.

use axum::{Json, body::Body, extract::State};
use retrieval::{Include, PointId, Record};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Answer, Named, filter, index, metadata, named,
    parameters::{self, Asked, Parameters},
    refused::{self, invalid},
};
use crate::{body, server::App};

/// Vectors of one fetch at most.
const MOST_IDS: usize = 1000;

/// Entries of one page of a list of ids, and of a fetch by metadata.
const PAGE_OF_IDS: usize = 100;
const PAGE_OF_VECTORS: usize = 10_000;

pub(crate) async fn fetch(State(app): State<App>, index: Named, asked: Asked) -> Answer {
    let parameters = Parameters::read(asked, &["ids", "namespace"])?;
    super::on(&app, named(index), move |index| {
        let ids: Vec<PointId> = parameters.all("ids").map(index::id).collect::<Result<_, _>>()?;
        if !(1..=MOST_IDS).contains(&ids.len()) {
            let message = format!("A fetch has 1 to {MOST_IDS} 'ids', not {}.", ids.len());
            return Err(invalid("too_many", message));
        }
        let named = parameters.get("namespace").unwrap_or_default();
        let found = index.collection.fetch(super::inside(named), &ids, Include::ALL).map_err(refused::of)?;
        Ok(Json(json!({"vectors": vectors(found), "namespace": named, "usage": usage(ids.len())})))
    })
    .await
}

/// A unit for ten vectors, as the service counts them.
fn usage(vectors: usize) -> Value {
    json!({"readUnits": vectors.div_ceil(10).max(1)})
}

fn vectors(records: Vec<Record>) -> Map<String, Value> {
    let vector = |record: Record| {
        let values = numbers(&record.vector.unwrap_or_default());
        let mut vector = json!({"id": record.id, "values": values});
        if let Some(payload) = record.payload.filter(|payload| !payload.is_empty()) {
            vector["metadata"] = metadata::shown(payload).into();
        }
        (record.id.as_str().to_owned(), vector)
    };
    records.into_iter().map(vector).collect()
}

/// Each number is written as the double that equals it.
pub(super) fn numbers(vector: &[f32]) -> Value {
    vector.iter().map(|number| Value::from(f64::from(*number))).collect()
}

pub(crate) async fn list(State(app): State<App>, index: Named, asked: Asked) -> Answer {
    let parameters = Parameters::read(asked, &["prefix", "limit", "paginationToken", "namespace"])?;
    super::on(&app, named(index), move |index| {
        let limit = parameters.limit(PAGE_OF_IDS)?;
        let start = parameters.start()?.map(|id| index::id(&id)).transpose()?;
        let named = parameters.get("namespace").unwrap_or_default();
        let prefix = parameters.get("prefix").unwrap_or_default();
        let page =
            index.collection.list_ids(super::inside(named), prefix, start.as_ref(), limit).map_err(refused::of)?;
        let ids: Vec<_> = page.items.iter().map(|id| json!({"id": id})).collect();
        let list = json!({"vectors": ids, "namespace": named, "usage": {"readUnits": 1}});
        Ok(Json(followed(list, page.next.as_ref().map(PointId::as_str))))
    })
    .await
}

/// A page with the way to the next, where there is one.
pub(super) fn followed(mut page: Value, next: Option<&str>) -> Value {
    if let Some(next) = next {
        page["pagination"] = json!({"next": parameters::token(next)});
    }
    page
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Matching {
    filter: Option<Map<String, Value>>,
    namespace: Option<String>,
    limit: Option<usize>,
    pagination_token: Option<String>,
}

pub(crate) async fn matching(State(app): State<App>, index: Named, body: Body) -> Answer {
    let asked: Matching = body::vectors(body, &app.limits).await?;
    super::on(&app, named(index), move |index| {
        let limit = asked.limit.unwrap_or(PAGE_OF_IDS);
        if !(1..=PAGE_OF_VECTORS).contains(&limit) {
            return Err(parameters::limit_of(&limit.to_string(), PAGE_OF_VECTORS));
        }
        let Some(filter) = filter::read(asked.filter.as_ref())? else {
            return Err(invalid("invalid_filter", "'filter' is missing: which vectors to fetch."));
        };
        let start = asked.pagination_token.as_deref().map(parameters::start).transpose()?;
        let start = start.map(|id| index::id(&id)).transpose()?;
        let named = asked.namespace.unwrap_or_default();
        let page = index.collection.scroll(super::inside(&named), Some(&filter), start.as_ref(), limit, Include::ALL);
        let page = page.map_err(refused::of)?;
        let usage = usage(page.items.len());
        let fetched = json!({"vectors": vectors(page.items), "namespace": named, "usage": usage});
        Ok(Json(followed(fetched, page.next.as_ref().map(PointId::as_str))))
    })
    .await
}
