//! One request to a model on its way in: read, noted in its record, led to the model that it names, and given a place
//! among the answers under way.

use std::sync::Arc;

use axum::{body::Body, http::StatusCode};
use inference::{Embedder, Generator};
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    body,
    call::{Entry, Slot},
    dialect::Interface,
    metrics::Led,
    quota::Estimate,
    refusal::Refusal,
    request::field::Fields,
    served::{Model, Served},
    server::App,
};

pub(crate) struct Question {
    pub app: App,
    pub fields: Fields,
    /// Whether a stream is asked for; of a request whose `stream` is no boolean, not.
    pub stream: bool,
    slot: Slot,
    /// Azure's, which stands for the model.
    deployment: Option<String>,
    served: Arc<Served>,
}

/// A place among the answers under way, and the record to write at the end. Whoever has it owes the record an ending.
pub(crate) struct Place {
    pub entry: Entry,
    pub _seat: OwnedSemaphorePermit,
}

impl Question {
    /// `deployment` is the one in the path, where the interface has it there.
    pub async fn read<I: Interface>(
        app: App,
        slot: Slot,
        body: Body,
        deployment: Option<String>,
    ) -> Result<Self, Refusal> {
        slot.note(deployment.as_deref(), false);
        let fields = body::object_within(body, I::most_bytes(&app.limits), &app.limits).await?;
        let stream = fields.get("stream").and_then(|stream| stream.as_bool()).unwrap_or_default();
        slot.note(deployment.as_deref().or_else(|| fields.get("model")?.as_str()), stream);
        let served = app.served.served();
        let question = Self { app, fields, stream, slot, deployment, served };
        question.lead();
        Ok(question)
    }

    /// Notes the deployment that is asked, if there is one of that name.
    fn lead(&self) {
        let Some(found) = self.served.find(self.name()) else { return };
        let led = Led { deployment: found.name.clone(), model: found.model.id(), price: found.price.clone() };
        self.slot.lead(led, self.app.meters.of(&found.name, found.quota));
    }

    /// Whether the path names the model.
    pub fn is_in_the_path(&self) -> bool {
        self.deployment.is_some()
    }

    pub fn generator(&self) -> Result<Arc<dyn Generator>, Refusal> {
        match self.model()? {
            Model::Text(model) => Ok(model),
            Model::Embedding(_) => Err(self.cannot("embeds texts and generates none. Ask it at /embeddings")),
        }
    }

    pub fn embedder(&self) -> Result<Arc<dyn Embedder>, Refusal> {
        match self.model()? {
            Model::Embedding(model) => Ok(model),
            Model::Text(_) => Err(self.cannot("generates text and embeds none. Name an embedding model")),
        }
    }

    /// Refused where too many answers are under way, or the deployment's quota is used up.
    pub fn place(&self, estimate: Estimate) -> Result<Place, Refusal> {
        let seat = Arc::clone(&self.app.answers).try_acquire_owned().map_err(|_| self.in_dialect(Refusal::busy()))?;
        let grant = match self.slot.metered().map(|metered| metered.admit(estimate)).transpose() {
            Ok(grant) => grant,
            Err(refusal) => {
                self.slot.with(|entry| entry.count_refusal(&refusal));
                return Err(self.in_dialect(refusal));
            }
        };
        let mut entry = self.slot.take().ok_or_else(Refusal::stopping)?;
        entry.begin(grant);
        Ok(Place { entry, _seat: seat })
    }

    /// Azure writes the status in the place of a code.
    fn in_dialect(&self, refusal: Refusal) -> Refusal {
        let mut dialect_code = None;
        self.slot.with(|entry| dialect_code = (entry.call.dialect == "azure").then_some("429"));
        Refusal { dialect_code, ..refusal }
    }

    fn name(&self) -> &str {
        let named = || self.fields.get("model").and_then(|model| model.as_str());
        self.deployment.as_deref().or_else(named).unwrap_or_default()
    }

    fn model(&self) -> Result<Model, Refusal> {
        let (name, served) = (self.name(), &self.served);
        match served.find(name) {
            Some(deployment) => Ok(deployment.model.clone()),
            None if self.is_in_the_path() => {
                let message = format!("There is no deployment {name:?} here. {}", served.told());
                Err(Refusal::new(StatusCode::NOT_FOUND, "DeploymentNotFound", message))
            }
            None => Err(Refusal::no_model(name, served)),
        }
    }

    /// A model that does something else.
    fn cannot(&self, instead: &str) -> Refusal {
        let message = format!("The model {:?} {instead}. {}", self.name(), self.served.told());
        let code = if self.is_in_the_path() { "OperationNotSupported" } else { "unsupported_model" };
        Refusal::of("model", code, message)
    }
}
