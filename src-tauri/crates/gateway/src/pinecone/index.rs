//! An index: a collection with what the service keeps beside it, as each version of the API describes it.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::{HeaderMap, header};
use retrieval::{Collection, Collections, Metric, PointId, Settings};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    refused::{self, invalid},
    version::Version,
};
use crate::refusal::Refusal;

/// An index that is there.
pub(super) struct Index {
    pub collection: Collection,
    pub settings: Settings,
    pub points: u64,
    pub notes: Notes,
}

/// What an index has that a collection has not, kept in the collection's notes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Notes {
    pub cloud: String,
    pub region: String,
    /// Whether it is refused to delete it.
    pub protected: bool,
    pub tags: BTreeMap<String, String>,
    /// Of an index that embeds by itself.
    pub embed: Option<Embed>,
    /// Namespaces that were created by name, and exist while they are empty.
    pub namespaces: BTreeSet<String>,
}

/// How an index embeds the texts that it is given.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Embed {
    /// The deployment that embeds.
    pub model: String,
    /// The field of a record that is embedded.
    pub field: String,
}

impl Default for Notes {
    /// Of a collection that was made by other means: somewhere it must be said to lie.
    fn default() -> Self {
        Self {
            cloud: "aws".into(),
            region: "us-east-1".into(),
            protected: false,
            tags: BTreeMap::new(),
            embed: None,
            namespaces: BTreeSet::new(),
        }
    }
}

/// Under which the notes lie among those of other dialects.
const KEY: &str = "pinecone";

impl Notes {
    fn of(notes: &Map<String, Value>) -> Self {
        // Notes that this program does not understand are as good as none.
        notes.get(KEY).and_then(|notes| serde_json::from_value(notes.clone()).ok()).unwrap_or_default()
    }

    pub fn keep(&self, notes: &mut Map<String, Value>) {
        if let Ok(kept) = serde_json::to_value(self) {
            notes.insert(KEY.to_owned(), kept);
        }
    }
}

/// Names as the service allows them: 1 to 45 small letters, digits and hyphens, none of these at an end.
pub(super) fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=45).contains(&name.len())
        && name.bytes().all(|byte| letter(byte) || byte == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

impl Index {
    pub fn open(collections: &Collections, name: &str) -> Result<Self, Refusal> {
        if !is_name(name) {
            return Err(refused::no_index(name));
        }
        let collection = collections.get(name).map_err(refused::of)?;
        let description = collection.describe().map_err(refused::of)?;
        let notes = Notes::of(&description.settings.notes);
        Ok(Self { collection, points: description.points, settings: description.settings, notes })
    }

    /// Changes the notes that are kept now, which may be newer than those that were read.
    pub fn annotate<T>(&self, change: impl FnOnce(&mut Notes) -> T) -> Result<T, Refusal> {
        let annotated = self.collection.annotate(|kept| {
            let mut notes = Notes::of(kept);
            let value = change(&mut notes);
            notes.keep(kept);
            value
        });
        annotated.map_err(refused::of)
    }

    /// Whether it holds a namespace, points or not.
    pub fn has(&self, namespace: &str) -> Result<bool, Refusal> {
        Ok(self.namespaces()?.contains_key(namespace))
    }

    /// Points of each namespace.
    pub fn namespaces(&self) -> Result<BTreeMap<String, u64>, Refusal> {
        let mut all: BTreeMap<_, _> = self.notes.namespaces.iter().map(|name| (name.clone(), 0)).collect();
        let held = self.collection.namespaces().map_err(refused::of)?;
        all.extend(held.into_iter().map(|held| (held.name, held.points)));
        Ok(all)
    }

    /// Refuses a vector that the service would not take. `whose` names it.
    pub fn check(&self, vector: &[f32], whose: &str) -> Result<(), Refusal> {
        let expected = self.settings.dimension;
        if vector.len() != expected {
            let message = format!(
                "Vector dimension {} does not match the dimension of the index {expected}: {whose}. Embed with the model that made the others.",
                vector.len()
            );
            return Err(invalid("dimension_mismatch", message));
        }
        if self.settings.metric == Metric::Cosine && vector.iter().all(|number| *number == 0.0) {
            let message = format!(
                "Dense vectors must contain at least one non-zero value: {whose} has none, and so no direction to compare by cosine."
            );
            return Err(invalid("zero_vector", message));
        }
        Ok(())
    }

    /// The score as the service defines it: of Euclid's distance, the square.
    pub fn score(&self, score: f32) -> f64 {
        let score = f64::from(score);
        if self.settings.metric == Metric::Euclidean { score * score } else { score }
    }

    /// What a search costs by the service's measure: a unit for each gigabyte that it looks through.
    pub fn read_units(&self) -> u64 {
        (self.points * self.settings.dimension as u64 * 4).div_ceil(1_000_000_000).max(1)
    }

    /// As `version` describes it, to whoever asks at `headers`' Host.
    pub fn described(&self, headers: &HeaderMap, version: &Version) -> Value {
        let name = self.collection.name();
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let protection = if self.notes.protected { "enabled" } else { "disabled" };
        let mut described = json!({
            "name": name,
            // Without a scheme, clients would dial TLS.
            "host": format!("http://{host}/pinecone/index/{name}"),
            "status": {"ready": true, "state": "Ready"},
            "deletion_protection": protection,
        });
        if !self.notes.tags.is_empty() {
            described["tags"] = json!(self.notes.tags);
        }
        let capacity = json!({"mode": "OnDemand", "status": {"state": "Ready"}});
        let (cloud, region) = (&self.notes.cloud, &self.notes.region);
        let (dimension, metric) = (self.settings.dimension, metric_word(self.settings.metric));
        if version.since(Version::SCHEMA) {
            described["deployment"] = json!({"deployment_type": "managed", "cloud": cloud, "region": region});
            described["read_capacity"] = capacity;
            let (field, typed) = match &self.notes.embed {
                Some(Embed { model, field }) => {
                    (field.as_str(), json!({"type": "semantic_text", "model": model, "metric": metric}))
                }
                None => (VALUES, json!({"type": "dense_vector", "dimension": dimension, "metric": metric})),
            };
            described["schema"] = json!({"fields": {field: typed}});
            return described;
        }
        described["dimension"] = dimension.into();
        described["metric"] = metric.into();
        described["vector_type"] = "dense".into();
        described["spec"] = json!({"serverless": {"cloud": cloud, "region": region}});
        if version.since(Version::READ_CAPACITY) {
            described["spec"]["serverless"]["read_capacity"] = capacity;
        }
        if let Some(Embed { model, field }) = &self.notes.embed {
            described["embed"] = json!({
                "model": model, "metric": metric, "dimension": dimension, "vector_type": "dense",
                "field_map": {"text": field}, "read_parameters": {}, "write_parameters": {},
            });
        }
        described
    }
}

/// The field that holds the vectors of an index which is not asked for documents.
pub(super) const VALUES: &str = "_values";

pub(super) fn metric_word(metric: Metric) -> &'static str {
    match metric {
        Metric::Cosine => "cosine",
        Metric::Dot => "dotproduct",
        Metric::Euclidean => "euclidean",
    }
}

pub(super) fn id(text: &str) -> Result<PointId, Refusal> {
    PointId::text(text).map_err(|_| {
        let shown: String = text.chars().take(40).collect();
        let message = format!("Vector ID {shown:?} has {} bytes: an ID has 1 to 512, and no zero byte.", text.len());
        invalid("invalid_id", message)
    })
}

/// A namespace that a point may be put into, as collections call it.
pub(super) fn namespace(named: Option<&str>) -> Result<String, Refusal> {
    let name = super::inside(named.unwrap_or_default());
    if name.len() > 512 || name.contains('\0') {
        return Err(invalid("invalid_namespace", "A namespace has at most 512 bytes, and no zero byte."));
    }
    Ok(name.to_owned())
}
