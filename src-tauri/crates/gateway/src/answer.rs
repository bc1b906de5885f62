//! An answer of generated text, from the model to the client, for every interface: [`Answering`] drives the model and the
//! record, a [`Reply`] words what it hears as one object or as a stream of server-sent events.
//!
//! Never knows how a request was written.

mod answering;
pub(crate) mod event;
pub(crate) mod logprobs;
pub(crate) mod usage;

use std::{convert::Infallible, sync::Arc};

use axum::{
    Json,
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream};
use inference::{Finish, Generator, TokenLogprob, Usage};
use serde_json::Value;
use tokio::sync::mpsc::{self, Receiver};
use tokio_stream::wrappers::ReceiverStream;

use crate::{
    key::hex,
    question::Question,
    quota::Estimate,
    refusal::{Parts, Refusal},
    request::choices::Asked,
};
use answering::Answering;

/// Pieces that may wait for a slow client before its answer waits too.
const AHEAD: usize = 64;

/// What the reader of an answer hears. `Total` or `Failed` comes last. The first piece of choice 0 comes before those of
/// other choices.
pub(crate) enum Piece {
    Text {
        choice: usize,
        text: String,
        logprobs: Vec<TokenLogprob>,
    },
    /// A piece of a call of a tool. The first one of each call has its name.
    Call {
        choice: usize,
        index: usize,
        name: Option<String>,
        arguments: String,
    },
    End {
        choice: usize,
        finish: Finish,
    },
    Total(Usage),
    Failed(Refusal),
}

/// How an interface words an answer.
pub(crate) trait Reply: Send + 'static {
    /// The events of a stream that tell one piece.
    fn events(&mut self, piece: Piece) -> String;

    /// Keeps one piece for [`Reply::whole`], which every piece but the last is told before.
    fn keep(&mut self, piece: Piece);

    /// The answer as one object.
    fn whole(self, total: Usage) -> Value;
}

/// Asks `model` and answers, as a stream if that is what the question wants.
pub(crate) async fn answer(
    question: Question,
    model: Arc<dyn Generator>,
    asked: Asked,
    parts: Parts,
    mut reply: impl Reply,
) -> Result<Response, Refusal> {
    let place = question.place(Estimate::of(&asked))?;
    let (sender, mut pieces) = mpsc::channel(AHEAD);
    let answering = Answering::new(question.app.clone(), model, asked, parts, place);
    question.app.tracker.spawn(answering.run(sender));

    // What goes wrong before the first token is still an answer with a status of its own.
    let mut next = pieces.recv().await;
    if question.stream {
        return match next {
            Some(Piece::Failed(refusal)) => Err(refusal),
            Some(first) => Ok(streamed(reply, first, pieces)),
            None => Err(Refusal::stopping()),
        };
    }
    loop {
        match next {
            Some(Piece::Failed(refusal)) => return Err(refusal),
            Some(Piece::Total(total)) => return Ok(Json(reply.whole(total)).into_response()),
            Some(piece) => reply.keep(piece),
            None => return Err(Refusal::stopping()),
        }
        next = pieces.recv().await;
    }
}

fn streamed(mut reply: impl Reply, first: Piece, rest: Receiver<Piece>) -> Response {
    let pieces = stream::iter([first]).chain(ReceiverStream::new(rest));
    let events = pieces.map(move |piece| Ok::<_, Infallible>(reply.events(piece)));
    let headers = [(header::CONTENT_TYPE, "text/event-stream; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, Body::from_stream(events)).into_response()
}

/// `chatcmpl-` and 12 random bytes in hexadecimal.
pub(crate) fn id(prefix: &str) -> String {
    format!("{prefix}{}", hex(&rand::random::<[u8; 12]>()))
}

/// As OpenAI's interface and our records word it.
pub(crate) fn word(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::ToolCalls => "tool_calls",
        Finish::Length => "length",
        Finish::Cancelled => "cancelled",
    }
}
