//! How contenders are measured: one after another, each given the same points and asked the same questions, one at a
//! time, and rid of all that before the next begins.

use std::{sync::Arc, time::Duration};

use task::{Cancellation, Progress, Reporter, Unit};
use tokio::time::{Instant, timeout};

use crate::{About, Contender, Error, Sample, Size, truth::Truth};

/// Results of a question.
pub const RESULTS: usize = 10;
/// Questions at most, and those of them that are asked before any counts.
const QUESTIONS: usize = 100;
const WARM: usize = 10;
/// How long a contender may take to remove what it made.
const REMOVAL: Duration = Duration::from_secs(60);

/// What was found.
#[derive(Debug)]
pub struct Comparison {
    /// Points that each contender got, and those of them that pass the filter.
    pub compared: usize,
    pub matching: usize,
    /// There was a filter.
    pub filtered: bool,
    pub questions: usize,
    /// In the order of the contenders.
    pub rows: Vec<Row>,
}

#[derive(Debug)]
pub struct Row {
    pub about: About,
    pub outcome: Result<Figures, Error>,
    /// Why something of it is still there.
    pub left_behind: Option<Error>,
}

/// What one contender did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// The share of the ten nearest that was found, the point itself among them.
    pub recall: f64,
    /// Of one question, at the client.
    pub p50: Duration,
    pub p95: Duration,
    /// Until all points were taken; from then until all were indexed and seen.
    pub load: Duration,
    pub build: Duration,
    pub size: Size,
}

/// Measures all. A contender that cannot be reached or breaks is a row that says so. Fails where there is nothing to
/// compare, or it was cancelled; what was made is removed in any case, and what could not be is told.
pub async fn compare(
    sample: Arc<Sample>,
    contenders: Vec<Box<dyn Contender>>,
    reporter: &dyn Reporter,
    cancellation: &Cancellation,
) -> Result<Comparison, Error> {
    let (compared, matching) = (sample.len(), sample.matching());
    match (compared, matching) {
        (0, _) => return Err(Error::Empty),
        (_, 0) => return Err(Error::NothingPasses { compared }),
        _ => {}
    }
    let questions = sample.questions(QUESTIONS);
    reporter.progress(Progress { what: "Comparing every vector".into(), done: 0, total: None, unit: Unit::Steps });
    let truth = {
        let (sample, questions, cancellation) = (sample.clone(), questions.clone(), cancellation.clone());
        let find = move || Truth::find(&sample, &questions, RESULTS, &cancellation);
        tokio::task::spawn_blocking(find).await.map_err(|_| Error::Thread)?.ok_or(Error::Cancelled)?
    };
    let mut rows = Vec::with_capacity(contenders.len());
    for mut contender in contenders {
        let measured = Measuring { sample: &sample, questions: &questions, truth: &truth, reporter };
        let outcome = tokio::select! {
            outcome = measured.of(contender.as_mut()) => outcome,
            () = cancellation.cancelled() => Err(Error::Cancelled),
        };
        let about = contender.about();
        let removed = timeout(REMOVAL, contender.remove()).await.unwrap_or_else(|_| {
            let reason = format!("it does not answer for {} seconds", REMOVAL.as_secs());
            Err(Error::LeftBehind { what: format!("What {} was given", about.name), reason })
        });
        let left_behind = removed.err();
        if cancellation.is_cancelled() {
            if let Some(left) = left_behind {
                reporter.output(&left.to_string());
            }
            return Err(Error::Cancelled);
        }
        rows.push(Row { about, outcome, left_behind });
    }
    Ok(Comparison { compared, matching, filtered: !sample.wanted().is_empty(), questions: questions.len(), rows })
}

struct Measuring<'a> {
    sample: &'a Arc<Sample>,
    questions: &'a [usize],
    truth: &'a Truth,
    reporter: &'a dyn Reporter,
}

impl Measuring<'_> {
    async fn of(&self, contender: &mut dyn Contender) -> Result<Figures, Error> {
        let (sample, name) = (self.sample, contender.about().name);
        let tell = |what: &str, done: usize, total: Option<usize>| {
            let (done, total) = (done as u64, total.map(|total| total as u64));
            self.reporter.progress(Progress { what: format!("{name}: {what}"), done, total, unit: Unit::Steps });
        };
        tell("beginning", 0, None);
        contender.make(sample).await?;
        let begun = Instant::now();
        for batch in sample.batches() {
            tell("taking points", batch.start, Some(sample.len()));
            contender.load(sample, batch).await?;
        }
        let load = begun.elapsed();
        tell("indexing", 0, None);
        contender.settle(sample).await?;
        let build = begun.elapsed() - load;
        for &question in self.questions.iter().take(WARM) {
            contender.ask(sample, question, RESULTS).await?;
        }
        let (mut took, mut found) = (Vec::with_capacity(self.questions.len()), 0);
        for (number, &question) in self.questions.iter().enumerate() {
            if number.is_multiple_of(10) {
                tell("answering", number, Some(self.questions.len()));
            }
            let asked = Instant::now();
            let answer = contender.ask(sample, question, RESULTS).await?;
            took.push(asked.elapsed());
            found += self.truth.found(sample, number, &answer);
        }
        took.sort();
        let at = |share: f64| took[((took.len() - 1) as f64 * share).round() as usize];
        let recall = found as f64 / self.truth.neighbours().max(1) as f64;
        Ok(Figures { recall, p50: at(0.5), p95: at(0.95), load, build, size: contender.size().await? })
    }
}
