//! Collections of vectors as a shell sees them: made, listed, searched by text, measured, written out, deleted. What fills
//! them from a folder is `ingest`. Vectors come from the local embedding model.

mod compare;
mod curve;
mod export;
mod ingest;

use std::{sync::Arc, time::Duration};

use inference::{Embedder, Embeddings, Error, Input};
use retrieval::{Branch, Collection, Filter, Indexed, Metric, Path, Query, Scalar, Search, Settings, Test};
use serde::Serialize;
use serde_json::{Map, Value};
use task::{Cancellation, Reporter};

use crate::{Problem, TaskId, Workbench, keeping::on_disk};

pub(crate) use curve::stored;

pub use curve::Stand;
pub use ingest::Ingest;

/// The paper's constant of reciprocal rank fusion.
const FUSION: f32 = 60.0;
/// What each half of a hybrid search brings, for each result that is wanted.
const OVERSAMPLING: usize = 5;
/// The field that holds a chunk's text, which keyword search reads.
const TEXT: &str = "text";

/// A collection that is to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCollection {
    pub name: String,
    /// Numbers of a vector; the embedding model's where `None`, and its vectors alone are taken then.
    pub dimension: Option<usize>,
    /// `cosine`, `dot` or `euclidean`.
    pub metric: String,
    /// How late a change is seen.
    pub delay: Duration,
}

/// A collection as a shell shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    pub name: String,
    pub dimension: usize,
    pub metric: &'static str,
    pub model: Option<String>,
    pub points: u64,
    pub namespaces: usize,
    /// Points that the index does not hold yet, and that are compared one by one; `None` where so few need no index.
    pub behind: Option<u64>,
    /// Milliseconds that a change stays out of sight.
    pub delay_millis: u64,
}

/// How a text is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Manner {
    /// By its vector.
    #[default]
    Meaning,
    /// By its words.
    Words,
    /// By both, fused by their ranks.
    Both,
}

/// A question to a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    pub collection: String,
    pub namespace: String,
    pub text: String,
    pub manner: Manner,
    /// Fields of the payload and what they must be.
    pub conditions: Vec<(String, String)>,
    pub limit: usize,
}

/// One result, nearest first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    pub id: String,
    pub score: f32,
    pub payload: Map<String, Value>,
}

impl Workbench {
    pub async fn list_collections(&self) -> Result<Vec<Listed>, Problem> {
        let collections = self.collections.clone();
        on_disk(move || collections.list()?.iter().map(|name| listed(&collections.get(name)?)).collect()).await
    }

    pub async fn create_collection(&self, new: NewCollection) -> Result<Listed, Problem> {
        let metric = match new.metric.as_str() {
            "cosine" => Metric::Cosine,
            "dot" => Metric::Dot,
            "euclidean" => Metric::Euclidean,
            other => {
                let message = format!("{other:?} is no metric.");
                return Err(Problem::new("collections.metric", message, "Name cosine, dot or euclidean."));
            }
        };
        let settings = match new.dimension {
            Some(dimension) => Settings::new(dimension, metric),
            None => Settings { metric, ..self.settings_for_texts()? },
        };
        let (collections, settings) = (self.collections.clone(), Settings { delay: new.delay, ..settings });
        on_disk(move || listed(&collections.create(&new.name, &settings)?)).await
    }

    pub async fn delete_collection(&self, name: &str) -> Result<(), Problem> {
        let (collections, name) = (self.collections.clone(), name.to_owned());
        on_disk(move || Ok(collections.delete(&name)?)).await
    }

    /// Builds a collection's index anew.
    pub fn rebuild_collection(self: &Arc<Self>, name: String) -> TaskId {
        let workbench = self.clone();
        self.tasks.start("Building an index", |handle| async move {
            let collection = workbench.collection(&name).await?;
            let points = on_disk(move || {
                collection.rebuild(threads())?;
                Ok(collection.describe()?.points)
            });
            handle.output(&format!("The index of {name} is built from {} points.", points.await?));
            Ok(())
        })
    }

    /// The points nearest to a text.
    pub async fn query_collection(&self, question: Question) -> Result<Vec<Found>, Problem> {
        let collection = self.collection(&question.collection).await?;
        let vector = match question.manner {
            Manner::Words => None,
            Manner::Meaning | Manner::Both => {
                let embedder = self.embedder()?;
                let (known, model) = (collection.clone(), embedder.manifest.id.clone());
                on_disk(move || Ok(known.expect_model(&model)?)).await?;
                let mut vectors =
                    embed(&embedder.embeddings, vec![question.text.clone()], &Cancellation::new()).await?;
                vectors.pop()
            }
        };
        let search = search(question, vector)?;
        on_disk(move || {
            let hits = collection.search(&search)?.into_iter();
            let found = hits.map(|hit| Found {
                id: hit.id.to_string(),
                score: hit.score,
                payload: hit.payload.unwrap_or_default(),
            });
            Ok(found.collect())
        })
        .await
    }

    /// What a collection of the local model's vectors is made with.
    fn settings_for_texts(&self) -> Result<Settings, Problem> {
        let embedder = self.embedder()?;
        let dimension = embedder.embeddings.describe().dimension as usize;
        let model = Some(embedder.manifest.id.clone());
        Ok(Settings { model, text_fields: vec![TEXT.into()], ..Settings::new(dimension, Metric::Cosine) })
    }

    async fn collection(&self, name: &str) -> Result<Collection, Problem> {
        let (collections, name) = (self.collections.clone(), name.to_owned());
        on_disk(move || Ok(collections.get(&name)?)).await
    }
}

/// Threads that an index is built on where somebody waits for it.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, Into::into)
}

fn listed(collection: &Collection) -> Result<Listed, Problem> {
    let (description, namespaces) = (collection.describe()?, collection.namespaces()?);
    Ok(Listed {
        name: description.name,
        dimension: description.settings.dimension,
        metric: description.settings.metric.name(),
        model: description.settings.model,
        points: description.points,
        namespaces: namespaces.len(),
        behind: match description.indexed {
            Indexed::NotNeeded => None,
            Indexed::Behind { points } => Some(points),
            Indexed::Current => Some(0),
        },
        delay_millis: description.settings.delay.as_millis() as u64,
    })
}

fn search(question: Question, vector: Option<Vec<f32>>) -> Result<Search, Problem> {
    let Question { text, limit, manner, .. } = question;
    let words = || Query::Keyword { text: text.clone(), fields: None };
    let query = match (vector, manner) {
        (Some(vector), Manner::Both) => {
            let most = limit.saturating_mul(OVERSAMPLING);
            let of = vec![Branch::new(Query::nearest(vector), most), Branch::new(words(), most)];
            Query::Fusion { of, constant: FUSION }
        }
        (Some(vector), _) => Query::nearest(vector),
        (None, _) => words(),
    };
    let conditions = question.conditions.iter().map(|(field, value)| condition(field, value));
    let conditions = conditions.collect::<Result<Vec<_>, _>>()?;
    let filter = (!conditions.is_empty()).then_some(Filter::All(conditions));
    let include = retrieval::Include::PAYLOAD;
    Ok(Search { filter, include, ..Search::new(question.namespace, query, limit) })
}

/// A field equals a value: as it is written, as a number or as true or false.
fn condition(field: &str, value: &str) -> Result<Filter, Problem> {
    let mut wanted = vec![Scalar::Text(value.into())];
    let parsed: Option<Value> = serde_json::from_str(value).ok();
    wanted.extend(parsed.as_ref().filter(|value| !value.is_string()).and_then(Scalar::of));
    Ok(Filter::field(Path::parse(field)?, Test::OneOf(wanted)))
}

/// The vectors of texts. Waits where the model has as many requests as it takes.
async fn embed(
    model: &Arc<Embeddings>,
    texts: Vec<String>,
    cancellation: &Cancellation,
) -> Result<Vec<Vec<f32>>, Problem> {
    loop {
        let inputs = texts.iter().cloned().map(Input::Text).collect();
        let embedded = tokio::select! {
            embedded = model.embed(inputs, cancellation.child_token()) => embedded,
            () = cancellation.cancelled() => return Err(Problem::cancelled()),
        };
        match embedded.map_err(|_| Problem::broken("The embedding model stopped."))? {
            Ok(embedded) => return Ok(embedded.vectors),
            Err(Error::Busy { retry_after }) => tokio::time::sleep(retry_after).await,
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests;
