//! Indexes: made, described, changed, deleted.

use super::*;

#[tokio::test]
async fn each_version_of_the_client_reads_an_index_in_its_own_shape() {
    let world = with_index("dotproduct").await;
    let common = json!({
        "name": "docs", "host": "http://127.0.0.1/pinecone/index/docs",
        "status": {"ready": true, "state": "Ready"}, "deletion_protection": "disabled",
    });
    let capacity = json!({"mode": "OnDemand", "status": {"state": "Ready"}});
    let old = json!({"dimension": 2, "metric": "dotproduct", "vector_type": "dense"});
    let spec = |serverless: Value| json!({"spec": {"serverless": serverless}});
    let new = json!({
        "deployment": {"deployment_type": "managed", "cloud": "aws", "region": "us-east-1"}, "read_capacity": capacity,
        "schema": {"fields": {"_values": {"type": "dense_vector", "dimension": 2, "metric": "dotproduct"}}},
    });
    let expected = [
        merged(&[&common, &old, &spec(json!({"cloud": "aws", "region": "us-east-1"}))]),
        merged(&[&common, &old, &spec(json!({"cloud": "aws", "region": "us-east-1", "read_capacity": capacity}))]),
        merged(&[&common, &new]),
    ];
    for (version, expected) in VERSIONS.into_iter().zip(expected) {
        let described = world.send(&of_version("GET", "/indexes/docs", "", version)).await;
        assert_eq!((described.status, described.json()), (200, expected.clone()), "{version}");
        let listed = world.send(&of_version("GET", "/indexes", "", version)).await.json();
        assert_eq!(listed, json!({"indexes": [expected]}), "{version}");
    }
    let unversioned = ask("GET", "/indexes/docs", "").without("X-Pinecone-Api-Version");
    assert!(world.send(&unversioned).await.json()["spec"]["serverless"]["read_capacity"].is_null());
}

fn merged(parts: &[&Value]) -> Value {
    parts.iter().flat_map(|part| part.as_object().unwrap().clone()).collect::<serde_json::Map<_, _>>().into()
}

#[tokio::test]
async fn what_an_index_is_asked_to_be_is_made_or_refused_by_its_name() {
    let world = world().await;
    let old = |more: &str| format!(r#"{{"name": "new", "dimension": 2, "spec": {SPEC}{more}}}"#);
    let new = |fields: &str, more: &str| format!(r#"{{"name": "new", "schema": {{"fields": {fields}}}{more}}}"#);
    let values = r#"{"_values": {"type": "dense_vector", "dimension": 2, "metric": "cosine"}}"#;
    let named = |name: &str| old("").replace("\"new\"", &format!("{name:?}"));
    for (body, status, word) in [
        (old(""), 201, "cosine"),
        (old(r#", "metric": "euclidean", "vector_type": "dense""#), 201, "euclidean"),
        (old(r#", "deletion_protection": "disabled", "tags": {"team": "search"}"#), 201, "search"),
        (old("").replace(r#""name": "new", "#, ""), 201, "index-"),
        (new(values, ""), 201, "cosine"),
        (new(values, r#", "deployment": {"deployment_type": "managed", "cloud": "gcp", "region": "x"}"#), 201, "gcp"),
        (new(values, r#", "read_capacity": {"mode": "OnDemand"}"#), 201, "cosine"),
        (named(""), 400, "INVALID_ARGUMENT"),
        (named("Docs"), 400, "lower case"),
        (named("-docs"), 400, "lower case"),
        (named(&"a".repeat(46)), 400, "45"),
        (named("../x"), 400, "lower case"),
        (old(r#", "metric": "manhattan""#), 400, "manhattan"),
        (old(r#", "vector_type": "sparse""#), 501, "sparse"),
        (old(r#", "source_collection": "x""#), 501, "source_collection"),
        (old(r#", "colour": "red""#), 400, "colour"),
        (old(r#", "deletion_protection": "on""#), 400, "deletion_protection"),
        (old("").replace(": 2", ": 0"), 400, "dimension"),
        (old("").replace(": 2", ": 20001"), 400, "20000"),
        (old("").replace(r#""dimension": 2, "#, ""), 400, "dimension"),
        (old("").replace(SPEC, r#"{"pod": {"environment": "e"}}"#), 501, "PodSpec"),
        (old("").replace(SPEC, r#"{"byoc": {"environment": "e"}}"#), 501, "ByocSpec"),
        (old("").replace(SPEC, "{}"), 400, "ServerlessSpec"),
        (old("").replace(r#", "region": "us-east-1""#, ""), 400, "region"),
        (new(values, r#", "deployment": {"deployment_type": "pod"}"#), 501, "pod"),
        (new(values, r#", "read_capacity": {"mode": "Dedicated"}"#), 501, "OnDemand"),
        (new(r#"{"_sparse_values": {"type": "sparse_vector"}}"#, ""), 501, "sparse"),
        (new(r#"{"text": {"type": "string", "full_text_search": {}}}"#, ""), 501, "documents"),
        ("{".into(), 400, "INVALID_ARGUMENT"),
        ("[]".into(), 400, "INVALID_ARGUMENT"),
    ] {
        let answer = world.send(&ask("POST", "/indexes", &body)).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
        assert!(answer.body.contains(word), "{body}: {}", answer.body);
        if status == 201 {
            let name = answer.json()["name"].as_str().unwrap().to_owned();
            assert_eq!(world.send(&ask("DELETE", &format!("/indexes/{name}"), "")).await.status, 202);
        }
    }
    assert_eq!(world.send(&ask("GET", "/indexes", "")).await.json(), json!({"indexes": []}));
}

#[tokio::test]
async fn a_second_index_of_one_name_and_one_that_is_not_there_are_refused_in_the_services_shape() {
    let world = with_index("cosine").await;
    let again = format!(r#"{{"name": "docs", "dimension": 3, "spec": {SPEC}}}"#);
    let refused = world.send(&ask("POST", "/indexes", &again)).await;
    let body = refused.json();
    assert_eq!((refused.status, &body["error"]["code"], &body["status"]), (409, &json!("ALREADY_EXISTS"), &json!(409)));
    for (method, path) in [("GET", "/indexes/none"), ("DELETE", "/indexes/none"), ("GET", "/indexes/%ff")] {
        let missing = world.send(&ask(method, path, "")).await;
        let body = missing.json();
        assert_eq!((missing.status, &body["error"]["code"]), (404, &json!("NOT_FOUND")), "{method} {path}");
        assert_eq!(body["status"], 404);
    }
    let lost = world.send(&of_docs("/query", &json!({})).without("Api-Key").with("Api-Key", "gw-wrong")).await;
    assert_eq!((lost.status, &lost.json()["code"]), (401, &json!(16)));
    let lost = world.send(&ask("GET", "/indexes", "").without("Api-Key")).await;
    assert_eq!((lost.status, &lost.json()["error"]["code"]), (401, &json!("UNAUTHENTICATED")));
    assert!(lost.body.contains("Api-Key"), "{}", lost.body);
}

#[tokio::test]
async fn a_protected_index_stays_until_its_protection_is_taken_away() {
    let world = with_index("cosine").await;
    let change = async |body: &str| world.send(&ask("PATCH", "/indexes/docs", body)).await;
    let changed = change(r#"{"deletion_protection": "enabled", "tags": {"a": "1", "b": "2"}}"#).await.json();
    assert_eq!((&changed["deletion_protection"], &changed["tags"]), (&json!("enabled"), &json!({"a": "1", "b": "2"})));
    let refused = world.send(&ask("DELETE", "/indexes/docs", "")).await;
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (403, &json!("FORBIDDEN")));
    let changed = change(r#"{"deletion_protection": "disabled", "tags": {"a": ""}}"#).await.json();
    assert_eq!(changed["tags"], json!({"b": "2"}));
    for body in [r#"{"spec": {"pod": {"replicas": 2}}}"#, r#"{"embed": {}}"#, r#"{"schema": {}}"#] {
        assert_eq!(change(body).await.status, 501, "{body}");
    }
    assert_eq!(world.send(&ask("DELETE", "/indexes/docs", "")).await.status, 202);
    assert_eq!(world.send(&ask("GET", "/indexes/docs", "")).await.status, 404);
}

#[tokio::test]
async fn two_who_tag_an_index_at_once_keep_both_tags() {
    let world = with_index("cosine").await;
    let tags: Vec<_> =
        (0..8).map(|n| ask("PATCH", "/indexes/docs", &format!(r#"{{"tags": {{"t{n}": "x"}}}}"#))).collect();
    futures::future::join_all(tags.iter().map(|tag| world.send(tag))).await;
    let tags = world.send(&ask("GET", "/indexes/docs", "")).await.json()["tags"].clone();
    assert_eq!(tags.as_object().unwrap().len(), 8, "{tags}");
}

#[tokio::test]
async fn what_the_gateway_lacks_says_so() {
    let world = with_index("cosine").await;
    for (path, word) in [
        ("/collections", "pods"),
        ("/backups", "Backup"),
        ("/indexes/docs/backups", "Backup"),
        ("/rerank", "Reranking"),
        ("/index/docs/bulk/imports", "object storage"),
        ("/index/docs/namespaces/n/documents/search", "documents"),
    ] {
        let answer = world.send(&ask("POST", path, "{}")).await;
        assert_eq!(answer.status, 501, "{path}");
        assert!(answer.body.contains(word), "{path}: {}", answer.body);
    }
    let lost = world.send(&Ask::get("/indexes").without("Authorization").with("Api-Key", KEY)).await;
    assert_eq!(lost.status, 404);
    assert!(lost.body.contains("must end in /pinecone."), "{}", lost.body);
}
