//! The engine around a network that says what it is told to, so that each test sees every step.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use candle_core::quantized::gguf_file::{self, Value};
use task::Cancellation;

use super::pages::PAGE;
use super::worker::{Held, Model, Network, Span, Stop};
use super::{Engine, Status};
use crate::device::{Device, DeviceKind, on_cpu};
use crate::generator::{Description, Error, Event, Generation, Generator, Message, Prompt, Request, Role};
use crate::gguf::ModelFile;
use crate::memory::Tenant;
use crate::tokenizer::byte_alphabet;
use crate::{ChatTemplate, FileError, Tokenizer};

/// The token that ends an answer; those before it are the 256 bytes.
const END: u32 = 256;
const CONTEXT: u32 = 64;

/// Says `reply` byte by byte, then ends. What it goes on with depends on what lies in the pages that it is given, as it does
/// with a real network: the longest beginning of the reply that the text ends with has been said.
struct Parrot {
    script: Script,
    forwards: Arc<AtomicUsize>,
    /// Tokens in each pass.
    passes: Arc<Mutex<Vec<usize>>>,
    memory: Vec<[u32; PAGE]>,
}

impl Network for Parrot {
    fn context(&self) -> usize {
        self.script.context as usize
    }

    fn pages(&self) -> usize {
        self.memory.len()
    }

    fn vocabulary(&self) -> usize {
        END as usize + 1
    }

    fn forward(&mut self, batch: &[Span], logits: &mut Vec<f32>, stop: Stop) -> Result<bool, Error> {
        let pass = self.forwards.fetch_add(1, SeqCst);
        assert_ne!(Some(pass), self.script.panics_at, "told to");
        self.passes.lock().unwrap().push(batch.iter().map(|span| span.tokens.len()).sum());
        std::thread::sleep(self.script.pace);
        if stop() {
            return Ok(false);
        }
        logits.clear();
        for span in batch {
            for (position, token) in (span.at..).zip(span.tokens) {
                self.memory[span.pages[position / PAGE] as usize][position % PAGE] = *token;
            }
            let text = span.pages.iter().flat_map(|page| self.memory[*page as usize]);
            let text: Vec<u8> = text.take(span.at + span.tokens.len()).map(|token| token as u8).collect();
            let reply = self.script.reply;
            let said = (0..=reply.len()).rev().find(|said| text.ends_with(&reply[..*said])).unwrap();
            let next = reply.get(said).map_or(END, |byte| u32::from(*byte));
            if span.logits > 0 {
                logits.extend((0..=END).map(|token| if token == next { 1.0 } else { 0.0 }));
            }
        }
        Ok(true)
    }
}

impl Drop for Parrot {
    /// Giving memory back takes time.
    fn drop(&mut self) {
        std::thread::sleep(self.script.pace);
    }
}

#[derive(Clone)]
struct Script {
    reply: &'static [u8],
    pace: Duration,
    /// The forward pass, of all, that panics.
    panics_at: Option<usize>,
    at_once: usize,
    waiting: usize,
    pages: usize,
    context: u32,
    /// It runs on one; which has too little memory to load it, or whose driver lacks a function.
    gpu: bool,
    memory_is_short: bool,
    driver_is_unfit: bool,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            reply: b"",
            pace: Duration::ZERO,
            panics_at: None,
            at_once: 8,
            waiting: 32,
            pages: 64,
            context: CONTEXT,
            gpu: false,
            memory_is_short: false,
            driver_is_unfit: false,
        }
    }
}

/// An engine, and what it has done.
struct World {
    engine: Engine,
    forwards: Arc<AtomicUsize>,
    loads: Arc<AtomicUsize>,
    passes: Arc<Mutex<Vec<usize>>>,
}

fn world(script: &Script) -> World {
    let (forwards, loads) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let passes = Arc::new(Mutex::new(Vec::new()));
    let (file, limits) = (bytes_only(), (script.at_once, script.waiting));
    let kind = if script.gpu { DeviceKind::Cuda } else { DeviceKind::Cpu };
    let (script, context, seen) = (script.clone(), script.context, (forwards.clone(), loads.clone(), passes.clone()));
    let load = move |kind| {
        seen.1.fetch_add(1, SeqCst);
        if kind != DeviceKind::Cpu && script.memory_is_short {
            return Err(Error::Model { message: "out of memory".into() });
        }
        assert!(kind == DeviceKind::Cpu || !script.driver_is_unfit, "missing symbol");
        let file = ModelFile::open(file.path())?;
        let memory = vec![[0; PAGE]; script.pages];
        let network = Parrot { script: script.clone(), forwards: seen.0.clone(), passes: seen.2.clone(), memory };
        Ok(Model {
            tokenizer: Tokenizer::from_gguf(&file)?,
            template: ChatTemplate::from_gguf(&file)?,
            network: Box::new(network),
            context,
            constraints: OnceLock::new(),
            held: Held::default(),
        })
    };
    let description = Description { id: "parrot".into(), context };
    let device = Device { kind, name: "a GPU".into(), reason: String::new() };
    let engine = Engine::run(description, (device, 1), limits, Box::new(load)).unwrap();
    World { engine, forwards, loads, passes }
}

/// An engine that follows `script`, with its count of forward passes and its count of loads.
fn engine(script: &Script) -> (Engine, Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let World { engine, forwards, loads, .. } = world(script);
    (engine, forwards, loads)
}

/// A model file whose tokens are the bytes and whose template is the messages' text.
fn bytes_only() -> tempfile::NamedTempFile {
    let text = |text: &str| Value::String(text.into());
    let alphabet = byte_alphabet();
    let letter =
        |byte: u8| alphabet.iter().position(|said| *said == Some(byte)).and_then(|at| char::from_u32(at as u32));
    let mut tokens: Vec<Value> = (0..=u8::MAX).map(|byte| text(&letter(byte).unwrap().to_string())).collect();
    tokens.push(text("<|im_end|>"));
    let kinds = (0..=END).map(|token| Value::I32(if token == END { 3 } else { 1 })).collect();
    let metadata = [
        ("tokenizer.ggml.model", text("gpt2")),
        ("tokenizer.ggml.pre", text("smollm")),
        ("tokenizer.ggml.tokens", Value::Array(tokens)),
        ("tokenizer.ggml.token_type", Value::Array(kinds)),
        ("tokenizer.ggml.merges", Value::Array(vec![])),
        ("tokenizer.ggml.eos_token_id", Value::U32(END)),
        ("tokenizer.chat_template", text("{% for message in messages %}{{ message['content'] }}{% endfor %}")),
    ];
    let metadata: Vec<(&str, &Value)> = metadata.iter().map(|(key, value)| (*key, value)).collect();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    gguf_file::write(&mut file, &metadata, &[]).unwrap();
    file.flush().unwrap();
    file
}

fn request(prompt: &str) -> Request {
    let messages = vec![Message::new(Role::User, prompt)];
    Request::greedy(Prompt::chat(messages))
}

fn ask(engine: &Engine, prompt: &str) -> Generation {
    engine.generate(request(prompt), Cancellation::new())
}

/// The texts sent, then how it ended: `Stop 3+5` is for a prompt of 3 tokens and an answer of 5.
fn hear(mut generation: Generation) -> Vec<String> {
    let mut heard = Vec::new();
    while let Some(event) = generation.blocking_recv() {
        heard.push(match event {
            Event::Token { text, .. } => text,
            Event::Done { finish, usage, .. } => {
                format!("{finish:?} {}+{}", usage.prompt_tokens, usage.completion_tokens)
            }
            Event::ToolCall { .. } => "a call".into(),
            Event::Failed(error) => error.to_string(),
        });
    }
    heard
}

fn check(reply: &'static [u8], change: impl FnOnce(&mut Request), expected: &[&str]) {
    let (engine, ..) = engine(&Script { reply, ..Script::default() });
    let mut request = request("abc");
    change(&mut request);
    assert_eq!(hear(engine.generate(request, Cancellation::new())), expected, "{reply:?}");
}

#[test]
fn sends_text_and_a_last_word() {
    check(b"hey", |_| (), &["h", "e", "y", "Stop 3+3"]);
    check(b"", |_| (), &["Stop 3+0"]);
    check("a🦀b".as_bytes(), |_| (), &["a", "🦀", "b", "Stop 3+6"]);
    check(b"hello", |request| request.max_tokens = Some(2), &["h", "e", "Length 3+2"]);
    check(b"hello", |request| request.max_tokens = Some(0), &["Length 3+0"]);
    check("a🦀".as_bytes(), |request| request.max_tokens = Some(3), &["a", "Length 3+3"]);
    check(b"one END two", |request| request.stop = vec!["END".into()], &["o", "n", "e", " ", "Stop 3+7"]);
    check(b"one EN", |request| request.stop = vec!["END".into()], &["o", "n", "e", " ", "EN", "Stop 3+6"]);
}

#[test]
fn a_context_that_is_full() {
    let prompt = |length: usize| move |request: &mut Request| request.prompt = Prompt::Text("x".repeat(length));
    check(b"hello", prompt(62), &["h", "e", "Length 62+2"]);
    check(b"hello", prompt(63), &["h", "Length 63+1"]);
    check(b"hello", prompt(64), &["the prompt is 64 tokens long, and the model reads 64 in all"]);
    check(b"hello", prompt(900), &["the prompt is 900 tokens long, and the model reads 64 in all"]);
}

#[test]
fn cancelling_stops_within_a_token() {
    let (engine, forwards, _) =
        engine(&Script { reply: &[b'x'; 60], pace: Duration::from_millis(20), ..Script::default() });
    let cancellation = Cancellation::new();
    let mut generation = engine.generate(request("a"), cancellation.clone());
    for _ in 0..3 {
        generation.blocking_recv().unwrap();
    }
    let before = forwards.load(SeqCst);
    cancellation.cancel();
    let heard = hear(generation);
    assert!(heard.last().unwrap().starts_with("Cancelled 1+"), "{heard:?}");
    assert!(forwards.load(SeqCst) <= before + 1);
}

#[test]
fn a_dropped_receiver_frees_the_engine() {
    let (engine, forwards, _) =
        engine(&Script { reply: &[b'x'; 60], pace: Duration::from_millis(20), ..Script::default() });
    let mut generation = ask(&engine, "a");
    generation.blocking_recv().unwrap();
    let before = forwards.load(SeqCst);
    drop(generation);
    let mut next = request("b");
    next.max_tokens = Some(1);
    assert_eq!(hear(engine.generate(next, Cancellation::new())), ["x", "Length 1+1"]);
    // One pass that was under way, and the next request's own.
    assert!(forwards.load(SeqCst) <= before + 2);
}

#[test]
fn requests_wait_their_turn() {
    let (engine, ..) = engine(&Script { reply: b"ok", pace: Duration::from_millis(5), ..Script::default() });
    let generations: Vec<Generation> = ["a", "bc", "def"].map(|prompt| ask(&engine, prompt)).into();
    let heard: Vec<Vec<String>> = generations.into_iter().map(hear).collect();
    assert_eq!(heard, [["o", "k", "Stop 1+2"], ["o", "k", "Stop 2+2"], ["o", "k", "Stop 3+2"]]);
}

#[test]
fn many_share_each_pass() {
    let World { engine, passes, .. } =
        world(&Script { reply: b"hello", pace: Duration::from_millis(20), ..Script::default() });
    let mut first = ask(&engine, "a");
    first.blocking_recv().unwrap();
    let others: Vec<Generation> = (0..6).map(|_| ask(&engine, "bcd")).collect();
    assert_eq!(hear(first), ["e", "l", "l", "o", "Stop 1+5"]);
    for other in others {
        assert_eq!(hear(other), ["h", "e", "l", "l", "o", "Stop 3+5"]);
    }
    let passes = passes.lock().unwrap();
    assert!(passes.len() < 14, "seven texts of six passes each, one after the other, are 42: {passes:?}");
    assert!(passes.contains(&19), "six prompts and a token in one pass: {passes:?}");
}

#[test]
fn one_more_than_share_a_pass_waits() {
    let pace = Duration::from_millis(20);
    let (engine, ..) = engine(&Script { reply: b"ok", pace, at_once: 2, ..Script::default() });
    let mut first = ask(&engine, "a");
    first.blocking_recv().unwrap();
    let rest = [ask(&engine, "b"), ask(&engine, "c")];
    assert_eq!(hear(first), ["k", "Stop 1+2"]);
    assert_eq!(rest.map(hear), [["o", "k", "Stop 1+2"], ["o", "k", "Stop 1+2"]]);
}

#[test]
fn whoever_needs_the_memory_of_a_dropped_engine_waits_until_it_is_back() {
    let pace = Duration::from_millis(200);
    let World { engine, passes, .. } = world(&Script { reply: b"ok", pace, ..Script::default() });
    assert_eq!(hear(ask(&engine, "hi")).last().unwrap(), "Stop 2+2");
    let (shared, network) = (engine.shared.clone(), Arc::downgrade(&passes));
    drop((engine, passes));
    shared.leave();
    // The function that loads may still hold its own.
    assert!(network.strong_count() <= 1);
}

#[test]
fn a_beginning_that_was_computed_is_not_computed_again() {
    let World { engine, passes, .. } = world(&Script { reply: b"ok", ..Script::default() });
    let cached = |prompt: String| {
        let mut generation = ask(&engine, &prompt);
        while let Some(event) = generation.blocking_recv() {
            if let Event::Done { usage, .. } = event {
                return usage.cached_tokens;
            }
        }
        unreachable!("there is a last word")
    };
    let long = "a long beginning that several texts have ";
    assert_eq!(cached(format!("{long}1")), 0);
    assert_eq!(cached(format!("{long}2")), 32);
    assert_eq!(cached(format!("{long}1")), 32);
    assert_eq!(cached(format!("not {long}1")), 0);
    assert_eq!(passes.lock().unwrap()[3], 10, "of 42 tokens");
}

#[test]
fn short_memory_makes_later_texts_wait_and_changes_none() {
    // Four texts want up to four pages each, and there are six.
    let script = Script { reply: &[b'y'; 40], pages: 6, pace: Duration::from_millis(1), ..Script::default() };
    let World { engine, passes, .. } = world(&script);
    let prompts = ["aaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbb", "ccc", "dddddddddddddddd"];
    let generations = prompts.map(|prompt| ask(&engine, prompt));
    let heard = generations.map(hear);
    for (prompt, heard) in prompts.iter().zip(heard) {
        let (text, last) = heard.split_at(heard.len() - 1);
        assert_eq!(text.concat(), "y".repeat(40), "{prompt}");
        assert_eq!(last, [format!("Stop {}+40", prompt.len())]);
    }
    let computed: usize = passes.lock().unwrap().iter().sum();
    assert!(computed > 58 + 4 * 40, "what had to make way was computed again: {computed}");
}

#[test]
fn texts_that_speak_make_way_for_an_earlier_prompt() {
    // A prompt of three passes takes 40 of 43 pages, while three later texts speak and hold two each.
    let script = Script { reply: &[b'y'; 40], pages: 43, context: 688, ..Script::default() };
    let World { engine, .. } = world(&Script { pace: Duration::from_millis(1), ..script });
    let prompts = ["a".repeat(640), "b".repeat(17), "c".repeat(17), "d".repeat(17)];
    let generations = prompts.clone().map(|prompt| ask(&engine, &prompt));
    for (prompt, generation) in prompts.iter().zip(generations) {
        let heard = hear(generation).concat();
        assert_eq!(heard, "y".repeat(40) + &format!("Stop {}+40", prompt.len()));
    }
}

#[test]
fn a_full_queue_is_busy() {
    let pace = Duration::from_millis(20);
    let (engine, ..) = engine(&Script { reply: b"ok", pace, at_once: 1, waiting: 2, ..Script::default() });
    let mut first = ask(&engine, "a");
    assert!(matches!(first.blocking_recv(), Some(Event::Token { .. })));
    let waiting = [ask(&engine, "b"), ask(&engine, "c")];
    assert_eq!(engine.status().waiting, 2);
    assert_eq!(hear(ask(&engine, "d")), ["the model has as many requests waiting as it takes"]);
    assert_eq!(waiting.map(hear), [["o", "k", "Stop 1+2"], ["o", "k", "Stop 1+2"]]);
    assert_eq!(hear(ask(&engine, "e")), ["o", "k", "Stop 1+2"]);
}

#[test]
fn who_needs_the_memory_is_answered_before_those_who_wait() {
    let pace = Duration::from_millis(20);
    let (engine, ..) = engine(&Script { reply: &[b'x'; 60], pace, at_once: 1, ..Script::default() });
    let mut running = ask(&engine, "a");
    running.blocking_recv().unwrap();
    let waiting = ask(&engine, "b");
    engine.shared.leave();
    assert_eq!(engine.status().waiting, 1, "the one that waits comes after more than a second");
    assert!(engine.status().loaded);
    drop(running);
    assert_eq!(hear(waiting).last().unwrap(), "Stop 1+60");
}

#[test]
fn cancelled_while_waiting() {
    let pace = Duration::from_millis(20);
    let (engine, ..) = engine(&Script { reply: &[b'x'; 60], pace, at_once: 1, ..Script::default() });
    let mut running = ask(&engine, "a");
    running.blocking_recv().unwrap();
    let cancellation = Cancellation::new();
    let waiting = engine.generate(request("b"), cancellation.clone());
    cancellation.cancel();
    let asked = Instant::now();
    assert_eq!(hear(waiting), ["Cancelled 0+0"]);
    assert!(asked.elapsed() < Duration::from_millis(500), "the running answer takes more than a second");
    assert!(matches!(running.blocking_recv(), Some(Event::Token { .. })), "the running answer goes on");
}

#[test]
fn a_panic_is_an_error_and_the_next_request_is_answered() {
    let (engine, _, loads) = engine(&Script { reply: b"ok", panics_at: Some(1), ..Script::default() });
    assert_eq!(hear(ask(&engine, "a")), ["o", "the model failed: it stopped unexpectedly"]);
    assert!(!engine.status().loaded);
    assert_eq!(hear(ask(&engine, "b")), ["o", "k", "Stop 1+2"]);
    assert_eq!(loads.load(SeqCst), 2);
}

#[test]
fn loads_once_when_first_needed() {
    let (engine, _, loads) = engine(&Script { reply: b"ok", ..Script::default() });
    assert_eq!(engine.status(), Status::default());
    hear(ask(&engine, "a"));
    hear(ask(&engine, "b"));
    assert_eq!(loads.load(SeqCst), 1);
    let status = engine.status();
    assert!(status.loaded && status.load_time.is_some() && status.problem.is_none(), "{status:?}");
}

#[tokio::test]
async fn a_load_that_fails_is_told_and_tried_again() {
    let missing = Error::File(FileError::Missing { file: "no-such.gguf".into() });
    let failure = missing.clone();
    let description = Description { id: "parrot".into(), context: CONTEXT };
    let device = on_cpu(1, String::new());
    let tries = Arc::new(AtomicUsize::new(0));
    let seen = tries.clone();
    let load = move |_| {
        seen.fetch_add(1, SeqCst);
        Err(failure.clone())
    };
    let engine = Engine::run(description, (device, 1), (1, 1), Box::new(load)).unwrap();
    assert_eq!(engine.load().await, Err(missing.clone()));
    assert_eq!(engine.status().problem, Some(missing.clone()));
    let mut generation = ask(&engine, "a");
    assert!(matches!(generation.recv().await, Some(Event::Failed(error)) if error == missing));
    assert_eq!(tries.load(SeqCst), 2);
}

#[test]
fn a_gpu_that_fails_is_given_up_for_the_cpu() {
    let gpu = Script { reply: b"ok", gpu: true, ..Script::default() };
    let (small, _, loads) = engine(&Script { memory_is_short: true, ..gpu.clone() });
    assert_eq!(small.device().kind, DeviceKind::Cuda);
    assert_eq!(hear(ask(&small, "a")), ["o", "k", "Stop 1+2"]);
    assert_eq!((small.device().kind, loads.load(SeqCst)), (DeviceKind::Cpu, 2));
    assert_eq!(small.device().reason, "a GPU is not used: out of memory");

    let (unfit, ..) = engine(&Script { driver_is_unfit: true, ..gpu.clone() });
    assert_eq!(hear(ask(&unfit, "a")), ["o", "k", "Stop 1+2"]);
    assert_eq!(unfit.device().reason, "a GPU is not used: it stopped unexpectedly");

    let (failing, ..) = engine(&Script { panics_at: Some(1), ..gpu });
    assert_eq!(hear(ask(&failing, "a")), ["o", "the model failed: it stopped unexpectedly"]);
    assert_eq!(hear(ask(&failing, "b")), ["o", "k", "Stop 1+2"]);
    assert_eq!(failing.device().reason, "a GPU is not used: it stopped unexpectedly");
}

#[test]
fn a_dropped_engine_tells_all_who_wait() {
    let pace = Duration::from_millis(20);
    let (engine, ..) = engine(&Script { reply: &[b'x'; 60], pace, at_once: 1, ..Script::default() });
    let mut running = ask(&engine, "a");
    running.blocking_recv().unwrap();
    let waiting = ask(&engine, "b");
    drop(engine);
    assert_eq!(hear(waiting), ["Cancelled 0+0"]);
    assert!(hear(running).last().unwrap().starts_with("Cancelled 1+"));
}
