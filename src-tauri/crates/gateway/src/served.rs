//! What the gateway serves: deployments, which are models by the names that callers ask for.
//!
//! Never knows where a model runs: a server elsewhere is one more implementation of the model's trait.

use std::{fmt, sync::Arc};

use inference::{Embedder, Generator};

use crate::{Price, Quota};

/// Knows what is served. Asked once a request, and so quick: what is changed counts from the next request on.
pub trait Serves: Send + Sync {
    fn served(&self) -> Arc<Served>;
}

/// Every deployment of one gateway, in the order in which they are listed.
#[derive(Debug, Clone, Default)]
pub struct Served {
    deployments: Vec<Deployment>,
    /// Why others are not served, in sentences: told to whoever asks for one that is not there.
    pub missing: Option<String>,
}

/// A name that callers ask for, as `model` or as Azure's deployment, and what answers them.
#[derive(Debug, Clone)]
pub struct Deployment {
    pub name: String,
    pub model: Model,
    pub quota: Quota,
    /// `None` where nobody knows.
    pub price: Option<Price>,
}

/// What a deployment leads to.
#[derive(Clone)]
pub enum Model {
    Text(Arc<dyn Generator>),
    Embedding(Arc<dyn Embedder>),
}

impl Model {
    /// The model's own name, which answers carry.
    pub fn id(&self) -> String {
        match self {
            Self::Text(model) => model.describe().id,
            Self::Embedding(model) => model.describe().id,
        }
    }
}

impl Deployment {
    /// Without a quota and without a price.
    pub fn new(name: impl Into<String>, model: Model) -> Self {
        Self { name: name.into(), model, quota: Quota::default(), price: None }
    }
}

impl Served {
    /// Deploys `model` under its own name, in place of what had that name.
    #[must_use]
    pub fn with(self, model: Model) -> Self {
        self.with_deployment(Deployment::new(model.id(), model))
    }

    /// As [`Served::with`], under any name.
    #[must_use]
    pub fn with_deployment(mut self, deployment: Deployment) -> Self {
        match self.deployments.iter_mut().find(|known| known.name == deployment.name) {
            Some(known) => *known = deployment,
            None => self.deployments.push(deployment),
        }
        self
    }

    pub fn all(&self) -> &[Deployment] {
        &self.deployments
    }

    pub fn all_mut(&mut self) -> &mut [Deployment] {
        &mut self.deployments
    }

    pub fn find(&self, name: &str) -> Option<&Deployment> {
        self.deployments.iter().find(|deployment| deployment.name == name)
    }

    /// What there is, to whoever asked for something else: `Served here: "one", "another".`
    pub(crate) fn told(&self) -> String {
        let names: Vec<_> = self.deployments.iter().map(|deployment| format!("{:?}", deployment.name)).collect();
        let missing = self.missing.as_ref().map(|missing| format!(" {missing}")).unwrap_or_default();
        format!("Served here: {}.{missing}", names.join(", "))
    }
}

impl Serves for Served {
    fn served(&self) -> Arc<Served> {
        Arc::new(self.clone())
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(model) => f.debug_tuple("Text").field(&model.describe()).finish(),
            Self::Embedding(model) => f.debug_tuple("Embedding").field(&model.describe()).finish(),
        }
    }
}
