//! Requests that nobody should send.

use proptest::prelude::*;

use super::{
    super::malformed::{apply, change, damage, damaged, runner, send_bytes},
    *,
};

const REQUESTS: u32 = 500;

/// A request of every route that reads a body, with all that it reads.
fn whole() -> Vec<(&'static str, &'static str, Value)> {
    let serverless = json!({"cloud": "aws", "region": "us-east-1", "read_capacity": {"mode": "OnDemand"}});
    let filter = json!({"$and": [{"genre": {"$in": ["a", 1]}}, {"$or": [{"year": {"$gte": 1}}, {"good": true}]}]});
    let metadata = json!({"genre": "a", "year": 1, "good": true, "tags": ["x", "y"]});
    vec![
        ("PATCH", "/indexes/docs", json!({"deletion_protection": "disabled", "tags": {"a": "b"}})),
        (
            "POST",
            "/index/docs/vectors/upsert",
            json!({"namespace": "n", "vectors": [{"id": "a", "values": [1, 2], "metadata": metadata}]}),
        ),
        (
            "POST",
            "/index/docs/query",
            json!({
                "vector": [1, 2], "topK": 3, "namespace": "n", "filter": filter, "includeValues": true, "includeMetadata": true,
            }),
        ),
        (
            "POST",
            "/index/docs/vectors/update",
            json!({"id": "a", "values": [1, 2], "setMetadata": metadata, "namespace": "n"}),
        ),
        (
            "POST",
            "/index/docs/vectors/update",
            json!({"filter": filter, "setMetadata": metadata, "namespace": "n", "dryRun": true}),
        ),
        ("POST", "/index/docs/vectors/fetch_by_metadata", json!({"filter": filter, "namespace": "n", "limit": 3})),
        ("POST", "/index/docs/vectors/delete", json!({"ids": ["b"], "namespace": "n"})),
        ("POST", "/index/docs/describe_index_stats", json!({})),
        (
            "POST",
            "/indexes",
            json!({"dimension": 2, "metric": "cosine", "vector_type": "dense", "spec": {"serverless": serverless}}),
        ),
        (
            "POST",
            "/indexes",
            json!({
                "schema": {"fields": {"_values": {"type": "dense_vector", "dimension": 2, "metric": "cosine"}}},
                "deployment": {"deployment_type": "managed", "cloud": "aws", "region": "r"}, "tags": {"a": "b"},
            }),
        ),
        (
            "POST",
            "/embed",
            json!({"model": "scripted-embedder", "inputs": [{"text": "a"}], "parameters": {"input_type": "query"}}),
        ),
    ]
}

#[test]
fn five_hundred_malformed_requests_are_each_answered_as_documented() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(with_index("cosine"));
    let routes = whole();
    for (method, path, body) in &routes {
        let answer = runtime.block_on(world.send(&ask(method, path, &body.to_string())));
        assert!(answer.status < 300, "the request before any change, at {path}: {}", answer.body);
    }
    let mut runner = runner(REQUESTS);
    let cases = (0..routes.len(), proptest::collection::vec(change(), 0..4), damage());
    let refused = std::cell::Cell::new(0);
    let outcome = runner.run(&cases, |(route, changes, damage)| {
        let (method, path, mut body) = routes[route].clone();
        for change in &changes {
            // A body with nothing in it has no place to change.
            if body.as_object().is_some_and(|body| !body.is_empty()) {
                apply(&mut body, change);
            }
        }
        let bytes = damaged(&body, &damage);
        let answer = runtime.block_on(send_bytes(&world, ask(method, path, ""), &bytes));
        prop_assert!(
            [200, 201, 400, 404, 408, 413, 501].contains(&answer.status),
            "{}: {}",
            answer.status,
            answer.body
        );
        if answer.status >= 400 {
            refused.set(refused.get() + 1);
            let told = answer.json();
            let data = path.starts_with("/index/");
            let (code, message) = if data {
                (&told["code"], &told["message"])
            } else {
                (&told["error"]["code"], &told["error"]["message"])
            };
            prop_assert!(if data { code.is_u64() } else { code.is_string() }, "{}", told);
            prop_assert!(message.as_str().is_some_and(|message| (10..2000).contains(&message.len())), "{}", told);
        }
        Ok(())
    });
    outcome.unwrap();
    assert!(refused.get() > REQUESTS / 2, "only {} were refused", refused.get());
    assert_eq!(world.calls().len(), 1 + REQUESTS as usize + routes.len());
}
