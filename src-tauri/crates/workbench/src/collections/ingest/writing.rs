//! Documents as points: embedded, kept, and deleted again. Which ones is decided above.

use std::collections::{BTreeMap, BTreeSet};

use ingestion::{Chunk, Unit};
use retrieval::{Filter, Include, Path, Payload, PayloadChange, Point, PointId, Scalar, Selection, Test};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Counts, FOLDER, Ingesting, PRINT, SOURCE, TOGETHER, UNFINISHED, Waiting};
use crate::{
    Problem,
    collections::{TEXT, asking::embed},
    keeping::on_disk,
};

impl Ingesting {
    /// Embeds documents, keeps them in one transaction, and deletes what was known of them before.
    pub(super) async fn write(&self, waiting: Vec<Waiting>, counts: &mut Counts) -> Result<(), Problem> {
        let chunks: Vec<(&Waiting, &Chunk)> =
            waiting.iter().flat_map(|document| document.chunks.iter().map(move |chunk| (document, chunk))).collect();
        if chunks.is_empty() {
            return Ok(());
        }
        let mut points = Vec::with_capacity(chunks.len());
        for batch in chunks.chunks(TOGETHER) {
            points.extend(self.embedded(batch, false).await?);
        }
        self.keep(points, counts).await?;
        for document in &waiting {
            self.finish(document, counts).await?;
        }
        Ok(())
    }

    /// Embeds a document and keeps each part of it at once, from where a run before left it.
    pub(super) async fn write_in_parts(&self, document: Waiting, counts: &mut Counts) -> Result<(), Problem> {
        let kept = self.kept(&document).await?;
        let left = document.chunks.iter().filter(|chunk| !kept.contains(&self.id(&document, chunk)));
        let left: Vec<(&Waiting, &Chunk)> = left.map(|chunk| (&document, chunk)).collect();
        for batch in left.chunks(TOGETHER) {
            let points = self.embedded(batch, true).await?;
            self.keep(points, counts).await?;
        }
        let all = self.this_state(&document)?;
        let whole = PayloadChange::Remove(vec![Path::key(UNFINISHED)]);
        let (collection, namespace) = (self.collection.clone(), self.namespace.clone());
        on_disk(move || Ok(collection.change_payload(&namespace, all, whole).map(drop)?)).await?;
        self.finish(&document, counts).await
    }

    /// The chunks of a document that a run kept before it was killed. Where the document is cut otherwise by now, as
    /// another version of this program may do it, they are deleted, and there are none.
    async fn kept(&self, document: &Waiting) -> Result<BTreeSet<PointId>, Problem> {
        if document.begun() == 0 {
            return Ok(BTreeSet::new());
        }
        let ours = document.chunks.iter().map(|chunk| (self.id(document, chunk), self.payload(document, chunk, true)));
        let ours: BTreeMap<PointId, Payload> = ours.collect();
        let (collection, namespace) = (self.collection.clone(), self.namespace.clone());
        let kept = on_disk(move || {
            let ids: Vec<PointId> = ours.keys().cloned().collect();
            let found = collection.fetch(&namespace, &ids, Include::PAYLOAD)?.into_iter();
            let same = found.filter(|record| record.payload.as_ref() == ours.get(&record.id));
            Ok(same.map(|record| record.id).collect::<BTreeSet<_>>())
        });
        let kept = kept.await?;
        if kept.len() >= document.begun() {
            return Ok(kept);
        }
        self.delete(self.this_state(document)?).await?;
        Ok(BTreeSet::new())
    }

    /// Deletes what was known of a document before it was written, and counts it.
    async fn finish(&self, document: &Waiting, counts: &mut Counts) -> Result<(), Problem> {
        if !document.known.is_empty() {
            self.delete(self.other_states(&document.document.source, &document.print)?).await?;
        }
        match document.is_known() {
            true => counts.changed += 1,
            false => counts.new += 1,
        }
        Ok(())
    }

    async fn embedded(&self, chunks: &[(&Waiting, &Chunk)], unfinished: bool) -> Result<Vec<Point>, Problem> {
        let texts = chunks.iter().map(|(_, chunk)| chunk.text.clone()).collect();
        let vectors = embed(&self.embedder.embeddings, texts, &self.handle.cancellation).await?;
        let point = |((of, chunk), vector): (&(&Waiting, &Chunk), Vec<f32>)| Point {
            id: self.id(of, chunk),
            vector,
            payload: self.payload(of, chunk, unfinished),
        };
        Ok(chunks.iter().zip(vectors).map(point).collect())
    }

    /// In one transaction.
    async fn keep(&self, points: Vec<Point>, counts: &mut Counts) -> Result<(), Problem> {
        counts.chunks += points.len();
        let (collection, namespace) = (self.collection.clone(), self.namespace.clone());
        on_disk(move || Ok(collection.upsert(&namespace, points).map(drop)?)).await
    }

    fn payload(&self, of: &Waiting, chunk: &Chunk, unfinished: bool) -> Payload {
        let Waiting { document, print, .. } = of;
        let mut payload = Payload::new();
        let mut put = |key: &str, value| drop(payload.insert(key.into(), value));
        put(TEXT, json!(chunk.text));
        put(SOURCE, json!(document.source));
        put("title", json!(document.title));
        if !chunk.headings.is_empty() {
            put("headings", chunk.headings.iter().map(|heading| &**heading).collect());
        }
        let unit = match chunk.place.unit {
            Unit::Line => "lines",
            Unit::Page => "pages",
            Unit::Row => "rows",
        };
        put(unit, json!([chunk.place.first, chunk.place.last]));
        put("ordinal", json!(chunk.ordinal));
        put("tokens", json!(chunk.tokens));
        put(FOLDER, json!(self.folder));
        put(PRINT, json!(print));
        if unfinished {
            put(UNFINISHED, json!(true));
        }
        payload
    }

    /// Qdrant's clients take whole numbers and UUIDs alone, so a chunk's id is a UUID of all that it is of.
    fn id(&self, of: &Waiting, chunk: &Chunk) -> PointId {
        let (folder, source, print, ordinal) = (&self.folder, &of.document.source, &of.print, chunk.ordinal);
        let digest = Sha256::digest(format!("{folder}\0{source}\0{print}\0{ordinal}"));
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        PointId::uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// A document's chunks, those that pass.
    pub(super) fn chunks_of(&self, source: &str, filter: Option<Filter>) -> Result<Selection, Problem> {
        let mut all = vec![equals(FOLDER, &self.folder)?, equals(SOURCE, source)?];
        all.extend(filter);
        Ok(Selection::Matching(Filter::All(all)))
    }

    /// The chunks of the state of a document that is to be written.
    fn this_state(&self, document: &Waiting) -> Result<Selection, Problem> {
        self.chunks_of(&document.document.source, Some(equals(PRINT, &document.print)?))
    }

    /// A document's chunks, but for those of one state of it.
    pub(super) fn other_states(&self, source: &str, print: &str) -> Result<Selection, Problem> {
        self.chunks_of(source, Some(equals(PRINT, print)?.negated()))
    }

    pub(super) async fn delete(&self, which: Selection) -> Result<(), Problem> {
        let (collection, namespace) = (self.collection.clone(), self.namespace.clone());
        on_disk(move || Ok(collection.delete(&namespace, which).map(drop)?)).await
    }
}

pub(super) fn equals(field: &str, value: &str) -> Result<Filter, Problem> {
    Ok(Filter::field(Path::parse(field)?, Test::OneOf(vec![Scalar::from(value)])))
}
