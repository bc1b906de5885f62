//! What the model's thread does: load, read a prompt, choose tokens, send text.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use task::{Cancellation, Silent};

use super::queue::{Job, Question};
use super::{EngineOptions, Shared, Status};
use crate::generator::{Error, Event, Finish, Prompt, Timings, Usage};
use crate::gguf::ModelFile;
use crate::llama::Llama;
use crate::sampler::Sampler;
use crate::template::ChatTemplate;
use crate::text::Text;
use crate::tokenizer::Tokenizer;

/// Makes the model. Called on the model's thread, again after a failure.
pub(super) type Load = Box<dyn Fn() -> Result<Model, Error> + Send>;

/// Says whether the work is to stop.
pub(crate) type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

/// The arithmetic, apart from text.
pub(crate) trait Network {
    /// Takes `tokens` at position `at` and gives how likely each token is to follow them; `None` if `stop` said so.
    fn forward(&mut self, tokens: &[u32], at: usize, stop: Stop) -> Result<Option<Vec<f32>>, Error>;
}

pub(crate) struct Model {
    pub tokenizer: Tokenizer,
    pub template: ChatTemplate,
    pub network: Box<dyn Network>,
    /// Tokens of prompt and answer together.
    pub context: u32,
}

impl Model {
    pub fn load(options: &EngineOptions, device: &candle_core::Device, threads: usize) -> Result<Self, Error> {
        // The check of a file that was right before takes no time; any other must be seen to be right before it is
        // used.
        options.manifest.verify_cached(&options.file, &options.verified, &Silent, &Cancellation::new())?;
        let file = ModelFile::open(&options.file)?;
        std::thread::scope(|scope| {
            let words = scope.spawn(|| Ok((Tokenizer::from_gguf(&file)?, ChatTemplate::from_gguf(&file)?)));
            let network = Llama::load(&file, device, threads)?;
            let (tokenizer, template) = words.join().unwrap_or_else(|_| Err(stopped()))?;
            let context = options.manifest.context.min(network.context());
            Ok(Self { tokenizer, template, network: Box::new(network), context })
        })
    }
}

pub(super) fn stopped() -> Error {
    Error::Model { message: "it stopped unexpectedly".into() }
}

/// Does job after job until the queue is closed.
pub(super) fn work(shared: &Shared, load: &Load) {
    let mut model = None;
    while let Some(job) = shared.queue.next() {
        match job {
            // Whoever asked may have stopped listening.
            Job::Load(reply) => {
                drop(reply.send(guarded(&mut model, shared, |model| ready(model, shared, load).map(drop))))
            }
            Job::Answer(question) => {
                let last = guarded(&mut model, shared, |model| answer(model, shared, load, &question));
                let _ = question.events.send(last.unwrap_or_else(Event::Failed));
            }
        }
    }
}

/// A panic ends one job, and the model is loaded anew for the next.
fn guarded<T>(
    model: &mut Option<Model>,
    shared: &Shared,
    job: impl FnOnce(&mut Option<Model>) -> Result<T, Error>,
) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(|| job(model))).unwrap_or_else(|_| {
        *model = None;
        shared.set_status(Status { problem: Some(stopped()), ..Status::default() });
        Err(stopped())
    })
}

/// The model, loaded if it was not.
fn ready<'a>(model: &'a mut Option<Model>, shared: &Shared, load: &Load) -> Result<&'a mut Model, Error> {
    if let Some(model) = model {
        return Ok(model);
    }
    let started = Instant::now();
    let loaded = load().inspect_err(|error| {
        shared.set_status(Status { problem: Some(error.clone()), ..Status::default() });
    })?;
    let load_time = started.elapsed();
    tracing::info!(?load_time, "the model is loaded");
    shared.set_status(Status { loaded: true, load_time: Some(load_time), ..Status::default() });
    Ok(model.insert(loaded))
}

/// Sends the answer's text as it comes, and gives the last event.
fn answer(model: &mut Option<Model>, shared: &Shared, load: &Load, question: &Question) -> Result<Event, Error> {
    let over = || question.is_over() || shared.queue.is_closed();
    let request = &question.request;
    let mut usage = Usage::default();
    let mut timings = Timings { queued: question.asked.elapsed(), ..Timings::default() };
    if over() {
        return Ok(Event::Done { finish: Finish::Cancelled, usage, timings });
    }
    let Model { tokenizer, template, network, context } = ready(model, shared, load)?;
    let prompt = match &request.prompt {
        Prompt::Chat { messages, .. } => tokenizer.encode(&template.render(messages)?)?,
        Prompt::Text(text) => tokenizer.encode(text)?,
        Prompt::Tokens(tokens) => tokens.clone(),
    };
    usage.prompt_tokens = prompt.len() as u32;
    let room = context.saturating_sub(usage.prompt_tokens);
    if room == 0 {
        return Err(Error::ContextOverflow { prompt: usage.prompt_tokens, context: *context });
    }
    let most = request.max_tokens.map_or(room, |most| most.min(room));
    let mut sampler = Sampler::new(&request.sampling);
    let mut text = Text::new(request.stop.clone());
    let send = |text: String| {
        if !text.is_empty() {
            let _ = question.events.send(Event::Token { text, logprobs: Vec::new() });
        }
    };

    timings.queued = question.asked.elapsed();
    let started = Instant::now();
    let mut likely = network.forward(&prompt, 0, &over)?;
    timings.prefill = started.elapsed();
    let started = Instant::now();
    let finish = loop {
        shared.queue.let_go();
        let Some(logits) = likely.filter(|_| !over()) else { break Finish::Cancelled };
        if usage.completion_tokens == most {
            break Finish::Length;
        }
        let token = sampler.choose(&logits);
        if tokenizer.is_end(token) {
            break Finish::Stop;
        }
        let at = prompt.len() + usage.completion_tokens as usize;
        usage.completion_tokens += 1;
        let (now, stopped) = text.push(tokenizer.bytes(token));
        send(now);
        if stopped {
            break Finish::Stop;
        }
        if usage.completion_tokens == most {
            break Finish::Length;
        }
        likely = network.forward(&[token], at, &over)?;
    };
    timings.decode = started.elapsed();
    send(text.finish());
    Ok(Event::Done { finish, usage, timings })
}
