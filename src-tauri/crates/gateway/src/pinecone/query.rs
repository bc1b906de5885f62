//! Queries: the vectors nearest to a vector, or to one that is kept.

use axum::{Json, body::Body, extract::State};
use retrieval::{Error, Hit, Include, Query, Search, Target};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Answer, Named, filter,
    index::{self, Index},
    metadata, named, reading,
    refused::{self, invalid},
    writing,
};
use crate::{body, refusal::Refusal, server::App};

/// Results of one query at most.
const MOST_RESULTS: usize = 10_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Asked {
    top_k: usize,
    vector: Option<Vec<f32>>,
    id: Option<String>,
    sparse_vector: Option<Value>,
    namespace: Option<String>,
    filter: Option<Map<String, Value>>,
    #[serde(default)]
    include_values: bool,
    #[serde(default)]
    include_metadata: bool,
    scan_factor: Option<Value>,
    max_candidates: Option<Value>,
}

pub(crate) async fn query(State(app): State<App>, index: Named, body: Body) -> Answer {
    let asked: Asked = body::vectors(body, &app.limits).await?;
    super::on(&app, named(index), move |index| {
        writing::no_sparse(asked.sparse_vector.as_ref())?;
        if asked.scan_factor.is_some() || asked.max_candidates.is_some() {
            let message = "'scanFactor' and 'maxCandidates' are for indexes on nodes of their own. Leave them out.";
            return Err(invalid("invalid_argument", message));
        }
        let to = match (asked.vector.filter(|vector| !vector.is_empty()), &asked.id) {
            (Some(vector), None) => Target::Vector(vector),
            (None, Some(id)) => Target::Point(index::id(id)?),
            _ => return Err(invalid("invalid_argument", "A query has a 'vector' or an 'id', not both.")),
        };
        let named = asked.namespace.unwrap_or_default();
        let include = Include { vector: asked.include_values, payload: asked.include_metadata };
        let hits = nearest(index, to, &named, asked.top_k, asked.filter.as_ref(), include)?;
        let matches: Vec<_> = hits.into_iter().map(|hit| matched(index, hit)).collect();
        Ok(Json(json!({"matches": matches, "namespace": named, "usage": {"readUnits": index.read_units()}})))
    })
    .await
}

/// The nearest to a vector, or to a vector that is kept; to one that is not kept, none, as at the service.
pub(super) fn nearest(
    index: &Index,
    to: Target,
    namespace: &str,
    top_k: usize,
    filter: Option<&Map<String, Value>>,
    include: Include,
) -> Result<Vec<Hit>, Refusal> {
    if !(1..=MOST_RESULTS).contains(&top_k) {
        return Err(invalid("top_k_out_of_range", format!("'topK' is 1 to {MOST_RESULTS}, not {top_k}.")));
    }
    if let Target::Vector(vector) = &to {
        index.check(vector, "the query's vector")?;
    }
    let query = Query::Nearest { to, expansion: None, exact: false };
    let search =
        Search { filter: filter::read(filter)?, include, ..Search::new(super::inside(namespace), query, top_k) };
    match index.collection.search(&search) {
        Err(Error::UnknownPoint { .. }) => Ok(Vec::new()),
        found => found.map_err(refused::of),
    }
}

fn matched(index: &Index, hit: Hit) -> Value {
    let mut matched = json!({"id": hit.id, "score": index.score(hit.score), "values": []});
    if let Some(vector) = hit.vector {
        matched["values"] = reading::numbers(&vector);
    }
    if let Some(payload) = hit.payload.filter(|payload| !payload.is_empty()) {
        matched["metadata"] = metadata::shown(payload).into();
    }
    matched
}
