//! Records: texts with fields, which an index that was made for a model embeds by itself, put in and searched.

use axum::{Extension, Json, body::Body, extract::State, http::StatusCode};
use retrieval::{Hit, Include, Point, Target};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Answer, NamedTwice,
    index::{self, Embed, Index},
    inference, metadata, named, query,
    refused::{self, invalid, unsupported},
};
use crate::{body, call::Slot, refusal::Refusal, server::App};

/// How the index embeds.
async fn embed_of(app: &App, index: &str) -> Result<Embed, Refusal> {
    super::on(app, index.to_owned(), move |index| {
        index.notes.embed.clone().ok_or_else(|| {
            let message = "Integrated inference is not configured for this index: it was made with a dimension, not with create_index_for_model. Embed the texts yourself, then upsert and query.";
            invalid("no_integrated_inference", message)
        })
    })
    .await
}

/// The body is a record a line: `{"_id", the field that is embedded, more fields}`.
pub(crate) async fn upsert(
    State(app): State<App>,
    Extension(slot): Extension<Slot>,
    names: NamedTwice,
    body: Body,
) -> Result<StatusCode, Refusal> {
    let (index, namespace) = named(names);
    let embed = embed_of(&app, &index).await?;
    let bytes = body::bytes(body, &app.limits).await?;
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let records: Vec<_> =
        lines.enumerate().map(|(place, line)| record(place, line, &embed.field)).collect::<Result<_, _>>()?;
    let texts = records.iter().map(|record| record.text.clone()).collect();
    let embedded = inference::embedded(&app, &slot, &embed.model, texts).await?;
    super::on(&app, index, move |index| {
        let namespace = index::namespace(Some(&namespace))?;
        let mut points = Vec::with_capacity(records.len());
        for (record, vector) in records.into_iter().zip(embedded.vectors) {
            let id = index::id(&record.id)?;
            index.check(&vector, &format!("the vector of {:?}", record.id))?;
            points.push(Point { id, vector, payload: record.fields });
        }
        index.collection.upsert(&namespace, points).map_err(refused::of)?;
        Ok(StatusCode::CREATED)
    })
    .await
}

struct NewRecord {
    id: String,
    text: String,
    /// The text among them.
    fields: Map<String, Value>,
}

fn record(place: usize, line: &[u8], field: &str) -> Result<NewRecord, Refusal> {
    let wrong = |what: &str| invalid("invalid_record", format!("Record {place}: {what}."));
    let mut fields: Map<String, Value> =
        serde_json::from_slice(line).map_err(|error| wrong(&format!("it is no JSON object on one line ({error})")))?;
    let id = fields.shift_remove("_id").or_else(|| fields.shift_remove("id"));
    let Some(Value::String(id)) = id else { return Err(wrong("it has no '_id' that is a string")) };
    let Some(Value::String(text)) = fields.get(field).cloned() else {
        return Err(wrong(&format!("it has no text in '{field}', which the index embeds")));
    };
    metadata::check(&fields, &format!("record {place}"))?;
    Ok(NewRecord { id, text, fields })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    query: Asked,
    fields: Option<Vec<String>>,
    rerank: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    top_k: usize,
    inputs: Option<Text>,
    vector: Option<Given>,
    id: Option<String>,
    filter: Option<Map<String, Value>>,
    match_terms: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    text: String,
}

#[derive(Deserialize)]
struct Given {
    values: Vec<f32>,
}

pub(crate) async fn search(
    State(app): State<App>,
    Extension(slot): Extension<Slot>,
    names: NamedTwice,
    body: Body,
) -> Answer {
    let Search { query: asked, fields, rerank } = body::vectors(body, &app.limits).await?;
    if rerank.is_some() || asked.match_terms.is_some() {
        return Err(unsupported("Reranking, or matching terms,", "Leave 'rerank' and 'match_terms' out."));
    }
    let (name, namespace) = named(names);
    let (to, tokens) = match (asked.inputs, asked.vector, asked.id) {
        (Some(Text { text }), None, None) => {
            let embed = embed_of(&app, &name).await?;
            let mut embedded = inference::embedded(&app, &slot, &embed.model, vec![text]).await?;
            (Target::Vector(embedded.vectors.pop().unwrap_or_default()), Some(embedded.tokens))
        }
        (None, Some(Given { values }), None) => (Target::Vector(values), None),
        (None, None, Some(id)) => (Target::Point(index::id(&id)?), None),
        _ => return Err(invalid("invalid_argument", "'query' has exactly one of 'inputs', 'vector' and 'id'.")),
    };
    super::on(&app, name, move |index| {
        let hits = query::nearest(index, to, &namespace, asked.top_k, asked.filter.as_ref(), Include::PAYLOAD)?;
        let hits: Vec<_> = hits.into_iter().map(|found| hit(index, found, fields.as_deref())).collect();
        let mut usage = json!({"read_units": index.read_units()});
        if let Some(tokens) = tokens {
            usage["embed_total_tokens"] = tokens.into();
        }
        Ok(Json(json!({"result": {"hits": hits}, "usage": usage})))
    })
    .await
}

/// `fields` are those to tell; all, where it says nothing, or `*`, as clients do by themselves.
fn hit(index: &Index, hit: Hit, fields: Option<&[String]>) -> Value {
    let mut payload = metadata::shown(hit.payload.unwrap_or_default());
    if let Some(fields) = fields.filter(|fields| !fields.iter().any(|field| field == "*")) {
        payload.retain(|name, _| fields.contains(name));
    }
    json!({"_id": hit.id, "_score": index.score(hit.score), "fields": payload})
}
