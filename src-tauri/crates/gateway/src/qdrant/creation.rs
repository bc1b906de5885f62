//! Reads what a collection is to be. What would change nothing here is taken and let be; what would change an answer is
//! done or refused by name.

use retrieval::{Metric, Settings};
use serde_json::{Map, Value};

use super::{about::About, missing, wrong};
use crate::{
    refusal::Refusal,
    request::field::{self, Fields},
};

/// What only says where and how fast things are kept and built.
const INERT: &[&str] = &[
    "on_disk_payload",
    "payload",
    "id_tracker",
    "wal_config",
    "optimizers_config",
    "quantization_config",
    "shard_number",
    "replication_factor",
    "write_consistency_factor",
];

const VECTOR_INERT: &[&str] = &["on_disk", "memory", "quantization_config"];

pub(super) fn settings(fields: &Fields) -> Result<Settings, Refusal> {
    let read = ["vectors", "hnsw_config", "sparse_vectors", "sharding_method", "strict_mode_config", "metadata"];
    only(fields, "", &[&read[..], INERT])?;
    one_machine(fields)?;
    let vectors = field::get(fields, "vectors").ok_or_else(|| {
        wrong(
            "vectors",
            "is missing: a collection here has one dense vector, such as {\"size\": 384, \"distance\": \"Cosine\"}",
        )
    })?;
    let vectors = field::object(vectors, "vectors")?;
    let (name, vector, place) = if vectors.contains_key("size") || vectors.contains_key("distance") {
        (String::new(), vectors, "vectors".to_owned())
    } else {
        let mut named = vectors.iter();
        let (Some((name, vector)), None) = (named.next(), named.next()) else {
            return Err(missing("vectors", "A collection has one vector here. Make a collection for each of several."));
        };
        let place = format!("vectors.{name}");
        (name.clone(), field::object(vector, &place)?, place)
    };
    let mut settings = of_vector(vector, &place)?;
    for (hnsw, place) in [
        (field::get(fields, "hnsw_config"), "hnsw_config".to_owned()),
        (field::get(vector, "hnsw_config"), format!("{place}.hnsw_config")),
    ] {
        if let Some(hnsw) = hnsw {
            let hnsw = field::object(hnsw, &place)?;
            settings.connectivity = count(hnsw, "m", &place)?.unwrap_or(settings.connectivity);
            settings.expansion_of_build = count(hnsw, "ef_construct", &place)?.unwrap_or(settings.expansion_of_build);
        }
    }
    let about = About { vector: name, indexes: Map::new(), metadata: metadata(fields)? };
    settings.notes = about.noted(&settings)?;
    Ok(settings)
}

fn of_vector(vector: &Fields, place: &str) -> Result<Settings, Refusal> {
    let read = ["size", "distance", "hnsw_config", "datatype", "multivector_config"];
    only(vector, place, &[&read[..], VECTOR_INERT])?;
    let size = count(vector, "size", place)?.ok_or_else(|| field::missing(&format!("{place}.size")))?;
    let metric = match field::needed(vector, "distance", place)? {
        "Cosine" => Metric::Cosine,
        "Dot" => Metric::Dot,
        "Euclid" => Metric::Euclidean,
        other => {
            let place = format!("{place}.distance");
            return Err(wrong(&place, &format!("must be Cosine, Dot or Euclid, but is {other:?}")));
        }
    };
    if field::get(vector, "multivector_config").is_some() {
        let place = format!("{place}.multivector_config");
        return Err(missing(&place, "A point has one vector here, and no list of them. Leave it out."));
    }
    if field::get(vector, "datatype").is_some_and(|kind| kind != "float32") {
        return Err(missing(&format!("{place}.datatype"), "Vectors are kept as float32. Leave it out."));
    }
    Ok(Settings::new(size, metric))
}

/// What needs more than one machine, or another kind of vector.
fn one_machine(fields: &Fields) -> Result<(), Refusal> {
    let says =
        |name| field::get(fields, name).filter(|value| value.as_object().is_none_or(|fields| !fields.is_empty()));
    if says("sparse_vectors").is_some() {
        let instead = "Sparse vectors are not kept here: for keywords, add a text index with \"scoring\": true and \
                       send text queries.";
        return Err(missing("sparse_vectors", instead));
    }
    for name in ["shard_number", "replication_factor", "write_consistency_factor"] {
        if field::get(fields, name).is_some_and(|count| *count != 1) {
            return Err(missing(name, "This is one machine, so it can only be 1. Leave it out."));
        }
    }
    if field::get(fields, "sharding_method").is_some_and(|method| method != "auto") {
        return Err(missing("sharding_method", "There are no shards here. Use payload fields and filters instead."));
    }
    let strict = field::get(fields, "strict_mode_config").and_then(|strict| strict.get("enabled")?.as_bool());
    if strict == Some(true) {
        return Err(missing("strict_mode_config", "There is no strict mode here; requests are bounded anyway."));
    }
    Ok(())
}

/// A change of a collection: the metadata alone, beside what changes nothing.
pub(super) fn update(fields: &Fields) -> Result<Option<Map<String, Value>>, Refusal> {
    let read = ["hnsw_config", "vectors", "sparse_vectors", "params", "strict_mode_config", "metadata"];
    only(fields, "", &[&read[..], INERT])?;
    one_machine(fields)?;
    let vectors = field::get(fields, "vectors").and_then(Value::as_object);
    let hnsw = vectors.into_iter().flat_map(|vectors| vectors.values()).filter_map(|vector| vector.get("hnsw_config"));
    for hnsw in hnsw.chain(field::get(fields, "hnsw_config")) {
        if ["m", "ef_construct"].iter().any(|name| hnsw.get(name).is_some_and(|value| !value.is_null())) {
            let instead = "Both are fixed when a collection is made. Make another one and upsert the points there.";
            return Err(missing("hnsw_config", instead));
        }
    }
    metadata(fields)
}

fn metadata(fields: &Fields) -> Result<Option<Map<String, Value>>, Refusal> {
    field::get(fields, "metadata").map(|data| field::object(data, "metadata").cloned()).transpose()
}

/// A whole number that the settings bound.
pub(super) fn count(fields: &Fields, name: &str, place: &str) -> Result<Option<usize>, Refusal> {
    let Some(value) = field::get(fields, name) else { return Ok(None) };
    let place = join(place, name);
    let count = value.as_u64().and_then(|count| usize::try_from(count).ok());
    count.map(Some).ok_or_else(|| wrong(&place, &format!("must be a whole number from 0, but is {value}")))
}

/// Refuses fields that nobody reads: they are typing mistakes, or mean something that is not done.
pub(super) fn only(fields: &Fields, place: &str, known: &[&[&str]]) -> Result<(), Refusal> {
    let strange = |name: &String| !known.iter().any(|names| names.contains(&name.as_str()));
    match fields.iter().find(|(name, value)| strange(name) && !value.is_null()) {
        Some((name, _)) => Err(missing(
            &join(place, name),
            "This gateway does not know it. Leave it out, or look for a typing mistake.",
        )),
        None => Ok(()),
    }
}

pub(super) fn join(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}
