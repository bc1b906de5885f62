//! What the gateway serves: deployments, which are models by the names that callers ask for.
//!
//! Never knows where a model runs: a server elsewhere is one more implementation of the model's trait.

use std::{fmt, sync::Arc};

use inference::{Embedder, Generator};

/// Every deployment of one gateway, in the order in which they are listed.
#[derive(Debug, Clone, Default)]
pub struct Served(Vec<Deployment>);

/// A name that callers ask for, as `model` or as Azure's deployment, and what answers them.
#[derive(Debug, Clone)]
pub struct Deployment {
    pub name: String,
    pub model: Model,
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

impl Served {
    /// Deploys `model` under its own name, in place of what had that name.
    #[must_use]
    pub fn with(self, model: Model) -> Self {
        let name = model.id();
        self.with_deployment(Deployment { name, model })
    }

    /// As [`Served::with`], under any name.
    #[must_use]
    pub fn with_deployment(mut self, deployment: Deployment) -> Self {
        match self.0.iter_mut().find(|known| known.name == deployment.name) {
            Some(known) => *known = deployment,
            None => self.0.push(deployment),
        }
        self
    }

    pub(crate) fn all(&self) -> &[Deployment] {
        &self.0
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Deployment> {
        self.0.iter().find(|deployment| deployment.name == name)
    }

    /// `"one", "another"`
    pub(crate) fn names(&self) -> String {
        self.0.iter().map(|deployment| format!("{:?}", deployment.name)).collect::<Vec<_>>().join(", ")
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
