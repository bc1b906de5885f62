//! Pinecone's interface, as its clients call it.

mod control;
mod filters;
mod malformed;
mod namespaces;
mod reading;
mod records;
mod refusals;
mod writing;

use serde_json::json;

use super::*;

/// Of the clients 7, 8 and 10.
const VERSIONS: [&str; 3] = ["2025-04", "2025-10", "2026-07"];

const SPEC: &str = r#"{"serverless": {"cloud": "aws", "region": "us-east-1"}}"#;

fn ask(method: &str, path: &str, body: &str) -> Ask {
    of_version(method, path, body, VERSIONS[1])
}

fn of_version(method: &str, path: &str, body: &str, version: &str) -> Ask {
    let ask = Ask::new(method, &format!("/pinecone{path}"), body).without("Authorization");
    ask.with("Api-Key", KEY).with("X-Pinecone-Api-Version", version)
}

async fn world() -> World {
    World::new(ScriptedModel::saying("Hello.")).await
}

/// A world with the index `docs` of two dimensions.
async fn with_index(metric: &str) -> World {
    let world = world().await;
    let body = format!(r#"{{"name": "docs", "dimension": 2, "metric": "{metric}", "spec": {SPEC}}}"#);
    assert_eq!(world.send(&ask("POST", "/indexes", &body)).await.status, 201);
    world
}

/// With three vectors in the namespace that is named by none.
async fn filled(metric: &str) -> World {
    let world = with_index(metric).await;
    let vectors = json!({"vectors": [
        {"id": "a", "values": [1.0, 0.0], "metadata": {"genre": "drama", "year": 2020, "tags": ["x", "y"], "good": true}},
        {"id": "b", "values": [3.0, 4.0], "metadata": {"genre": "comedy", "year": 2019.5}},
        {"id": "c", "values": [0.0, 2.0]},
    ]});
    assert_eq!(said(&world, "/vectors/upsert", vectors).await, json!({"upsertedCount": 3}));
    world
}

fn of_docs(path: &str, body: &Value) -> Ask {
    ask("POST", &format!("/index/docs{path}"), &body.to_string())
}

/// What the index `docs` answers, which must be an answer.
async fn said(world: &World, path: &str, body: Value) -> Value {
    let answer = world.send(&of_docs(path, &body)).await;
    assert_eq!(answer.status, 200, "{path} {body}: {}", answer.body);
    answer.json()
}

/// The same of a GET.
async fn got(world: &World, path: &str) -> Value {
    let answer = world.send(&ask("GET", &format!("/index/docs{path}"), "")).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.json()
}

/// The ids that a query finds, nearest first.
async fn found(world: &World, query: Value) -> Vec<String> {
    let matches = said(world, "/query", query).await["matches"].clone();
    matches.as_array().unwrap().iter().map(|found| found["id"].as_str().unwrap().to_owned()).collect()
}
