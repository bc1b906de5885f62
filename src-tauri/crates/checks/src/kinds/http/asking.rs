//! A request to a service of the lab, as every kind that asks one writes it.

use std::{collections::BTreeMap, time::Duration};

use curriculum::{Lab, nearest};

use super::diagnosis;
use crate::{
    Context, Request, ServiceState,
    finding::{Halt, Wrong},
    registry::Setting,
    settings::Literal,
};

pub const SERVICE: Setting =
    Setting::required("service", "name", "A service of the lab; it is started if it does not run.");
pub const PATH: Setting = Setting::required("path", "text", "Path and query, beginning with a slash.");
pub const METHOD: Setting = Setting::new("method", "text", "GET where left out.");

const LONGEST_MS: u64 = 60_000;
const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// The settings of one request.
pub struct Asking<'a> {
    pub service: &'a str,
    pub method: &'a str,
    pub path: &'a str,
    pub headers: &'a BTreeMap<String, String>,
    pub json: Option<&'a Literal>,
    pub body: Option<&'a str>,
    /// The status that is right.
    pub status: u16,
    pub timeout_ms: u64,
}

/// An answer that is whole.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub elapsed: Duration,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// What is wrong with a service's name.
pub fn no_service(service: &str, lab: &Lab) -> Option<Wrong> {
    let names = || lab.services.iter().map(|service| service.name.as_str());
    if names().any(|name| name == service) {
        return None;
    }
    let next = nearest(service, names());
    let next = next.map_or("Add it under [[services]].".to_owned(), |near| format!("Did you mean `{near}`?"));
    Some(Wrong::new("service", format!("the lab has no service `{service}`"), next))
}

/// What is wrong with a method that stands at `at`.
pub fn no_method(at: &str, method: &str) -> Option<Wrong> {
    let next = || format!("Use one of {}.", METHODS.join(", "));
    (!METHODS.contains(&method)).then(|| Wrong::new(at, format!("`{method}` is not a method"), next()))
}

impl Asking<'_> {
    pub fn lint(&self, lab: &Lab) -> Vec<Wrong> {
        let mut wrong: Vec<Wrong> = no_service(self.service, lab).into_iter().collect();
        if !self.path.starts_with('/') {
            let message = format!("the path `{}` does not begin with a slash", self.path);
            wrong.push(Wrong::new("path", message, "Write it like \"/health\"."));
        }
        wrong.extend(no_method("method", self.method));
        if self.json.is_some() && self.body.is_some() {
            wrong.push(Wrong::new("body", "a request has one body, not `json` and `body`", "Take one of them out."));
        }
        if !(1..=LONGEST_MS).contains(&self.timeout_ms) {
            let message = format!("{} ms are no sensible limit", self.timeout_ms);
            wrong.push(Wrong::new("timeout_ms", message, format!("Write a number from 1 to {LONGEST_MS}.")));
        }
        wrong
    }

    /// The request, to the service as it runs now; a service that does not run is the learner's to mend.
    pub async fn request(&self, context: &Context<'_>) -> Result<Request, Halt> {
        let base = match context.probe.service(self.service).await? {
            ServiceState::Ready { url } => url,
            ServiceState::Failed { summary, log } => {
                let files = context.probe.list("").await?;
                return Err(diagnosis::not_running(self.service, &summary, &log, &files).into());
            }
        };
        let mut headers: Vec<(String, String)> = self.headers.clone().into_iter().collect();
        if self.json.is_some() && !self.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type")) {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        let body = self.json.map(|json| json.0.to_string()).or_else(|| self.body.map(str::to_owned));
        Ok(Request {
            method: self.method.to_owned(),
            url: format!("{}{}", base.trim_end_matches('/'), self.path),
            headers,
            body: body.map(String::into_bytes),
            timeout: Duration::from_millis(self.timeout_ms),
        })
    }
}
