//! A collection's texts embedded anew, by the local model, into another collection: the way out where vectors are of
//! another model or have another number of dimensions. The first collection stays as it is.

use std::sync::Arc;

use retrieval::{Collection, Include, Point, Record};
use task::{Progress, Reporter, Unit};

use super::asking::embed;
use crate::{Problem, TaskId, Workbench, keeping::on_disk, view::Reembed};

/// Points that are read, embedded and written at once.
const TOGETHER: usize = 64;

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
            let from = workbench.collection(&reembed.from).await?;
            let (embedder, settings) = (workbench.embedder()?, workbench.settings_for_texts()?);
            let (collections, model, name) = (workbench.collections.clone(), embedder.clone(), reembed.into);
            let into = on_disk(move || {
                model.verify()?;
                let into = match collections.get(&name) {
                    Err(retrieval::Error::Unknown { .. }) => collections.create(&name, &settings)?,
                    known => known?,
                };
                into.expect_model(&model.manifest.id)?;
                Ok(into)
            })
            .await?;
            let total = from.describe()?.points;
            let (mut seen, mut written, mut without) = (0, 0, 0);
            for namespace in from.namespaces()? {
                let mut next = None;
                loop {
                    let what = format!("{} into {}", from.name(), into.name());
                    handle.progress(Progress { what, done: seen, total: Some(total.max(seen)), unit: Unit::Steps });
                    if handle.cancellation.is_cancelled() {
                        return Err(Problem::cancelled());
                    }
                    let (reading, known, space) = (from.clone(), into.clone(), namespace.name.clone());
                    let (records, after) = on_disk(move || {
                        let page = reading.scroll(&space, None, next.as_ref(), TOGETHER, Include::PAYLOAD)?;
                        Ok((differing(&known, &space, page.items)?, page.next))
                    })
                    .await?;
                    seen += TOGETHER as u64;
                    let text =
                        |record: &Record| Some(record.payload.as_ref()?.get(&reembed.field)?.as_str()?.to_owned());
                    let found = records.len();
                    let (texts, records): (Vec<String>, Vec<Record>) =
                        records.into_iter().filter_map(|record| Some((text(&record)?, record))).unzip();
                    without += found - texts.len();
                    written += texts.len();
                    if !texts.is_empty() {
                        let vectors = embed(&embedder.embeddings, texts, &handle.cancellation).await?;
                        let points = records.into_iter().zip(vectors).map(|(record, vector)| Point {
                            id: record.id,
                            vector,
                            payload: record.payload.unwrap_or_default(),
                        });
                        let (into, space, points) = (into.clone(), namespace.name.clone(), points.collect());
                        on_disk(move || Ok(into.upsert(&space, points)?)).await?;
                    }
                    next = after;
                    if next.is_none() {
                        break;
                    }
                }
            }
            let field = &reembed.field;
            handle.output(&format!(
                "{written} points written to {}, {without} without a text in {field:?}.",
                into.name()
            ));
            Ok(())
        }))
    }
}

/// Those that the other collection lacks, or has with another payload.
fn differing(known: &Collection, namespace: &str, records: Vec<Record>) -> Result<Vec<Record>, Problem> {
    let ids: Vec<_> = records.iter().map(|record| record.id.clone()).collect();
    let there = known.fetch(namespace, &ids, Include::PAYLOAD)?;
    let same = |record: &Record| there.iter().any(|other| other.id == record.id && other.payload == record.payload);
    Ok(records.into_iter().filter(|record| !same(record)).collect())
}
