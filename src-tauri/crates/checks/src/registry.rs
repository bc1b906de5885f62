//! Every kind of check, one line each, with the words for the authors' reference.

use std::sync::Arc;

use curriculum::{Check, Lab, Problem, explain};
use serde::de::DeserializeOwned;

use crate::{
    finding::Judge,
    kinds::{
        collection, command, container, data, entry, file, gateway, http, image, load, metrics, openapi, pytest, quiz,
        script, stack, stream, text, trace, workflow, writing,
    },
};

/// A kind of check.
#[derive(Debug)]
pub struct Kind {
    pub name: &'static str,
    /// One line: what it asserts on.
    pub doc: &'static str,
    pub settings: &'static [Setting],
    pub(crate) read: Reader,
}

/// One setting of a kind.
#[derive(Debug)]
pub struct Setting {
    pub name: &'static str,
    /// What is written for it: `text`, `list of tables`.
    pub value: &'static str,
    pub required: bool,
    pub doc: &'static str,
    /// The keys of its table, or of each table in its list.
    pub fields: &'static [Setting],
}

impl Setting {
    pub(crate) const fn new(name: &'static str, value: &'static str, doc: &'static str) -> Self {
        Self { name, value, required: false, doc, fields: &[] }
    }

    pub(crate) const fn required(name: &'static str, value: &'static str, doc: &'static str) -> Self {
        Self { name, value, required: true, doc, fields: &[] }
    }

    pub(crate) const fn fields(self, fields: &'static [Self]) -> Self {
        Self { fields, ..self }
    }
}

static KINDS: &[Kind] = &[
    file::KIND,
    text::KIND,
    data::KIND,
    command::KIND,
    pytest::KIND,
    http::KIND,
    stream::KIND,
    openapi::KIND,
    load::KIND,
    metrics::KIND,
    gateway::KIND,
    collection::KIND,
    trace::KIND,
    image::KIND,
    container::KIND,
    stack::KIND,
    workflow::KIND,
    quiz::KIND,
    writing::KIND,
    entry::KIND,
    script::KIND,
];

pub fn kinds() -> &'static [Kind] {
    KINDS
}

type Reader = fn(&Check, &Lab) -> Result<Arc<dyn Judge>, Vec<Problem>>;

/// Reads a check's settings as those of the kind `J`.
pub(crate) fn read<J: Judge + DeserializeOwned + 'static>(
    check: &Check,
    lab: &Lab,
) -> Result<Arc<dyn Judge>, Vec<Problem>> {
    let problem = |at: &str, message: String, next_step: String| Problem {
        code: "checks.setting",
        message: format!("check `{}`: {message}", check.id),
        place: check.place_of(at).clone(),
        next_step,
    };
    let judge: J = serde_path_to_error::deserialize(toml::Value::Table(check.settings.clone())).map_err(|error| {
        let explained = explain(error.inner().message(), Check::COMMON_KEYS);
        vec![problem(&error.path().to_string(), explained.message, explained.next_step)]
    })?;
    let wrong = judge.lint(lab);
    if wrong.is_empty() {
        return Ok(Arc::new(judge));
    }
    Err(wrong.into_iter().map(|wrong| problem(&wrong.at, wrong.message, wrong.next_step)).collect())
}
