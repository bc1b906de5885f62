//! What the data plane refuses, in the service's shape and words, and what is left on record.

use super::*;

#[tokio::test]
async fn what_the_service_would_not_take_is_refused_by_its_limit() {
    let world = filled("cosine").await;
    let upsert = |vector: Value| ("/vectors/upsert", json!({"vectors": [vector]}));
    let many: Vec<_> = (0..1001).map(|n| json!({"id": n.to_string(), "values": [1, 1]})).collect();
    let long = json!({"text": "x".repeat(41_000)});
    let heavy: Vec<_> = (0..60)
        .map(|n| json!({"id": n.to_string(), "values": [1, 1], "metadata": {"text": "x".repeat(40_000)}}))
        .collect();
    let query = |more: &str| ("/query", serde_json::from_str(&format!("{{{more}}}")).unwrap());
    for ((path, body), word) in [
        (
            upsert(json!({"id": "x", "values": [1, 2, 3]})),
            "Vector dimension 3 does not match the dimension of the index 2",
        ),
        (upsert(json!({"id": "x"})), "Vector dimension 0"),
        (upsert(json!({"id": "x", "values": [0, 0]})), "non-zero"),
        (upsert(json!({"id": "x", "values": [1e300, 1]})), "number out of range"),
        (upsert(json!({"id": "x", "values": ["1", 1]})), "vectors[0].values[0]"),
        (upsert(json!({"id": "", "values": [1, 1]})), "1 to 512"),
        (upsert(json!({"id": "x".repeat(513), "values": [1, 1]})), "513"),
        (upsert(json!({"id": 7, "values": [1, 1]})), "vectors[0].id"),
        (upsert(json!({"id": "x", "values": [1, 1], "sparseValues": {"indices": [1], "values": [1]}})), "sparse"),
        (upsert(json!({"id": "x", "values": [1, 1], "colour": 1})), "colour"),
        (upsert(json!({"id": "x", "values": [1, 1], "metadata": {"a": null}})), "got 'null' for field 'a'"),
        (upsert(json!({"id": "x", "values": [1, 1], "metadata": {"a": {"b": 1}}})), "for field 'a'"),
        (upsert(json!({"id": "x", "values": [1, 1], "metadata": {"a": [1]}})), "list of strings"),
        (upsert(json!({"id": "x", "values": [1, 1], "metadata": {"$a": 1}})), "$a"),
        (upsert(json!({"id": "x", "values": [1, 1], "metadata": long})), "40960 bytes per vector"),
        (("/vectors/upsert", json!({"vectors": []})), "1 to 1000"),
        (("/vectors/upsert", json!({"vectors": many})), "1001"),
        (("/vectors/upsert", json!({"vectors": heavy})), "the limit is 2097152"),
        (("/vectors/upsert", json!({})), "vectors"),
        (query(r#""vector": [1, 1]"#), "topK"),
        (query(r#""vector": [1, 1], "topK": 0"#), "1 to 10000"),
        (query(r#""vector": [1, 1], "topK": 10001"#), "10001"),
        (query(r#""vector": [1], "topK": 1"#), "dimension 1"),
        (query(r#""vector": [0, 0], "topK": 1"#), "non-zero"),
        (query(r#""topK": 1"#), "'vector' or an 'id'"),
        (query(r#""vector": [1, 1], "id": "a", "topK": 1"#), "not both"),
        (query(r#""sparseVector": {}, "topK": 1"#), "sparse"),
        (query(r#""vector": [1, 1], "topK": 1, "maxCandidates": 5"#), "maxCandidates"),
        (("/describe_index_stats", json!({"filter": {"a": 1}})), "metadata filtering"),
        (("/vectors/delete", json!({})), "exactly one"),
        (("/vectors/delete", json!({"ids": ["a"], "deleteAll": true})), "exactly one"),
        (("/vectors/update", json!({"id": "a"})), "setMetadata"),
        (("/vectors/update", json!({"id": "a", "setMetadata": {"b": null}})), "for field 'b'"),
        (("/vectors/update", json!({"id": "a", "values": [1, 2, 3]})), "dimension 3"),
        (("/vectors/update", json!({"filter": {"a": 1}, "values": [1, 2]})), "setMetadata"),
        (("/vectors/fetch_by_metadata", json!({"filter": {}})), "filter"),
        (("/vectors/fetch_by_metadata", json!({"filter": {"a": 1}, "paginationToken": "!"})), "pagination token"),
        (("/records/namespaces/n/upsert", json!({"_id": "a"})), "create_index_for_model"),
        (("/namespaces", json!({"name": "__default__"})), "__default__"),
        (("/namespaces", json!({"name": "n", "schema": {"fields": {}}})), "schema"),
    ] {
        let answer = world.send(&of_docs(path, &body)).await;
        let refused = answer.json();
        let shown: String = body.to_string().chars().take(100).collect();
        let status = if refused["code"] == 12 { 501 } else { 400 };
        assert_eq!((answer.status, &refused["details"]), (status, &json!([])), "{path} {shown}: {}", answer.body);
        assert!(refused["message"].as_str().unwrap().contains(word), "{path} {shown}: {}", answer.body);
    }
    assert_eq!(found(&world, json!({"vector": [1, 1], "topK": 10})).await.len(), 3, "a refused write left something");
}

#[tokio::test]
async fn an_address_is_refused_by_what_is_wrong_with_it() {
    let world = filled("cosine").await;
    for (path, status, word) in [
        ("/vectors/fetch", 400, "ids"),
        ("/vectors/fetch?ids=a&colour=red", 400, "colour"),
        ("/vectors/list?limit=0", 400, "1 to 100"),
        ("/vectors/list?limit=x", 400, "1 to 100"),
        ("/vectors/list?paginationToken=%FF", 400, "pagination token"),
        ("/vectors/upsert", 405, "Allow"),
        ("/vectors/nothing", 404, "/pinecone/index/{index}/query"),
    ] {
        let answer = world.send(&ask("GET", &format!("/index/docs{path}"), "")).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert!(answer.json()["message"].as_str().unwrap().contains(word), "{path}: {}", answer.body);
    }
    let gone = world.send(&ask("POST", "/index/none/query", r#"{"vector": [1], "topK": 1}"#)).await;
    assert_eq!((gone.status, &gone.json()["code"]), (404, &json!(5)));
    let empty = world.send(&of_docs("/vectors/delete", &json!({"deleteAll": true, "namespace": "none"}))).await;
    assert_eq!((empty.status, &empty.json()["code"]), (404, &json!(5)));
    assert!(empty.body.contains("Namespace not found"), "{}", empty.body);
}

#[tokio::test]
async fn every_call_is_on_record_with_what_came_of_it() {
    let world = with_index("cosine").await;
    said(&world, "/vectors/upsert", json!({"vectors": [{"id": "a", "values": [1, 1]}]})).await;
    world.send(&of_docs("/query", &json!({"vector": [1, 1, 1], "topK": 1}))).await;
    let calls = world.calls();
    let told: Vec<_> = calls.iter().map(|call| (call.dialect.as_str(), call.path.as_str(), call.status)).collect();
    let expected = [
        ("pinecone", "/pinecone/indexes", 201),
        ("pinecone", "/pinecone/index/docs/vectors/upsert", 200),
        ("pinecone", "/pinecone/index/docs/query", 400),
    ];
    assert_eq!(told, expected);
    assert_eq!(calls[2].error.as_deref(), Some("dimension_mismatch"));
    assert!(calls.iter().all(|call| call.millis > 0.0));
    let measures = world.send(&Ask::get("/metrics")).await.body;
    let counted = |error: &str| {
        format!(r#"groundwork_vector_request_duration_seconds_count{{dialect="pinecone",error_type="{error}"}}"#)
    };
    assert!(measures.contains(&format!("{} 2\n", counted(""))), "{measures}");
    assert!(measures.contains(&format!("{} 1\n", counted("dimension_mismatch"))), "{measures}");
}
