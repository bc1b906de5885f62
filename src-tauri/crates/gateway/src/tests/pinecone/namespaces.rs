//! Namespaces: listed, described, made and deleted.

use super::*;

async fn put(world: &World, namespace: &str, ids: &[&str]) {
    let vectors: Vec<_> = ids.iter().map(|id| json!({"id": id, "values": [1, 1]})).collect();
    said(world, "/vectors/upsert", json!({"vectors": vectors, "namespace": namespace})).await;
}

#[tokio::test]
async fn a_namespace_holds_its_own_vectors_and_none_of_another() {
    let world = with_index("cosine").await;
    put(&world, "one", &["a", "b"]).await;
    put(&world, "two", &["a"]).await;
    put(&world, "__default__", &["z"]).await;
    let query = |namespace: &str| json!({"vector": [1, 1], "topK": 5, "namespace": namespace});
    for (namespace, expected) in [("one", "ab"), ("two", "a"), ("", "z"), ("__default__", "z"), ("three", "")] {
        assert_eq!(found(&world, query(namespace)).await.concat(), expected, "{namespace:?}");
    }
    let stats = said(&world, "/describe_index_stats", json!({})).await;
    let expected = json!({
        "namespaces": {"__default__": {"vectorCount": 1}, "one": {"vectorCount": 2}, "two": {"vectorCount": 1}},
        "dimension": 2, "indexFullness": 0.0, "totalVectorCount": 4, "metric": "cosine", "vectorType": "dense",
    });
    assert_eq!(stats, expected);
}

#[tokio::test]
async fn namespaces_are_listed_in_pages_and_come_and_go_by_name() {
    let world = with_index("cosine").await;
    for name in ["b", "c", "a"] {
        put(&world, name, &["x"]).await;
    }
    let made = said(&world, "/namespaces", json!({"name": "empty"})).await;
    assert_eq!(made, json!({"name": "empty", "record_count": 0}));
    let again = world.send(&of_docs("/namespaces", &json!({"name": "empty"}))).await;
    assert_eq!((again.status, &again.json()["code"]), (409, &json!(6)));

    let first = got(&world, "/namespaces?limit=3").await;
    assert_eq!(names(&first), "a,b,c");
    let token = first["pagination"]["next"].as_str().unwrap();
    let second = got(&world, &format!("/namespaces?limit=3&paginationToken={token}")).await;
    assert_eq!((names(&second), second.get("pagination")), ("empty".into(), None));
    assert_eq!(names(&got(&world, "/namespaces?prefix=em").await), "empty");

    assert_eq!(got(&world, "/namespaces/b").await, json!({"name": "b", "record_count": 1}));
    for gone in ["b", "empty"] {
        assert_eq!(world.send(&ask("DELETE", &format!("/index/docs/namespaces/{gone}"), "")).await.status, 200);
        for method in ["GET", "DELETE"] {
            let answer = world.send(&ask(method, &format!("/index/docs/namespaces/{gone}"), "")).await;
            assert_eq!((answer.status, &answer.json()["code"]), (404, &json!(5)), "{method} {gone}");
        }
    }
    assert_eq!(names(&got(&world, "/namespaces").await), "a,c");
}

fn names(list: &Value) -> String {
    let names = list["namespaces"].as_array().unwrap().iter().map(|namespace| namespace["name"].as_str().unwrap());
    names.collect::<Vec<_>>().join(",")
}
