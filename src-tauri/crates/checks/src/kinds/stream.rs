//! `stream`: one request to a service whose answer arrives piece by piece, as server-sent events.

mod cancel;
mod diagnosis;

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use curriculum::Lab;
use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    Context, Piece, Place, Request, StreamEnd, Streamed,
    data::assertion::{ASSERT, Assertion},
    events::{Event, Reader},
    excerpt::count,
    finding::{Failure, Halt, Judge, Passed, Sources, Wrong},
    kinds::http::asking::{Asking, METHOD, PATH, Response, SERVICE},
    kinds::http::diagnosis as of_http,
    registry::{Kind, Setting, read},
    settings::{Literal, Pattern, get, one},
};

pub const KIND: Kind = Kind {
    name: "stream",
    doc: "A service of the lab answers with server-sent events that arrive one by one, in time, and ends when it should.",
    settings: &[
        SERVICE,
        PATH,
        METHOD,
        Setting::new("headers", "table of texts", "Headers of the request."),
        Setting::new("json", "any value", "The request's body, sent as JSON."),
        Setting::new("body", "text", "The request's body as it is; not together with `json`."),
        Setting::new("content_type", "text", "The media type of the answer. text/event-stream where left out."),
        Setting::new(
            "min_events",
            "whole number",
            "The fewest events, the one of `last` not counted. 1 where left out.",
        ),
        Setting::new("first_within_ms", "whole number", "The most milliseconds until the first event."),
        Setting::new("longest_gap_ms", "whole number", "The most milliseconds between one event and the next."),
        Setting::new(
            "spread_ms",
            "whole number",
            "The fewest milliseconds from the first event to the last: all at once means that something buffers.",
        ),
        Setting::new("last", "pattern", "What the data of the last event matches: `^\\[DONE\\]$`."),
        ASSERT,
        Setting::new(
            "cancel_after",
            "whole number",
            "Hangs up after so many events; then the service must let go of the model and answer the next request.",
        ),
        Setting::new(
            "timeout_ms",
            "whole number",
            "Milliseconds to wait for the whole answer, at most 60000. 30000 where left out.",
        ),
    ],
    read: read::<Stream>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stream {
    service: String,
    path: String,
    #[serde(default = "get")]
    method: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    json: Option<Literal>,
    body: Option<String>,
    #[serde(default = "event_stream")]
    content_type: String,
    #[serde(default = "one")]
    min_events: usize,
    first_within_ms: Option<u64>,
    longest_gap_ms: Option<u64>,
    spread_ms: Option<u64>,
    last: Option<Pattern>,
    #[serde(default)]
    assert: Vec<Assertion>,
    cancel_after: Option<usize>,
    #[serde(default = "half_a_minute")]
    timeout_ms: u64,
}

fn event_stream() -> String {
    "text/event-stream".to_owned()
}

fn half_a_minute() -> u64 {
    30_000
}

/// An answer, as far as it was looked at.
struct Seen {
    /// Its whole body in one piece.
    response: Response,
    /// With the time when the piece that completed each came.
    events: Vec<(Duration, Event)>,
    reader: Reader,
    end: StreamEnd,
}

#[async_trait]
impl Judge for Stream {
    fn sources(&self) -> Sources {
        Sources::of_service(&self.service)
    }

    fn runs_code(&self) -> bool {
        true
    }

    fn lint(&self, lab: &Lab) -> Vec<Wrong> {
        let mut wrong: Vec<Wrong> = self.assert.iter().enumerate().filter_map(|(index, one)| one.lint(index)).collect();
        wrong.extend(self.asking().lint(lab));
        if self.cancel_after == Some(0) {
            wrong.push(Wrong::new("cancel_after", "nothing is read before we hang up", "Write 1 or more."));
        }
        if self.cancel_after.is_some() && self.last.is_some() {
            let message = "a stream that we leave half-way has no last event";
            wrong.push(Wrong::new("last", message, "Take `last` or `cancel_after` out, or make two checks."));
        }
        wrong
    }

    async fn judge(&self, _: &str, context: &Context<'_>) -> Result<Passed, Halt> {
        let request = self.asking().request(context).await?;
        let began = Timestamp::now();
        let at = |failure: Failure| Halt::from(failure.at(Place::Url { url: request.url.clone() }));
        let seen = self.look(&request, self.cancel_after, context).await?;
        if let Some(wrong) = self.first_wrong(&seen) {
            return Err(at(wrong));
        }
        let passed = self.passed(&seen);
        if self.cancel_after.is_none() {
            return Ok(passed);
        }
        match self.after_cancelling(&request, began, context).await? {
            Some(wrong) => Err(at(wrong)),
            None => Ok(Passed { summary: format!("{} It let go when the client hung up.", passed.summary), ..passed }),
        }
    }
}

impl Stream {
    fn asking(&self) -> Asking<'_> {
        Asking {
            service: &self.service,
            method: &self.method,
            path: &self.path,
            headers: &self.headers,
            json: self.json.as_ref(),
            body: self.body.as_deref(),
            status: 200,
            timeout_ms: self.timeout_ms,
        }
    }

    /// Reads the answer to its end, or until so many events came.
    async fn look(&self, request: &Request, enough: Option<usize>, context: &Context<'_>) -> Result<Seen, Halt> {
        let (mut reader, mut events, mut body) = (Reader::default(), Vec::new(), Vec::new());
        let mut take = |piece: &Piece| {
            body.extend_from_slice(&piece.bytes);
            events.extend(reader.push(&piece.bytes).into_iter().map(|event| (piece.at, event)));
            enough.is_some_and(|enough| events.len() >= enough)
        };
        match context.probe.stream(request, &mut take).await? {
            Streamed::Begun { status, headers, end, elapsed } => {
                Ok(Seen { response: Response { status, headers, body, elapsed }, events, reader, end })
            }
            Streamed::Nothing(answer) => Err(of_http::no_answer(&self.asking(), &request.url, &answer).into()),
        }
    }

    fn first_wrong(&self, seen: &Seen) -> Option<Failure> {
        if seen.response.status != 200 {
            return Some(of_http::wrong_status(&self.asking(), &seen.response));
        }
        self.wrong_type(seen)
            .or_else(|| self.wrong_framing(seen))
            .or_else(|| self.wrong_end(seen))
            .or_else(|| self.wrong_events(seen))
            .or_else(|| self.wrong_times(seen))
    }

    /// The events that carry the answer: all but the one that says it is over.
    fn carrying<'a>(&self, seen: &'a Seen) -> &'a [(Duration, Event)] {
        let ends = |last: &Pattern| seen.events.last().is_some_and(|(_, event)| last.regex.is_match(&event.data));
        let over = usize::from(self.last.as_ref().is_some_and(ends));
        &seen.events[..seen.events.len() - over]
    }

    fn passed(&self, seen: &Seen) -> Passed {
        let millis = |time: Duration| format!("{:.0}", time.as_secs_f64() * 1000.0);
        let first = seen.events.first().map(|(at, _)| *at).unwrap_or_default();
        let last = seen.events.last().map(|(at, _)| *at).unwrap_or_default();
        let events = count(seen.events.len(), "event");
        let (first, all) = (millis(first), millis(last));
        Passed::new(format!("{} {} streamed {events}, the first after {first} ms.", self.method, self.path))
            .measured("events", seen.events.len().to_string(), "")
            .measured("first event", first, "ms")
            .measured("longest gap", millis(longest_gap(&seen.events)), "ms")
            .measured("last event", all, "ms")
    }
}

fn longest_gap(events: &[(Duration, Event)]) -> Duration {
    events.windows(2).map(|pair| pair[1].0.saturating_sub(pair[0].0)).max().unwrap_or_default()
}
