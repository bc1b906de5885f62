//! Changes of points as they come in, and what they do to a collection.

use std::collections::HashSet;

use axum::http::StatusCode;
use retrieval::{Collection, Include, Payload, PayloadChange, Point, PointId, Selection, Written};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

use super::{NAMESPACE, about::About, filter, id::Id, missing, vector::Vector, wrong};
use crate::refusal::Refusal;

/// One change. The fields are the operations of a batch, of which it has one.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Write {
    pub upsert: Option<Upsert>,
    pub delete: Option<Which>,
    pub set_payload: Option<Set>,
    pub overwrite_payload: Option<Set>,
    pub delete_payload: Option<Remove>,
    pub clear_payload: Option<Which>,
    pub update_vectors: Option<Vectors>,
    pub delete_vectors: Option<IgnoredAny>,
}

/// Points one by one, or as lists beside each other.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Upsert {
    points: Option<Vec<Kept>>,
    batch: Option<Batch>,
    shard_key: Option<IgnoredAny>,
    update_filter: Option<IgnoredAny>,
    update_mode: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    id: Id,
    vector: Vector,
    payload: Option<Payload>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    ids: Vec<Id>,
    vectors: Columns,
    payloads: Option<Vec<Option<Payload>>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Columns {
    Plain(Vec<Vector>),
    Named(std::collections::HashMap<String, Vec<Vector>>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    points: Option<Vec<Id>>,
    filter: Option<Value>,
    shard_key: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Set {
    payload: Payload,
    /// Where in the payload; at its top without.
    key: Option<String>,
    points: Option<Vec<Id>>,
    filter: Option<Value>,
    shard_key: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Remove {
    keys: Vec<String>,
    points: Option<Vec<Id>>,
    filter: Option<Value>,
    shard_key: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vectors {
    points: Vec<Moved>,
    shard_key: Option<IgnoredAny>,
    update_filter: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Moved {
    id: Id,
    vector: Vector,
}

impl Write {
    /// Every vector in it.
    pub fn vectors(&mut self) -> impl Iterator<Item = &mut Vector> {
        let upsert = self.upsert.iter_mut().flat_map(|upsert| {
            let points = upsert.points.iter_mut().flatten().map(|point| &mut point.vector);
            points.chain(upsert.batch.iter_mut().flat_map(|batch| batch.vectors.all()))
        });
        let moved = self.update_vectors.iter_mut().flat_map(|moved| &mut moved.points).map(|point| &mut point.vector);
        upsert.chain(moved)
    }

    pub fn apply(self, collection: &Collection, about: &About) -> Result<Written, Refusal> {
        if self.delete_vectors.is_some() {
            return Err(missing(
                "delete_vectors",
                "A point has one vector here and is nothing without. Delete the point.",
            ));
        }
        let Self {
            upsert, delete, set_payload, overwrite_payload, delete_payload, clear_payload, update_vectors, ..
        } = self;
        let asked = [
            upsert.is_some(),
            delete.is_some(),
            set_payload.is_some(),
            overwrite_payload.is_some(),
            delete_payload.is_some(),
            clear_payload.is_some(),
            update_vectors.is_some(),
        ];
        if asked.into_iter().filter(|asked| *asked).count() != 1 {
            return Err(wrong("operations", "must each have exactly one operation, such as 'upsert'"));
        }
        if let Some(upsert) = upsert {
            let points = upsert.points(about)?;
            return Ok(collection.upsert(NAMESPACE, points)?);
        }
        if let Some(which) = delete {
            let which = selection(which.points, which.filter, which.shard_key)?;
            return Ok(collection.delete(NAMESPACE, which)?);
        }
        if let Some(moved) = update_vectors {
            return moved.apply(collection, about);
        }
        let (which, change) = if let Some(set) = set_payload {
            let change = match &set.key {
                Some(key) => PayloadChange::SetAt(filter::path(key, "key")?, set.payload),
                None => PayloadChange::Set(set.payload),
            };
            (selection(set.points, set.filter, set.shard_key)?, change)
        } else if let Some(set) = overwrite_payload {
            if set.key.is_some() {
                return Err(missing(
                    "key",
                    "Only the whole payload can be overwritten. Set the payload at that key instead.",
                ));
            }
            (selection(set.points, set.filter, set.shard_key)?, PayloadChange::Replace(set.payload))
        } else if let Some(remove) = delete_payload {
            let paths = remove.keys.iter().map(|key| filter::path(key, "keys")).collect::<Result<_, _>>()?;
            (selection(remove.points, remove.filter, remove.shard_key)?, PayloadChange::Remove(paths))
        } else if let Some(which) = clear_payload {
            (selection(which.points, which.filter, which.shard_key)?, PayloadChange::Clear)
        } else {
            return Err(Refusal::broken("An operation was not read."));
        };
        let ids = if let Selection::Ids(ids) = &which { ids.clone() } else { Vec::new() };
        let written = collection.change_payload(NAMESPACE, which, change)?;
        all_there(collection, &ids, written)
    }
}

impl Columns {
    fn all(&mut self) -> Box<dyn Iterator<Item = &mut Vector> + '_> {
        match self {
            Self::Plain(vectors) => Box::new(vectors.iter_mut()),
            Self::Named(named) => Box::new(named.values_mut().flatten()),
        }
    }
}

impl Upsert {
    fn points(self, about: &About) -> Result<Vec<Point>, Refusal> {
        no_shards(self.shard_key.as_ref())?;
        no_condition(self.update_filter.as_ref())?;
        if self.update_mode.is_some_and(|mode| mode != "upsert") {
            return Err(missing("update_mode", "Points are put in place of those with their ids. Leave it out."));
        }
        match (self.points, self.batch) {
            (Some(points), None) => {
                let point = |(at, kept): (usize, Kept)| {
                    let vector = kept.vector.of(about, &format!("points[{at}].vector"))?;
                    Ok(Point { id: kept.id.0, vector, payload: kept.payload.unwrap_or_default() })
                };
                points.into_iter().enumerate().map(point).collect()
            }
            (None, Some(batch)) => batch.points(about),
            _ => Err(wrong("points", "must be there, or 'batch' in its place")),
        }
    }
}

impl Batch {
    fn points(self, about: &About) -> Result<Vec<Point>, Refusal> {
        let vectors = match self.vectors {
            Columns::Plain(vectors) => {
                let of = |(at, vector): (usize, Vector)| vector.of(about, &format!("batch.vectors[{at}]"));
                vectors.into_iter().enumerate().map(of).collect::<Result<Vec<_>, _>>()?
            }
            Columns::Named(named) => {
                let mut named = named.into_iter();
                let (Some((name, vectors)), None) = (named.next(), named.next()) else {
                    return Err(missing("batch.vectors", "A point has one vector here."));
                };
                about.expect(&name, "batch.vectors")?;
                let plain = |vector| match vector {
                    Vector::Plain(numbers) => Ok(numbers),
                    _ => Err(wrong("batch.vectors", "must be lists of numbers")),
                };
                vectors.into_iter().map(plain).collect::<Result<Vec<_>, _>>()?
            }
        };
        let payloads = self.payloads.unwrap_or_else(|| vec![None; self.ids.len()]);
        if self.ids.len() != vectors.len() || self.ids.len() != payloads.len() {
            let (ids, vectors, payloads) = (self.ids.len(), vectors.len(), payloads.len());
            return Err(wrong(
                "batch",
                &format!("has {ids} ids, {vectors} vectors and {payloads} payloads, which must be as many"),
            ));
        }
        let points = self.ids.into_iter().zip(vectors).zip(payloads);
        Ok(points
            .map(|((Id(id), vector), payload)| Point { id, vector, payload: payload.unwrap_or_default() })
            .collect())
    }
}

impl Vectors {
    fn apply(self, collection: &Collection, about: &About) -> Result<Written, Refusal> {
        no_shards(self.shard_key.as_ref())?;
        no_condition(self.update_filter.as_ref())?;
        let mut vectors = Vec::with_capacity(self.points.len());
        for (at, moved) in self.points.into_iter().enumerate() {
            vectors.push((moved.id.0, moved.vector.of(about, &format!("points[{at}].vector"))?));
        }
        let ids: Vec<PointId> = vectors.iter().map(|(id, _)| id.clone()).collect();
        let written = collection.update_vectors(NAMESPACE, vectors)?;
        all_there(collection, &ids, written)
    }
}

/// The points that are there have changed, and one that is not is told of.
fn all_there(collection: &Collection, ids: &[PointId], written: Written) -> Result<Written, Refusal> {
    let distinct: HashSet<&PointId> = ids.iter().collect();
    if written.points.is_none_or(|points| points >= distinct.len() as u64) {
        return Ok(written);
    }
    let found = collection.fetch(NAMESPACE, ids, Include::default())?;
    match ids.iter().find(|id| !found.iter().any(|record| record.id == **id)) {
        Some(id) => Err(no_point(id)),
        None => Ok(written),
    }
}

pub(super) fn no_point(id: &PointId) -> Refusal {
    let message =
        format!("Not found: No point with id {id} found. Upsert it first; other points of the request are done.");
    Refusal::new(StatusCode::NOT_FOUND, "retrieval.unknown_point", message)
}

fn selection(
    points: Option<Vec<Id>>,
    filter: Option<Value>,
    shard_key: Option<IgnoredAny>,
) -> Result<Selection, Refusal> {
    no_shards(shard_key.as_ref())?;
    match (points, filter::filter(filter.as_ref(), "filter")?) {
        (Some(points), None) => Ok(Selection::Ids(points.into_iter().map(|Id(id)| id).collect())),
        (None, Some(filter)) => Ok(Selection::Matching(filter)),
        (Some(_), Some(_)) => Err(wrong("points", "cannot stand beside 'filter': choose by one of them")),
        (None, None) => Err(wrong("points", "must be there, or 'filter' in its place")),
    }
}

pub(super) fn no_shards(shard_key: Option<&IgnoredAny>) -> Result<(), Refusal> {
    match shard_key {
        Some(_) => Err(missing("shard_key", "There are no shards here. Use a field of the payload and filters.")),
        None => Ok(()),
    }
}

fn no_condition(update_filter: Option<&IgnoredAny>) -> Result<(), Refusal> {
    match update_filter {
        Some(_) => Err(missing("update_filter", "Look for the points with the filter first and send those.")),
        None => Ok(()),
    }
}
