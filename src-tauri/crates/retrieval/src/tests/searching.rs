use serde_json::json;
use task::Fault;

use super::*;

#[test]
fn scores_and_order_are_those_of_comparing_every_point() {
    for metric in [Metric::Cosine, Metric::Dot, Metric::Euclidean] {
        let (_folder, collection) = collection(20, metric);
        let stored = vectors(1, 300, 20);
        collection
            .upsert("", stored.iter().enumerate().map(|(n, v)| point(&n.to_string(), v, json!({ "n": n }))).collect())
            .unwrap();
        for query in vectors(2, 5, 20) {
            let mut expected: Vec<_> = stored.iter().map(|vector| metric.score(&query, vector)).enumerate().collect();
            expected.sort_by(|one, other| match metric {
                Metric::Euclidean => one.1.total_cmp(&other.1),
                _ => other.1.total_cmp(&one.1),
            });
            let found =
                collection.search(&Search { offset: 3, ..Search::new("", Query::nearest(query.clone()), 10) }).unwrap();
            let found: Vec<_> = found.iter().map(|hit| (hit.id.as_number().unwrap() as usize, hit.score)).collect();
            assert_eq!(found, expected[3..13], "{metric:?}");

            let threshold = expected[4].1;
            let found = collection
                .search(&Search { threshold: Some(threshold), ..Search::new("", Query::nearest(query), 10) })
                .unwrap();
            assert_eq!(found.len(), 5, "{metric:?}");
        }
    }
}

#[test]
fn a_stored_point_asks_with_and_without_itself() {
    let (_folder, collection) = collection(2, Metric::Cosine);
    let points = [("a", [1.0, 0.0]), ("b", [0.9, 0.1]), ("c", [0.0, 1.0])];
    collection.upsert("", points.iter().map(|(name, vector)| point(name, vector, json!({}))).collect()).unwrap();
    let ask =
        |to, limit| collection.search(&Search::new("", Query::Nearest { to, expansion: None, exact: false }, limit));
    assert_eq!(names(&ask(Target::Point(id("a")), 2).unwrap()), ["a", "b"]);
    assert_eq!(names(&ask(Target::Others(id("a")), 2).unwrap()), ["b", "c"]);
    assert_eq!(names(&ask(Target::Others(id("a")), 9).unwrap()), ["b", "c"]);
    assert_eq!(ask(Target::Point(id("z")), 2).unwrap_err().code(), "retrieval.unknown_point");
}

fn texts() -> (TempDir, Collection) {
    let fields = vec!["text".to_owned(), "tags[]".to_owned()];
    let (folder, collection) = with(&Settings { text_fields: fields, ..Settings::new(2, Metric::Cosine) });
    let points = [
        ("cat", [1.0, 0.0], json!({ "text": "The cat sat on the mat.", "lang": "en" })),
        ("dog", [0.9, 0.1], json!({ "text": "A dog chased the cat, and the cat fled", "lang": "en" })),
        ("bird", [0.0, 1.0], json!({ "text": "Ein Vogel singt", "tags": ["cat", "Bird"], "lang": "de" })),
        ("none", [0.5, 0.5], json!({ "lang": "en" })),
    ];
    collection.upsert("", points.map(|(name, vector, payload)| point(name, &vector, payload)).to_vec()).unwrap();
    (folder, collection)
}

fn keyword(text: &str, fields: Option<Vec<String>>) -> Query {
    Query::Keyword { text: text.into(), fields }
}

#[test]
fn words_find_their_texts_in_the_fields_that_were_named() {
    let (_folder, collection) = texts();
    let find = |text: &str, fields: Option<&[&str]>| {
        let fields = fields.map(|fields| fields.iter().map(|field| (*field).to_owned()).collect());
        let hits = collection.search(&Search::new("", keyword(text, fields), 10)).unwrap();
        assert!(hits.windows(2).all(|two| two[0].score >= two[1].score) && hits.iter().all(|hit| hit.score >= 0.0));
        let mut found = hits.iter().map(|hit| hit.id.to_string()).collect::<Vec<_>>();
        found.sort();
        found.join(" ")
    };
    assert_eq!(find("VOGEL", None), "bird");
    assert_eq!(find("cat", None), "bird cat dog");
    assert_eq!(find("cat", Some(&["text"])), "cat dog");
    assert_eq!(find("bird", Some(&["text"])), "");
    assert_eq!(find("mat dog", None), "cat dog");
    assert_eq!(find("\" NEAR * NOT (", None), "", "nothing of a query is taken for a language");
    assert_eq!(find("", None), "");
    let error = collection.search(&Search::new("", keyword("cat", Some(vec!["body".into()])), 10)).unwrap_err();
    assert!(error.to_string().contains("\"body\" is none of its text fields, which are text, tags[]"), "{error}");
}

#[test]
fn words_follow_every_change() {
    let (_folder, collection) = texts();
    let find = |text: &str| {
        let hits = collection.search(&Search::new("", keyword(text, None), 10)).unwrap();
        hits.iter().map(|hit| hit.id.to_string()).collect::<Vec<_>>()
    };
    collection.delete("", Selection::Ids(vec![id("cat")])).unwrap();
    assert_eq!(find("mat"), [""; 0]);
    let other = json!({ "text": "a fish" }).as_object().unwrap().clone();
    collection.change_payload("", Selection::Ids(vec![id("dog")]), PayloadChange::Set(other)).unwrap();
    assert_eq!((find("dog"), find("fish")), (vec![], vec!["dog".to_owned()]));
    collection.update_vectors("", vec![(id("dog"), vec![0.0, 1.0])]).unwrap();
    assert_eq!(find("fish"), ["dog"]);
    collection.change(&Change { text_fields: Some(vec!["lang".into()]), ..Change::default() }).unwrap();
    assert_eq!((find("fish"), find("de")), (vec![], vec!["bird".to_owned()]));
}

#[test]
fn ranks_of_several_searches_are_fused() {
    let (_folder, collection) = texts();
    let english = Filter::Field(Path::key("lang"), Test::OneOf(vec!["en".into()]));
    let nearest = Branch::new(Query::nearest(vec![1.0, 0.0]), 3);
    let words = Branch { filter: Some(english), ..Branch::new(keyword("cat", None), 5) };
    let fusion = Query::Fusion { of: vec![nearest, words], constant: 60.0 };
    let hits = collection.search(&Search::new("", fusion.clone(), 10)).unwrap();
    let lists = [["cat", "dog", "none"].as_slice(), &["dog", "cat"]];
    let score = |name: &str| {
        let ranks = lists.iter().filter_map(|list| list.iter().position(|held| *held == name));
        ranks.map(|rank| 1.0 / (61.0 + rank as f32)).sum::<f32>()
    };
    assert_eq!(hits.len(), 3, "{hits:?}");
    for hit in &hits {
        assert!((hit.score - score(hit.id.as_str())).abs() < 1e-6, "{hits:?}");
    }
    assert_eq!(hits[2].id.as_str(), "none");

    let among = Query::Among {
        these: vec![Branch::new(keyword("cat", None), 5)],
        query: Box::new(Query::nearest(vec![0.5, 0.5])),
    };
    assert_eq!(names(&collection.search(&Search::new("", among, 10)).unwrap()), ["dog", "cat", "bird"]);
    let none = Search { filter: Some(Filter::Ids(vec![id("none")])), ..Search::new("", fusion, 10) };
    assert_eq!(names(&collection.search(&none).unwrap()), ["none"], "the outer filter holds in every branch");
}

#[test]
fn a_search_without_a_filter_waits_for_nobodys_columns() {
    let (_folder, collection) = texts();
    let (other, (sender, receiver)) = (collection.clone(), std::sync::mpsc::channel());
    let found = collection.while_columns_are_held(|| {
        std::thread::spawn(move || sender.send(other.search(&Search::new("", Query::nearest(vec![1.0, 0.0]), 2))));
        receiver.recv_timeout(std::time::Duration::from_secs(60)).expect("it waits for the columns")
    });
    assert_eq!(names(&found.unwrap()), ["cat", "dog"]);

    // Where there are others, a namespace is told from them by its keys.
    collection.upsert("b", vec![point("cat", &[0.1, 1.0], json!({}))]).unwrap();
    for (namespace, expected) in [("b", ["cat"].as_slice()), ("", ["cat", "dog", "none", "bird"].as_slice())] {
        let found = collection.search(&Search::new(namespace, Query::nearest(vec![1.0, 0.0]), 9)).unwrap();
        assert_eq!(names(&found), expected, "{namespace:?}");
    }
}

#[test]
fn a_batch_is_answered_from_one_state_and_checked_before() {
    let (_folder, collection) = texts();
    let good = Search::new("", Query::nearest(vec![1.0, 0.0]), 1);
    let nowhere = Search::new("nowhere", Query::nearest(vec![1.0, 0.0]), 1);
    let found = collection.search_batch(&[good.clone(), nowhere]).unwrap();
    assert_eq!(found.iter().map(|hits| names(hits)).collect::<Vec<_>>(), [vec!["cat"], vec![]]);
    for bad in [
        Search { limit: 0, ..good.clone() },
        Search { limit: 10_001, ..good.clone() },
        Search { offset: 10_001, ..good },
    ] {
        assert_eq!(collection.search(&bad).unwrap_err().code(), "retrieval.request");
    }
}

#[test]
fn results_are_ordered_anew_by_their_texts() {
    /// Likes texts that are short.
    struct Brevity(usize);
    impl Reranker for Brevity {
        fn scores(&self, _: &str, texts: &[&str]) -> Result<Vec<f32>, Box<dyn std::error::Error + Send + Sync>> {
            Ok(texts.iter().skip(self.0).map(|text| 100.0 - text.len() as f32).collect())
        }
    }
    let (_folder, collection) = texts();
    let search = Search { include: Include::PAYLOAD, ..Search::new("", Query::nearest(vec![1.0, 0.0]), 10) };
    let hits = collection.search(&search).unwrap();
    assert_eq!(names(&hits), ["cat", "dog", "none", "bird"]);
    let field = Path::key("text");
    let ordered = rerank(hits.clone(), &Brevity(0), "", &field, 3).unwrap();
    assert_eq!(names(&ordered), ["none", "bird", "cat"]);
    assert_eq!(ordered[0].score, 100.0);
    let error = rerank(hits, &Brevity(1), "", &field, 3).unwrap_err();
    assert!(error.to_string().contains("4 texts were given 3 scores"), "{error}");
}
