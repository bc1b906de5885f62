//! `http`: one request to a service of the lab, and what it answers.

pub mod asking;
pub mod diagnosis;

use std::collections::BTreeMap;

use async_trait::async_trait;
use curriculum::Lab;
use serde::Deserialize;

use crate::{
    Answer, Context, Place,
    data::assertion::{ASSERT, Assertion},
    finding::{Failure, Halt, Judge, Passed, Sources, Wrong},
    registry::{Kind, Setting, read},
    settings::{Literal, Pattern, get, ok},
};
pub use asking::{Asking, Response};
use asking::{METHOD, PATH, SERVICE};

pub const KIND: Kind = Kind {
    name: "http",
    doc: "A service of the lab answers a request with the right status, headers and JSON, in time.",
    settings: &[
        SERVICE,
        PATH,
        METHOD,
        Setting::new("headers", "table of texts", "Headers of the request."),
        Setting::new("json", "any value", "The request's body, sent as JSON."),
        Setting::new("body", "text", "The request's body as it is; not together with `json`."),
        Setting::new("status", "whole number", "The status that is right. 200 where left out."),
        Setting::new("content_type", "text", "The media type of the answer: `application/json`."),
        Setting::new(
            "response_headers",
            "table of patterns",
            "Each header must be there and match its regular expression.",
        ),
        ASSERT,
        Setting::new(
            "timeout_ms",
            "whole number",
            "Milliseconds to wait for the answer, at most 60000. 5000 where left out.",
        ),
        Setting::new("within_ms", "whole number", "The most milliseconds that the answer may take."),
    ],
    read: read::<Http>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    pub service: String,
    pub path: String,
    #[serde(default = "get")]
    pub method: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    pub json: Option<Literal>,
    pub body: Option<String>,
    #[serde(default = "ok")]
    pub status: u16,
    pub content_type: Option<String>,
    #[serde(default)]
    pub response_headers: BTreeMap<String, Pattern>,
    #[serde(default)]
    pub assert: Vec<Assertion>,
    #[serde(default = "five_seconds")]
    pub timeout_ms: u64,
    pub within_ms: Option<u64>,
}

fn five_seconds() -> u64 {
    5000
}

#[async_trait]
impl Judge for Http {
    fn runs_code(&self) -> bool {
        true
    }

    fn lint(&self, lab: &Lab) -> Vec<Wrong> {
        let mut wrong: Vec<Wrong> = self.assert.iter().enumerate().filter_map(|(index, one)| one.lint(index)).collect();
        wrong.extend(self.asking().lint(lab));
        wrong
    }

    async fn judge(&self, _: &str, context: &Context<'_>) -> Result<Passed, Halt> {
        let (url, response) = self.send(context).await?;
        if let Some(wrong) = self.first_wrong(&response) {
            return Err(wrong.at(Place::Url { url }).into());
        }
        let millis = format!("{:.0}", response.elapsed.as_secs_f64() * 1000.0);
        Ok(Passed::new(format!("{} {} answered {} in {millis} ms.", self.method, self.path, response.status))
            .measured("status", response.status.to_string(), "")
            .measured("time", millis, "ms"))
    }

    fn sources(&self) -> Sources {
        Sources::of_service(&self.service)
    }
}

impl Http {
    /// A GET without anything to it.
    pub fn get(service: &str, path: &str) -> Self {
        Self {
            service: service.to_owned(),
            path: path.to_owned(),
            method: get(),
            headers: BTreeMap::new(),
            json: None,
            body: None,
            status: ok(),
            content_type: None,
            response_headers: BTreeMap::new(),
            assert: Vec::new(),
            timeout_ms: five_seconds(),
            within_ms: None,
        }
    }

    fn asking(&self) -> Asking<'_> {
        Asking {
            service: &self.service,
            method: &self.method,
            path: &self.path,
            headers: &self.headers,
            json: self.json.as_ref(),
            body: self.body.as_deref(),
            status: self.status,
            timeout_ms: self.timeout_ms,
        }
    }

    /// Starts the service if need be and sends the request. An answer that is not whole ends the look.
    pub async fn send(&self, context: &Context<'_>) -> Result<(String, Response), Halt> {
        let asking = self.asking();
        let request = asking.request(context).await?;
        match context.probe.http(&request).await? {
            Answer::Response { status, headers, body, elapsed } => {
                Ok((request.url, Response { status, headers, body, elapsed }))
            }
            broken => Err(diagnosis::no_answer(&asking, &request.url, &broken).into()),
        }
    }

    pub fn first_wrong(&self, response: &Response) -> Option<Failure> {
        if response.status != self.status {
            return Some(diagnosis::wrong_status(&self.asking(), response));
        }
        self.wrong_header(response).or_else(|| self.wrong_body(response)).or_else(|| self.too_slow(response))
    }

    fn wrong_header(&self, response: &Response) -> Option<Failure> {
        if let Some(wanted) = &self.content_type {
            let found = response.header("content-type").unwrap_or("no content type");
            if !found.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(wanted) {
                let failure = Failure::new(format!("{} answers with the wrong content type.", self.path));
                let next = "Set the header `content-type` of the answer.";
                return Some(failure.expected(wanted).actual(found).next(next));
            }
        }
        self.response_headers.iter().find_map(|(name, pattern)| {
            let found = response.header(name);
            if found.is_some_and(|found| pattern.regex.is_match(found)) {
                return None;
            }
            let what = if found.is_some() { "has another value" } else { "is missing" };
            let failure = Failure::new(format!("The header `{name}` of the answer {what}."));
            let next = format!("Set the header `{name}` of the answer.");
            Some(failure.expected(pattern.wish()).actual(found.unwrap_or("no such header")).next(next))
        })
    }

    fn wrong_body(&self, response: &Response) -> Option<Failure> {
        if self.assert.is_empty() {
            return None;
        }
        let value = match serde_json::from_slice(&response.body) {
            Ok(value) => value,
            Err(error) => return Some(diagnosis::not_json(&self.path, response, &error)),
        };
        let miss = self.assert.iter().find_map(|assertion| assertion.judge(&value, "the answer").err())?;
        let failure = Failure::new(capital(&miss.summary));
        Some(failure.expected(miss.expected).actual(miss.actual).next(miss.next_step))
    }

    fn too_slow(&self, response: &Response) -> Option<Failure> {
        let millis = response.elapsed.as_secs_f64() * 1000.0;
        let most = self.within_ms.filter(|most| millis > *most as f64)?;
        let failure = Failure::new(format!("{} answers rightly, but too slowly.", self.path));
        let next = "Measure which part of the answer takes the time.";
        Some(failure.expected(format!("at most {most} ms")).actual(format!("{millis:.0} ms")).next(next))
    }
}

pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
