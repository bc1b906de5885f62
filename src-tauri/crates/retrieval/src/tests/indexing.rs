//! The index beside comparing every point: what it finds, and what becomes of it when it is damaged, late or gone.

use std::{cell::Cell, collections::BTreeSet, fs, path::PathBuf};

use serde_json::json;
use task::Fault;

use super::*;
use crate::graph::Code;

const DIMENSION: usize = 48;
const NEVER: &dyn Fn() -> bool = &|| false;

/// Around 40 centres, so that near and far differ as they do with texts.
fn clustered(seed: u64, count: usize) -> Vec<Vec<f32>> {
    let centres = vectors(77, 40, DIMENSION);
    let noise = vectors(seed, count, DIMENSION);
    noise
        .iter()
        .enumerate()
        .map(|(n, noise)| centres[n % 40].iter().zip(noise).map(|(c, n)| c + 0.5 * n).collect())
        .collect()
}

fn filled(metric: Metric, count: usize) -> (TempDir, Collection) {
    let (folder, collection) = collection(DIMENSION, metric);
    add(&collection, 0, &clustered(1, count));
    (folder, collection)
}

/// The tenth and hundredth by their numbers, whose places have nothing to do with the vectors'.
fn add(collection: &Collection, from: usize, vectors: &[Vec<f32>]) {
    for (group, chunk) in vectors.chunks(1000).enumerate() {
        let points = chunk.iter().zip(from + group * 1000..).map(|(vector, n)| {
            let scattered = n * 7919 % 10_007;
            point(&n.to_string(), vector, json!({ "tenth": scattered % 10, "hundredth": scattered % 100 }))
        });
        collection.upsert("", points.collect()).unwrap();
    }
}

fn search(collection: &Collection, vector: &[f32], filter: Option<Filter>, exact: bool) -> Vec<Hit> {
    let query = Query::Nearest { to: Target::Vector(vector.to_vec()), expansion: None, exact };
    collection.search(&Search { filter, ..Search::new("", query, 10) }).unwrap()
}

/// The share of the true ten that searches find, whose scores and number are those of comparing every point.
fn recall(collection: &Collection, filter: Option<&Filter>) -> f64 {
    recall_for(collection, &clustered(2, 60), filter)
}

fn recall_for(collection: &Collection, queries: &[Vec<f32>], filter: Option<&Filter>) -> f64 {
    let (mut found, mut wanted) = (0, 0);
    for query in queries {
        let truth = search(collection, query, filter.cloned(), true);
        let hits = search(collection, query, filter.cloned(), false);
        assert_eq!(hits.len(), truth.len());
        for hit in &hits {
            let fetched = collection.fetch("", std::slice::from_ref(&hit.id), Include::ALL).unwrap();
            let score =
                collection.describe().unwrap().settings.metric.score(query, fetched[0].vector.as_ref().unwrap());
            assert_eq!(hit.score, score, "computed from what is stored");
        }
        let truth: BTreeSet<_> = names(&truth).into_iter().collect();
        found += names(&hits).into_iter().filter(|name| truth.contains(name)).count();
        wanted += truth.len();
    }
    found as f64 / wanted as f64
}

fn index_file(folder: &TempDir) -> PathBuf {
    folder.path().join("docs/index.usearch")
}

fn reopened(folder: &TempDir) -> Collection {
    Collections::open(folder.path()).unwrap().get("docs").unwrap()
}

fn field(key: &str, value: i64) -> Filter {
    Filter::Field(Path::key(key), Test::OneOf(vec![value.into()]))
}

#[test]
fn the_index_finds_what_comparing_every_point_finds() {
    for metric in [Metric::Cosine, Metric::Dot, Metric::Euclidean] {
        let (_folder, collection) = filled(metric, 6000);
        assert!(matches!(collection.describe().unwrap().indexed, Indexed::Behind { .. }));
        collection.settle(2, NEVER).unwrap();
        assert_eq!(collection.describe().unwrap().indexed, Indexed::Current);
        let half = Filter::Field(
            Path::key("tenth"),
            Test::Within(Bounds { below: Some(Number::Integer(5)), ..Bounds::default() }),
        );
        for (what, filter, least) in [
            ("all", None, 0.98),
            ("one in a hundred", Some(field("hundredth", 3)), 0.95),
            ("one in ten", Some(field("tenth", 3)), 0.95),
            ("half", Some(half), 0.95),
            ("none", Some(field("tenth", 11)), f64::NAN),
        ] {
            let recall = recall(&collection, filter.as_ref());
            assert!(recall >= least || (least.is_nan() && recall.is_nan()), "{metric:?}, {what}: {recall}");
        }
    }
}

/// Points around the middle of Paris, as latitude and longitude.
fn places(seed: u64, count: usize) -> Vec<Vec<f32>> {
    vectors(seed, count, 2).iter().map(|place| vec![48.8566 + place[0] * 0.05, 2.3522 + place[1] * 0.05]).collect()
}

/// A mileage, a price and a share, as a table has them.
fn features(seed: u64, count: usize) -> Vec<Vec<f32>> {
    vectors(seed, count, 3).iter().map(|row| vec![1e5 + row[0] * 9e4, 2e4 + row[1] * 1e3, row[2]]).collect()
}

/// One number is far larger than all others.
fn lopsided(seed: u64, count: usize) -> Vec<Vec<f32>> {
    vectors(seed, count, 31)
        .iter()
        .map(|vector| [vec![1.0], vector.iter().map(|n| n * 0.05).collect()].concat())
        .collect()
}

/// One number is larger than the others, and they still tell who is near.
fn prominent(seed: u64, count: usize) -> Vec<Vec<f32>> {
    vectors(seed, count, 383).iter().map(|vector| [&[8.0], &vector[..]].concat()).collect()
}

#[test]
fn a_code_has_as_many_bits_as_the_vectors_need() {
    let zeros = vec![vec![0.0; 4]; 10];
    for (what, metric, vectors, expected) in [
        ("near coordinates", Metric::Euclidean, places(1, 2000), Code::Full),
        ("raw features", Metric::Euclidean, features(1, 2000), Code::Full),
        ("coordinates far apart", Metric::Euclidean, vectors(1, 50, 2), Code::Half),
        ("distances", Metric::Euclidean, clustered(1, 2000), Code::Half),
        ("products", Metric::Dot, clustered(1, 2000), Code::Half),
        ("one large number", Metric::Cosine, lopsided(1, 2000), Code::Full),
        ("one larger number", Metric::Cosine, prominent(1, 2000), Code::Half),
        ("angles of almost nothing", Metric::Cosine, places(1, 2000), Code::Full),
        ("zeros", Metric::Cosine, zeros, Code::Half),
        ("nothing", Metric::Dot, vec![], Code::Half),
    ] {
        assert_eq!(Code::for_vectors(metric, vectors), expected, "{what}");
    }
    assert!(matches!(Code::for_vectors(Metric::Cosine, clustered(1, 2000)), Code::Byte(_)));
}

#[test]
fn the_index_finds_what_rounding_would_blur() {
    type Made = fn(u64, usize) -> Vec<Vec<f32>>;
    let table: [(Metric, Made); 3] =
        [(Metric::Euclidean, places), (Metric::Euclidean, features), (Metric::Cosine, lopsided)];
    for (metric, make) in table {
        let points = make(1, 6000);
        let (folder, collection) = collection(points[0].len(), metric);
        add(&collection, 0, &points);
        collection.settle(2, NEVER).unwrap();
        drop(collection);
        // As it comes from its file.
        let collection = reopened(&folder);
        assert_eq!(collection.describe().unwrap().indexed, Indexed::Current);
        let recall = recall_for(&collection, &make(2, 60), None);
        assert!(recall >= 0.95, "{metric:?} of {}: {recall}", points[0].len());
    }
}

#[test]
fn who_waits_for_the_index_can_stop() {
    let (folder, collection) = filled(Metric::Cosine, 3000);
    let stops = |asks: usize| {
        let after = |asks: usize| {
            let asked = Cell::new(0);
            move || asked.replace(asked.get() + 1) >= asks
        };
        assert_eq!(collection.settle(1, &after(asks)).unwrap_err().code(), "task.cancelled");
        assert_eq!(collection.rebuild(1, &after(asks)).unwrap_err().code(), "task.cancelled");
        assert!(!index_file(&folder).exists());
    };
    // At once, and in the midst of the vectors.
    for asks in [0, 2, 5] {
        stops(asks);
    }
    // While another process is at it.
    let other = fs::File::create(index_file(&folder).with_extension("lock")).unwrap();
    other.lock().unwrap();
    stops(4);
    drop(other);
    collection.settle(2, NEVER).unwrap();
    assert!(recall(&collection, None) >= 0.98);
}

#[test]
fn an_older_file_of_points_that_was_put_back_gets_an_index_of_its_own() {
    let (folder, collection) = filled(Metric::Cosine, 3000);
    collection.settle(2, NEVER).unwrap();
    drop(collection);
    let (points, copy) = (folder.path().join("docs/points.db"), folder.path().join("copy"));
    fs::copy(&points, &copy).unwrap();
    let collection = reopened(&folder);
    add(&collection, 5000, &clustered(4, 600));
    collection.settle(2, NEVER).unwrap();
    drop(collection);
    fs::copy(&copy, &points).unwrap();
    // New vectors get the keys of others that the index still holds.
    add(&reopened(&folder), 7000, &clustered(5, 1000));
    let collection = reopened(&folder);
    assert_eq!(collection.describe().unwrap().indexed, Indexed::Behind { points: 4000 });
    assert!(recall(&collection, None) >= 0.98);
    collection.settle(2, NEVER).unwrap();
    assert!(recall(&collection, None) >= 0.98);
}

#[test]
fn a_filter_that_leaves_out_what_is_nearest_gets_as_many_as_it_wants() {
    let (_folder, collection) = collection(DIMENSION, Metric::Cosine);
    let points = clustered(1, 3000);
    let points =
        points.iter().enumerate().map(|(n, vector)| point(&n.to_string(), vector, json!({ "cluster": n % 40 })));
    collection.upsert("", points.collect()).unwrap();
    collection.settle(2, NEVER).unwrap();
    let of = |clusters: &[i64]| {
        let clusters = clusters.iter().map(|cluster| (cluster % 40).into()).collect();
        Filter::Field(Path::key("cluster"), Test::OneOf(clusters))
    };
    let (mut found, mut wanted) = (0, 0);
    for (own, query) in (0..).zip(clustered(2, 40)) {
        for (filter, matches) in [(of(&[own]).negated(), 2925), (of(&[own + 7, own + 19]), 150), (of(&[own + 20]), 75)]
        {
            for limit in [1_usize, 10, 200] {
                let search = |exact| {
                    let query = Query::Nearest { to: Target::Vector(query.clone()), expansion: None, exact };
                    let filter = Some(filter.clone());
                    collection.search(&Search { filter, ..Search::new("", query, limit) }).unwrap()
                };
                let (truth, hits) = (search(true), search(false));
                assert_eq!((hits.len(), truth.len()), (limit.min(matches), limit.min(matches)));
                if matches < 200 {
                    assert_eq!(hits, truth, "few are all compared");
                }
                let truth: BTreeSet<_> = names(&truth).into_iter().collect();
                found += names(&hits).into_iter().filter(|name| truth.contains(name)).count();
                wanted += truth.len();
            }
        }
    }
    assert!(found as f64 >= 0.95 * wanted as f64, "{found} of {wanted}");
}

#[test]
fn what_the_index_does_not_hold_yet_is_found_and_what_was_deleted_is_not() {
    let (_folder, collection) = filled(Metric::Cosine, 3000);
    collection.settle(1, NEVER).unwrap();
    let probe = clustered(9, 1).remove(0);
    collection.upsert("", vec![point("new", &probe, json!({ "tenth": 1 }))]).unwrap();
    assert_eq!(search(&collection, &probe, None, false)[0].id.as_str(), "new");
    assert_eq!(search(&collection, &probe, Some(field("tenth", 1)), false)[0].id.as_str(), "new");

    let before = search(&collection, &probe, None, false);
    let gone: Vec<_> = before.iter().take(8).map(|hit| hit.id.clone()).collect();
    collection.delete("", Selection::Ids(gone.clone())).unwrap();
    let after = search(&collection, &probe, None, false);
    assert_eq!(after.len(), 10);
    assert!(after.iter().all(|hit| !gone.contains(&hit.id)));
    let truth = search(&collection, &probe, None, true);
    assert!(after.iter().filter(|hit| truth.contains(hit)).count() >= 9, "{after:?}");

    // Most of what the index holds is deleted: it is built anew.
    let most = Filter::Field(
        Path::key("tenth"),
        Test::Within(Bounds { below: Some(Number::Integer(6)), ..Bounds::default() }),
    );
    collection.delete("", Selection::Matching(most)).unwrap();
    assert_eq!(search(&collection, &probe, None, false).len(), 10);
    collection.settle(2, NEVER).unwrap();
    assert!(recall(&collection, None) >= 0.98);
}

#[test]
fn an_index_that_was_cut_altered_exchanged_or_removed_is_built_anew_and_no_answer_is_wrong() {
    let (folder, collection) = filled(Metric::Cosine, 2000);
    collection.settle(2, NEVER).unwrap();
    drop(collection);
    let path = index_file(&folder);
    let sound = fs::read(&path).unwrap();
    let (elsewhere, other) = filled(Metric::Cosine, 2000);
    other.settle(2, NEVER).unwrap();
    let foreign = fs::read(index_file(&elsewhere)).unwrap();
    let altered = |at: usize| {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        bytes
    };
    let length = sound.len();
    let damages = [
        Some(sound[..length / 2].to_vec()),
        Some(sound[..length - 1].to_vec()),
        Some(vec![]),
        Some(altered(20)),
        Some(altered(length / 2)),
        Some(altered(length - 1)),
        Some(altered(length - 30)),
        Some(foreign),
        None,
    ];
    let probe = clustered(3, 1).remove(0);
    for damage in damages {
        match &damage {
            Some(bytes) => fs::write(&path, bytes).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let collection = reopened(&folder);
        assert_eq!(collection.describe().unwrap().indexed, Indexed::Behind { points: 2000 });
        assert_eq!(search(&collection, &probe, None, false), search(&collection, &probe, None, true));
        collection.settle(2, NEVER).unwrap();
        drop(collection);
        let collection = reopened(&folder);
        assert_eq!(collection.describe().unwrap().indexed, Indexed::Current, "the next opening has it");
        let recall = recall(&collection, None);
        assert!(recall >= 0.98, "{recall}");
    }
}

#[test]
fn the_index_is_built_without_being_asked_for_and_another_process_takes_it() {
    let (folder, collection) = filled(Metric::Cosine, 1500);
    let other = reopened(&folder);
    let probe = clustered(3, 1).remove(0);
    search(&collection, &probe, None, false);
    let current = |collection: &Collection| {
        for _ in 0..600 {
            if collection.describe().unwrap().indexed == Indexed::Current {
                return true;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        false
    };
    assert!(current(&collection));
    assert!(current(&other));
    add(&other, 5000, &clustered(4, 2000));
    assert!(current(&other));
    assert!(current(&collection));
    assert!(recall(&collection, None) >= 0.98);
}

#[test]
fn searches_go_on_while_points_come_and_go() {
    let (_folder, collection) = filled(Metric::Cosine, 1500);
    let more = clustered(5, 2000);
    std::thread::scope(|scope| {
        scope.spawn(|| add(&collection, 10_000, &more));
        scope.spawn(|| {
            for n in 0..500 {
                collection.delete("", Selection::Ids(vec![PointId::number(n)])).unwrap();
            }
        });
        for query in clustered(6, 200) {
            assert_eq!(search(&collection, &query, None, false).len(), 10);
            assert_eq!(search(&collection, &query, Some(field("tenth", 4)), false).len(), 10);
        }
    });
    collection.settle(2, NEVER).unwrap();
    assert_eq!(collection.describe().unwrap().points, 3000);
    assert!(recall(&collection, None) >= 0.98);
}
