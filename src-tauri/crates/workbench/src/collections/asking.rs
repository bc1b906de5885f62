//! Questions to a collection: by meaning, by words, by both, or from a point of its own.

use std::sync::Arc;

use inference::{Embedder, Embeddings, Error, Input};
use retrieval::{Branch, Filter, Include, Path, PointId, Query, Scalar, Search, Target, Test};
use serde::Serialize;
use serde_json::{Map, Value};
use task::Cancellation;

use crate::{
    Problem, Workbench,
    keeping::on_disk,
    view::{self, Question, Sought},
};

/// The paper's constant of reciprocal rank fusion.
const FUSION: f32 = 60.0;
/// What each half of a hybrid search brings, for each result that is wanted.
const OVERSAMPLING: usize = 5;

/// One result, nearest first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    pub id: String,
    pub score: f32,
    pub payload: Map<String, Value>,
}

impl From<Found> for view::Neighbour {
    fn from(found: Found) -> Self {
        let payload = Value::Object(found.payload).to_string();
        Self { id: found.id, score: f64::from(found.score), payload }
    }
}

impl Workbench {
    /// The points nearest to a text or a point.
    pub async fn query_collection(&self, question: Question) -> Result<Vec<Found>, Problem> {
        let collection = self.collection(&question.collection).await?;
        let vector = match &question.sought {
            Sought::Words { .. } | Sought::Point { .. } => None,
            Sought::Meaning { text } | Sought::Both { text } => {
                let embedder = self.embedder()?;
                let (known, model) = (collection.clone(), embedder.manifest.id.clone());
                on_disk(move || Ok(known.expect_model(&model)?)).await?;
                let mut vectors = embed(&embedder.embeddings, vec![text.clone()], &Cancellation::new()).await?;
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
}

fn search(question: Question, vector: Option<Vec<f32>>) -> Result<Search, Problem> {
    let limit = question.limit as usize;
    let words = |text| Query::Keyword { text, fields: None };
    let query = match (question.sought, vector) {
        (Sought::Point { id }, _) => {
            Query::Nearest { to: Target::Point(PointId::text(id)?), expansion: None, exact: false }
        }
        (Sought::Both { text }, Some(vector)) => {
            let most = limit.saturating_mul(OVERSAMPLING);
            let of = vec![Branch::new(Query::nearest(vector), most), Branch::new(words(text), most)];
            Query::Fusion { of, constant: FUSION }
        }
        (_, Some(vector)) => Query::nearest(vector),
        (Sought::Words { text } | Sought::Meaning { text } | Sought::Both { text }, None) => words(text),
    };
    let conditions = question.conditions.iter().map(|(field, value)| condition(field, value));
    let conditions = conditions.collect::<Result<Vec<_>, _>>()?;
    let filter = (!conditions.is_empty()).then_some(Filter::All(conditions));
    Ok(Search { filter, include: Include::PAYLOAD, ..Search::new(question.namespace, query, limit) })
}

fn condition(field: &str, value: &str) -> Result<Filter, Problem> {
    Ok(Filter::field(Path::parse(field)?, Test::OneOf(meant(value))))
}

/// What a field may hold to equal a value: the value as it is written, and the number or the true or false that it is.
pub(super) fn meant(value: &str) -> Vec<Scalar> {
    let parsed: Option<Value> = serde_json::from_str(value).ok();
    let scalar = parsed.as_ref().filter(|value| !value.is_string()).and_then(Scalar::of);
    [Scalar::from(value)].into_iter().chain(scalar).collect()
}

/// The vectors of texts. Waits where the model has as many requests as it takes.
pub(super) async fn embed(
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
