//! The names that the gateway serves, and what was asked of them.

use std::fmt;

use serde::{Deserialize, Serialize};
use specta::Type;

use super::Problem;

/// What is served, and by whose names.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Deployments {
    pub deployments: Vec<Deployed>,
    /// What of the learner's files cannot be served, and what to do.
    pub problems: Vec<Problem>,
    /// The file of prices, which the learner may edit.
    pub price_table: String,
}

/// A name that programs may ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Deployed {
    pub name: String,
    pub model: String,
    /// The server that has it; `None` for this machine.
    pub url: Option<String>,
    pub tokens_per_minute: Option<u32>,
    pub requests_per_minute: Option<u32>,
    /// Whether the learner made it; others are models by their own names.
    pub own: bool,
}

/// A name to be served.
#[derive(Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct NewDeployment {
    pub name: String,
    /// The model's own name, here or on the other server.
    pub model: String,
    pub tokens_per_minute: Option<u32>,
    pub requests_per_minute: Option<u32>,
    /// What clients of the other server take as their base URL; `None` for a model of this machine.
    pub url: Option<String>,
    /// The other server's key.
    pub key: Option<String>,
    /// Values of a vector, of an embedding model on the other server.
    pub dimension: Option<u32>,
}

/// Without the key.
impl fmt::Debug for NewDeployment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewDeployment").field("name", &self.name).field("url", &self.url).finish_non_exhaustive()
    }
}

/// What one workspace's calls of one name took.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Used {
    pub lab: String,
    pub deployment: String,
    pub calls: u32,
    pub failed: u32,
    pub prompt_tokens: f64,
    /// Among those of prompts.
    pub cached_tokens: f64,
    pub completion_tokens: f64,
    pub cost: f64,
    /// `None` where no price was known when the calls were made.
    pub currency: Option<String>,
}
