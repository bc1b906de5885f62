//! A request to something that runs in a container, and what it should answer.

use std::time::Duration;

use serde::Deserialize;

use crate::{
    Answer, Context, Place, Request,
    data::assertion::{ASSERT, Assertion},
    finding::{Failure, Halt, Wrong},
    kinds::http::{asking::no_method, capital},
    registry::Setting,
    settings::{Literal, get, ok},
};

pub const FIELDS: &[Setting] = &[
    Setting::required("service", "name", "A service of the stack."),
    Setting::required("port", "whole number", "The service's port, which the file publishes."),
    Setting::required("path", "text", "Path and query, beginning with a slash."),
    Setting::new("method", "text", "GET where left out."),
    Setting::new("json", "any value", "The request's body, sent as JSON."),
    Setting::new("status", "whole number", "The status that is right. 200 where left out."),
    ASSERT,
];

/// How long an answer may take: what is looked at is that it comes.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    pub service: String,
    pub port: u16,
    path: String,
    #[serde(default = "get")]
    method: String,
    json: Option<Literal>,
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    assert: Vec<Assertion>,
}

impl Visit {
    /// A GET of a container that stands alone.
    pub fn get(path: &str, status: u16) -> Self {
        let (service, method) = (String::new(), get());
        Self { service, port: 0, path: path.to_owned(), method, json: None, status, assert: Vec::new() }
    }

    /// `at` is where it stands in the check's table.
    pub fn lint(&self, at: &str) -> Vec<Wrong> {
        let mut wrong: Vec<Wrong> = no_method(&format!("{at}.method"), &self.method).into_iter().collect();
        if !self.path.starts_with('/') {
            let message = format!("the path `{}` does not begin with a slash", self.path);
            wrong.push(Wrong::new(format!("{at}.path"), message, "Write it like \"/health\"."));
        }
        let inner = self.assert.iter().enumerate().filter_map(|(index, one)| one.lint(index));
        wrong.extend(inner.map(|one| Wrong { at: format!("{at}.{}", one.at), ..one }));
        wrong
    }

    /// Asks at `root`; `when` ends the sentence that says what failed: ` after store was killed`.
    pub async fn pay(&self, root: &str, when: &str, context: &Context<'_>) -> Result<Duration, Halt> {
        let url = format!("{root}{}", self.path);
        let mut headers = Vec::new();
        let body = self.json.as_ref().map(|Literal(value)| value.to_string().into_bytes());
        if body.is_some() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        let request = Request { method: self.method.clone(), url: url.clone(), headers, body, timeout: PATIENCE };
        let asked = format!("{} {}", self.method, self.path);
        let failed = |what: &str, actual: String| {
            Failure::new(format!("{asked} {what}{when}.")).expected(format!("status {}", self.status)).actual(actual)
        };
        let broken = |actual: &str| {
            let next = "Look at the container's log. It has to listen on 0.0.0.0: 127.0.0.1 is the container's own.";
            failed("is not answered", actual.to_owned()).at(Place::Url { url: url.clone() }).next(next)
        };
        let (status, body, elapsed) = match context.probe.http(&request).await? {
            Answer::Response { status, body, elapsed, .. } => (status, body, elapsed),
            Answer::Refused => return Err(broken("the connection was refused").into()),
            Answer::Reset => return Err(broken("the connection was closed early").into()),
            Answer::TimedOut { after } => {
                return Err(broken(&format!("no answer within {} s", after.as_secs())).into());
            }
            Answer::NotHttp { detail } => return Err(broken(&format!("no HTTP: {detail}")).into()),
        };
        let text = String::from_utf8_lossy(&body);
        if status != self.status {
            let actual = format!("status {status}\n{}", crate::excerpt::head(&text));
            let next = "Look at the container's log for that request.";
            return Err(failed("answers with another status", actual).at(Place::Url { url }).next(next).into());
        }
        if self.assert.is_empty() {
            return Ok(elapsed);
        }
        let value = serde_json::from_slice(&body).map_err(|error| {
            let actual = format!("{error}\n{}", crate::excerpt::head(&text));
            failed("does not answer with JSON", actual).at(Place::Url { url: url.clone() }).next("Answer with JSON.")
        })?;
        let Some(miss) = self.assert.iter().find_map(|assertion| assertion.judge(&value, "the answer").err()) else {
            return Ok(elapsed);
        };
        let summary = format!("{}{when}.", capital(miss.summary.trim_end_matches('.')));
        let failure = Failure::new(summary).expected(miss.expected).actual(miss.actual).next(miss.next_step);
        Err(failure.at(Place::Url { url }).into())
    }
}
