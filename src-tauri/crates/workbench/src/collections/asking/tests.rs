//! Questions as they reach a collection.

use retrieval::{Metric, Settings};
use serde_json::json;

use super::*;

fn question(sought: Sought) -> Question {
    let (collection, namespace) = ("docs".into(), String::new());
    Question { collection, namespace, sought, conditions: Vec::new(), limit: 4 }
}

#[test]
fn a_hybrid_question_fuses_both_and_asks_each_for_more() {
    let search = search(question(Sought::Both { text: "disk full".into() }), Some(vec![1.0])).unwrap();
    let Query::Fusion { of, constant } = search.query else { panic!("{:?}", search.query) };
    assert_eq!((constant, search.limit), (60.0, 4));
    assert!(matches!(of[0].query, Query::Nearest { .. }) && matches!(of[1].query, Query::Keyword { .. }));
    assert_eq!((of[0].limit, of[1].limit), (20, 20));
}

#[test]
fn a_condition_takes_a_value_as_it_is_written_and_as_what_it_means() {
    let folder = tempfile::tempdir().unwrap();
    let collections = retrieval::Collections::open(folder.path()).unwrap();
    let collection = collections.create("docs", &Settings::new(1, Metric::Dot)).unwrap();
    let payloads = [json!({"year": 2024}), json!({"year": "2024"}), json!({"year": 2025}), json!({"tags": ["a", "b"]})];
    let points = payloads.into_iter().enumerate().map(|(number, payload)| retrieval::Point {
        id: PointId::number(number as u64),
        vector: vec![1.0],
        payload: payload.as_object().cloned().unwrap_or_default(),
    });
    collection.upsert("", points.collect()).unwrap();
    for (field, value, expected) in
        [("year", "2024", vec!["0", "1"]), ("tags", "b", vec!["3"]), ("tags", "c", vec![]), ("day", "1", vec![])]
    {
        let conditions = vec![(field.to_owned(), value.to_owned())];
        let sought = Sought::Point { id: "0".into() };
        let search = search(Question { conditions, ..question(sought) }, None).unwrap();
        let mut ids: Vec<String> =
            collection.search(&search).unwrap().into_iter().map(|hit| hit.id.to_string()).collect();
        ids.sort();
        assert_eq!(ids, expected, "{field}={value}");
    }
}
