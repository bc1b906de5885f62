//! A model that says what a test tells it to, a word a token, as slowly as asked, and remembers what it was asked.

use std::{
    collections::VecDeque,
    iter,
    ops::Range,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use inference::{
    Description, Error, Event, Finish, Generation, Generator, Likely, Prompt, Request, Timings, TokenLogprob,
    ToolChoice, Usage,
};
use task::Cancellation;
use tokio::{
    sync::{mpsc, mpsc::UnboundedSender, watch},
    task::yield_now,
    time::sleep,
};

/// Needs a tokio runtime to generate. Each word of a prompt or a reply, with the white space before it, is a token. A
/// prompt that it was asked before is cached.
#[derive(Debug)]
pub struct ScriptedModel {
    reply: Arc<str>,
    /// Name and arguments of each tool that it calls after its reply, where it is offered any.
    calls: Vec<(String, String)>,
    context: u32,
    /// Generations at once; one more is told to come back.
    room: usize,
    active: Arc<AtomicUsize>,
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
            calls: Vec::new(),
            context: 2048,
            room: usize::MAX,
            active: Arc::default(),
            delay: Duration::ZERO,
            failure: None,
            requests: Mutex::default(),
            cancelled: watch::Sender::new(0),
        }
    }

    pub fn with_context(self, tokens: u32) -> Self {
        Self { context: tokens, ..self }
    }

    /// Calls these tools after each reply to a request that offers any, the arguments a word at a time.
    pub fn calling(self, calls: &[(&str, &str)]) -> Self {
        let calls = calls.iter().map(|(name, arguments)| ((*name).into(), (*arguments).into())).collect();
        Self { calls, ..self }
    }

    pub fn with_room(self, generations: usize) -> Self {
        Self { room: generations, ..self }
    }

    /// Generations under way.
    pub fn active(&self) -> usize {
        self.active.load(Ordering::SeqCst)
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
            Prompt::Chat { messages, .. } => messages.iter().map(|message| tokens(&message.content).count()).sum(),
            Prompt::Text(text) => tokens(text).count(),
            Prompt::Tokens(tokens) => tokens.len(),
        } as u32;
        let room = Place::take(&self.active, self.room);
        let calls = match &request.prompt {
            Prompt::Chat { tools, choice, .. } if !tools.is_empty() && *choice != ToolChoice::None => &self.calls[..],
            _ => &[],
        };
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = requests.iter().any(|known| known.prompt == request.prompt);
        let script = Script {
            reply: self.reply.clone(),
            rest: 0..before_stop(&self.reply, &request.stop).len(),
            calls: !calls.is_empty(),
            called: calls.iter().enumerate().flat_map(called).collect(),
            top: request.logprobs,
            most: request.max_tokens.unwrap_or(u32::MAX).min(self.context.saturating_sub(prompt_tokens)) as usize,
            usage: Usage { prompt_tokens, cached_tokens: if is_known { prompt_tokens } else { 0 }, ..Usage::default() },
            delay: self.delay,
            failure: self.failure.clone(),
            cancelled: self.cancelled.clone(),
        };
        requests.push(request);
        drop(requests);
        if prompt_tokens >= self.context {
            let _ = sender.send(Event::Failed(Error::ContextOverflow { prompt: prompt_tokens, context: self.context }));
        } else if let Some(room) = room {
            tokio::spawn(script.play(sender, cancellation, room));
        } else {
            let _ = sender.send(Event::Failed(Error::Busy { retry_after: Duration::from_millis(1500) }));
        }
        generation
    }
}

/// A place among the generations under way.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(active: &Arc<AtomicUsize>, room: usize) -> Option<Self> {
        let more = |taken: usize| (taken < room).then_some(taken + 1);
        let taken = active.fetch_update(Ordering::SeqCst, Ordering::SeqCst, more);
        taken.is_ok().then(|| Self(active.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

struct Script {
    reply: Arc<str>,
    /// What is left of it to say.
    rest: Range<usize>,
    /// Whether it calls tools, and what is left of that to say.
    calls: bool,
    called: VecDeque<Event>,
    /// Of the likeliest tokens, so many are told.
    top: Option<u32>,
    most: usize,
    usage: Usage,
    delay: Duration,
    failure: Option<(usize, Error)>,
    cancelled: watch::Sender<usize>,
}

impl Script {
    async fn play(mut self, sender: UnboundedSender<Event>, cancellation: Cancellation, place: Place) {
        let started = Instant::now();
        let finish = loop {
            let count = self.usage.completion_tokens as usize;
            if let Some((after, error)) = &self.failure
                && count == *after
            {
                let _ = sender.send(Event::Failed(error.clone()));
                return;
            }
            let Some(event) = self.next() else {
                break if self.calls { Finish::ToolCalls } else { Finish::Stop };
            };
            if count == self.most {
                break Finish::Length;
            }
            let stopped = tokio::select! {
                biased;
                () = cancellation.cancelled() => true,
                () = sender.closed() => true,
                () = pause(self.delay) => false,
            };
            if stopped || sender.send(event).is_err() {
                break Finish::Cancelled;
            }
            self.usage.completion_tokens += 1;
        };
        let timings = Timings { decode: started.elapsed(), ..Timings::default() };
        drop(place);
        let _ = sender.send(Event::Done { finish, usage: self.usage, timings });
        if finish == Finish::Cancelled {
            self.cancelled.send_modify(|cancelled| *cancelled += 1);
        }
    }
}

impl Script {
    fn next(&mut self) -> Option<Event> {
        let Some(word) = tokens(&self.reply[self.rest.clone()]).next() else { return self.called.pop_front() };
        self.rest.start += word.len();
        Some(token(word, self.top))
    }
}

/// A call: its name, then its arguments a word at a time.
fn called((index, (name, arguments)): (usize, &(String, String))) -> Vec<Event> {
    let more = |word: &str| Event::ToolCall { index, name: None, arguments: word.into() };
    let first = Event::ToolCall { index, name: Some(name.clone()), arguments: String::new() };
    iter::once(first).chain(tokens(arguments).map(more)).collect()
}

/// A word as likely as 1 in 2; the next likeliest are `1`, `2` and so on, each half as likely as the one before.
fn token(word: &str, top: Option<u32>) -> Event {
    let likely = |text: String, halvings: u32| Likely {
        bytes: text.into_bytes(),
        logprob: 0.5_f32.powi(halvings as i32 + 1).ln(),
    };
    let told = |top| TokenLogprob {
        token: likely(word.into(), 0),
        top: (0..top).map(|place| likely(if place == 0 { word.into() } else { place.to_string() }, place)).collect(),
    };
    Event::Token { text: word.into(), logprobs: top.map(told).into_iter().collect() }
}

/// A sleep of no length still lasts a tick of the clock.
async fn pause(delay: Duration) {
    if delay.is_zero() { yield_now().await } else { sleep(delay).await }
}

/// `one two` gives `one` and ` two`.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    iter::from_fn(move || {
        let word = rest.find(|letter: char| !letter.is_whitespace()).unwrap_or(rest.len());
        let end = rest[word..].find(char::is_whitespace).map_or(rest.len(), |length| word + length);
        let (token, after) = rest.split_at(end);
        rest = after;
        (!token.is_empty()).then_some(token)
    })
}

fn before_stop<'a>(reply: &'a str, stops: &[String]) -> &'a str {
    let end = stops.iter().filter_map(|stop| reply.find(stop.as_str())).min().unwrap_or(reply.len());
    &reply[..end]
}
