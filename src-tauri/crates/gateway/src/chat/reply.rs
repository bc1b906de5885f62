//! Words an answer as OpenAI does: one `chat.completion`, or a stream of `chat.completion.chunk`s as server-sent events.

use std::convert::Infallible;

use axum::{
    Json,
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream};
use inference::Usage;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::mpsc::Receiver;
use tokio_stream::wrappers::ReceiverStream;

use super::{answering::Piece, parameters::Parameters};
use crate::{key::hex, refusal::Refusal};

pub(super) struct Reply {
    id: String,
    created: i64,
    model: String,
    choices: usize,
    include_usage: bool,
    /// Choices of the stream that have begun.
    begun: usize,
}

impl Reply {
    pub fn new(model: String, parameters: &Parameters) -> Self {
        Self {
            id: format!("chatcmpl-{}", hex(&rand::random::<[u8; 12]>())),
            created: Timestamp::now().as_second(),
            model,
            choices: parameters.n,
            include_usage: parameters.include_usage,
            begun: 0,
        }
    }

    /// The answer as one object, once it is whole.
    pub async fn whole(self, first: Piece, mut rest: Receiver<Piece>) -> Result<Response, Refusal> {
        let mut choices = vec![(String::new(), ""); self.choices];
        let mut next = Some(first);
        while let Some(piece) = next {
            match piece {
                Piece::Text { choice, text } => choices[choice].0 += &text,
                Piece::End { choice, finish } => choices[choice].1 = finish,
                Piece::Failed(refusal) => return Err(refusal),
                Piece::Total(total) => {
                    let choices: Vec<_> =
                        choices.iter().enumerate().map(|(index, choice)| whole(index, choice)).collect();
                    let answer = json!({
                        "id": self.id,
                        "object": "chat.completion",
                        "created": self.created,
                        "model": self.model,
                        "choices": choices,
                        "usage": usage(total),
                    });
                    return Ok(Json(answer).into_response());
                }
            }
            next = rest.recv().await;
        }
        Err(Refusal::stopping())
    }

    /// The answer as it comes.
    pub fn stream(mut self, first: Piece, rest: Receiver<Piece>) -> Response {
        let pieces = stream::iter([first]).chain(ReceiverStream::new(rest));
        let events = pieces.map(move |piece| Ok::<_, Infallible>(self.events(piece)));
        let headers = [(header::CONTENT_TYPE, "text/event-stream; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
        (headers, Body::from_stream(events)).into_response()
    }

    /// One piece, as the events that tell it.
    fn events(&mut self, piece: Piece) -> String {
        match piece {
            Piece::Text { choice, text } => self.begin(choice) + &self.delta(choice, &json!({"content": text}), None),
            Piece::End { choice, finish } => self.begin(choice) + &self.delta(choice, &json!({}), Some(finish)),
            Piece::Total(total) if self.include_usage => self.chunk(&json!([]), &usage(total)) + "data: [DONE]\n\n",
            Piece::Total(_) => "data: [DONE]\n\n".into(),
            Piece::Failed(refusal) => event(&refusal.body()),
        }
    }

    /// The first chunk of a choice says who speaks.
    fn begin(&mut self, choice: usize) -> String {
        if choice < self.begun {
            return String::new();
        }
        self.begun = choice + 1;
        self.delta(choice, &json!({"role": "assistant", "content": "", "refusal": null}), None)
    }

    fn delta(&self, choice: usize, delta: &Value, finish: Option<&str>) -> String {
        let choices = json!([{"index": choice, "delta": delta, "logprobs": null, "finish_reason": finish}]);
        self.chunk(&choices, &Value::Null)
    }

    fn chunk(&self, choices: &Value, usage: &Value) -> String {
        let mut chunk = json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": choices,
        });
        if self.include_usage {
            chunk["usage"] = usage.clone();
        }
        event(&chunk)
    }
}

fn whole(index: usize, (text, finish): &(String, &str)) -> Value {
    let message = json!({"role": "assistant", "content": text, "refusal": null, "annotations": []});
    json!({"index": index, "message": message, "logprobs": null, "finish_reason": finish})
}

fn usage(Usage { prompt_tokens, completion_tokens, .. }: Usage) -> Value {
    let total_tokens = prompt_tokens + completion_tokens;
    json!({"prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens, "total_tokens": total_tokens})
}

fn event(value: &Value) -> String {
    format!("data: {value}\n\n")
}
