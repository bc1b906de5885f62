//! Why a request was not answered as it should be, each way told apart.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::asking::{Asking, Response};
use crate::{
    Answer, Place,
    excerpt::{head, tail},
    finding::Failure,
    python::{advice, traceback},
};

static PORT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:https?://[\w.\[\]:-]*?:|(?:listening|running|serving|started).{0,40}?\bport\D{0,3})(\d{2,5})\b")
        .ok()
});

/// The service does not run: what its log says of that.
pub fn not_running(service: &str, summary: &str, log: &[String], files: &[String]) -> Failure {
    let text = log.join("\n");
    let failure = Failure::new(format!("The service `{service}` does not run: {}.", summary.trim_end_matches('.')))
        .expected(format!("the service `{service}` answers"))
        .actual(if text.trim().is_empty() { "its log is empty".to_owned() } else { tail(&text) });
    if let Some(found) = traceback(&text, files) {
        let next = advice(&found.error).unwrap_or("Open the place and correct what the error names.");
        let failure = failure.next(next);
        return match found.place {
            Some((file, line)) => Failure {
                summary: format!("The service `{service}` stopped at line {line} of `{file}`: {}.", found.error),
                ..failure.at(Place::file(&file, Some(line)))
            },
            None => Failure { summary: format!("The service `{service}` stopped: {}.", found.error), ..failure },
        };
    }
    if text.to_lowercase().contains("address already in use") {
        return failure.next("Listen on the port in the variable PORT; the one it chose is taken.");
    }
    let port = PORT.as_ref().and_then(|port| port.captures(&text)).map(|found| found[1].to_owned());
    match port {
        Some(port) => failure.next(format!(
            "Its log names port {port}: listen on 127.0.0.1 and on the port in the variable PORT, which changes from run to run."
        )),
        None => failure.next("Read the service's log, and run its command by hand."),
    }
}

/// No whole answer came.
pub fn no_answer(http: &Asking<'_>, url: &str, answer: &Answer) -> Failure {
    let request = format!("{} {}", http.method, http.path);
    let (summary, actual, next) = match answer {
        Answer::Refused => (
            format!("Nothing listens where {request} was sent."),
            "connection refused".to_owned(),
            "See that the service still runs, and listens on 127.0.0.1 and the port in the variable PORT.",
        ),
        Answer::TimedOut { after } => (
            format!("{request} got no answer in time."),
            format!("no answer within {} ms", after.as_millis()),
            "Look for what the handler waits for; a call that blocks holds up an async handler.",
        ),
        Answer::Reset => (
            format!("The connection broke before {request} was answered."),
            "the connection was closed early".to_owned(),
            "Read the service's log: the handler or the whole program probably stopped.",
        ),
        Answer::NotHttp { detail } => (
            format!("What answered {request} does not speak HTTP."),
            detail.clone(),
            "See that the service's own program listens on the port, with plain HTTP and not TLS.",
        ),
        Answer::Response { .. } => (String::new(), String::new(), ""),
    };
    Failure::new(summary)
        .expected(format!("an answer with status {}", http.status))
        .actual(actual)
        .at(Place::Url { url: url.to_owned() })
        .next(next)
}

/// The answer came, with another status.
pub fn wrong_status(http: &Asking<'_>, response: &Response) -> Failure {
    let path = http.path.split('?').next().unwrap_or_default();
    let next = match response.status {
        300..=399 => {
            let to = response.header("location").unwrap_or("another address");
            let slash =
                to.ends_with(&format!("{path}/")) || path.strip_suffix('/').is_some_and(|bare| to.ends_with(bare));
            let why = if slash { " The paths differ in the slash at the end." } else { "" };
            format!("It sends the client on to {to}: answer at {path} itself.{why}")
        }
        401 | 403 => {
            "See which credentials the route wants; the request sends those in the check's headers.".to_owned()
        }
        404 => format!("Add a route for {path}, spelled exactly so, and see that the service restarted."),
        405 => format!("The route is there for other methods: let it take {}.", http.method),
        415 | 422 | 400 => {
            "The service does not take the request: compare the fields it wants with those in the message.".to_owned()
        }
        429 => "The service limits requests: allow a few more.".to_owned(),
        500..=599 => "The handler failed: its traceback is in the service's log.".to_owned(),
        _ => format!("Answer with status {}.", http.status),
    };
    let said = validation(&response.body).unwrap_or_else(|| head(response.text().trim()));
    let actual = if said.is_empty() {
        format!("status {}", response.status)
    } else {
        format!("status {}\n{said}", response.status)
    };
    Failure::new(format!("{} {} answers {}, not {}.", http.method, http.path, response.status, http.status))
        .expected(format!("status {}", http.status))
        .actual(actual)
        .next(next)
}

/// The first complaint of a FastAPI validation error: `body.name: Field required`.
fn validation(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let first = body.get("detail")?.get(0)?;
    let place =
        first.get("loc")?.as_array()?.iter().map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned));
    Some(format!("{}: {}", place.collect::<Vec<_>>().join("."), first.get("msg")?.as_str()?))
}

/// The body cannot be read as JSON.
pub fn not_json(path: &str, response: &Response, error: &serde_json::Error) -> Failure {
    let text = response.text();
    let what = if text.trim().is_empty() {
        "an empty body".to_owned()
    } else if text.trim_start().starts_with('<') {
        "HTML".to_owned()
    } else {
        format!("text that is not JSON from line {}, column {}", error.line(), error.column())
    };
    Failure::new(format!("{path} answers with {what}."))
        .expected("a body in JSON")
        .actual(if text.trim().is_empty() { "nothing".to_owned() } else { head(&text) })
        .next("Return a dictionary or a model, so that the answer is JSON.")
}
