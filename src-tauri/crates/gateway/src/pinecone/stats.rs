//! `describe_index_stats`: how many vectors there are, and what they are.

use axum::{Json, body::Body, extract::State};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Answer, Named, index::metric_word, named, outside, refused::invalid};
use crate::{body, server::App};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    filter: Option<Map<String, Value>>,
}

pub(crate) async fn describe(State(app): State<App>, index: Named, body: Body) -> Answer {
    let asked: Asked = body::vectors(body, &app.limits).await?;
    if asked.filter.is_some_and(|filter| !filter.is_empty()) {
        let message =
            "Serverless indexes do not support describing index stats with metadata filtering. Leave 'filter' out.";
        return Err(invalid("unsupported_filter", message));
    }
    super::on(&app, named(index), move |index| {
        let held = index.namespaces()?.into_iter().filter(|(_, points)| *points > 0);
        let namespaces: Map<_, _> =
            held.map(|(name, points)| (outside(&name).to_owned(), json!({"vectorCount": points}))).collect();
        Ok(Json(json!({
            "namespaces": namespaces,
            "dimension": index.settings.dimension,
            "indexFullness": 0.0,
            "totalVectorCount": index.points,
            "metric": metric_word(index.settings.metric),
            "vectorType": "dense",
        })))
    })
    .await
}
