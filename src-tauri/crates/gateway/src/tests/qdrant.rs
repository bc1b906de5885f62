//! Qdrant's interface on the wire. What filters and queries find is held to Qdrant's own local mode by its client's tests.

use std::collections::HashSet;

use inference::Embedder;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;

use super::{malformed::*, *};

const DOCS: &str = "/collections/docs";

/// With the collection `docs` of three points.
async fn world() -> World {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    let made = json!({"vectors": {"size": 2, "distance": "Dot"}, "hnsw_config": {"m": 8}});
    told(&world, "PUT", DOCS, &made).await;
    let points = json!({"points": [
        {"id": 1, "vector": [1, 0], "payload": {"city": "Berlin", "n": 1, "text": "red fox"}},
        {"id": 2, "vector": [0.5, 0.5], "payload": {"city": "Oslo", "n": 2.5}},
        {"id": "00000000-0000-0000-0000-000000000003", "vector": {"": [0, 1]}},
    ]});
    told(&world, "PUT", &at("points?wait=true"), &points).await;
    world
}

fn at(path: &str) -> String {
    format!("{DOCS}/{path}")
}

fn ask(method: &str, path: &str, body: &Value) -> Ask {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    Ask::new(method, path, &body).without("Authorization").with("api-key", KEY)
}

/// The result of what is answered with 200.
async fn told(world: &World, method: &str, path: &str, body: &Value) -> Value {
    let answer = world.send(&ask(method, path, body)).await;
    assert_eq!(answer.status, 200, "{method} {path}: {}", answer.body);
    let mut answer = answer.json();
    assert_eq!(answer["status"], "ok", "{path}");
    assert!(answer["time"].is_f64(), "{path}");
    answer["result"].take()
}

#[tokio::test]
async fn answers_have_the_shapes_that_clients_read() {
    let world = world().await;
    let third = "00000000-0000-0000-0000-000000000003";
    let berlin = json!({"must": {"key": "city", "match": {"value": "Berlin"}}});
    let table = [
        ("GET", "/collections".to_owned(), Value::Null, json!({"collections": [{"name": "docs"}]})),
        ("GET", at("exists"), Value::Null, json!({"exists": true})),
        ("GET", "/collections/none/exists".to_owned(), Value::Null, json!({"exists": false})),
        ("DELETE", "/collections/none".to_owned(), Value::Null, json!(false)),
        ("GET", at("aliases"), Value::Null, json!({"aliases": []})),
        (
            "POST",
            at("points"),
            json!({"ids": [2, 9], "with_payload": ["city"], "with_vector": true}),
            json!([{"id": 2, "payload": {"city": "Oslo"}, "vector": [0.5, 0.5]}]),
        ),
        ("GET", at(&format!("points/{third}")), Value::Null, json!({"id": third, "payload": {}, "vector": [0.0, 1.0]})),
        (
            "POST",
            at("points/query"),
            json!({"query": [1, 0], "limit": 2}),
            json!({"points": [
                {"id": 1, "version": 1, "score": 1.0, "payload": null, "vector": null},
                {"id": 2, "version": 1, "score": 0.5, "payload": null, "vector": null},
            ]}),
        ),
        (
            "POST",
            at("points/query/batch"),
            json!({"searches": [{"query": third, "filter": berlin}]}),
            json!([{"points": [{"id": 1, "version": 1, "score": 0.0, "payload": null, "vector": null}]}]),
        ),
        (
            "POST",
            at("points/search"),
            json!({"vector": {"name": "", "vector": [0, 1]}, "limit": 1}),
            json!([{"id": third, "version": 1, "score": 1.0, "payload": null, "vector": null}]),
        ),
        (
            "POST",
            at("points/query/groups"),
            json!({"query": [1, 0], "group_by": "city", "limit": 1, "group_size": 1, "with_payload": false}),
            json!({"groups": [{"id": "Berlin", "hits": [{"id": 1, "version": 1, "score": 1.0, "payload": null, "vector": null}]}]}),
        ),
        (
            "POST",
            at("points/scroll"),
            json!({"limit": 1, "offset": 2, "with_payload": false}),
            json!({"points": [{"id": 2, "payload": null, "vector": null}], "next_page_offset": third}),
        ),
        (
            "POST",
            at("points/scroll"),
            json!({"limit": 1, "order_by": {"key": "n", "direction": "desc"}, "with_payload": false}),
            json!({"points": [{"id": 2, "payload": null, "vector": null, "order_value": 2.5}], "next_page_offset": null}),
        ),
        ("POST", at("points/count"), json!({"filter": berlin, "exact": false}), json!({"count": 1})),
        (
            "POST",
            at("facet"),
            json!({"key": "city"}),
            json!({"hits": [{"value": "Berlin", "count": 1}, {"value": "Oslo", "count": 1}]}),
        ),
        (
            "POST",
            at("points/delete?wait=true"),
            json!({"filter": berlin}),
            json!({"operation_id": 2, "status": "completed"}),
        ),
        (
            "POST",
            at("points/batch"),
            json!({"operations": [{"clear_payload": {"points": [2]}}, {"delete": {"points": [3]}}]}),
            json!([{"operation_id": 3, "status": "acknowledged"}, {"operation_id": 4, "status": "acknowledged"}]),
        ),
        ("DELETE", DOCS.to_owned(), Value::Null, json!(true)),
    ];
    for (method, path, body, expected) in table {
        assert_eq!(told(&world, method, &path, &body).await, expected, "{method} {path} {body}");
    }
}

#[tokio::test]
async fn what_is_not_there_or_not_done_is_refused_with_its_place_and_the_next_step() {
    let world = world().await;
    let query = at("points/query");
    let one = |point: Value| json!({"points": [point]});
    let made = |more: Value| merged(json!({"vectors": {"size": 2, "distance": "Dot"}}), &more);
    let where_ = |condition: Value| json!({"filter": {"must": [condition]}});
    let deep = (0..110).fold(json!(1), |inner, _| json!([inner]));
    let deep_path = vec!["a"; 100_000].join(".");
    let table = [
        ("GET", "/collections/none".to_owned(), Value::Null, 404, "Create it first"),
        ("PUT", DOCS.to_owned(), made(json!({})), 409, "already exists"),
        ("PUT", "/collections/a".to_owned(), json!({}), 400, "'vectors' is missing"),
        ("PUT", "/collections/a".to_owned(), json!({"vectors": {"size": 2, "distance": "Manhattan"}}), 400, "Euclid"),
        ("PUT", "/collections/a".to_owned(), made(json!({"sparse_vectors": {"s": {}}})), 400, "text index"),
        ("PUT", "/collections/a".to_owned(), made(json!({"shard_number": 2})), 400, "'shard_number'"),
        ("PUT", "/collections/a".to_owned(), made(json!({"vector": {}})), 400, "'vector' cannot be used"),
        ("PUT", "/collections/a%2Fb".to_owned(), made(json!({})), 400, "a/b"),
        ("PUT", at("points"), one(json!({"id": -1, "vector": [1, 2]})), 400, "points[0].id"),
        ("PUT", at("points"), one(json!({"id": "x", "vector": [1, 2]})), 400, "UUID"),
        ("PUT", at("points"), one(json!({"id": 1, "vector": [1]})), 400, "holds vectors of 2 numbers; this one has 1"),
        ("PUT", at("points"), one(json!({"id": 1, "vector": [1e300, 1]})), 400, "not finite"),
        ("PUT", at("points"), one(json!({"id": 1, "vector": [[1, 2]]})), 400, "no list of them"),
        ("PUT", at("points"), one(json!({"id": 1, "vector": {"a": [1, 2]}})), 400, "the vector \"a\""),
        ("PUT", at("points"), one(json!({"id": 1, "vector": {"indices": [1], "values": [1]}})), 400, "sparse"),
        ("PUT", at("points"), json!({"points": [], "update_mode": "insert_only"}), 400, "'update_mode'"),
        ("PUT", at("points"), json!({"batch": {"ids": [1], "vectors": []}}), 400, "1 ids, 0 vectors"),
        ("POST", query.clone(), json!({"query": 77}), 404, "77"),
        ("POST", query.clone(), json!({"query": {"fusion": "rrf"}}), 400, "no 'prefetch'"),
        ("POST", query.clone(), json!({"query": {"fusion": "dbsf"}, "prefetch": []}), 400, "'query.fusion'"),
        ("POST", query.clone(), json!({"query": {"sample": "random"}}), 400, "'query.sample'"),
        ("POST", query.clone(), json!({"query": {"text": "fox"}, "using": "text"}), 400, "\"scoring\": true"),
        ("POST", query.clone(), json!({"query": [1, 2], "limit": 0}), 400, "'limit'"),
        ("POST", query.clone(), json!({"query": [1, 2], "limit": 10_001}), 400, "10000"),
        ("POST", query.clone(), json!({"query": [1, 2], "filters": {}}), 400, "'filters'"),
        ("POST", query.clone(), json!({"query": diverse(0.5, 1001)}), 400, "among 1000 at most"),
        (
            "POST",
            query.clone(),
            json!({"query": {"nearest": [1, 2], "mmr": {}}, "limit": 2000}),
            400,
            "'limit') is 2000",
        ),
        (
            "POST",
            query.clone(),
            json!({"prefetch": {"query": {"order_by": "n"}}, "query": [1, 2]}),
            400,
            "prefetch.query",
        ),
        ("POST", query, where_(json!({"key": "a", "geo_radius": {}})), 400, "filter.must[0].geo_radius"),
        ("POST", at("points/count"), where_(json!({"key": "a", "match": {"value": 1.5}})), 400, "use a range"),
        ("POST", at("points/count"), where_(json!({"key": "a["})), 400, "no path"),
        ("POST", at("points/count"), where_(json!({"key": "a"})), 400, "exactly one of"),
        ("POST", at("points/count"), json!({"filter": {"min_should": {"min_count": 0}}}), 400, "min_count"),
        ("POST", at("points/payload"), json!({"payload": {}, "points": [77, 1]}), 404, "77"),
        ("POST", at("points/payload"), json!({"payload": {}, "points": [1], "key": deep_path}), 400, "64 steps"),
        ("POST", at("points/payload"), json!({"payload": {"a": deep}, "points": [1]}), 400, "at most 100 deep"),
        ("PUT", at("points"), one(json!({"id": 1, "vector": [1, 2], "payload": {"a": deep}})), 400, "at most 100 deep"),
        ("POST", at("points/delete"), json!({}), 400, "'filter'"),
        ("POST", at("points/vectors/delete"), json!({}), 400, "Delete the point"),
        ("PUT", at("index"), json!({"field_name": "a", "field_schema": "geo"}), 400, "geo"),
        ("POST", at("snapshots"), Value::Null, 400, "Scroll through"),
        ("GET", at("nothing"), Value::Null, 404, "nothing at"),
        ("POST", DOCS.to_owned(), Value::Null, 405, "Allow"),
    ];
    for (method, path, body, status, word) in table {
        let answer = world.send(&ask(method, &path, &body)).await;
        let message = answer.json()["status"]["error"].as_str().unwrap_or_default().to_owned();
        assert!(
            answer.status == status && message.contains(word),
            "{method} {path} {body}: {} {message}",
            answer.status
        );
    }
    let still = told(&world, "POST", &at("points"), &json!({"ids": [1]})).await;
    assert_eq!(still[0]["payload"]["city"], "Berlin", "no refused change made a payload unreadable");
    let stranger = world.send(&Ask::get("/collections").without("Authorization")).await;
    assert!(stranger.status == 401 && stranger.json()["status"]["error"].as_str().unwrap().contains("api-key: KEY"));
}

fn diverse(diversity: f32, candidates: u32) -> Value {
    json!({"nearest": [1, 0], "mmr": {"diversity": diversity, "candidates_limit": candidates}})
}

#[tokio::test]
async fn diverse_results_are_each_the_best_beside_those_before_it() {
    let world = world().await;
    let mut random = StdRng::seed_from_u64(5);
    let vectors: Vec<[f32; 2]> = (0..1000).map(|_| [(); 2].map(|()| random.random_range(0.0..1.0))).collect();
    let points: Vec<Value> =
        (0..).zip(&vectors).map(|(id, vector): (u32, _)| json!({"id": id, "vector": vector})).collect();
    told(&world, "PUT", &at("points?wait=true"), &json!({"points": points})).await;
    for diversity in [0.0, 0.3, 1.0] {
        let asked = json!({"query": diverse(diversity, 1000), "limit": 1000});
        let found = told(&world, "POST", &at("points/query"), &asked).await;
        let found = found["points"].as_array().unwrap();
        // The point of the world whose id is a text is the furthest of all, and stays out.
        let ids: Vec<usize> = found.iter().filter_map(|point| point["id"].as_u64()).map(|id| id as usize).collect();
        let dot = |one: usize, other: usize| vectors[one][0] * vectors[other][0] + vectors[one][1] * vectors[other][1];
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 1000);
        for place in [1, 2, 10, 100] {
            let worth = |id: usize| {
                let alike = ids[..place].iter().map(|chosen| dot(id, *chosen)).fold(f32::NEG_INFINITY, f32::max);
                (1.0 - diversity) * vectors[id][0] - diversity * alike
            };
            let best = ids[place..].iter().map(|id| worth(*id)).fold(f32::NEG_INFINITY, f32::max);
            assert!((worth(ids[place]) - best).abs() < 1e-5, "{diversity}, {place}");
        }
    }
}

#[tokio::test]
async fn a_collection_tells_what_it_is() {
    let world = world().await;
    for (field, schema) in [("city", json!("keyword")), ("text", json!({"type": "text", "scoring": true}))] {
        told(&world, "PUT", &at("index?wait=true"), &json!({"field_name": field, "field_schema": schema})).await;
    }
    told(&world, "PATCH", DOCS, &json!({"metadata": {"a": 1}, "optimizers_config": {"indexing_threshold": 1}})).await;
    let shown = told(&world, "GET", DOCS, &Value::Null).await;
    assert_eq!((&shown["points_count"], &shown["status"]), (&json!(3), &json!("green")));
    assert_eq!(shown["config"]["params"]["vectors"], json!({"size": 2, "distance": "Dot"}));
    assert_eq!(shown["config"]["hnsw_config"]["m"], 8);
    assert_eq!(shown["config"]["metadata"], json!({"a": 1}));
    assert_eq!(
        shown["payload_schema"],
        json!({
            "city": {"data_type": "keyword", "points": 2},
            "text": {"data_type": "text", "points": 1, "params": {"type": "text", "scoring": true}},
        })
    );
    let found = told(&world, "POST", &at("points/query"), &json!({"query": {"text": "FOX"}, "using": "text"})).await;
    assert_eq!(found["points"][0]["id"], 1);
    told(&world, "DELETE", &at("index/text"), &Value::Null).await;
    let gone = world.send(&ask("POST", &at("points/query"), &json!({"query": {"text": "fox"}, "using": "text"}))).await;
    assert_eq!(gone.status, 400);
}

#[tokio::test]
async fn a_collection_turns_green_also_where_some_points_are_not_worth_indexing_yet() {
    let world = world().await;
    for ids in [10..1110, 1200..1300] {
        let points: Vec<Value> = ids.clone().map(|id: u32| json!({"id": id, "vector": [id % 37, id % 41]})).collect();
        told(&world, "PUT", &at("points?wait=true"), &json!({"points": points})).await;
        let mut status = Value::Null;
        for _ in 0..600 {
            status = told(&world, "GET", DOCS, &Value::Null).await["status"].take();
            if status == "green" {
                break;
            }
            sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(status, "green", "after {ids:?}");
    }
    let shown = told(&world, "GET", DOCS, &Value::Null).await;
    assert!(shown["indexed_vectors_count"].as_u64() < shown["points_count"].as_u64(), "{shown}");
}

#[tokio::test]
async fn documents_are_embedded_and_calls_are_on_record() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    let size = world.embedder.describe().dimension;
    told(&world, "PUT", DOCS, &json!({"vectors": {"size": size, "distance": "Dot"}})).await;
    let document = |text: &str| json!({"text": text, "model": "publisher/Scripted-Embedder"});
    let points =
        json!({"points": [{"id": 1, "vector": document("red fox")}, {"id": 2, "vector": {"": document("a")}}]});
    told(&world, "PUT", &at("points"), &points).await;
    let found =
        told(&world, "POST", &at("points/query"), &json!({"query": document("red fox"), "with_vector": true})).await;
    let stored = told(&world, "POST", &at("points"), &json!({"ids": [1], "with_vector": true})).await;
    assert!(found["points"].as_array().unwrap().iter().any(|point| point["vector"] == stored[0]["vector"]));
    world.send(&ask("GET", "/collections/none", &Value::Null)).await;
    let calls = world.calls();
    assert!(calls.iter().all(|call| call.dialect == "qdrant"), "{calls:?}");
    let embedded = &calls[1];
    assert_eq!(
        (embedded.method.as_str(), embedded.path.as_str(), embedded.status),
        ("PUT", "/collections/docs/points", 200)
    );
    assert!(
        embedded.prompt_tokens > 0 && embedded.model.as_deref() == Some("publisher/Scripted-Embedder"),
        "{embedded:?}"
    );
    let last = calls.last().unwrap();
    assert_eq!((last.status, last.error.as_deref()), (404, Some("retrieval.unknown")));
}

#[tokio::test]
async fn documents_count_for_the_quota_the_price_and_the_measures_of_their_model() {
    let quota = Quota { tokens_per_minute: Some(20), ..Quota::default() };
    let price = Price { input: 1e6, cached_input: 1e6, output: 1e6, currency: "EUR".into() };
    let world = World::deploying("bound", ScriptedModel::saying("Hello."), quota, Some(price)).await;
    let size = world.embedder.describe().dimension;
    told(&world, "PUT", DOCS, &json!({"vectors": {"size": size, "distance": "Dot"}})).await;
    let document = |text: &str| json!({"text": text, "model": "bound-embedder"});
    let points = json!({"points": [{"id": 1, "vector": document("one two three")}]});
    // The second are two queries that are embedded at once; the third may take more tokens than are left.
    let batch = json!({"searches": [{"query": document("a b")}, {"query": document("c")}]});
    let long = json!({"query": document(&"x".repeat(64))});
    for (method, path, body, status, remaining) in [
        ("PUT", "points", points, 200, "17"),
        ("POST", "points/query/batch", batch, 200, "14"),
        ("POST", "points/query", long, 429, "14"),
    ] {
        let answer = world.send(&ask(method, &at(path), &body)).await;
        assert_eq!((answer.status, answer.header("x-ratelimit-remaining-tokens")), (status, Some(remaining)), "{path}");
        assert_eq!(answer.header("retry-after").is_some(), status == 429, "{path}");
    }
    assert_eq!(world.embedder.requests().len(), 2);
    let costs: Vec<_> = world.calls().iter().map(|call| call.cost.as_ref().map(|cost| cost.amount)).collect();
    assert_eq!(costs, [None, Some(3.0), Some(3.0), Some(0.0)]);
    let measures = world.send(&Ask::get("/metrics")).await.body;
    let labels = r#"gen_ai_operation_name="embeddings",gen_ai_provider_name="groundwork",gen_ai_request_model="bound-embedder",gen_ai_response_model="scripted-embedder""#;
    for line in [
        &format!(r#"gen_ai_server_request_duration_seconds_count{{error_type="",{labels}}} 2"#),
        r#"groundwork_cost_total{currency="EUR",deployment="bound-embedder"} 6"#,
        r#"groundwork_quota_refusals_total{deployment="bound-embedder",quota="tokens"} 1"#,
    ] {
        assert!(measures.lines().any(|known| known == line), "{line} is not in\n{measures}");
    }
}

/// A request of every route with all that it reads.
fn whole() -> Vec<(&'static str, String, Value)> {
    let filter = json!({
        "must": [{"key": "a.b[]", "match": {"any": ["x", 1]}}, {"nested": {"key": "l", "filter": {"must_not": {"has_id": [1]}}}}],
        "should": [{"is_empty": {"key": "a"}}, {"key": "t", "range": {"gte": "2024-01-01", "lt": "2025-01-01T00:00:00Z"}}],
        "must_not": [{"key": "n", "range": {"gt": 1, "lte": 2.5}}, {"key": "n", "values_count": {"gte": 1}}],
        "min_should": {"conditions": [{"key": "w", "match": {"text": "x"}}], "min_count": 1},
    });
    let query = json!({
        "prefetch": [
            {"query": [1, 2], "limit": 5, "filter": filter, "params": {"hnsw_ef": 10, "exact": true}, "score_threshold": -9},
            {"query": {"recommend": {"positive": [1, [1, 2]], "negative": [2]}}, "limit": 5},
            {"prefetch": {"query": 1}, "query": {"nearest": [2, 1]}},
        ],
        "query": {"rrf": {"k": 3}}, "filter": filter, "limit": 3, "offset": 1, "score_threshold": 0.1,
        "with_payload": {"include": ["a.b", "c[]"]}, "with_vector": true,
    });
    let point = json!({"id": 1, "vector": [1, 2], "payload": {"a": {"b": ["x"]}, "t": "2024-05-05", "n": 1}});
    let operations = json!([
        {"upsert": {"points": [point]}}, {"set_payload": {"payload": {"b": 1}, "points": [1], "key": "a"}},
        {"delete_payload": {"keys": ["a.b"], "filter": filter}}, {"update_vectors": {"points": [{"id": 1, "vector": [3, 4]}]}},
        {"delete": {"filter": filter}},
    ]);
    vec![
        ("PUT", at("points?wait=true"), json!({"points": [point, {"id": 2, "vector": {"": [1, 1]}}]})),
        (
            "PUT",
            at("points"),
            json!({"batch": {"ids": [1, 2], "vectors": [[1, 2], [3, 4]], "payloads": [{"a": 1}, null]}}),
        ),
        ("POST", at("points/batch"), json!({"operations": operations})),
        ("POST", at("points/query"), query.clone()),
        ("POST", at("points/query/batch"), json!({"searches": [query]})),
        ("POST", at("points/query/groups"), json!({"query": [1, 2], "group_by": "a", "group_size": 2, "limit": 2})),
        ("POST", at("points/scroll"), json!({"filter": filter, "limit": 2, "offset": 1, "with_payload": ["a"]})),
        ("POST", at("points/scroll"), json!({"order_by": {"key": "n", "direction": "desc", "start_from": 3}})),
        ("POST", at("points/count"), json!({"filter": filter, "exact": true})),
        ("POST", at("facet"), json!({"key": "a", "filter": filter, "limit": 2})),
        (
            "PUT",
            at("index"),
            json!({"field_name": "w", "field_schema": {"type": "text", "scoring": true, "lowercase": true}}),
        ),
        ("PATCH", DOCS.to_owned(), json!({"metadata": {"a": 1}, "hnsw_config": {"m": null}})),
    ]
}

#[test]
fn five_hundred_malformed_requests_are_each_answered() {
    const REQUESTS: u32 = 500;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(world());
    let routes = whole();
    for (method, path, body) in &routes {
        runtime.block_on(told(&world, method, path, body));
    }
    let mut runner = runner(REQUESTS);
    let cases = (0..routes.len(), proptest::collection::vec(change(), 0..4), damage());
    let refused = std::cell::Cell::new(0);
    let outcome = runner.run(&cases, |(route, changes, damage)| {
        let (method, path, mut body) = routes[route].clone();
        changes.iter().for_each(|change| apply(&mut body, change));
        let answer = runtime.block_on(send_bytes(&world, Ask::new(method, &path, ""), &damaged(&body, &damage)));
        prop_assert!([200, 400, 404, 413].contains(&answer.status), "{}: {} {}", answer.status, answer.body, body);
        if answer.status != 200 {
            refused.set(refused.get() + 1);
            let told = answer.json();
            let message = told["status"]["error"].as_str().unwrap_or_default();
            prop_assert!((10..2000).contains(&message.len()), "{}", told);
        }
        Ok(())
    });
    outcome.unwrap();
    assert!(refused.get() > REQUESTS / 2, "only {} were refused", refused.get());
}
