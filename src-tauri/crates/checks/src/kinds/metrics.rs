//! `metrics`: what a service tells Prometheus, and how it changes with what the service does.

mod exposition;
mod histogram;
mod rule;

use std::collections::BTreeMap;

use async_trait::async_trait;
use curriculum::Lab;
use serde::Deserialize;

use self::{
    exposition::{Bad, Exposition},
    rule::{FIELDS, Rule},
};
use crate::{
    Context, Place,
    finding::{Failure, Halt, Judge, Passed, Sources, Wrong},
    kinds::http::{
        Http, Response,
        asking::{METHOD, PATH, SERVICE, no_method, no_service},
    },
    lines::line_text,
    registry::{Kind, Setting, read},
    settings::{Literal, get, one},
};

pub const KIND: Kind = Kind {
    name: "metrics",
    doc: "A service's Prometheus metrics are there, typed and labelled, and rise with what it does.",
    settings: &[
        SERVICE,
        Setting::new("path", "text", "Where its metrics are. /metrics where left out."),
        Setting::new("requests", "list of tables", "Sent in order between two looks at the metrics.").fields(&[
            PATH,
            METHOD,
            Setting::new("headers", "table of texts", "Headers of the request."),
            Setting::new("json", "any value", "The request's body, sent as JSON."),
            Setting::new("status", "whole number", "The status that is right. Any where left out."),
            Setting::new("times", "whole number", "How often it is sent, at most 100. Once where left out."),
        ]),
        Setting::required("metrics", "list of tables", "Each names a metric and says what must hold of it.")
            .fields(FIELDS),
    ],
    read: read::<Metrics>,
};

const MOST_TIMES: usize = 100;
/// Looks at a metric that has not risen far enough: a service may count just after it has answered.
const LOOKS: usize = 3;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metrics {
    service: String,
    #[serde(default = "usual")]
    path: String,
    #[serde(default)]
    requests: Vec<Ask>,
    metrics: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    path: String,
    #[serde(default = "get")]
    method: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    json: Option<Literal>,
    status: Option<u16>,
    #[serde(default = "one")]
    times: usize,
}

fn usual() -> String {
    "/metrics".to_owned()
}

#[async_trait]
impl Judge for Metrics {
    fn sources(&self) -> Sources {
        Sources::of_service(&self.service)
    }

    fn lint(&self, lab: &Lab) -> Vec<Wrong> {
        let mut wrong: Vec<Wrong> = self.metrics.iter().enumerate().filter_map(|(at, rule)| rule.lint(at)).collect();
        wrong.extend(no_service(&self.service, lab));
        if self.metrics.is_empty() {
            wrong.push(Wrong::new("metrics", "no metric is asked for", "Write [{ name = \"requests_total\" }]."));
        }
        let paths = self.requests.iter().enumerate().map(|(at, ask)| (format!("requests[{at}].path"), &ask.path));
        for (at, path) in paths.chain([("path".to_owned(), &self.path)]).filter(|(_, path)| !path.starts_with('/')) {
            let message = format!("the path `{path}` does not begin with a slash");
            wrong.push(Wrong::new(at, message, "Write it like \"/metrics\"."));
        }
        for (at, ask) in self.requests.iter().enumerate() {
            if let Some(method) = no_method(&format!("requests[{at}].method"), &ask.method) {
                wrong.push(method);
            } else if !(1..=MOST_TIMES).contains(&ask.times) {
                let message = format!("{} times are no sensible number", ask.times);
                let next = format!("Write a number from 1 to {MOST_TIMES}.");
                wrong.push(Wrong::new(format!("requests[{at}].times"), message, next));
            }
        }
        wrong
    }

    fn runs_code(&self) -> bool {
        true
    }

    async fn judge(&self, _: &str, context: &Context<'_>) -> Result<Passed, Halt> {
        let rising = self.metrics.iter().any(Rule::rises);
        let before = if rising { self.scrape(context).await?.1 } else { Exposition::default() };
        for ask in &self.requests {
            self.ask(ask, context).await?;
        }
        let mut looks = 1;
        let (url, after) = loop {
            let (url, after) = self.scrape(context).await?;
            let short = |rule: &&Rule| rule.rises() && rule.judge_rise(&before, &after).is_err();
            if looks == LOOKS || !self.metrics.iter().any(|rule| short(&rule)) {
                break (url, after);
            }
            looks += 1;
        };
        let mut passed = Passed::default();
        for rule in &self.metrics {
            let at = |failure: Box<Failure>| Halt::from(failure.at(Place::Url { url: url.clone() }));
            rule.judge(&after).map_err(at)?;
            if rule.rises() {
                let rise = rule.judge_rise(&before, &after).map_err(at)?;
                passed = passed.measured(&rule.name, format!("+{rise}"), "");
            }
        }
        let names: Vec<String> = self.metrics.iter().map(|rule| format!("`{}`", rule.name)).collect();
        let how = if names.len() == 1 { "is as it should be" } else { "are as they should be" };
        passed.summary = format!("{} {how}.", names.join(", "));
        Ok(passed)
    }
}

impl Metrics {
    async fn scrape(&self, context: &Context<'_>) -> Result<(String, Exposition), Halt> {
        let mut http = Http::get(&self.service, &self.path);
        // Otherwise a client library may choose OpenMetrics, which names counters otherwise.
        http.headers.insert("accept".to_owned(), "text/plain;version=0.0.4".to_owned());
        let (url, response) = http.send(context).await?;
        if let Some(wrong) = http.first_wrong(&response) {
            return Err(wrong.at(Place::Url { url }).into());
        }
        let text = response.text();
        match Exposition::read(&text) {
            Ok(read) => Ok((url, read)),
            Err(bad) => Err(self.unreadable(&response, &text, &bad).at(Place::Url { url }).into()),
        }
    }

    fn unreadable(&self, response: &Response, text: &str, bad: &Bad) -> Failure {
        let media = response.header("content-type").unwrap_or_default();
        let what = if media.contains("json") || text.trim_start().starts_with(['{', '[', '"']) {
            "answers with JSON, not with Prometheus's text format".to_owned()
        } else if text.trim_start().starts_with('<') {
            "answers with HTML, not with Prometheus's text format".to_owned()
        } else {
            format!("is not what Prometheus reads: line {}: {}", bad.line, bad.reason)
        };
        let next = match what.starts_with("answers") {
            true => "Return the client library's text as it is: generate_latest(), with its content type.",
            false => "Let the client library write it: generate_latest().",
        };
        Failure::new(format!("{} {what}.", self.path))
            .expected("one `name{label=\"value\"} number` a line")
            .actual(line_text(text, bad.line))
            .next(next)
    }

    async fn ask(&self, ask: &Ask, context: &Context<'_>) -> Result<(), Halt> {
        let http = Http {
            method: ask.method.clone(),
            headers: ask.headers.clone(),
            json: ask.json.clone(),
            status: ask.status.unwrap_or(200),
            ..Http::get(&self.service, &ask.path)
        };
        for _ in 0..ask.times {
            let (url, response) = http.send(context).await?;
            if ask.status.is_some()
                && let Some(wrong) = http.first_wrong(&response)
            {
                return Err(wrong.at(Place::Url { url }).into());
            }
        }
        Ok(())
    }
}
