//! Drives the model for one call, and sees to it that the call ends: whole, failed, too late, or without a reader.
//! The record is written before the reader can know the end.

use std::time::Duration;

use inference::{Event, Finish, Generation, Request, Usage};
use task::Cancellation;
use tokio::{
    sync::mpsc::Sender,
    time::{sleep, timeout},
};

use crate::{call::Entry, refusal::Refusal, server::App};

/// What the reader of an answer hears, choice after choice. `Total` or `Failed` comes last.
pub(super) enum Piece {
    Text { choice: usize, text: String },
    End { choice: usize, finish: &'static str },
    Total(Usage),
    Failed(Refusal),
}

/// For a cancelled model to say how far it came. It stops within one token, unless others are served before it.
const LAST_WORDS: Duration = Duration::from_secs(1);

pub(super) struct Answering {
    app: App,
    /// One a choice.
    requests: Vec<Request>,
    entry: Entry,
    generation: Option<Generation>,
    cancellation: Cancellation,
}

impl Answering {
    pub fn new(app: App, requests: Vec<Request>, entry: Entry) -> Self {
        let cancellation = app.stop.child_token();
        Self { app, requests, entry, generation: None, cancellation }
    }

    pub async fn run(mut self, pieces: Sender<Piece>) {
        let (stop, lifetime) = (self.app.stop.clone(), self.app.limits.lifetime);
        let ended = tokio::select! {
            ended = self.choices(&pieces) => ended,
            () = pieces.closed() => Err(Refusal::hung_up()),
            () = stop.cancelled() => Err(Refusal::stopping()),
            () = sleep(lifetime) => Err(too_long(lifetime)),
        };
        if let Err(refusal) = ended {
            self.abandon().await;
            self.entry.close(refusal.status.as_u16(), Some(refusal.code)).await;
            let _ = pieces.send(Piece::Failed(refusal)).await;
        }
    }

    async fn choices(&mut self, pieces: &Sender<Piece>) -> Result<(), Refusal> {
        let requests = std::mem::take(&mut self.requests);
        let last = requests.len().saturating_sub(1);
        for (choice, request) in requests.into_iter().enumerate() {
            let generation = self.generation.insert(self.app.model.generate(request, self.cancellation.clone()));
            let finish = loop {
                match generation.recv().await {
                    Some(Event::Token { text, .. }) => {
                        self.entry.saw_token();
                        tell(pieces, Piece::Text { choice, text }).await?;
                    }
                    Some(Event::Done { finish, usage, .. }) => {
                        self.entry.count(finish, usage);
                        break finish;
                    }
                    // No tools are offered to the model.
                    Some(Event::ToolCall { .. }) => {}
                    Some(Event::Failed(error)) => return Err(error.into()),
                    None => return Err(Refusal::stopping()),
                }
            };
            self.generation = None;
            if finish == Finish::Cancelled {
                return Err(Refusal::stopping());
            }
            if choice == last {
                self.entry.close(200, None).await;
            }
            tell(pieces, Piece::End { choice, finish: word(finish) }).await?;
        }
        tell(pieces, Piece::Total(self.entry.usage())).await
    }

    /// Stops the model, and learns how far it came.
    async fn abandon(&mut self) {
        self.cancellation.cancel();
        let Some(mut generation) = self.generation.take() else { return };
        let done = async {
            while let Some(event) = generation.recv().await {
                if let Event::Done { usage, .. } = event {
                    return self.entry.count(Finish::Cancelled, usage);
                }
            }
        };
        let _ = timeout(LAST_WORDS, done).await;
    }
}

impl Entry {
    fn count(&mut self, finish: Finish, usage: Usage) {
        self.call.prompt_tokens = usage.prompt_tokens;
        self.call.completion_tokens += usage.completion_tokens;
        self.call.finish_reason = Some(word(finish).into());
    }

    /// The prompt counts once, however many choices there are.
    fn usage(&self) -> Usage {
        Usage {
            prompt_tokens: self.call.prompt_tokens,
            completion_tokens: self.call.completion_tokens,
            cached_tokens: 0,
        }
    }
}

async fn tell(pieces: &Sender<Piece>, piece: Piece) -> Result<(), Refusal> {
    pieces.send(piece).await.map_err(|_| Refusal::hung_up())
}

fn word(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::ToolCalls => "tool_calls",
        Finish::Length => "length",
        Finish::Cancelled => "cancelled",
    }
}

fn too_long(lifetime: Duration) -> Refusal {
    let message = format!(
        "The answer was not whole after {} seconds, and was stopped. Ask for less with max_tokens.",
        lifetime.as_secs()
    );
    Refusal::new(axum::http::StatusCode::GATEWAY_TIMEOUT, "answer_timeout", message)
}
