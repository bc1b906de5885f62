//! The shapes of what is told: the envelope, points, refusals. Never decides what is told.

use std::{collections::BTreeMap, time::Instant};

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use retrieval::{Metric, Number, Payload, PointId, Written};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Asked, about::About, id::id, selector::Selector};
use crate::refusal::Refusal;

#[derive(Serialize)]
struct Envelope<T> {
    result: T,
    status: &'static str,
    /// Seconds.
    time: f64,
}

pub(super) fn answer(result: impl Serialize, since: Instant) -> Response {
    Json(Envelope { result, status: "ok", time: since.elapsed().as_secs_f64() }).into_response()
}

pub(crate) fn refusal(refusal: &Refusal) -> Value {
    json!({"status": {"error": refusal.shown()}, "time": 0.0})
}

/// What Kubernetes' probes ask.
pub(crate) async fn healthy() -> &'static str {
    "healthz check passed"
}

/// A point, with a score or without.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    pub id: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f32>,
    pub payload: Option<Payload>,
    pub vector: Option<Vector>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_value: Option<Number>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Vector {
    Plain(Vec<f32>),
    Named(BTreeMap<String, Vec<f32>>),
}

/// How points are told.
pub(super) struct Telling<'a> {
    pub about: &'a About,
    pub metric: Metric,
    pub selector: &'a Selector,
}

impl Telling<'_> {
    pub fn record(&self, record: retrieval::Record) -> Told {
        let retrieval::Record { id, vector, payload, .. } = record;
        self.point(&id, vector, payload)
    }

    pub fn hit(&self, hit: retrieval::Hit) -> Told {
        let retrieval::Hit { id, version, score, vector, payload } = hit;
        Told { version: Some(version), score: Some(score), ..self.point(&id, vector, payload) }
    }

    fn point(&self, point: &PointId, vector: Option<Vec<f32>>, payload: Option<Payload>) -> Told {
        let payload = payload.and_then(|payload| self.selector.select(payload));
        let vector = vector.map(|vector| {
            let vector = if self.metric == Metric::Cosine { normalized(vector) } else { vector };
            match self.about.vector.as_str() {
                "" => Vector::Plain(vector),
                name => Vector::Named([(name.to_owned(), vector)].into()),
            }
        });
        Told { id: id(point), version: None, score: None, payload, vector, order_value: None }
    }
}

/// As Qdrant keeps vectors that are compared by their cosine.
pub(super) fn normalized(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
    if length > f32::EPSILON {
        vector.iter_mut().for_each(|number| *number /= length);
    }
    vector
}

/// What a write did.
pub(super) fn written(asked: &Asked, written: Written) -> Value {
    // Where the collection answers late, nothing can be seen yet.
    let status = if asked.waits && written.points.is_some() { "completed" } else { "acknowledged" };
    json!({"operation_id": written.sequence, "status": status})
}
