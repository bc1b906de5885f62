//! Why an answer is no stream as it should be, each way told apart.

use serde_json::Value;

use super::{Seen, Stream, longest_gap};
use crate::{
    StreamEnd,
    excerpt::{count, head, inline},
    finding::Failure,
    kinds::http::capital,
};

/// A body this long that is JSON was meant as one answer.
fn is_json(text: &str) -> bool {
    matches!(serde_json::from_str(text), Ok(Value::Object(_) | Value::Array(_)))
}

impl Stream {
    pub(super) fn wrong_type(&self, seen: &Seen) -> Option<Failure> {
        let found = seen.response.header("content-type").unwrap_or("no content type");
        let text = seen.response.text();
        if self.content_type == "text/event-stream" && seen.events.is_empty() && is_json(&text) {
            return Some(
                Failure::new(format!("{} does not stream: it answers with one piece of JSON.", self.path))
                    .expected("events, each `data: ...` and a blank line")
                    .actual(format!("{found}\n{}", head(&text)))
                    .next("Return a StreamingResponse with media_type=\"text/event-stream\" that yields every piece as it comes."),
            );
        }
        if found.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(&self.content_type) {
            return None;
        }
        let failure = Failure::new(format!("{} streams with the wrong content type.", self.path));
        let next = format!("Set media_type=\"{}\" of the streamed answer.", self.content_type);
        Some(failure.expected(&self.content_type).actual(found).next(next))
    }

    pub(super) fn wrong_framing(&self, seen: &Seen) -> Option<Failure> {
        let framed = || "events, each `data: ...` and a blank line".to_owned();
        if let Some(stray) = &seen.reader.stray {
            return Some(
                Failure::new("A line of the stream does not begin with `data:`.")
                    .expected(framed())
                    .actual(inline(stray))
                    .next("Yield f\"data: {piece}\\n\\n\": a client drops every line that names no field."),
            );
        }
        if let Some((_, glued)) = seen.events.iter().find(|(_, event)| is_glued(&event.data)) {
            let events = count(glued.data.lines().count(), "piece");
            return Some(
                Failure::new(format!("{events} arrive as one event: no blank line parts them."))
                    .expected(framed())
                    .actual(head(&glued.data))
                    .next("End each event with two line feeds: f\"data: {piece}\\n\\n\"."),
            );
        }
        if seen.end != StreamEnd::Whole {
            return None;
        }
        let unclosed = seen.reader.clone().unclosed();
        if let Some(last) = unclosed.last() {
            let what = if seen.events.is_empty() { "The stream" } else { "The last event" };
            return Some(
                Failure::new(format!("{what} ends without a blank line, so a client drops what it says."))
                    .expected(framed())
                    .actual(format!("data: {}", inline(last)))
                    .next("End each event with two line feeds: f\"data: {piece}\\n\\n\"."),
            );
        }
        let text = seen.response.text();
        seen.events.is_empty().then(|| {
            let failure = Failure::new("The stream ended without an event.").expected(framed());
            let said = if text.trim().is_empty() { "an empty body".to_owned() } else { head(&text) };
            failure.actual(said).next("Yield f\"data: {piece}\\n\\n\" for every piece, and see that there are pieces.")
        })
    }

    pub(super) fn wrong_end(&self, seen: &Seen) -> Option<Failure> {
        let came = count(seen.events.len(), "event");
        let last =
            seen.events.last().map(|(_, event)| format!(", the last {}", inline(&event.data))).unwrap_or_default();
        let failure = |summary: String| Failure::new(summary).expected("a stream that ends by itself");
        match seen.end {
            StreamEnd::HungUp => None,
            StreamEnd::Broken => Some(
                failure(format!("The stream broke off after {came}."))
                    .actual(format!("{came}{last}, then the connection was closed"))
                    .next("Read the service's log: an exception inside the generator ends the answer like this."),
            ),
            StreamEnd::TimedOut => Some(
                failure(format!("The stream was still open after {} ms.", self.timeout_ms))
                    .actual(format!("{came}{last}, and no end"))
                    .next("Let the generator return after its last event; look for what it still waits for."),
            ),
            StreamEnd::Whole => {
                let asked = self.cancel_after?;
                let failure = failure(format!("The stream ended before the client could hang up, after {came}."));
                Some(
                    failure
                        .expected(format!("at least {} and more to come", count(asked, "event")))
                        .actual(came)
                        .next("Stream the answer piece by piece, as the model makes it."),
                )
            }
        }
    }

    pub(super) fn wrong_events(&self, seen: &Seen) -> Option<Failure> {
        let carrying = self.carrying(seen);
        if let Some(last) = &self.last
            && carrying.len() == seen.events.len()
        {
            let found = seen.events.last().map(|(_, event)| inline(&event.data)).unwrap_or_default();
            return Some(
                Failure::new("The last event is not the one that says that the stream is over.")
                    .expected(last.wish())
                    .actual(found)
                    .next("Yield that event after the last piece, and nothing after it."),
            );
        }
        if carrying.len() < self.min_events && self.cancel_after.is_none() {
            let came = count(carrying.len(), "event");
            return Some(
                Failure::new(format!("The stream has only {came}."))
                    .expected(format!("at least {}", count(self.min_events, "event")))
                    .actual(came)
                    .next("Yield every piece as the model makes it, not the whole text as one."),
            );
        }
        let wrong = |(index, (_, event)): (usize, &(_, crate::events::Event))| {
            let what = format!("the data of event {}", index + 1);
            let value = match serde_json::from_str::<Value>(&event.data) {
                Ok(value) => value,
                Err(_) => {
                    let failure = Failure::new(format!("{} is not JSON.", capital(&what)));
                    let next = "Yield json.dumps(...) of each piece: str() of a dict is no JSON.";
                    return Some(failure.expected("JSON").actual(inline(&event.data)).next(next));
                }
            };
            let miss = self.assert.iter().find_map(|assertion| assertion.judge(&value, &what).err())?;
            let failure = Failure::new(capital(&miss.summary));
            Some(failure.expected(miss.expected).actual(miss.actual).next(miss.next_step))
        };
        if self.assert.is_empty() { None } else { carrying.iter().enumerate().find_map(wrong) }
    }

    pub(super) fn wrong_times(&self, seen: &Seen) -> Option<Failure> {
        let millis = |time: std::time::Duration| time.as_secs_f64() * 1000.0;
        let first = millis(seen.events.first()?.0);
        let spread = millis(seen.events.last()?.0) - first;
        if let Some(least) = self.spread_ms.filter(|least| spread < *least as f64) {
            let events = count(seen.events.len(), "event");
            return Some(
                Failure::new(format!("All {events} came at once: something buffers the stream."))
                    .expected(format!("at least {least} ms from the first event to the last"))
                    .actual(format!("{spread:.0} ms, the first after {first:.0} ms"))
                    .next(
                        "Yield each piece when the model makes it, with stream=True, instead of collecting them first.",
                    ),
            );
        }
        if let Some(most) = self.first_within_ms.filter(|most| first > *most as f64) {
            return Some(
                Failure::new("The first event comes too late.")
                    .expected(format!("at most {most} ms"))
                    .actual(format!("{first:.0} ms"))
                    .next("Send the first piece as soon as it is there; look for work that is done before it."),
            );
        }
        let gap = millis(longest_gap(&seen.events));
        let most = self.longest_gap_ms.filter(|most| gap > *most as f64)?;
        Some(
            Failure::new("The stream pauses too long between two events.")
                .expected(format!("at most {most} ms"))
                .actual(format!("{gap:.0} ms"))
                .next("Look for what blocks between the pieces; send a comment line to keep a slow stream alive."),
        )
    }
}

/// Several pieces of JSON, each on a line of its own, in what a client takes for one event.
fn is_glued(data: &str) -> bool {
    data.lines().count() > 1 && data.lines().all(|line| is_json(line) || line == "[DONE]")
}
