//! A collection measured on several engines: its points, or a part of them, as every engine can take them, and what came
//! out as the shells show it.

mod container;

use std::{fs, path::PathBuf, sync::Arc};

use container::{contained, image};
use retrieval::{Collection, Include, Path, PointId, Record, Scalar};
use selection::{Address, Addresses, Criterion, Keys, Row, Sample, Weights, contenders};
use serde_json::Value;
use task::{Cancellation, Progress, Reporter, Unit};

use super::asking::meant;
use crate::{
    Event, Problem, TaskId, Workbench,
    keeping::on_disk,
    view::{self, Compare, ContenderFigures, ContenderResult, Criteria},
};

/// Points that are read at once.
const PAGE: usize = 1000;

impl Workbench {
    /// Measures the local engines and the servers that are at an address or to be in a container, and sends
    /// [`Event::Compared`].
    pub fn compare_collection(self: &Arc<Self>, compare: Compare) -> TaskId {
        let workbench = self.clone();
        self.tasks.start("Comparing engines", |handle| async move {
            let weights = weights(&compare.weights)?;
            let collection = workbench.collection(&compare.collection).await?;
            let (asked, reporter) = (compare.clone(), handle.clone());
            let read = on_disk(move || {
                let addresses = addresses(&asked)?;
                Ok((addresses, sample(&collection, &asked, &reporter, &reporter.cancellation)?))
            });
            let (addresses, (points, sample)) = read.await?;
            let mut contenders = contenders(&workbench.options.data, &addresses);
            contenders.extend(contained(&compare, &workbench.options, &handle));
            let compared = selection::compare(Arc::new(sample), contenders, &handle, &handle.cancellation).await;
            let compared = compared.map_err(|error| match error {
                selection::Error::Cancelled => Problem::cancelled(),
                error => error.into(),
            })?;
            let recommendation = selection::recommend(&compared, points, weights)?;
            let comparison = Box::new(shown(compare, points, compared, recommendation));
            workbench.events.send(Event::Compared { task: handle.id, comparison });
            Ok(())
        })
    }
}

fn weights(told: &[(String, f64)]) -> Result<Weights, Problem> {
    let weights = told.iter().try_fold(Weights::default(), |weights, (name, weight)| weights.with(name, *weight))?;
    Ok(weights.shares()?)
}

fn addresses(compare: &Compare) -> Result<Addresses, Problem> {
    let keys = compare.key_file.as_ref().map(PathBuf::from).map(|file| {
        let text = fs::read_to_string(&file).map_err(|error| {
            let message = format!("The keys cannot be read from {}: {error}.", file.display());
            Problem::new("collections.keys", message, "Name a file that is there and that you may read.")
        });
        Ok::<_, Problem>(Keys::read(&text?)?)
    });
    let keys = keys.transpose()?;
    let address = |url: &Option<String>, name: &str| {
        let key = keys.as_ref().and_then(|keys| keys.of(name));
        url.clone().map(|url| Address { url, key })
    };
    let server = |told, name| address(told, name).filter(|address| image(&address.url, "").is_none());
    Ok(Addresses {
        qdrant: server(&compare.qdrant, "qdrant"),
        pinecone: address(&compare.pinecone, "pinecone"),
        pgvector: server(&compare.pgvector, "pgvector"),
    })
}

/// How many points the namespace has, and so many of them as are to be compared, spread over it.
fn sample(
    collection: &Collection,
    compare: &Compare,
    reporter: &dyn Reporter,
    cancellation: &Cancellation,
) -> Result<(usize, Sample), Problem> {
    let (namespace, conditions) = (&compare.namespace, conditions(&compare.conditions)?);
    let wanted = conditions.iter().map(|condition| condition.value.clone()).collect();
    let mut sample = Sample::new(&collection.describe()?.settings, wanted);
    let points = collection.count(namespace, None)? as usize;
    let most = (compare.vectors as usize).clamp(1, points.max(1));
    // So many of them, as evenly as it goes.
    let taken = |number: usize| number * most / points != (number + 1) * most / points;
    let include = Include { vector: true, payload: !conditions.is_empty() };
    let (mut from, mut seen) = (None, 0_usize);
    loop {
        let what = "Reading points".to_owned();
        reporter.progress(Progress { what, done: seen as u64, total: Some(points as u64), unit: Unit::Steps });
        if cancellation.is_cancelled() {
            return Err(Problem::cancelled());
        }
        // Of a namespace that is compared in part, only that part is read whole.
        let page = collection.scroll(namespace, None, from.as_ref(), PAGE, Include::default())?;
        let ids = page.items.into_iter().map(|record| record.id);
        let ids: Vec<PointId> = ids.zip(seen..).filter(|(_, number)| taken(*number)).map(|(id, _)| id).collect();
        for record in collection.fetch(namespace, &ids, include)? {
            let fields = conditions.iter().map(|condition| condition.values(&record)).collect();
            sample.push(&record.vector.unwrap_or_default(), fields);
        }
        seen += PAGE;
        from = page.next;
        if from.is_none() {
            return Ok((points, sample));
        }
    }
}

/// A field equals a value.
struct Condition {
    path: Path,
    value: String,
    wanted: Vec<Scalar>,
}

fn conditions(told: &[(String, String)]) -> Result<Vec<Condition>, Problem> {
    let condition = |(field, value): &(String, String)| {
        Ok(Condition { path: Path::parse(field)?, value: value.clone(), wanted: meant(value) })
    };
    told.iter().map(condition).collect()
}

impl Condition {
    /// The field's values as texts; what the condition takes for its value is written as that.
    fn values(&self, record: &Record) -> Vec<String> {
        let Some(payload) = &record.payload else { return Vec::new() };
        let elements = self.path.values(payload).into_iter().flat_map(|value| match value {
            Value::Array(elements) => elements.iter().collect(),
            value => vec![value],
        });
        let text = |value: &Value| {
            let scalar = Scalar::of(value)?;
            Some(match value {
                _ if self.wanted.contains(&scalar) => self.value.clone(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            })
        };
        elements.filter_map(text).collect()
    }
}

fn shown(
    compare: Compare,
    points: usize,
    compared: selection::Comparison,
    recommended: selection::Recommendation,
) -> view::Comparison {
    let standing = |standing: selection::Standing| view::Standing {
        name: standing.name.into(),
        score: standing.score,
        parts: criteria(|criterion| standing.parts[criterion as usize]),
    };
    view::Comparison {
        collection: compare.collection,
        namespace: compare.namespace,
        conditions: compare.conditions,
        points: points as u32,
        compared: compared.compared as u32,
        matching: compared.matching as u32,
        questions: compared.questions as u32,
        contenders: compared.rows.into_iter().map(result).collect(),
        recommendation: view::Recommendation {
            best: recommended.standings.first().map(|best| best.name.into()),
            standings: recommended.standings.into_iter().map(standing).collect(),
            reasons: recommended.reasons,
            would_change: recommended.would_change,
            weights: criteria(|criterion| recommended.weights.of(criterion)),
        },
    }
}

fn result(row: Row) -> ContenderResult {
    let figures = row.outcome.as_ref().ok().map(|figures| ContenderFigures {
        recall: figures.recall,
        p50_millis: figures.p50.as_secs_f64() * 1e3,
        p95_millis: figures.p95.as_secs_f64() * 1e3,
        load_seconds: figures.load.as_secs_f64(),
        build_seconds: figures.build.as_secs_f64(),
        memory_bytes: figures.size.memory.map(|bytes| bytes as f64),
        disk_bytes: figures.size.disk.map(|bytes| bytes as f64),
    });
    ContenderResult {
        name: row.about.name.into(),
        what: row.about.what,
        operations: row.about.operations.told().into(),
        figures,
        problem: row.outcome.err().map(Problem::from),
        left_behind: row.left_behind.map(Problem::from),
    }
}

fn criteria(of: impl Fn(Criterion) -> f64) -> Criteria {
    Criteria {
        recall: of(Criterion::Recall),
        latency: of(Criterion::Latency),
        build: of(Criterion::Build),
        space: of(Criterion::Space),
        operations: of(Criterion::Operations),
    }
}
