//! A namespace on a plane: along its two main directions at once, with neighbours beside each other as a task. What was
//! drawn is kept in memory for the collection that was looked at last.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use projection::{Neighbour, Place, Vectors, arrange, principal};
use retrieval::{Collection, Description, Include, Metric, PointId, Query, Search, Target};
use serde_json::{Map, Value};
use task::{Cancellation, Progress, Reporter, Unit};
use uuid::Uuid;

use crate::{
    Problem, TaskId, Workbench,
    keeping::on_disk,
    view::{Group, Layout, Plane},
};

/// Points that are shown; of more, so many that are spread over the ids.
const SHOWN: usize = 50_000;
/// Neighbours that a point is laid beside.
const NEAR: usize = 15;
/// Points that are read at once.
const PAGE: usize = 1000;
/// Payloads that say by which fields points can be told apart.
const SAMPLE: usize = 500;
/// Values of such a field among them at most.
const VALUES: usize = 40;
/// Groups that have a colour of their own.
const GROUPS: usize = 7;
/// The furthest place from the middle: steps of less than a pixel of any screen.
const EXTENT: f32 = 10_000.0;
const OTHERS: &str = "others";
const NONE: &str = "none";

/// What was drawn of one collection.
#[derive(Debug, Default)]
pub struct Planes(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// Its identity: a name may have been another collection's before.
    collection: Uuid,
    /// By namespace.
    planes: HashMap<(String, Layout), Arc<Drawn>>,
}

#[derive(Debug)]
struct Drawn {
    /// The collection's identity, and its sequence when it was read.
    collection: Uuid,
    sequence: u64,
    ids: Vec<PointId>,
    places: Vec<Place>,
    shares: Option<[f32; 2]>,
}

impl Planes {
    fn get(&self, collection: Uuid, namespace: &str, layout: Layout) -> Option<Arc<Drawn>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.planes.get(&(namespace.to_owned(), layout)).filter(|_| kept.collection == collection).cloned()
    }

    fn keep(&self, namespace: &str, layout: Layout, drawn: Drawn) -> Arc<Drawn> {
        let drawn = Arc::new(drawn);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.collection != drawn.collection {
            *kept = Kept { collection: drawn.collection, planes: HashMap::new() };
        }
        kept.planes.insert((namespace.to_owned(), layout), drawn.clone());
        drawn
    }
}

impl Workbench {
    /// A namespace's points on a plane, told apart by a field of their payload. `None` where it was not laid out by
    /// neighbours yet: [`Workbench::arrange_collection`] does that.
    pub async fn collection_plane(
        &self,
        name: &str,
        namespace: &str,
        layout: Layout,
        field: Option<String>,
    ) -> Result<Option<Plane>, Problem> {
        let (collection, planes, namespace) = (self.collection(name).await?, self.planes.clone(), namespace.to_owned());
        on_disk(move || shown(&collection, &planes, &namespace, layout, field.as_deref())).await
    }

    /// Lays a namespace out by its neighbours: about a minute for 50,000 points.
    pub fn arrange_collection(self: &Arc<Self>, name: String, namespace: String) -> TaskId {
        let workbench = self.clone();
        self.tasks.start("Laying out neighbours", |handle| async move {
            let (collection, planes) = (workbench.collection(&name).await?, workbench.planes.clone());
            on_disk(move || {
                let (start, vectors) = along_directions(&collection, &namespace, &handle.cancellation)?;
                let near = neighbours(&collection, &namespace, &start.ids, &vectors, &handle, &handle.cancellation)?;
                let places = arrange(&near, &start.places, &handle, &handle.cancellation);
                let places = places.ok_or_else(Problem::cancelled)?;
                let drawn = Drawn { places, shares: None, ..start };
                planes.keep(&namespace, Layout::Neighbours, drawn);
                Ok(())
            })
            .await
        })
    }
}

fn shown(
    collection: &Collection,
    planes: &Planes,
    namespace: &str,
    layout: Layout,
    field: Option<&str>,
) -> Result<Option<Plane>, Problem> {
    let Description { identity, sequence, .. } = collection.describe()?;
    let kept = planes.get(identity, namespace, layout);
    let drawn = match (kept, layout) {
        (Some(kept), Layout::Neighbours) => kept,
        (Some(kept), Layout::Directions) if kept.sequence == sequence => kept,
        (_, Layout::Directions) => {
            let (drawn, _) = along_directions(collection, namespace, &Cancellation::new())?;
            planes.keep(namespace, layout, drawn)
        }
        (None, Layout::Neighbours) => return Ok(None),
    };
    show(collection, namespace, &drawn, sequence, field).map(Some)
}

fn along_directions(
    collection: &Collection,
    namespace: &str,
    cancellation: &Cancellation,
) -> Result<(Drawn, Vectors), Problem> {
    let description = collection.describe()?;
    let points = collection.count(namespace, None)? as usize;
    let step = points.div_ceil(SHOWN).max(1);
    let mut vectors = Vectors::new(description.settings.dimension);
    let (mut ids, mut from, mut seen) = (Vec::new(), None, 0);
    loop {
        // Of a namespace that is shown in part, only what is shown is read.
        let include = Include { vector: step == 1, payload: false };
        let page = collection.scroll(namespace, None, from.as_ref(), PAGE, include)?;
        let records = page.items.into_iter().enumerate().filter(|(number, _)| (seen + number).is_multiple_of(step));
        let records: Vec<_> = records.map(|(_, record)| record).collect();
        seen += PAGE;
        let records = match step {
            1 => records,
            _ => {
                let ids: Vec<PointId> = records.into_iter().map(|record| record.id).collect();
                collection.fetch(namespace, &ids, Include { vector: true, payload: false })?
            }
        };
        for record in records {
            let mut vector = record.vector.unwrap_or_default();
            if description.settings.metric == Metric::Cosine {
                let norm = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
                vector.iter_mut().for_each(|number| *number /= norm.max(f32::MIN_POSITIVE));
            }
            vectors.push(&vector);
            ids.push(record.id);
        }
        if cancellation.is_cancelled() {
            return Err(Problem::cancelled());
        }
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    let seen = principal(&vectors);
    let (collection, sequence) = (description.identity, description.sequence);
    let drawn = Drawn { collection, sequence, ids, places: seen.places, shares: Some(seen.shares) };
    Ok((drawn, vectors))
}

/// The neighbours that a search of the collection finds for each of these points, among them.
fn neighbours(
    collection: &Collection,
    namespace: &str,
    ids: &[PointId],
    vectors: &Vectors,
    reporter: &dyn Reporter,
    cancellation: &Cancellation,
) -> Result<Vec<Vec<Neighbour>>, Problem> {
    let points = collection.count(namespace, None)? as usize;
    let limit = NEAR * points.div_ceil(ids.len().max(1));
    let numbers: HashMap<&PointId, u32> = ids.iter().zip(0..).collect();
    let of = |point: usize| -> Result<Vec<Neighbour>, Problem> {
        let query = Query::Nearest { to: Target::Others(ids[point].clone()), expansion: None, exact: false };
        let found = match collection.search(&Search::new(namespace, query, limit)) {
            // Deleted meanwhile.
            Err(retrieval::Error::UnknownPoint { .. }) => Vec::new(),
            found => found?,
        };
        let near = found.iter().filter_map(|hit| numbers.get(&hit.id)).take(NEAR);
        Ok(near.map(|other| (*other, vectors.distance(point, *other as usize))).collect())
    };
    let done = AtomicUsize::new(0);
    let part = |numbers: std::ops::Range<usize>| {
        let near = numbers.map(|point| {
            if cancellation.is_cancelled() {
                return Err(Problem::cancelled());
            }
            let done = done.fetch_add(1, Ordering::Relaxed);
            if done.is_multiple_of(500) {
                let what = "Looking for neighbours".to_owned();
                let total = Some(ids.len() as u64);
                reporter.progress(Progress { what, done: done as u64, total, unit: Unit::Steps });
            }
            of(point)
        });
        near.collect::<Result<Vec<_>, _>>()
    };
    let each = ids.len().div_ceil(super::threads()).max(1);
    let parts = (0..ids.len()).step_by(each).map(|from| from..(from + each).min(ids.len()));
    let found: Result<Vec<_>, _> = thread::scope(|scope| {
        let workers: Vec<_> = parts.map(|numbers| scope.spawn(|| part(numbers))).collect();
        let broke = || Err(Problem::broken("A thread ended."));
        workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| broke())).collect()
    });
    Ok(found?.into_iter().flatten().collect())
}

fn show(
    collection: &Collection,
    namespace: &str,
    drawn: &Drawn,
    sequence: u64,
    field: Option<&str>,
) -> Result<Plane, Problem> {
    let ids = &drawn.ids;
    let sample: Vec<PointId> = ids.iter().step_by((ids.len() / SAMPLE).max(1)).cloned().collect();
    let fields = telling(&payloads(collection, namespace, &sample)?);
    let (groups, group_of) = match field {
        Some(field) => group(&values(collection, namespace, ids, field)?),
        None => (Vec::new(), Vec::new()),
    };
    let furthest = drawn.places.iter().flatten().fold(f32::MIN_POSITIVE, |most, number| most.max(number.abs()));
    let along = |axis: usize| drawn.places.iter().map(|place| (place[axis] / furthest * EXTENT) as i16).collect();
    Ok(Plane {
        ids: ids.iter().map(ToString::to_string).collect(),
        x: along(0),
        y: along(1),
        points: collection.count(namespace, None)? as u32,
        shares: drawn.shares.map(Into::into),
        stale: drawn.sequence != sequence,
        fields,
        groups,
        group_of,
    })
}

fn payloads(
    collection: &Collection,
    namespace: &str,
    ids: &[PointId],
) -> Result<HashMap<PointId, Map<String, Value>>, Problem> {
    let records = collection.fetch(namespace, ids, Include::PAYLOAD)?.into_iter();
    Ok(records.map(|record| (record.id, record.payload.unwrap_or_default())).collect())
}

/// The value of a field, for each point that has one.
fn values(
    collection: &Collection,
    namespace: &str,
    ids: &[PointId],
    field: &str,
) -> Result<Vec<Option<String>>, Problem> {
    let mut values = Vec::with_capacity(ids.len());
    for page in ids.chunks(PAGE) {
        let payloads = payloads(collection, namespace, page)?;
        values.extend(page.iter().map(|id| payloads.get(id).and_then(|payload| scalar(payload.get(field)?))));
    }
    Ok(values)
}

/// The fields whose values some points share.
fn telling(payloads: &HashMap<PointId, Map<String, Value>>) -> Vec<String> {
    let mut counts: HashMap<&str, HashMap<String, usize>> = HashMap::new();
    for (key, value) in payloads.values().flatten() {
        if let Some(value) = scalar(value) {
            *counts.entry(key).or_default().entry(value).or_default() += 1;
        }
    }
    let shared = |values: &HashMap<String, usize>| {
        let points: usize = values.values().sum();
        (2..=VALUES).contains(&values.len()) && values.len() * 2 <= points
    };
    let mut fields: Vec<String> =
        counts.into_iter().filter(|(_, values)| shared(values)).map(|(key, _)| key.to_owned()).collect();
    fields.sort();
    fields
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        _ => None,
    }
}

/// The commonest values as groups, the rest together, and which group each point is in.
fn group(values: &[Option<String>]) -> (Vec<Group>, Vec<u8>) {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let named = |value: &Option<String>| value.as_deref().unwrap_or(NONE).to_owned();
    for value in values {
        *counts.entry(value.as_deref().unwrap_or(NONE)).or_default() += 1;
    }
    let mut ranked: Vec<(&str, usize)> = counts.into_iter().collect();
    ranked.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
    // One value that is left over keeps its name.
    let own = if ranked.len() > GROUPS + 1 { GROUPS } else { ranked.len() };
    let places: HashMap<&str, u8> = ranked[..own].iter().zip(0..).map(|((name, _), place)| (*name, place)).collect();
    let group_of = values.iter().map(|value| places.get(named(value).as_str()).copied().unwrap_or(own as u8)).collect();
    let mut groups: Vec<Group> =
        ranked[..own].iter().map(|(name, points)| Group { name: (*name).into(), points: *points as u32 }).collect();
    let rest: usize = ranked[own..].iter().map(|(_, points)| points).sum();
    if rest > 0 {
        groups.push(Group { name: OTHERS.into(), points: rest as u32 });
    }
    (groups, group_of)
}

#[cfg(test)]
mod tests;
