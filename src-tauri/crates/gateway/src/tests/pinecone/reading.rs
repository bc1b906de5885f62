//! Queries, fetches and lists.

use super::*;

#[tokio::test]
async fn scores_are_those_that_the_service_defines() {
    for (metric, expected) in [
        (
            "cosine",
            vec![
                ("b", 0.6 * 2f64.sqrt().recip() + 0.8 * 2f64.sqrt().recip()),
                ("a", 0.5f64.sqrt()),
                ("c", 0.5f64.sqrt()),
            ],
        ),
        ("dotproduct", vec![("b", 7.0), ("c", 2.0), ("a", 1.0)]),
        ("euclidean", vec![("a", 1.0), ("c", 2.0), ("b", 13.0)]),
    ] {
        let world = filled(metric).await;
        let answer = said(&world, "/query", json!({"vector": [1, 1], "topK": 3})).await;
        let matches = answer["matches"].as_array().unwrap();
        assert_eq!(matches.len(), 3);
        for (found, (id, score)) in matches.iter().zip(expected) {
            assert_eq!(found["id"], id, "{metric}: {answer}");
            assert!((found["score"].as_f64().unwrap() - score).abs() < 1e-5, "{metric}: {answer}");
        }
    }
}

#[tokio::test]
async fn a_match_brings_what_it_was_asked_to_bring() {
    let world = filled("dotproduct").await;
    let ask = |more: Value| {
        let mut body = json!({"topK": 1});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let b = |values: Value, metadata: Option<Value>, score: f64| {
        let mut found = json!({"id": "b", "score": score, "values": values});
        if let Some(metadata) = metadata {
            found["metadata"] = metadata;
        }
        json!({"matches": [found], "namespace": "", "usage": {"readUnits": 1}})
    };
    let metadata = json!({"genre": "comedy", "year": 2019.5});
    for (more, expected) in [
        (json!({"vector": [1, 1]}), b(json!([]), None, 7.0)),
        (json!({"vector": [1, 1], "includeValues": true}), b(json!([3.0, 4.0]), None, 7.0)),
        (json!({"vector": [1, 1], "includeMetadata": true}), b(json!([]), Some(metadata), 7.0)),
        (json!({"id": "b"}), b(json!([]), None, 25.0)),
        (json!({"id": "none"}), json!({"matches": [], "namespace": "", "usage": {"readUnits": 1}})),
    ] {
        assert_eq!(said(&world, "/query", ask(more.clone())).await, expected, "{more}");
    }
}

#[tokio::test]
async fn metadata_numbers_come_back_as_doubles() {
    let world = filled("cosine").await;
    let raw = world.send(&ask("GET", "/index/docs/vectors/fetch?ids=a", "")).await.body;
    assert!(raw.contains(r#""year":2020.0"#), "{raw}");
    assert!(raw.contains(r#""tags":["x","y"]"#) && raw.contains(r#""good":true"#), "{raw}");
}

#[tokio::test]
async fn a_fetch_gives_the_vectors_that_are_there() {
    let world = filled("cosine").await;
    let fetched = got(&world, "/vectors/fetch?ids=c&ids=none&namespace=").await;
    assert_eq!(
        fetched,
        json!({"vectors": {"c": {"id": "c", "values": [0.0, 2.0]}}, "namespace": "", "usage": {"readUnits": 1}})
    );
    assert_eq!(got(&world, "/vectors/fetch?ids=c&namespace=other").await["vectors"], json!({}));

    let matching = json!({"filter": {"year": {"$gt": 0}}, "limit": 1});
    let first = said(&world, "/vectors/fetch_by_metadata", matching).await;
    assert!(first["vectors"]["a"]["metadata"]["genre"] == "drama", "{first}");
    let next = json!({"filter": {"year": {"$gt": 0}}, "limit": 1, "paginationToken": first["pagination"]["next"]});
    let second = said(&world, "/vectors/fetch_by_metadata", next).await;
    assert_eq!((second["vectors"]["b"]["values"].clone(), second.get("pagination")), (json!([3.0, 4.0]), None));
}

#[tokio::test]
async fn ids_are_listed_by_prefix_page_by_page() {
    let world = with_index("cosine").await;
    let ids = ["doc1#1", "doc1#2", "doc1#3", "doc2#1", "é#1"];
    let vectors: Vec<_> = ids.iter().map(|id| json!({"id": id, "values": [1, 1]})).collect();
    said(&world, "/vectors/upsert", json!({"vectors": vectors})).await;
    let mut path = "/vectors/list?prefix=doc1%23&limit=2".to_owned();
    let mut pages = Vec::new();
    loop {
        let page = got(&world, &path).await;
        let listed: Vec<_> = page["vectors"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
        pages.push(Value::from(listed));
        let Some(next) = page["pagination"]["next"].as_str() else { break };
        path = format!("/vectors/list?prefix=doc1%23&limit=2&paginationToken={next}");
    }
    assert_eq!(Value::from(pages), json!([["doc1#1", "doc1#2"], ["doc1#3"]]));
    assert_eq!(got(&world, "/vectors/list").await["vectors"].as_array().unwrap().len(), 5);
    assert_eq!(got(&world, "/vectors/list?namespace=none").await["vectors"], json!([]));
}
