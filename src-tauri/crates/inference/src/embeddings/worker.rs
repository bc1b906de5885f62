//! What the embedding model's thread does: load, read the texts of new requests, and pass over the model with texts of all
//! that are unfinished.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::model::Network;
use super::queue::{Job, Question};
use super::{Shared, Status};
use crate::embedder::Embedded;
use crate::generator::Error;

/// Tokens of one pass for each thread: some tenths of a second at most, which is as long as a new request waits.
const PASS: usize = 1024;

/// Makes the model. Called on the model's thread, again after a failure.
pub(super) type Load = Box<dyn Fn() -> Result<Box<dyn Network>, Error> + Send>;

/// A request whose texts are read, and those of its vectors that are there.
struct Open {
    question: Question,
    texts: Vec<Vec<u32>>,
    vectors: Vec<Vec<f32>>,
}

impl Open {
    /// Tokens that are not yet embedded.
    fn rest(&self) -> usize {
        self.texts[self.vectors.len()..].iter().map(Vec::len).sum()
    }

    fn is_done(&self) -> bool {
        self.vectors.len() == self.texts.len()
    }

    fn answer(self) {
        let tokens = self.texts.iter().map(Vec::len).sum::<usize>();
        self.question.answer(Ok(Embedded { vectors: self.vectors, tokens: tokens as u32 }));
    }
}

pub(super) fn stopped() -> Error {
    Error::Model { message: "it stopped unexpectedly".into() }
}

/// Answers requests until the queue is closed.
pub(super) fn work(shared: &Shared, load: &Load) {
    let mut model = None;
    let mut open: Vec<Open> = Vec::new();
    let mut rate = 0.0;
    while let Some(jobs) = shared.queue.take(open.is_empty(), until_one_is_done(&open, rate)) {
        for job in jobs {
            match job {
                Job::Load(reply) => {
                    let loaded = guarded(&mut model, shared, |model| ready(model, shared, load).map(drop));
                    let _ = reply.send(loaded);
                }
                Job::Embed(question) if question.is_over() => {}
                Job::Embed(question) => {
                    let texts =
                        guarded(&mut model, shared, |model| ready(model, shared, load)?.encode(&question.inputs));
                    match texts {
                        Ok(texts) => open.push(Open { question, texts, vectors: Vec::new() }),
                        Err(error) => question.answer(Err(error)),
                    }
                }
            }
        }
        open.retain(|open| !open.question.is_over());
        let passed = match left(&open) {
            0 => Ok(()),
            _ => guarded(&mut model, shared, |model| {
                timed_pass(&**ready(model, shared, load)?, &mut open, shared, &mut rate);
                Ok(())
            }),
        };
        match passed {
            Ok(()) => open.extract_if(.., |open| open.is_done()).for_each(Open::answer),
            Err(error) => open.drain(..).for_each(|open| open.question.answer(Err(error.clone()))),
        }
    }
}

fn left(open: &[Open]) -> usize {
    open.iter().map(Open::rest).sum()
}

/// A pass, and how many tokens a second it took.
fn timed_pass(model: &dyn Network, open: &mut [Open], shared: &Shared, rate: &mut f64) {
    let (started, before) = (Instant::now(), left(open));
    pass(model, open, shared);
    let done = before - left(open);
    if done > 0 {
        *rate = done as f64 / started.elapsed().as_secs_f64();
    }
}

/// All take the same share of each pass, so the shortest is done when each has had as much.
fn until_one_is_done(open: &[Open], tokens_per_second: f64) -> Duration {
    let shortest = open.iter().map(Open::rest).min().unwrap_or(0);
    Duration::try_from_secs_f64((shortest * open.len()) as f64 / tokens_per_second).unwrap_or_default()
}

/// Embeds texts of every open request, one of each in turn, as many as a pass takes. The request for which there was no
/// room is the next pass's first.
fn pass(model: &dyn Network, open: &mut [Open], shared: &Shared) {
    let mut room = PASS * model.threads();
    let (mut chosen, mut next) = (Vec::new(), 0);
    'full: for turn in 0.. {
        let before = chosen.len();
        for (index, open) in open.iter().enumerate() {
            let Some(text) = open.texts.get(open.vectors.len() + turn) else { continue };
            if text.len() > room && !chosen.is_empty() {
                next = index;
                break 'full;
            }
            room = room.saturating_sub(text.len());
            chosen.push((index, text.as_slice()));
        }
        if chosen.len() == before {
            break;
        }
    }
    let texts: Vec<&[u32]> = chosen.iter().map(|(_, text)| *text).collect();
    let stop = || shared.queue.is_closed() || open.iter().all(|open| open.question.is_over());
    let vectors = model.embed(&texts, &stop).unwrap_or_default();
    let owners: Vec<usize> = chosen.iter().map(|(index, _)| *index).collect();
    for (index, vector) in owners.into_iter().zip(vectors) {
        open[index].vectors.push(vector);
    }
    open.rotate_left(next);
}

/// A panic ends what was being done, and the model is loaded anew for the next.
fn guarded<T>(
    model: &mut Option<Box<dyn Network>>,
    shared: &Shared,
    job: impl FnOnce(&mut Option<Box<dyn Network>>) -> Result<T, Error>,
) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(|| job(model))).unwrap_or_else(|_| {
        *model = None;
        shared.set_status(Status { problem: Some(stopped()), ..Status::default() });
        Err(stopped())
    })
}

/// The model, loaded if it was not.
fn ready<'a>(
    model: &'a mut Option<Box<dyn Network>>,
    shared: &Shared,
    load: &Load,
) -> Result<&'a mut Box<dyn Network>, Error> {
    if let Some(model) = model {
        return Ok(model);
    }
    let started = Instant::now();
    let loaded = load().inspect_err(|error| {
        shared.set_status(Status { problem: Some(error.clone()), ..Status::default() });
    })?;
    let load_time = started.elapsed();
    tracing::info!(?load_time, "the embedding model is loaded");
    shared.set_status(Status { loaded: true, load_time: Some(load_time), ..Status::default() });
    Ok(model.insert(loaded))
}
