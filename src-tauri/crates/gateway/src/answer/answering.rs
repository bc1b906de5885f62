//! Drives the model for one call, and sees to it that the call ends: whole, failed, too late, or without a reader.
//! The record is written before the reader can know the end.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use inference::{Error, Event, Finish, Generator, Usage};
use task::Cancellation;
use tokio::{
    sync::mpsc::Sender,
    time::{sleep, timeout},
};
use tokio_stream::{StreamMap, wrappers::UnboundedReceiverStream};

use super::{Piece, word};
use crate::{
    question::Place,
    refusal::{Parts, Refusal},
    request::choices::Asked,
    server::App,
};

/// For a cancelled model to say how far it came. It stops within one token, unless others are served before it.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Answers of one call that the model works on at a time.
const ABREAST: usize = 16;

pub(super) struct Answering {
    app: App,
    model: Arc<dyn Generator>,
    asked: Asked,
    parts: Parts,
    place: Place,
    cancellation: Cancellation,
    /// `None` is the end of a generation that did not say so itself.
    events: StreamMap<usize, BoxStream<'static, Option<Event>>>,
    running: HashMap<usize, Running>,
    waiting: VecDeque<usize>,
    abreast: usize,
    left: usize,
    /// Prompts that are counted.
    counted: HashSet<usize>,
    total: Usage,
}

/// One answer that the model works on.
struct Running {
    cancellation: Cancellation,
    begun: bool,
    /// Stopped before its second call.
    cut: bool,
}

impl Answering {
    pub fn new(app: App, model: Arc<dyn Generator>, asked: Asked, parts: Parts, place: Place) -> Self {
        Self {
            cancellation: app.stop.child_token(),
            // The other answers to a prompt wait for the first one to begin, and share the prompt that it has read.
            waiting: (0..asked.prompts.len()).map(|prompt| prompt * asked.choices).collect(),
            left: asked.answers(),
            app,
            model,
            asked,
            parts,
            place,
            events: StreamMap::new(),
            running: HashMap::new(),
            abreast: ABREAST,
            counted: HashSet::new(),
            total: Usage::default(),
        }
    }

    pub async fn run(mut self, pieces: Sender<Piece>) {
        let (stop, lifetime) = (self.app.stop.clone(), self.app.limits.lifetime);
        let ended = tokio::select! {
            ended = self.answers(&pieces) => ended,
            () = pieces.closed() => Err(Refusal::hung_up()),
            () = stop.cancelled() => Err(Refusal::stopping()),
            () = sleep(lifetime) => Err(Refusal::too_long(lifetime)),
        };
        if let Err(refusal) = ended {
            self.abandon().await;
            self.place.entry.close(refusal.status.as_u16(), Some(refusal.code)).await;
            // A reader who takes nothing must not keep the place while it is told.
            drop(self.place);
            let _ = pieces.send(Piece::Failed(refusal)).await;
        }
    }

    async fn answers(&mut self, pieces: &Sender<Piece>) -> Result<(), Refusal> {
        loop {
            while self.running.len() < self.abreast
                && let Some(answer) = self.waiting.pop_front()
            {
                self.start(answer);
            }
            let Some((answer, event)) = self.events.next().await else { break };
            if let Some(piece) = self.hear(answer, event).await? {
                pieces.send(piece).await.map_err(|_| Refusal::hung_up())?;
            }
        }
        pieces.send(Piece::Total(self.total)).await.map_err(|_| Refusal::hung_up())
    }

    fn start(&mut self, answer: usize) {
        let cancellation = self.cancellation.child_token();
        let generation = self.model.generate(self.asked.request(answer), cancellation.clone());
        let events = UnboundedReceiverStream::new(generation).map(Some).chain(stream::iter([None]));
        self.events.insert(answer, events.boxed());
        self.running.insert(answer, Running { cancellation, begun: false, cut: false });
    }

    /// What the reader is told of an event.
    async fn hear(&mut self, answer: usize, event: Option<Event>) -> Result<Option<Piece>, Refusal> {
        let one_call = self.asked.one_call;
        let Some(running) = self.running.get_mut(&answer) else { return Ok(None) };
        match event {
            Some(Event::Token { .. } | Event::ToolCall { .. }) if running.cut => Ok(None),
            Some(Event::Token { text, logprobs }) => {
                self.begin(answer);
                self.place.entry.saw_token();
                Ok(Some(Piece::Text { choice: answer, text, logprobs }))
            }
            Some(Event::ToolCall { index, .. }) if one_call && index > 0 => {
                running.cut = true;
                running.cancellation.cancel();
                Ok(None)
            }
            Some(Event::ToolCall { index, name, arguments }) => {
                self.begin(answer);
                self.place.entry.saw_token();
                Ok(Some(Piece::Call { choice: answer, index, name, arguments }))
            }
            Some(Event::Done { finish, usage, .. }) => {
                let finish = if running.cut { Finish::ToolCalls } else { finish };
                self.begin(answer);
                self.count(answer, finish, usage);
                self.forget(answer);
                if finish == Finish::Cancelled {
                    return Err(Refusal::stopping());
                }
                self.left -= 1;
                if self.left == 0 {
                    self.place.entry.close(200, None).await;
                }
                Ok(Some(Piece::End { choice: answer, finish }))
            }
            // One that finds the model full waits for another one of the same call.
            Some(Event::Failed(Error::Busy { .. })) if !running.begun && self.running.len() > 1 => {
                self.forget(answer);
                self.waiting.push_front(answer);
                self.abreast = self.running.len();
                Ok(None)
            }
            Some(Event::Failed(error)) => {
                self.forget(answer);
                Err(Refusal::of_model(error, self.parts))
            }
            None => Err(Refusal::stopping()),
        }
    }

    /// The first one to answer a prompt lets the others begin.
    fn begin(&mut self, answer: usize) {
        let Some(running) = self.running.get_mut(&answer).filter(|running| !running.begun) else { return };
        running.begun = true;
        let choices = self.asked.choices;
        if answer.is_multiple_of(choices) {
            self.waiting.extend(answer + 1..answer + choices);
        }
    }

    fn forget(&mut self, answer: usize) {
        self.running.remove(&answer);
        self.events.remove(&answer);
    }

    /// A prompt counts once, however many answers it has.
    fn count(&mut self, answer: usize, finish: Finish, usage: Usage) {
        let (prompt, is_first) = (answer / self.asked.choices, answer.is_multiple_of(self.asked.choices));
        if self.counted.insert(prompt) {
            self.total.prompt_tokens += usage.prompt_tokens;
        }
        if is_first {
            self.total.cached_tokens += usage.cached_tokens;
        }
        self.total.completion_tokens += usage.completion_tokens;
        let call = &mut self.place.entry.call;
        call.prompt_tokens = self.total.prompt_tokens;
        call.cached_tokens = self.total.cached_tokens;
        call.completion_tokens = self.total.completion_tokens;
        call.finish_reason = Some(word(finish).into());
    }

    /// Stops the model, and learns how far it came.
    async fn abandon(&mut self) {
        self.cancellation.cancel();
        let done = async {
            while let Some((answer, event)) = self.events.next().await {
                if let Some(Event::Done { usage, .. }) = event {
                    self.count(answer, Finish::Cancelled, usage);
                }
            }
        };
        let _ = timeout(LAST_WORDS, done).await;
    }
}
