//! What a new index is asked to be, in the shapes of all versions: with a dimension, a metric and a spec, or with a schema
//! and a deployment. What this gateway cannot be is refused by its name.

use std::{collections::BTreeMap, time::Duration};

use retrieval::{Metric, Settings};
use serde::Deserialize;
use serde_json::Value;

use super::{
    index::{self, Notes, VALUES},
    refused::{invalid, unsupported},
};
use crate::refusal::Refusal;

/// The body of `create_index`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Creation {
    pub name: Option<String>,
    dimension: Option<usize>,
    metric: Option<String>,
    vector_type: Option<String>,
    spec: Option<Spec>,
    schema: Option<Schema>,
    deployment: Option<Deployment>,
    read_capacity: Option<ReadCapacity>,
    deletion_protection: Option<Protection>,
    tags: Option<Tags>,
    source_collection: Option<Value>,
    source_backup_id: Option<Value>,
    cmek_id: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    serverless: Option<Serverless>,
    pod: Option<Value>,
    byoc: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Serverless {
    cloud: String,
    region: String,
    read_capacity: Option<ReadCapacity>,
    schema: Option<Value>,
    source_collection: Option<Value>,
}

#[derive(Deserialize)]
struct Deployment {
    deployment_type: String,
    cloud: Option<String>,
    region: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Schema {
    fields: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
pub(super) struct ReadCapacity {
    mode: String,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Protection {
    Enabled,
    Disabled,
}

pub(super) type Tags = BTreeMap<String, String>;

impl Creation {
    /// The collection to make.
    pub fn settings(self) -> Result<(Settings, Notes), Refusal> {
        let (dimension, metric) = match (&self.schema, self.dimension) {
            (Some(_), Some(_)) => return Err(invalid("invalid_argument", "Give 'schema' or 'dimension', not both.")),
            (Some(schema), None) => schema.vectors()?,
            (None, dimension) => self.vectors(dimension)?,
        };
        let (cloud, region) = self.place()?;
        for (name, given) in [
            ("source_collection", &self.source_collection),
            ("source_backup_id", &self.source_backup_id),
            ("cmek_id", &self.cmek_id),
        ] {
            absent(name, given.as_ref())?;
        }
        on_demand(self.read_capacity.as_ref())?;
        let mut settings = Settings::new(dimension, metric);
        if !(1..=MOST_DIMENSION).contains(&dimension) {
            let message = format!("'dimension' is 1 to {MOST_DIMENSION}, not {dimension}.");
            return Err(invalid("invalid_dimension", message));
        }
        let mut notes = Notes { cloud, region, ..Notes::default() };
        protect(&mut notes, self.deletion_protection);
        tag(&mut notes, self.tags.unwrap_or_default())?;
        settings.delay = delay(&notes)?;
        Ok((settings, notes))
    }

    fn vectors(&self, dimension: Option<usize>) -> Result<(usize, Metric), Refusal> {
        if self.vector_type.as_deref().is_some_and(|kind| kind != "dense") {
            return Err(sparse());
        }
        let dimension = dimension
            .ok_or_else(|| invalid("invalid_dimension", "'dimension' is missing: how many numbers a vector has."))?;
        Ok((dimension, metric(self.metric.as_deref())?))
    }

    /// The cloud and the region, which are kept to be told and mean nothing else here.
    fn place(&self) -> Result<(String, String), Refusal> {
        let Some(spec) = &self.spec else {
            return match &self.deployment {
                None if self.schema.is_some() => Ok(("aws".into(), "us-east-1".into())),
                None => Err(invalid("invalid_argument", "'spec' is missing: ServerlessSpec(cloud=..., region=...).")),
                Some(Deployment { deployment_type, cloud: Some(cloud), region: Some(region) })
                    if deployment_type == "managed" =>
                {
                    Ok((cloud.clone(), region.clone()))
                }
                Some(Deployment { deployment_type, .. }) if deployment_type == "managed" => {
                    Err(invalid("invalid_argument", "'deployment' has a 'cloud' and a 'region'."))
                }
                Some(other) => Err(pods(&format!("A deployment of the type {:?}", other.deployment_type))),
            };
        };
        match spec {
            Spec { pod: Some(_), .. } => Err(pods("An index of pods (PodSpec)")),
            Spec { byoc: Some(_), .. } => Err(pods("An index in a cloud of one's own (ByocSpec)")),
            Spec { serverless: Some(serverless), .. } => {
                on_demand(serverless.read_capacity.as_ref())?;
                absent("spec.serverless.source_collection", serverless.source_collection.as_ref())?;
                if serverless.schema.is_some() {
                    return Err(every_field_is_filterable());
                }
                Ok((serverless.cloud.clone(), serverless.region.clone()))
            }
            Spec { .. } => Err(invalid("invalid_argument", "'spec' is empty: ServerlessSpec(cloud=..., region=...).")),
        }
    }
}

impl Schema {
    /// The one field of dense vectors that an index without documents has.
    fn vectors(&self) -> Result<(usize, Metric), Refusal> {
        let only = self.fields.iter().next().filter(|_| self.fields.len() == 1);
        let Some((VALUES, field)) = only.map(|(name, field)| (name.as_str(), field)) else {
            if self.fields.contains_key("_sparse_values") {
                return Err(sparse());
            }
            return Err(unsupported(
                "An index of documents",
                "Its schema may have the field _values alone, which `dimension=` and `metric=` of create_index make.",
            ));
        };
        if field["type"] != "dense_vector" {
            return Err(sparse());
        }
        let dimension = field["dimension"].as_u64().and_then(|dimension| usize::try_from(dimension).ok());
        let dimension =
            dimension.ok_or_else(|| invalid("invalid_dimension", "The field _values has no 'dimension'."))?;
        Ok((dimension, metric(field["metric"].as_str())?))
    }
}

/// As the service documents it.
const MOST_DIMENSION: usize = 20_000;

pub(super) fn metric(word: Option<&str>) -> Result<Metric, Refusal> {
    let known = [Metric::Cosine, Metric::Dot, Metric::Euclidean];
    let word = word.unwrap_or("cosine");
    let found = known.into_iter().find(|metric| index::metric_word(*metric) == word);
    found
        .ok_or_else(|| invalid("invalid_metric", format!("'metric' is cosine, dotproduct or euclidean, not {word:?}.")))
}

fn sparse() -> Refusal {
    unsupported("An index of sparse vectors", "Make a dense one: vector_type=\"dense\" with a dimension.")
}

fn pods(what: &str) -> Refusal {
    unsupported(what, "Make a serverless one: ServerlessSpec(cloud=\"aws\", region=\"us-east-1\").")
}

fn absent(name: &str, given: Option<&Value>) -> Result<(), Refusal> {
    match given {
        None => Ok(()),
        Some(_) => Err(unsupported(&format!("'{name}'"), "Leave it out.")),
    }
}

pub(super) fn every_field_is_filterable() -> Refusal {
    unsupported("A schema of metadata", "Leave 'schema' out: filters may name every field.")
}

pub(super) fn on_demand(capacity: Option<&ReadCapacity>) -> Result<(), Refusal> {
    match capacity {
        Some(capacity) if capacity.mode != "OnDemand" => {
            Err(unsupported("A read capacity that is not OnDemand", "Leave 'read_capacity' out."))
        }
        _ => Ok(()),
    }
}

pub(super) fn protect(notes: &mut Notes, protection: Option<Protection>) {
    if let Some(protection) = protection {
        notes.protected = protection == Protection::Enabled;
    }
}

/// Sets tags; an empty value takes a tag away.
pub(super) fn tag(notes: &mut Notes, tags: Tags) -> Result<(), Refusal> {
    for (key, value) in tags {
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        if !(1..=80).contains(&key.len()) || value.len() > 120 || !plain(&key) || !plain(&value) {
            return Err(invalid("invalid_tags", "A tag's key has 1 to 80 plain characters, its value at most 120."));
        }
        if value.is_empty() {
            notes.tags.remove(&key);
        } else {
            notes.tags.insert(key, value);
        }
    }
    match notes.tags.len() {
        0..=20 => Ok(()),
        many => Err(invalid("invalid_tags", format!("An index has at most 20 tags, not {many}."))),
    }
}

/// The tag that says how late writes are seen, since the service has no word for it.
const DELAY: &str = "groundwork-delay-ms";

/// How long a write of an index with these tags stays out of sight.
pub(super) fn delay(notes: &Notes) -> Result<Duration, Refusal> {
    let Some(text) = notes.tags.get(DELAY) else { return Ok(Duration::ZERO) };
    let millis = text.parse().ok().filter(|millis| *millis <= 60_000);
    let message = format!("The tag {DELAY} is how late writes are seen, in milliseconds: 0 to 60000, not {text:?}.");
    millis.map(Duration::from_millis).ok_or_else(|| invalid("invalid_tags", message))
}
