//! The index beside comparing every point: what it finds, and what becomes of it when it is damaged, late or gone.

use std::{collections::BTreeSet, fs, path::PathBuf};

use serde_json::json;

use super::*;

const DIMENSION: usize = 48;

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
    let (mut found, mut wanted) = (0, 0);
    for query in clustered(2, 60) {
        let truth = search(collection, &query, filter.cloned(), true);
        let hits = search(collection, &query, filter.cloned(), false);
        assert_eq!(hits.len(), truth.len());
        for hit in &hits {
            let fetched = collection.fetch("", std::slice::from_ref(&hit.id), Include::ALL).unwrap();
            let score =
                collection.describe().unwrap().settings.metric.score(&query, fetched[0].vector.as_ref().unwrap());
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
        collection.settle(2).unwrap();
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

#[test]
fn what_the_index_does_not_hold_yet_is_found_and_what_was_deleted_is_not() {
    let (_folder, collection) = filled(Metric::Cosine, 3000);
    collection.settle(1).unwrap();
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
    collection.settle(2).unwrap();
    assert!(recall(&collection, None) >= 0.98);
}

#[test]
fn an_index_that_was_cut_altered_exchanged_or_removed_is_built_anew_and_no_answer_is_wrong() {
    let (folder, collection) = filled(Metric::Cosine, 2000);
    collection.settle(2).unwrap();
    drop(collection);
    let path = index_file(&folder);
    let sound = fs::read(&path).unwrap();
    let (elsewhere, other) = filled(Metric::Cosine, 2000);
    other.settle(2).unwrap();
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
        collection.settle(2).unwrap();
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
    collection.settle(2).unwrap();
    assert_eq!(collection.describe().unwrap().points, 3000);
    assert!(recall(&collection, None) >= 0.98);
}
