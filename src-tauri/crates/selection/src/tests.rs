//! Whole comparisons with the local engines and with one that is made up, and what counts as found.

use std::{
    ops::Range,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use retrieval::{Metric, Settings};
use task::{Cancellation, Progress, Reporter, Silent};
use tempfile::TempDir;

use crate::{truth::Truth, *};

/// In a few clusters; one point in twenty has the value `rare`.
fn sample(points: usize, metric: Metric, wanted: &[&str]) -> Sample {
    let mut random = StdRng::seed_from_u64(7);
    let wanted: Vec<String> = wanted.iter().map(|value| (*value).to_owned()).collect();
    let conditions = wanted.len();
    let mut sample = Sample::new(&Settings::new(12, metric), wanted);
    for number in 0..points {
        let vector: Vec<f32> = (0..12)
            .map(|place| random.random_range(-1.0..1.0f32) + if place == number % 12 { 2.0 } else { 0.0 })
            .collect();
        let value = if number % 20 == 0 { "rare" } else { "usual" };
        sample.push(&vector, vec![vec![value.into()]; conditions]);
    }
    sample
}

fn left(scratch: &TempDir) -> usize {
    scratch.path().read_dir().unwrap().count()
}

#[tokio::test]
async fn the_local_engines_find_what_is_near_by_every_metric_and_filter() {
    let scratch = tempfile::tempdir().unwrap();
    for metric in [Metric::Cosine, Metric::Dot, Metric::Euclidean] {
        for wanted in [&[][..], &["rare"]] {
            let local = contenders(scratch.path(), &Addresses::default());
            let sample = Arc::new(sample(1500, metric, wanted));
            let compared = compare(sample, local, &Silent, &Cancellation::new()).await.unwrap();
            assert_eq!((compared.compared, compared.questions), (1500, 100));
            assert_eq!(compared.matching, if wanted.is_empty() { 1500 } else { 75 });
            let figures: Vec<&Figures> = compared.rows.iter().map(|row| row.outcome.as_ref().unwrap()).collect();
            let (index, exact) = (figures[0], figures[1]);
            assert_eq!(exact.recall, 1.0, "{metric:?} {wanted:?}");
            assert!(index.recall >= 0.95, "{metric:?} {wanted:?} {index:?}");
            assert!(index.size.memory > Some(1500 * 12) && exact.size.disk > Some(1500 * 12 * 4), "{figures:?}");
            assert_eq!(left(&scratch), 0);
        }
    }
}

#[tokio::test]
async fn what_a_killed_process_left_is_removed_and_what_another_works_with_stays() {
    let scratch = tempfile::tempdir().unwrap();
    let at = |name: &str| scratch.path().join(name);
    for name in ["selection-left", "selection-held", "theirs"] {
        std::fs::create_dir(at(name)).unwrap();
        std::fs::write(at(name).join("points.db"), "points").unwrap();
    }
    std::fs::write(at("selection-left.lock"), "").unwrap();
    let held = std::fs::File::create(at("selection-held.lock")).unwrap();
    held.lock().unwrap();
    let local = contenders(scratch.path(), &Addresses::default());
    compare(Arc::new(sample(50, Metric::Dot, &[])), local, &Silent, &Cancellation::new()).await.unwrap();
    let mut left: Vec<_> =
        scratch.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    left.sort();
    assert_eq!(left, ["selection-held", "selection-held.lock", "theirs"]);
}

#[tokio::test]
async fn nothing_to_compare_is_said_before_anything_is_made() {
    let scratch = tempfile::tempdir().unwrap();
    let cases = [
        (sample(0, Metric::Dot, &[]), Error::Empty),
        (sample(9, Metric::Dot, &["none"]), Error::NothingPasses { compared: 9 }),
    ];
    for (sample, expected) in cases {
        let local = contenders(scratch.path(), &Addresses::default());
        let refused = compare(Arc::new(sample), local, &Silent, &Cancellation::new()).await.unwrap_err();
        assert_eq!(refused, expected);
        assert_eq!(left(&scratch), 0);
    }
}

#[test]
fn what_counts_as_found() {
    let mut sample = Sample::new(&Settings::new(1, Metric::Euclidean), vec!["yes".into()]);
    // Points 1 and 2 are equally near to point 0, 3 is nearest of all and does not pass.
    for (place, passes) in [(0.0, "yes"), (2.0, "yes"), (-2.0, "yes"), (0.5, "no"), (9.0, "yes")] {
        sample.push(&[place], vec![vec![passes.into()]]);
    }
    let truth = Truth::find(&sample, &[0], 2, &Cancellation::new()).unwrap();
    assert_eq!(truth.neighbours(), 2);
    let table: [(&[u32], usize); 8] = [
        (&[0, 1], 2),
        // Of equally near ones any will do, and not both.
        (&[0, 2], 2),
        (&[0, 1, 2], 2),
        (&[1, 1], 1),
        (&[0, 3], 1),
        (&[0, 4], 1),
        (&[0, 77], 1),
        (&[], 0),
    ];
    for (answer, found) in table {
        assert_eq!(truth.found(&sample, 0, answer), found, "{answer:?}");
    }
    let all = Truth::find(&sample, &[0, 4], 10, &Cancellation::new()).unwrap();
    assert_eq!(all.neighbours(), 8, "four pass, for each of two questions");
    let cancelled = Cancellation::new();
    cancelled.cancel();
    assert!(Truth::find(&sample, &[0], 2, &cancelled).is_none());
}

#[test]
fn values_are_cut_to_what_every_server_keeps_and_stay_apart() {
    let long = "\u{e4}".repeat(300);
    let mut sample = Sample::new(&Settings::new(1, Metric::Dot), vec![long.clone(), "a\0b".into()]);
    sample.push(&[1.0], vec![vec![long.clone()], vec!["x".into(), "a\0b".into()]]);
    sample.push(&[1.0], vec![vec![long[..512].to_owned()], vec!["a\0b".into()]]);
    assert!(sample.passes(0) && !sample.passes(1), "a value is not one that begins like it");
    let longest = sample.values(0).iter().flatten().map(|value| value.chars().count()).max();
    assert!(longest == Some(257) && !sample.values(0)[1][1].contains('\0'));
}

/// Answers nothing right, and fails or hangs where it is told to.
struct Made {
    fails_at: &'static str,
    hangs_at: &'static str,
    stays: bool,
    removed: Arc<AtomicUsize>,
}

impl Made {
    async fn at(&self, call: &'static str) -> Result<(), Error> {
        if self.hangs_at == call {
            std::future::pending::<()>().await;
        }
        match self.fails_at == call {
            true => Err(Error::Broke { address: "there".into(), reason: call.into() }),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl Contender for Made {
    fn about(&self) -> About {
        About { name: "made", what: String::new(), operations: Operations::Server }
    }

    async fn make(&mut self, _: &Arc<Sample>) -> Result<(), Error> {
        self.at("make").await
    }

    async fn load(&mut self, _: &Arc<Sample>, _: Range<usize>) -> Result<(), Error> {
        self.at("load").await
    }

    async fn settle(&mut self, _: &Arc<Sample>) -> Result<(), Error> {
        self.at("settle").await
    }

    async fn ask(&mut self, _: &Arc<Sample>, _: usize, _: usize) -> Result<Vec<u32>, Error> {
        self.at("ask").await?;
        Ok(Vec::new())
    }

    async fn size(&mut self) -> Result<Size, Error> {
        self.at("size").await?;
        Ok(Size::default())
    }

    async fn remove(&mut self) -> Result<(), Error> {
        self.removed.fetch_add(1, Ordering::SeqCst);
        match self.stays {
            true => Err(Error::LeftBehind { what: "It".into(), reason: "it stays".into() }),
            false => Ok(()),
        }
    }
}

const CALLS: [&str; 5] = ["make", "load", "settle", "ask", "size"];

#[tokio::test]
async fn one_that_breaks_anywhere_is_a_row_and_is_removed_and_the_next_is_measured() {
    for call in CALLS {
        let removed = Arc::new(AtomicUsize::new(0));
        let made = |fails_at, stays| Made { fails_at, hangs_at: "", stays, removed: removed.clone() };
        let all: Vec<Box<dyn Contender>> = vec![Box::new(made(call, true)), Box::new(made("", false))];
        let compared =
            compare(Arc::new(sample(50, Metric::Dot, &[])), all, &Silent, &Cancellation::new()).await.unwrap();
        let broke = Error::Broke { address: "there".into(), reason: call.into() };
        assert_eq!(compared.rows[0].outcome.as_ref().unwrap_err(), &broke);
        assert!(matches!(compared.rows[0].left_behind, Some(Error::LeftBehind { .. })));
        assert!(compared.rows[1].left_behind.is_none());
        assert_eq!(compared.rows[1].outcome.as_ref().unwrap().recall, 0.0, "{call}");
        assert_eq!(removed.load(Ordering::SeqCst), 2, "{call}");
    }
}

/// Cancels as soon as the contender has begun, and keeps what is told.
struct Stopping {
    cancellation: Cancellation,
    told: Mutex<Vec<String>>,
}

impl Reporter for Stopping {
    fn progress(&self, progress: Progress) {
        if progress.what == "made: beginning" {
            self.cancellation.cancel();
        }
    }

    fn output(&self, line: &str) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).push(line.into());
    }
}

#[tokio::test]
async fn a_cancellation_ends_the_longest_wait_and_still_removes() {
    for call in CALLS {
        let (removed, cancellation) = (Arc::new(AtomicUsize::new(0)), Cancellation::new());
        let stopping = Stopping { cancellation: cancellation.clone(), told: Mutex::default() };
        let made = || Box::new(Made { fails_at: "", hangs_at: call, stays: true, removed: removed.clone() });
        let all: Vec<Box<dyn Contender>> = vec![made(), made()];
        let stopped = compare(Arc::new(sample(50, Metric::Dot, &[])), all, &stopping, &cancellation).await;
        assert_eq!(stopped.unwrap_err(), Error::Cancelled);
        assert_eq!(removed.load(Ordering::SeqCst), 1, "the second was never begun: {call}");
        assert_eq!(*stopping.told.lock().unwrap(), ["It was left behind: it stays."]);
    }
}
