//! A collection's texts embedded anew, by the local model, into another collection: the way out where vectors are of
//! another model or have another number of dimensions. The first collection stays as it is.

use std::sync::Arc;

use retrieval::{Collection, Include, Point, PointId, Record};
use serde_json::Value;
use task::{Progress, Reporter, Unit};

use super::{asking::embed, for_texts};
use crate::{Problem, TaskId, Workbench, keeping::on_disk, model::LocalEmbedder, tasks::Handle, view::Reembed};

/// Points that are read, embedded and written at once.
const TOGETHER: usize = 64;

/// The note of the field whose texts a collection's vectors are of.
const NOTE: &str = "reembedded";

/// What is needed for each page.
struct Reembedding {
    from: Collection,
    into: Collection,
    field: String,
    embedder: Arc<LocalEmbedder>,
    handle: Handle,
}

#[derive(Default)]
struct Counts {
    seen: u64,
    written: usize,
    without: usize,
}

impl Workbench {
    /// Copies every point that has a text, with its id, namespace and payload. Run again, it goes on: what the other
    /// collection holds with the same payload stays.
    pub fn reembed_collection(self: &Arc<Self>, reembed: Reembed) -> Result<TaskId, Problem> {
        if reembed.from == reembed.into {
            let message = format!("{:?} would have vectors of two models.", reembed.from);
            return Err(Problem::new("collections.itself", message, "Name another collection to embed into."));
        }
        let workbench = self.clone();
        Ok(self.tasks.start("Embedding texts anew", |handle| async move {
            workbench.prepare_reembedding(reembed, handle).await?.all().await
        }))
    }

    async fn prepare_reembedding(&self, reembed: Reembed, handle: Handle) -> Result<Reembedding, Problem> {
        let from = self.collection(&reembed.from).await?;
        let (embedder, settings) = (self.embedder()?, self.settings_for_texts()?);
        let (collections, model, name) = (self.collections.clone(), embedder.clone(), reembed.into);
        let field = reembed.field.clone();
        let into = on_disk(move || {
            model.verify()?;
            let into = for_texts(&collections, &name, &settings, &model.manifest.id)?;
            note(&into, &field)?;
            Ok(into)
        })
        .await?;
        Ok(Reembedding { from, into, field: reembed.field, embedder, handle })
    }
}

/// Notes the field, unless vectors of another one are there: they would stay, since their payloads are the same.
fn note(into: &Collection, field: &str) -> Result<(), Problem> {
    let empty = into.describe()?.points == 0;
    let other = into.annotate(|notes| {
        let noted = notes.get(NOTE).and_then(Value::as_str).filter(|noted| !empty && *noted != field);
        let other = noted.map(str::to_owned);
        if other.is_none() {
            notes.insert(NOTE.into(), field.into());
        }
        other
    })?;
    let Some(other) = other else { return Ok(()) };
    let message = format!("{:?} holds vectors of the field {other:?}, not of {field:?}.", into.name());
    Err(Problem::new("collections.field", message, format!("Name the field {other:?}, or another collection.")))
}

impl Reembedding {
    async fn all(self) -> Result<(), Problem> {
        let from = self.from.clone();
        let (total, namespaces) = on_disk(move || Ok((from.describe()?.points, from.namespaces()?))).await?;
        let mut counts = Counts::default();
        for namespace in namespaces {
            let mut next = None;
            loop {
                let what = format!("{} into {}", self.from.name(), self.into.name());
                let (done, total) = (counts.seen, Some(total.max(counts.seen)));
                self.handle.progress(Progress { what, done, total, unit: Unit::Steps });
                if self.handle.cancellation.is_cancelled() {
                    return Err(Problem::cancelled());
                }
                next = self.page(&namespace.name, next, &mut counts).await?;
                if next.is_none() {
                    break;
                }
            }
        }
        let (Counts { written, without, .. }, name, field) = (counts, self.into.name(), &self.field);
        self.handle.output(&format!("{written} points written to {name}, {without} without a text in {field:?}."));
        Ok(())
    }

    /// Embeds the points of a namespace from one on, and says where the next ones begin.
    async fn page(
        &self,
        namespace: &str,
        from: Option<PointId>,
        counts: &mut Counts,
    ) -> Result<Option<PointId>, Problem> {
        let (reading, known, space) = (self.from.clone(), self.into.clone(), namespace.to_owned());
        let (records, next) = on_disk(move || {
            let page = reading.scroll(&space, None, from.as_ref(), TOGETHER, Include::PAYLOAD)?;
            Ok((differing(&known, &space, page.items)?, page.next))
        })
        .await?;
        let text = |record: &Record| Some(record.payload.as_ref()?.get(&self.field)?.as_str()?.to_owned());
        let found = records.len();
        let (texts, records): (Vec<String>, Vec<Record>) =
            records.into_iter().filter_map(|record| Some((text(&record)?, record))).unzip();
        counts.seen += TOGETHER as u64;
        counts.without += found - texts.len();
        if texts.is_empty() {
            return Ok(next);
        }
        counts.written += texts.len();
        let vectors = embed(&self.embedder.embeddings, texts, &self.handle.cancellation).await?;
        let points = records.into_iter().zip(vectors).map(|(record, vector)| Point {
            id: record.id,
            vector,
            payload: record.payload.unwrap_or_default(),
        });
        let (into, space, points) = (self.into.clone(), namespace.to_owned(), points.collect());
        on_disk(move || Ok(into.upsert(&space, points)?)).await?;
        Ok(next)
    }
}

/// Those that the other collection lacks, or has with another payload.
fn differing(known: &Collection, namespace: &str, records: Vec<Record>) -> Result<Vec<Record>, Problem> {
    let ids: Vec<_> = records.iter().map(|record| record.id.clone()).collect();
    let there = known.fetch(namespace, &ids, Include::PAYLOAD)?;
    let same = |record: &Record| there.iter().any(|other| other.id == record.id && other.payload == record.payload);
    Ok(records.into_iter().filter(|record| !same(record)).collect())
}
