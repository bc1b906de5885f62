use std::time::Duration;

use super::*;
use crate::{About, Size};

/// Name, operations, recall, p95 in ms, build in s, bytes on the disk.
type Made = (&'static str, Operations, Option<(f64, f64, f64, Option<u64>)>);

fn comparison(rows: &[Made]) -> Comparison {
    let row = |(name, operations, figures): &Made| Row {
        about: About { name, what: String::new(), operations: *operations },
        outcome: figures.map(figures_of).ok_or(Error::Key { address: "http://there".into() }),
        left_behind: None,
    };
    Comparison { compared: 5000, matching: 5000, filtered: false, questions: 100, rows: rows.iter().map(row).collect() }
}

fn figures_of((recall, p95, build, disk): (f64, f64, f64, Option<u64>)) -> Figures {
    let p95 = Duration::from_secs_f64(p95 / 1e3);
    let size = Size { memory: None, disk };
    Figures { recall, p50: p95 / 2, p95, load: Duration::ZERO, build: Duration::from_secs_f64(build), size }
}

fn weights(changes: &[(&str, f64)]) -> Weights {
    changes.iter().fold(Weights::default(), |weights, (name, weight)| weights.with(name, *weight).unwrap())
}

fn only(name: &str) -> Weights {
    let none = Criterion::ALL.map(|criterion| (criterion.name(), 0.0));
    weights(&none).with(name, 1.0).unwrap()
}

fn names(rows: &[Made], weights: Weights) -> Vec<&'static str> {
    let judged = recommend(&comparison(rows), 5000, weights).unwrap();
    judged.standings.iter().map(|standing| standing.name).collect()
}

const MB: u64 = 1_000_000;

fn usual() -> [Made; 4] {
    [
        ("index", Operations::Nothing, Some((0.99, 1.0, 4.0, Some(60 * MB)))),
        ("exact", Operations::Nothing, Some((1.0, 20.0, 1.0, Some(30 * MB)))),
        ("qdrant", Operations::Server, Some((0.98, 4.0, 8.0, None))),
        ("pinecone", Operations::Account, None),
    ]
}

#[test]
fn each_criterion_alone_puts_its_own_first() {
    let rows = [
        ("a", Operations::Server, Some((1.0, 9.0, 9.0, Some(90 * MB)))),
        ("b", Operations::Account, Some((0.95, 2.0, 8.0, Some(80 * MB)))),
        ("c", Operations::Database, Some((0.94, 8.0, 2.0, Some(70 * MB)))),
        ("d", Operations::Database, Some((0.93, 7.0, 7.0, Some(20 * MB)))),
        ("e", Operations::Nothing, Some((0.92, 6.0, 6.0, Some(60 * MB)))),
    ];
    let cases = [("recall", "a"), ("latency", "b"), ("build", "c"), ("space", "d"), ("operations", "e")];
    for (criterion, first) in cases {
        assert_eq!(names(&rows, only(criterion))[0], first, "{criterion}");
    }
}

#[test]
fn the_recommendation_says_why_with_numbers_and_what_would_change_it() {
    let judged = recommend(&comparison(&usual()), 80_000, Weights::default()).unwrap();
    assert_eq!(
        judged.reasons,
        [
            "index comes first with 0.87 of 1, before exact with 0.76.",
            "It finds 99.0% of the ten nearest (exact: 100.0%).",
            "It answers 95 of 100 questions within 1.00 ms (exact: 20.00 ms).",
            "It takes the points and is ready after 4.0 s (exact: 1.0 s).",
            "It takes 60.0 MB of memory and disk (exact: 30.0 MB).",
            "To run it takes nothing more.",
        ]
    );
    assert_eq!(
        judged.would_change,
        [
            "Weights: if recall counted for 95% (now 35%), exact would pass index.",
            "Weights: if build counted for 22% (now 10%), exact would pass index.",
            "Weights: if space counted for 27% (now 10%), exact would pass index.",
            "Several machines that write, or more vectors than one holds: of those that allow that, qdrant did best.",
            "Filters: none was asked for here, and one that 1% of the points pass can turn the order. Measure with yours, too.",
            "More vectors: 5000 of 80000 were compared. Times grow with them: compare more.",
            "pinecone could not be measured, and may do better.",
        ]
    );
    let shares: f64 = Criterion::ALL.iter().map(|criterion| judged.weights.of(*criterion)).sum();
    assert!((shares - 1.0).abs() < 1e-9);
}

/// What is said of a weight is what happens with it: at that weight the other is first, at one percent less it is not.
#[test]
fn a_weight_that_is_said_to_turn_the_order_turns_it() {
    for (criterion, from) in [("build", 0.22), ("space", 0.27), ("recall", 0.95)] {
        let at = |share: f64| {
            let now = Weights::default();
            let own = [Criterion::Recall, Criterion::Build, Criterion::Space]
                .into_iter()
                .find(|known| known.name() == criterion)
                .map(|known| now.of(known))
                .unwrap();
            // The others keep their ratios where this one alone grows.
            now.with(criterion, share * (1.0 - own) / (1.0 - share)).unwrap()
        };
        assert_eq!(names(&usual(), at(from))[0], "exact", "{criterion}");
        assert_eq!(names(&usual(), at(from - 0.01))[0], "index", "{criterion}");
    }
}

#[test]
fn what_is_not_told_counts_like_the_worst_and_where_nobody_tells_for_nothing() {
    let told = |disk: [Option<u64>; 3]| {
        let row = |name, disk| (name, Operations::Server, Some((1.0, 5.0, 5.0, disk)));
        let rows = [row("a", disk[0]), row("b", disk[1]), row("c", disk[2])];
        let judged = recommend(&comparison(&rows), 5000, only("space")).unwrap();
        judged.standings.iter().map(|standing| (standing.name, standing.score)).collect::<Vec<_>>()
    };
    assert_eq!(told([None, Some(40 * MB), Some(20 * MB)]), [("c", 1.0), ("a", 0.5), ("b", 0.5)]);
    assert_eq!(told([None, None, None]), [("a", 1.0), ("b", 1.0), ("c", 1.0)]);
}

#[test]
fn ties_are_told_and_always_fall_the_same_way() {
    let row = |name, recall, p95| (name, Operations::Server, Some((recall, p95, 2.0, None)));
    let table: [(&[Made], &[&str]); 4] = [
        (&[row("b", 1.0, 2.0), row("a", 1.0, 2.0)], &["a", "b"]),
        // With no weight on them, recall and then latency still decide between equals.
        (&[row("a", 0.95, 2.0), row("b", 0.96, 2.0)], &["b", "a"]),
        (&[row("a", 0.95, 3.0), row("b", 0.95, 2.0)], &["b", "a"]),
        (&[row("a", 0.95, 0.3), row("b", 0.95, 0.2)], &["b", "a"]),
    ];
    for (rows, expected) in table {
        assert_eq!(names(rows, only("build")), expected);
        let backwards: Vec<Made> = rows.iter().rev().copied().collect();
        assert_eq!(names(&backwards, only("build")), expected, "the order of the rows decides");
        let judged = recommend(&comparison(rows), 5000, only("build")).unwrap();
        assert!(judged.reasons[1].contains("as good as a tie"), "{:?}", judged.reasons);
    }
}

#[test]
fn one_that_misses_too_much_stands_behind_all_that_do_not() {
    let quick = ("quick", Operations::Nothing, Some((0.6, 1.0, 1.0, Some(MB))));
    let slow = ("slow", Operations::Server, Some((0.95, 40.0, 60.0, Some(900 * MB))));
    assert_eq!(names(&[quick, slow], only("latency")), ["slow", "quick"]);
    let judged = recommend(&comparison(&[quick, slow]), 5000, Weights::default()).unwrap();
    assert!(judged.reasons.last().unwrap().starts_with("quick finds less than 90%"), "{:?}", judged.reasons);
    assert_eq!(names(&[quick], only("latency")), ["quick"], "where nobody finds enough, the best is still told");
}

#[test]
fn nothing_measured_recommends_nothing() {
    let judged = recommend(&comparison(&[("qdrant", Operations::Server, None)]), 5000, Weights::default()).unwrap();
    assert!(judged.standings.is_empty());
    assert_eq!(judged.reasons, ["Nothing could be measured, so nothing is recommended."]);
}

#[test]
fn exact_says_up_to_how_many_vectors() {
    let rows = [("exact", Operations::Nothing, Some((1.0, 4.0, 1.0, None)))];
    let judged = recommend(&comparison(&rows), 5000, Weights::default()).unwrap();
    let growth = "Growth: exact takes longer with every vector; with about 62,000 a question takes 50 ms here.";
    assert!(judged.would_change.iter().any(|told| told == growth), "{:?}", judged.would_change);
}

#[test]
fn weights_that_are_none_are_refused_by_name() {
    let rows = comparison(&usual());
    for (name, weight) in [("latency", -1.0), ("space", f64::NAN), ("build", f64::INFINITY)] {
        let refused = recommend(&rows, 5000, weights(&[(name, weight)])).unwrap_err();
        assert!(matches!(refused, Error::Weight { name: told, .. } if told == name), "{refused}");
    }
    let none = Criterion::ALL.map(|criterion| (criterion.name(), 0.0));
    assert!(recommend(&rows, 5000, weights(&none)).is_err());
    assert!(matches!(Weights::default().with("beauty", 1.0), Err(Error::Criterion { .. })));
}
