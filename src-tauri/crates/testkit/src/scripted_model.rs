//! A model that says what a test tells it to, a word a token, as slowly as asked, and remembers what it was asked.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use inference::{Description, Error, Event, Finish, Generation, Generator, Prompt, Request, Timings, Usage};
use task::Cancellation;
use tokio::{
    sync::{mpsc, mpsc::UnboundedSender, watch},
    task::yield_now,
    time::sleep,
};

/// Needs a tokio runtime to generate. Each word of a prompt or a reply, with the white space before it, is a token.
#[derive(Debug)]
pub struct ScriptedModel {
    reply: String,
    context: u32,
    /// Before each token.
    delay: Duration,
    /// After how many tokens to fail, and how.
    failure: Option<(usize, Error)>,
    requests: Mutex<Vec<Request>>,
    cancelled: watch::Sender<usize>,
}

impl ScriptedModel {
    pub const ID: &'static str = "scripted";

    /// Always answers `reply`.
    pub fn saying(reply: &str) -> Self {
        Self {
            reply: reply.into(),
            context: 2048,
            delay: Duration::ZERO,
            failure: None,
            requests: Mutex::default(),
            cancelled: watch::Sender::new(0),
        }
    }

    pub fn with_context(self, tokens: u32) -> Self {
        Self { context: tokens, ..self }
    }

    pub fn slowly(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// Fails with `error` after `tokens` tokens of each reply.
    pub fn failing_after(self, tokens: usize, error: Error) -> Self {
        Self { failure: Some((tokens, error)), ..self }
    }

    /// Everything it was asked, in order.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns once `count` generations in all were cancelled or lost their listener.
    pub async fn cancelled(&self, count: usize) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.cancelled.subscribe().wait_for(|cancelled| *cancelled >= count).await;
    }
}

impl Generator for ScriptedModel {
    fn describe(&self) -> Description {
        Description { id: Self::ID.into(), context: self.context }
    }

    fn generate(&self, request: Request, cancellation: Cancellation) -> Generation {
        let (sender, generation) = mpsc::unbounded_channel();
        let prompt_tokens = match &request.prompt {
            Prompt::Chat { messages, .. } => messages.iter().map(|message| tokens(&message.content).len()).sum(),
            Prompt::Text(text) => tokens(text).len(),
            Prompt::Tokens(tokens) => tokens.len(),
        } as u32;
        let script = Script {
            reply: before_stop(&self.reply, &request.stop).into(),
            most: request.max_tokens.unwrap_or(u32::MAX).min(self.context.saturating_sub(prompt_tokens)) as usize,
            prompt_tokens,
            delay: self.delay,
            failure: self.failure.clone(),
            cancelled: self.cancelled.clone(),
        };
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        if prompt_tokens >= self.context {
            let _ = sender.send(Event::Failed(Error::ContextOverflow { prompt: prompt_tokens, context: self.context }));
        } else {
            tokio::spawn(script.play(sender, cancellation));
        }
        generation
    }
}

struct Script {
    reply: String,
    most: usize,
    prompt_tokens: u32,
    delay: Duration,
    failure: Option<(usize, Error)>,
    cancelled: watch::Sender<usize>,
}

impl Script {
    async fn play(self, sender: UnboundedSender<Event>, cancellation: Cancellation) {
        let words = tokens(&self.reply);
        let started = Instant::now();
        let mut said = 0;
        let finish = loop {
            if let Some((after, error)) = &self.failure
                && said == *after
            {
                let _ = sender.send(Event::Failed(error.clone()));
                return;
            }
            if said == words.len() {
                break Finish::Stop;
            }
            if said == self.most {
                break Finish::Length;
            }
            let stopped = tokio::select! {
                biased;
                () = cancellation.cancelled() => true,
                () = sender.closed() => true,
                () = pause(self.delay) => false,
            };
            if stopped || sender.send(Event::Token { text: words[said].into(), logprobs: Vec::new() }).is_err() {
                break Finish::Cancelled;
            }
            said += 1;
        };
        let usage = Usage { prompt_tokens: self.prompt_tokens, completion_tokens: said as u32, cached_tokens: 0 };
        let timings = Timings { decode: started.elapsed(), ..Timings::default() };
        let _ = sender.send(Event::Done { finish, usage, timings });
        if finish == Finish::Cancelled {
            self.cancelled.send_modify(|cancelled| *cancelled += 1);
        }
    }
}

/// A sleep of no length still lasts a tick of the clock.
async fn pause(delay: Duration) {
    if delay.is_zero() { yield_now().await } else { sleep(delay).await }
}

/// `one two` gives `one` and ` two`.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let word = rest.find(|letter: char| !letter.is_whitespace()).unwrap_or(rest.len());
        let end = rest[word..].find(char::is_whitespace).map_or(rest.len(), |length| word + length);
        let (token, after) = rest.split_at(end);
        tokens.push(token);
        rest = after;
    }
    tokens
}

fn before_stop<'a>(reply: &'a str, stops: &[String]) -> &'a str {
    let end = stops.iter().filter_map(|stop| reply.find(stop.as_str())).min().unwrap_or(reply.len());
    &reply[..end]
}
