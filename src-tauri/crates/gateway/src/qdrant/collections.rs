//! Collections as wholes: make, show, change, delete, and the indexes of their payloads.

use axum::{body::Body, response::Response};
use retrieval::{Collection, Error, Filter, Indexed, Metric, Path, Test};
use serde_json::{Map, Value, json};

use super::{Asked, NAMESPACE, about::About, creation, missing, wrong};
use crate::{
    refusal::Refusal,
    request::field::{self, Fields},
    vectors,
};

pub(crate) async fn list(asked: Asked) -> Result<Response, Refusal> {
    let names = vectors::on(&asked.app, |collections| Ok(collections.list()?)).await?;
    let names: Vec<_> = names.into_iter().map(|name| json!({ "name": name })).collect();
    Ok(asked.tell(json!({ "collections": names })))
}

pub(crate) async fn exists(asked: Asked) -> Result<Response, Refusal> {
    let name = asked.collection.clone();
    let exists = vectors::on(&asked.app, move |collections| match collections.get(&name) {
        Ok(_) => Ok(true),
        Err(Error::Unknown { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    });
    let exists = exists.await?;
    Ok(asked.tell(json!({ "exists": exists })))
}

pub(crate) async fn create(asked: Asked, body: Body) -> Result<Response, Refusal> {
    let settings = creation::settings(&asked.read::<Fields>(body).await?)?;
    let name = asked.collection.clone();
    vectors::on(&asked.app, move |collections| match collections.create(&name, &settings) {
        Ok(_) => Ok(()),
        // Clients look for these words.
        Err(error @ Error::Exists { .. }) => {
            let message = format!(
                "Wrong input: Collection `{name}` already exists! Use it as it is, delete it first, or choose another name."
            );
            Err(Refusal { message, ..Refusal::from(error) })
        }
        Err(error) => Err(error.into()),
    })
    .await?;
    Ok(asked.tell(true))
}

/// Whether there was such a collection.
pub(crate) async fn delete(asked: Asked) -> Result<Response, Refusal> {
    let name = asked.collection.clone();
    let deleted = vectors::on(&asked.app, move |collections| match collections.delete(&name) {
        Ok(()) => Ok(true),
        Err(Error::Unknown { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    });
    let deleted = deleted.await?;
    Ok(asked.tell(deleted))
}

pub(crate) async fn update(asked: Asked, body: Body) -> Result<Response, Refusal> {
    let metadata = creation::update(&asked.read::<Fields>(body).await?)?;
    asked
        .on(|collection| {
            About::revise(collection, |about, _, _| {
                if let Some(metadata) = metadata {
                    about.metadata.get_or_insert_default().extend(metadata);
                }
                Ok(())
            })
        })
        .await?;
    Ok(asked.tell(true))
}

pub(crate) async fn show(asked: Asked) -> Result<Response, Refusal> {
    let shown = asked.on(describe).await?;
    Ok(asked.tell(shown))
}

fn describe(collection: &Collection) -> Result<Value, Refusal> {
    let described = collection.describe()?;
    let (settings, about) = (&described.settings, About::of(&described.settings));
    let points = collection.count(NAMESPACE, None)?;
    let indexed = match described.indexed {
        Indexed::NotNeeded => 0,
        Indexed::Behind { points: behind } => points.saturating_sub(behind),
        Indexed::Current => points,
    };
    // Clients wait for green, so it comes as soon as nothing more is done.
    let status = if described.indexing { "yellow" } else { "green" };
    let distance = match settings.metric {
        Metric::Cosine => "Cosine",
        Metric::Dot => "Dot",
        Metric::Euclidean => "Euclid",
    };
    let vector = json!({"size": settings.dimension, "distance": distance});
    let vectors = if about.vector.is_empty() { vector } else { json!({ &about.vector: vector }) };
    let mut schema = Map::new();
    for (name, index) in &about.indexes {
        let kind = if index.is_object() { &index["type"] } else { index };
        let holds = Filter::Field(Path::parse(name)?, Test::Empty).negated();
        let mut shown = json!({"data_type": kind, "points": collection.count(NAMESPACE, Some(&holds))?});
        if index.is_object() {
            shown["params"] = index.clone();
        }
        schema.insert(name.clone(), shown);
    }
    // Kilobytes of vectors below which all are compared.
    let scanned = described.compared_up_to * settings.dimension as u64 * size_of::<f32>() as u64 / 1024;
    Ok(json!({
        "status": status,
        "optimizer_status": "ok",
        "indexed_vectors_count": indexed,
        "points_count": points,
        "segments_count": 1,
        "config": {
            "params": {
                "vectors": vectors, "shard_number": 1, "replication_factor": 1, "write_consistency_factor": 1,
                "on_disk_payload": true,
            },
            "hnsw_config": {
                "m": settings.connectivity, "ef_construct": settings.expansion_of_build, "full_scan_threshold": scanned,
            },
            // One file, and every write is on the disk before it is acknowledged.
            "optimizer_config": {
                "default_segment_number": 1, "flush_interval_sec": 0, "deleted_threshold": 0.33,
                "vacuum_min_vector_number": described.compared_up_to,
            },
            "metadata": about.metadata,
        },
        "payload_schema": schema,
    }))
}

const KINDS: &[&str] = &["keyword", "integer", "float", "text", "bool", "datetime", "uuid"];

/// What of an index only says how it is kept, or changes nothing that is found.
const INERT: &[&str] = &[
    "type",
    "on_disk",
    "memory",
    "enable_hnsw",
    "is_tenant",
    "is_principal",
    "lookup",
    "range",
    "phrase_matching",
    "scoring",
];

/// Filters find what they find with an index or without. A text index with scores is what text queries look through.
pub(crate) async fn add_index(asked: Asked, body: Body) -> Result<Response, Refusal> {
    let fields = asked.read::<Fields>(body).await?;
    creation::only(&fields, "", &[&["field_name", "field_schema"]])?;
    let name = field::text(&fields, "field_name")?.ok_or_else(|| field::missing("field_name"))?.to_owned();
    let schema = field::get(&fields, "field_schema").ok_or_else(|| field::missing("field_schema"))?.clone();
    Path::parse(&name)?;
    let scored = scored(&schema)?;
    set_index(&asked, name, Some((schema, scored))).await
}

/// Whether an index is one for text queries.
fn scored(schema: &Value) -> Result<bool, Refusal> {
    let (kind, place) = match schema {
        Value::Object(fields) => (field::needed(fields, "type", "field_schema")?, "field_schema.type"),
        other => (other.as_str().unwrap_or_default(), "field_schema"),
    };
    if kind == "geo" {
        return Err(missing(place, "There are no places here: geo fields are kept and returned, and not searched."));
    }
    if !KINDS.contains(&kind) {
        return Err(wrong(place, &format!("must be one of {}", KINDS.join(", "))));
    }
    let Some(fields) = schema.as_object() else { return Ok(false) };
    let plain = |name: &str, value: &Value| match name {
        "tokenizer" => value == "word",
        "lowercase" => *value == true,
        "ascii_folding" => *value == false,
        "stemmer" => value["type"] == "none",
        _ => INERT.contains(&name),
    };
    if let Some((name, _)) = fields.iter().find(|(name, value)| !value.is_null() && !plain(name, value)) {
        let instead =
            "Words are runs of letters and digits in small letters here, whole and all of them. Leave it out.";
        return Err(missing(&format!("field_schema.{name}"), instead));
    }
    match field::get(fields, "scoring") {
        None | Some(Value::Bool(false)) => Ok(false),
        Some(Value::Bool(true)) if kind == "text" => Ok(true),
        Some(scoring) if kind == "text" && scoring["type"] == "bm25" => Ok(true),
        Some(_) => Err(wrong("field_schema.scoring", "must be true, false or {\"type\": \"bm25\"}, of a text index")),
    }
}

pub(crate) async fn remove_index(asked: Asked) -> Result<Response, Refusal> {
    set_index(&asked, asked.item.clone(), None).await
}

/// Keeps what was said of a field's index, and whether text queries look through it; or forgets the index.
async fn set_index(asked: &Asked, name: String, index: Option<(Value, bool)>) -> Result<Response, Refusal> {
    let sequence = asked
        .on(move |collection| {
            About::revise(collection, |about, settings, change| {
                let mut fields = settings.text_fields.clone();
                fields.retain(|field| *field != name);
                match index {
                    Some((schema, scored)) => {
                        fields.extend(scored.then(|| name.clone()));
                        about.indexes.insert(name, schema);
                    }
                    None if about.indexes.shift_remove(&name).is_none() => return Ok(()),
                    None => {}
                }
                change.text_fields = Some(fields);
                Ok(())
            })?;
            Ok(collection.describe()?.sequence)
        })
        .await?;
    Ok(asked.tell(json!({"operation_id": sequence, "status": "completed"})))
}

/// There are none.
pub(crate) async fn aliases(asked: Asked) -> Result<Response, Refusal> {
    if !asked.collection.is_empty() {
        asked.on(|_| Ok(())).await?;
    }
    Ok(asked.tell(json!({ "aliases": [] })))
}
