//! Documents in place of vectors, which clients send with `cloud_inference=True`: embedded by an embedding model that
//! this gateway serves.

use inference::{Embedder, Input};
use serde_json::{Map, Value};
use std::sync::Arc;
use tokio::time::sleep;

use super::{Asked, missing, vector::Vector, write::Write};
use crate::{
    refusal::{Parts, Refusal},
    served::Model,
};

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

/// The same within a query and its prefetches; filters and all else stay as they are.
pub(super) async fn embed_query(asked: &Asked, query: &mut Map<String, Value>) -> Result<(), Refusal> {
    let mut places = Vec::new();
    for (name, value) in query.iter_mut() {
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
    asked.slot.note(Some(&model), false);
    let embedder = embedder(asked, &model)?;
    let app = &asked.app;
    let _seat = Arc::clone(&app.answers).try_acquire_owned().map_err(|_| Refusal::busy())?;
    let inputs = documents.into_iter().map(|document| Input::Text(document.text)).collect();
    // Dropped with this future, when the client hangs up.
    let cancellation = app.stop.child_token();
    let _cancelled = cancellation.clone().drop_guard();
    let embedded = tokio::select! {
        embedded = embedder.embed(inputs, cancellation) => embedded.map_err(|_| Refusal::stopping())?,
        () = app.stop.cancelled() => return Err(Refusal::stopping()),
        () = sleep(app.limits.lifetime) => return Err(Refusal::too_long(app.limits.lifetime)),
    };
    let embedded = embedded.map_err(|error| Refusal::of_model(error, Parts { prompt: "text", schema: "text" }))?;
    asked.slot.with(|entry| entry.call.prompt_tokens = embedded.tokens);
    Ok(embedded.vectors)
}

/// By the name of a deployment, or as its publisher calls the model: `sentence-transformers/all-MiniLM-L6-v2`.
fn embedder(asked: &Asked, name: &str) -> Result<Arc<dyn Embedder>, Refusal> {
    let served = asked.app.served.served();
    let short = name.rsplit('/').next().unwrap_or(name).to_lowercase();
    match served.find(name).or_else(|| served.find(&short)).map(|deployment| deployment.model.clone()) {
        Some(Model::Embedding(embedder)) => Ok(embedder),
        Some(Model::Text(_)) => {
            let message = format!("The model {name:?} generates text and embeds none. Name an embedding model.");
            Err(Refusal::of("model", "unsupported_model", message))
        }
        None => Err(Refusal::no_model(name, &served)),
    }
}
