//! A server's stream, line by line, as a model's events.

use std::{
    collections::BTreeSet,
    io,
    time::{Duration, Instant},
};

use futures::{Stream, StreamExt, TryStreamExt};
use inference::{Error, Event, Finish, Timings, Usage};
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::{
    bytes::Bytes,
    codec::{FramedRead, LinesCodec},
    io::StreamReader,
};

use super::{
    chunk::{self, CallPiece, Chunk},
    why,
};

/// Bytes of one line, and of all.
const MOST_LINE: usize = 4 << 20;
const MOST: usize = 256 << 20;

/// What has been said so far.
pub struct Said {
    events: UnboundedSender<Event>,
    asked: Instant,
    first: Option<Duration>,
    /// Pieces with text or a call: servers send a token or a few in each.
    pieces: u32,
    /// What the server counted.
    usage: Option<Usage>,
    /// Calls whose name was told.
    named: BTreeSet<usize>,
}

/// Why there is no end to an answer.
pub enum Broken {
    Refused(Error),
    Stream(String),
}

impl Said {
    pub fn new(events: UnboundedSender<Event>) -> Self {
        Self { events, asked: Instant::now(), first: None, pieces: 0, usage: None, named: BTreeSet::new() }
    }

    /// Passes on what comes; ends with the stream.
    pub async fn hear(&mut self, parts: impl Stream<Item = reqwest::Result<Bytes>> + Unpin) -> Result<Finish, Broken> {
        let reader = StreamReader::new(parts.map_err(|error| io::Error::other(why(&error))));
        let mut lines = FramedRead::new(reader, LinesCodec::new_with_max_length(MOST_LINE));
        let (mut read, mut finish) = (0, None);
        while let Some(line) = lines.next().await {
            let line = line.map_err(|error| Broken::Stream(error.to_string()))?;
            read += line.len();
            if read > MOST {
                return Err(Broken::Stream("its answer does not end".into()));
            }
            // Other fields, comments and the empty lines between events say nothing here.
            let Some(data) = line.strip_prefix("data:").map(str::trim) else { continue };
            if data == "[DONE]" {
                break;
            }
            let chunk = serde_json::from_str(data);
            let chunk = chunk.map_err(|error| Broken::Stream(format!("its answer cannot be read: {error}")))?;
            self.take(chunk, &mut finish)?;
        }
        finish.ok_or_else(|| Broken::Stream("its answer broke off".into()))
    }

    fn take(&mut self, chunk: Chunk, finish: &mut Option<Finish>) -> Result<(), Broken> {
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            let told = error["message"].as_str().map_or_else(|| error.to_string(), str::to_owned);
            return Err(match error["code"].as_str() {
                Some("rate_limit_exceeded") => Broken::Refused(Error::Busy { retry_after: super::PAUSE }),
                _ => Broken::Stream(told.trim_end_matches('.').to_owned()),
            });
        }
        if let Some(used) = &chunk.usage {
            self.usage = Some(used.into());
        }
        // One answer was asked for.
        let Some(choice) = chunk.choices.into_iter().next() else { return Ok(()) };
        let delta = choice.delta.unwrap_or_default();
        let logprobs = choice.logprobs.map(chunk::Logprobs::tokens).unwrap_or_default();
        let text = delta.content.or(choice.text).unwrap_or_default();
        if !text.is_empty() || !logprobs.is_empty() {
            self.tell(Event::Token { text, logprobs });
        }
        for piece in delta.tool_calls.unwrap_or_default() {
            self.call(piece);
        }
        if let Some(reason) = choice.finish_reason {
            *finish = Some(chunk::finish(&reason));
        }
        Ok(())
    }

    /// Some servers repeat the name in each piece.
    fn call(&mut self, CallPiece { index, function }: CallPiece) {
        let Some(function) = function else { return };
        let name = function.name.filter(|name| !name.is_empty() && self.named.insert(index));
        let arguments = function.arguments.unwrap_or_default();
        if name.is_some() || !arguments.is_empty() {
            self.tell(Event::ToolCall { index, name, arguments });
        }
    }

    fn tell(&mut self, event: Event) {
        self.first.get_or_insert_with(|| self.asked.elapsed());
        self.pieces += 1;
        // A receiver that is gone ends the whole exchange.
        let _ = self.events.send(event);
    }

    /// The last word. A server that counts no tokens is taken to have sent one with each piece.
    pub fn done(&self, finish: Finish) -> Event {
        let usage = self.usage.unwrap_or(Usage { completion_tokens: self.pieces, ..Usage::default() });
        let prefill = self.first.unwrap_or_else(|| self.asked.elapsed());
        let decode = self.asked.elapsed().saturating_sub(prefill);
        Event::Done { finish, usage, timings: Timings { queued: Duration::ZERO, prefill, decode } }
    }
}
