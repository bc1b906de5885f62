//! The engine on the real model.

use std::time::{Duration, Instant};

use inference::{
    DeviceKind, DevicePreference, Engine, EngineOptions, Error, Event, Finish, Generation, Generator, Message, Prompt,
    Request, Role, Sampling, Timings, Usage,
};
use task::{Cancellation, Fault};

use crate::real;

fn engine(change: impl FnOnce(&mut EngineOptions)) -> Engine {
    // One for all tests: what is noted there holds for the same file only.
    let noted = std::env::temp_dir().join("groundwork-tests-verified.json");
    let mut options = EngineOptions::new(real::manifest(), real::file(), noted);
    change(&mut options);
    Engine::start(options).unwrap()
}

/// On a GPU, kernels differ in their last bits by how many rows they are given.
fn exactly(options: &mut EngineOptions) {
    options.device = DevicePreference::Cpu;
}

fn request(prompt: &str, max_tokens: u32) -> Request {
    let messages = vec![Message::new(Role::User, prompt)];
    Request { max_tokens: Some(max_tokens), ..Request::greedy(Prompt::chat(messages)) }
}

/// A conversation that the model is sure to go on with `1, 2, 3, 4, 5, 6, 7, 8, 9`: at each place llama.cpp's best
/// token is ahead by 2.8 or more. Each digit, comma and space is a token.
fn counting(max_tokens: u32) -> Request {
    let said = [
        (Role::System, "You count."),
        (Role::User, "1 to 4"),
        (Role::Assistant, "1, 2, 3, 4"),
        (Role::User, "1 to 9"),
        (Role::Assistant, "1, 2, 3, 4, 5, 6, 7, 8, 9"),
        (Role::User, "1 to 9"),
    ];
    let messages = said.map(|(role, content)| Message::new(role, content)).into();
    Request { prompt: Prompt::chat(messages), ..request("", max_tokens) }
}

struct Heard {
    text: String,
    finish: Finish,
    usage: Usage,
    timings: Timings,
}

fn hear(mut generation: Generation) -> Result<Heard, Error> {
    let mut text = String::new();
    loop {
        match generation.blocking_recv().expect("there is a last word") {
            Event::Token { text: more, .. } => text += &more,
            Event::Done { finish, usage, timings } => {
                assert!(generation.blocking_recv().is_none(), "nothing follows the last word");
                return Ok(Heard { text, finish, usage, timings });
            }
            Event::ToolCall { .. } => unreachable!("no tools were offered"),
            Event::Failed(error) => return Err(error),
        }
    }
}

fn ask(engine: &Engine, request: Request) -> Heard {
    hear(engine.generate(request, Cancellation::new())).unwrap()
}

#[test]
fn answers_as_llama_cpp_does() {
    let engine = engine(|_| ());
    let heard = ask(&engine, counting(100));
    assert_eq!((heard.text.as_str(), heard.finish), ("1, 2, 3, 4, 5, 6, 7, 8, 9", Finish::Stop));
    assert_eq!((heard.usage.prompt_tokens, heard.usage.completion_tokens), (86, 25));
    assert!(heard.timings.prefill > Duration::ZERO && heard.timings.decode > Duration::ZERO);
    let heard = ask(&engine, counting(4));
    assert_eq!((heard.text.as_str(), heard.finish, heard.usage.completion_tokens), ("1, 2", Finish::Length, 4));

    let status = engine.status();
    assert!(status.loaded && status.load_time.unwrap() < Duration::from_secs(30), "{status:?}");
    assert_eq!((engine.describe().id.as_str(), engine.describe().context), ("smollm2-135m-instruct", 8192));
}

#[test]
fn equal_seeds_give_equal_texts() {
    let engine = engine(exactly);
    let draw = |seed| {
        let drawn = Request {
            sampling: Sampling { temperature: 1.2, top_p: 0.95, seed, ..Sampling::default() },
            ..request("Invent a name for a cat.", 16)
        };
        ask(&engine, drawn).text
    };
    let first = draw(Some(7));
    assert_eq!(draw(Some(7)), first);
    assert_ne!(draw(Some(8)), first);
    assert_ne!(draw(None), draw(None));
}

#[test]
fn two_requests_at_once_are_both_answered() {
    let engine = engine(exactly);
    let generations =
        [counting(100), request("Name a colour.", 8)].map(|request| engine.generate(request, Cancellation::new()));
    let [first, second] = generations.map(|generation| hear(generation).unwrap());
    assert_eq!(first.text, "1, 2, 3, 4, 5, 6, 7, 8, 9");
    assert_eq!(second.text, ask(&engine, request("Name a colour.", 8)).text);
}

#[test]
fn stops_before_a_stop_text() {
    let engine = engine(|_| ());
    let heard = ask(&engine, Request { stop: vec!["never".into(), "3, 4".into()], ..counting(100) });
    assert_eq!((heard.text.as_str(), heard.finish), ("1, 2, ", Finish::Stop));
}

#[test]
fn cancelling_and_hanging_up_take_a_token() {
    let engine = engine(|_| ());
    ask(&engine, request("Hello.", 1));
    let long = || request("Count from one to a thousand.", 4000);
    let cancellation = Cancellation::new();
    let mut generation = engine.generate(long(), cancellation.clone());
    assert!(matches!(generation.blocking_recv(), Some(Event::Token { .. })));
    cancellation.cancel();
    let asked = Instant::now();
    assert_eq!(hear(generation).unwrap().finish, Finish::Cancelled);
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());

    // A long prompt stops between two layers.
    let cancellation = Cancellation::new();
    let generation = engine.generate(request(&"many words ".repeat(3000), 10), cancellation.clone());
    std::thread::sleep(Duration::from_millis(300));
    cancellation.cancel();
    let asked = Instant::now();
    let heard = hear(generation).unwrap();
    assert_eq!((heard.finish, heard.usage.completion_tokens), (Finish::Cancelled, 0));
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());

    let mut generation = engine.generate(long(), Cancellation::new());
    assert!(matches!(generation.blocking_recv(), Some(Event::Token { .. })));
    drop(generation);
    assert_eq!(ask(&engine, request("Hello.", 1)).finish, Finish::Length);
}

#[test]
fn a_prompt_over_the_context_is_refused_with_both_counts() {
    let engine = engine(|_| ());
    let generation = engine.generate(request(&"word ".repeat(9000), 8), Cancellation::new());
    let Err(error) = hear(generation) else { panic!("it was answered") };
    assert_eq!(error, Error::ContextOverflow { prompt: 9031, context: 8192 });
    assert_eq!(error.to_string(), "the prompt is 9031 tokens long, and the model reads 8192 in all");
    assert_eq!(error.code(), "inference.context_overflow");
}

#[test]
fn the_device_is_known_with_its_reason_before_anything_is_loaded() {
    let check = |preference, reason: &str| {
        let engine = engine(|options| options.device = preference);
        assert!(!engine.status().loaded);
        let device = engine.device();
        assert_eq!((device.kind, device.kind.name()), (DeviceKind::Cpu, "cpu"));
        assert!(device.name.contains("thread"), "{}", device.name);
        assert_eq!(device.reason, reason);
    };
    check(DevicePreference::Cpu, "asked for in the settings");
    if cfg!(not(any(feature = "cuda", feature = "metal"))) {
        check(DevicePreference::Auto, "this build has no CUDA; this build has no Metal");
        check(DevicePreference::Cuda, "this build has no CUDA");
        check(DevicePreference::Metal, "this build has no Metal");
    }
}
