//! The thread on a scripted network: who is answered when, and with whose vectors.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use task::Cancellation;
use tokio::sync::oneshot::Receiver;

use super::model::Network;
use super::{Embeddings, Status};
use crate::embedder::{Embedded, Embedder, EmbedderDescription, Input};
use crate::fault::FileError;
use crate::generator::Error;

/// What the network saw, and whether it may go on.
#[derive(Default)]
struct Script {
    loads: AtomicUsize,
    /// Passes begin only while this is false.
    held: AtomicBool,
    /// The first token of each text of each pass that began.
    passes: Mutex<Vec<Vec<u32>>>,
    /// A pass with a text of this first token panics.
    forbidden: Option<u32>,
}

struct Scripted(Arc<Script>);

impl Network for Scripted {
    fn threads(&self) -> usize {
        1
    }

    fn encode(&self, inputs: &[Input]) -> Result<Vec<Vec<u32>>, Error> {
        let ids = |input: &Input| match input {
            Input::Tokens(tokens) => Ok(tokens.clone()),
            Input::Text(text) => Err(Error::ContextOverflow { prompt: text.len() as u32, context: 1 }),
        };
        inputs.iter().map(ids).collect()
    }

    fn embed(&self, texts: &[&[u32]], stop: &(dyn Fn() -> bool + Sync)) -> Option<Vec<Vec<f32>>> {
        self.0.passes.lock().unwrap().push(texts.iter().map(|text| text[0]).collect());
        assert!(texts.iter().all(|text| Some(text[0]) != self.0.forbidden), "told to");
        while self.0.held.load(Ordering::SeqCst) {
            if stop() {
                return None;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Some(texts.iter().map(|text| vec![text[0] as f32]).collect())
    }
}

impl Script {
    fn start(self: &Arc<Self>, waiting: usize) -> Embeddings {
        let script = self.clone();
        let description = EmbedderDescription { id: "scripted".into(), dimension: 1, context: 1 };
        let load = move || -> Result<Box<dyn Network>, Error> {
            match script.loads.fetch_add(1, Ordering::SeqCst) {
                0 if script.forbidden == Some(0) => Err(FileError::Missing { file: "model".into() }.into()),
                _ => Ok(Box::new(Scripted(script.clone()))),
            }
        };
        Embeddings::run(description, waiting, Box::new(load)).unwrap()
    }

    fn hold(&self, held: bool) {
        self.held.store(held, Ordering::SeqCst);
    }

    /// Waits until `count` passes have begun.
    fn until(&self, count: usize) {
        while self.passes.lock().unwrap().len() < count {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn passes(&self) -> Vec<Vec<u32>> {
        self.passes.lock().unwrap().clone()
    }
}

type Answer = Receiver<Result<Embedded, Error>>;

/// Asks for texts of `length` tokens, of which each is the text's number.
fn ask(embeddings: &Embeddings, texts: &[u32], length: usize) -> Answer {
    let inputs = texts.iter().map(|text| Input::Tokens(vec![*text; length])).collect();
    embeddings.embed(inputs, Cancellation::new())
}

fn answer(answer: Answer) -> Embedded {
    answer.blocking_recv().unwrap().unwrap()
}

fn vectors(texts: &[u32]) -> Vec<Vec<f32>> {
    texts.iter().map(|text| vec![*text as f32]).collect()
}

#[test]
fn those_who_wait_share_a_pass_and_get_their_own_vectors() {
    let script = Arc::new(Script::default());
    let embeddings = script.start(9);
    script.hold(true);
    let first = ask(&embeddings, &[1], 3);
    script.until(1);
    let others = [ask(&embeddings, &[2, 3], 3), ask(&embeddings, &[4], 5), ask(&embeddings, &[], 0)];
    assert_eq!(embeddings.status().waiting, 3);
    script.hold(false);
    assert_eq!(answer(first), Embedded { vectors: vectors(&[1]), tokens: 3 });
    let others = others.map(answer);
    assert_eq!(others[0], Embedded { vectors: vectors(&[2, 3]), tokens: 6 });
    assert_eq!(others[1], Embedded { vectors: vectors(&[4]), tokens: 5 });
    assert_eq!(others[2], Embedded::default());
    assert_eq!(script.passes(), [vec![1], vec![2, 4, 3]]);
}

#[test]
fn a_short_request_does_not_wait_for_a_long_one() {
    let script = Arc::new(Script::default());
    let embeddings = script.start(9);
    script.hold(true);
    // Ten texts fill a pass.
    let texts: Vec<u32> = (10..40).collect();
    let long = ask(&embeddings, &texts, 100);
    script.until(1);
    let short = ask(&embeddings, &[1], 8);
    script.hold(false);
    assert_eq!(answer(short).vectors, vectors(&[1]));
    assert_eq!(answer(long), Embedded { vectors: vectors(&texts), tokens: 3000 });
    let passes = script.passes();
    assert_eq!((passes[0].as_slice(), &passes[1][..3]), ((10..20).collect::<Vec<_>>().as_slice(), &[20, 1, 21][..]));
    assert!(passes.iter().all(|pass| pass.len() <= 11), "{passes:?}");
}

#[test]
fn those_for_whom_a_pass_has_no_room_come_first_in_the_next() {
    let script = Arc::new(Script::default());
    let embeddings = script.start(20);
    script.hold(true);
    // Ten texts fill a pass.
    let long = |first: u32| ask(&embeddings, &(first..first + 30).collect::<Vec<u32>>(), 100);
    let mut answers = vec![long(100)];
    script.until(1);
    answers.extend((2..=11).map(|number| long(100 * number)));
    let short = ask(&embeddings, &[1], 8);
    script.hold(false);
    assert_eq!(answer(short).vectors, vectors(&[1]));
    let passes = script.passes();
    let served = passes.iter().position(|pass| pass.contains(&1));
    assert_eq!(served, Some(2), "ten of eleven long ones fill the pass before it: {passes:?}");
    for (number, long) in (1..).zip(answers) {
        assert_eq!(answer(long).vectors, vectors(&(100 * number..100 * number + 30).collect::<Vec<u32>>()));
    }
}

#[test]
fn a_text_longer_than_a_pass_has_one_of_its_own() {
    let script = Arc::new(Script::default());
    let embeddings = script.start(9);
    assert_eq!(answer(ask(&embeddings, &[1, 2], 5000)).vectors, vectors(&[1, 2]));
    assert_eq!(script.passes(), [[1], [2]]);
}

#[test]
fn what_is_cancelled_or_abandoned_stops_and_the_next_is_answered() {
    let script = Arc::new(Script::default());
    let embeddings = script.start(9);
    script.hold(true);
    let cancellation = Cancellation::new();
    let cancelled = embeddings.embed(vec![Input::Tokens(vec![1])], cancellation.clone());
    script.until(1);
    let waiting = ask(&embeddings, &[2], 1);
    drop(waiting);
    cancellation.cancel();
    assert!(cancelled.blocking_recv().is_err());
    let abandoned = ask(&embeddings, &[3], 1);
    script.until(2);
    drop(abandoned);
    let next = ask(&embeddings, &[4], 1);
    script.until(3);
    script.hold(false);
    assert_eq!(answer(next).vectors, vectors(&[4]));
    assert_eq!(script.passes(), [[1], [3], [4]]);
    assert_eq!(embeddings.status().waiting, 0);
}

#[test]
fn more_than_may_be_unfinished_are_refused() {
    let script = Arc::new(Script::default());
    let embeddings = script.start(2);
    script.hold(true);
    let first = ask(&embeddings, &[1], 1);
    script.until(1);
    let second = ask(&embeddings, &[2], 1);
    let refused = ask(&embeddings, &[3], 1).blocking_recv().unwrap();
    assert_eq!(refused, Err(Error::Busy { retry_after: Duration::from_secs(1) }));
    script.hold(false);
    assert_eq!((answer(first).vectors, answer(second).vectors), (vectors(&[1]), vectors(&[2])));
    assert_eq!(answer(ask(&embeddings, &[4], 1)).vectors, vectors(&[4]));
}

#[test]
fn one_text_that_cannot_be_read_refuses_its_request_alone() {
    let script = Arc::new(Script::default());
    let embeddings = script.start(9);
    let wrong = embeddings.embed(vec![Input::Tokens(vec![1]), Input::Text("long".into())], Cancellation::new());
    assert_eq!(wrong.blocking_recv().unwrap(), Err(Error::ContextOverflow { prompt: 4, context: 1 }));
    assert_eq!(answer(ask(&embeddings, &[2], 1)).vectors, vectors(&[2]));
    assert_eq!(script.passes(), [[2]]);
}

#[test]
fn a_panic_ends_the_pass_and_the_model_is_loaded_again() {
    let script = Arc::new(Script { forbidden: Some(7), ..Script::default() });
    let embeddings = script.start(9);
    let failed = ask(&embeddings, &[7], 1).blocking_recv().unwrap();
    let stopped = Error::Model { message: "it stopped unexpectedly".into() };
    assert_eq!(failed, Err(stopped.clone()));
    assert_eq!(embeddings.status(), Status { problem: Some(stopped), ..Status::default() });
    assert_eq!(answer(ask(&embeddings, &[8], 1)).vectors, vectors(&[8]));
    assert!(embeddings.status().loaded);
    assert_eq!(script.loads.load(Ordering::SeqCst), 2);
}

#[test]
fn a_model_that_cannot_be_loaded_is_tried_again_for_the_next() {
    let script = Arc::new(Script { forbidden: Some(0), ..Script::default() });
    let embeddings = script.start(9);
    let missing = Error::File(FileError::Missing { file: "model".into() });
    assert_eq!(ask(&embeddings, &[1], 1).blocking_recv().unwrap(), Err(missing.clone()));
    assert_eq!(embeddings.status().problem, Some(missing));
    assert_eq!(answer(ask(&embeddings, &[1], 1)).vectors, vectors(&[1]));
    assert_eq!(embeddings.status().problem, None);
}

#[test]
fn whoever_waits_hears_that_the_model_stopped() {
    let script = Arc::new(Script::default());
    let embeddings = script.start(9);
    script.hold(true);
    let running = ask(&embeddings, &[1], 1);
    script.until(1);
    let waiting = ask(&embeddings, &[2], 1);
    drop(embeddings);
    assert!(waiting.blocking_recv().is_err() && running.blocking_recv().is_err());
}
