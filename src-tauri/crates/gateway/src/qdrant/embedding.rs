//! Documents in place of vectors, which clients send with `cloud_inference=True`: embedded by an embedding model that
//! this gateway serves.

use serde_json::{Map, Value};

use super::{Asked, missing, vector::Vector, write::Write};
use crate::{embeddings::texts, refusal::Refusal, request::field::Fields};

/// As many as one request for embeddings may have.
const MOST: usize = 2048;

#[derive(Debug, Clone)]
pub(super) struct Document {
    text: String,
    model: String,
}

impl Document {
    /// None where it is something else.
    pub fn of(fields: &Map<String, Value>) -> Option<Result<Self, String>> {
        let (text, model) = (fields.get("text")?, fields.get("model")?);
        let (Some(text), Some(model)) = (text.as_str(), model.as_str()) else {
            return Some(Err("a document has a 'text' and a 'model', both of them texts".into()));
        };
        if fields.get("options").is_some_and(|options| options.as_object().is_none_or(|options| !options.is_empty())) {
            return Some(Err("the options of a document are not read here; leave them out".into()));
        }
        Some(Ok(Self { text: text.to_owned(), model: model.to_owned() }))
    }
}

/// Puts vectors in the place of documents among points.
pub(super) async fn embed_points(asked: &Asked, writes: &mut [Write]) -> Result<(), Refusal> {
    let documents = |vector: &&mut Vector| matches!(vector, Vector::Document(..));
    let mut places: Vec<&mut Vector> = writes.iter_mut().flat_map(Write::vectors).filter(documents).collect();
    let texts = places.iter().filter_map(|place| match place {
        Vector::Document(_, document) => Some(document.clone()),
        _ => None,
    });
    let embedded = embed(asked, texts.collect()).await?;
    for (place, numbers) in places.iter_mut().zip(embedded) {
        let name = if let Vector::Document(name, _) = &mut **place { name.take() } else { None };
        **place = name.map_or_else(|| Vector::Plain(numbers.clone()), |name| Vector::Named(name, numbers.clone()));
    }
    Ok(())
}

/// The same within queries and their prefetches; filters and all else stay as they are.
pub(super) async fn embed_queries(asked: &Asked, queries: &mut [Fields]) -> Result<(), Refusal> {
    let mut places = Vec::new();
    for (name, value) in queries.iter_mut().flatten() {
        if ["query", "prefetch"].contains(&name.as_str()) {
            collect(value, &mut places);
        }
    }
    let mut documents = Vec::new();
    for place in &places {
        if let Some(document) = place.as_object().and_then(Document::of) {
            documents
                .push(document.map_err(|what| Refusal::of("query", "invalid_value", format!("'query': {what}.")))?);
        }
    }
    let embedded = embed(asked, documents).await?;
    for (place, numbers) in places.into_iter().zip(embedded) {
        *place = numbers.into_iter().map(f64::from).map(Value::from).collect();
    }
    Ok(())
}

fn collect<'a>(value: &'a mut Value, places: &mut Vec<&'a mut Value>) {
    if value.as_object().is_some_and(|fields| Document::of(fields).is_some()) {
        return places.push(value);
    }
    match value {
        Value::Array(list) => list.iter_mut().for_each(|value| collect(value, places)),
        Value::Object(fields) => {
            let others = fields.iter_mut().filter(|(name, _)| *name != "filter");
            others.for_each(|(_, value)| collect(value, places));
        }
        _ => {}
    }
}

/// The documents' vectors, in their order.
async fn embed(asked: &Asked, documents: Vec<Document>) -> Result<Vec<Vec<f32>>, Refusal> {
    let Some(first) = documents.first() else { return Ok(Vec::new()) };
    let model = first.model.clone();
    if documents.iter().any(|document| document.model != model) {
        return Err(missing("model", "One request embeds with one model. Send a request for each of several."));
    }
    if documents.len() > MOST {
        let message = format!("One request embeds at most {MOST} texts, and this has {}.", documents.len());
        return Err(Refusal::of("points", "invalid_value", message));
    }
    // Or as its publisher calls the model: `sentence-transformers/all-MiniLM-L6-v2`.
    let short = model.rsplit('/').next().unwrap_or(&model).to_lowercase();
    let embedder = texts::lead(&asked.app, &asked.slot, &[&model, &short])?;
    let inputs = documents.into_iter().map(|document| document.text).collect();
    Ok(texts::embed(&asked.app, &asked.slot, embedder.as_ref(), inputs, "text").await?.vectors)
}
