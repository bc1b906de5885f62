//! Indexes that embed by themselves.

use super::*;

const MODEL: &str = ScriptedEmbedder::ID;

async fn for_model() -> World {
    let world = world().await;
    let body = json!({
        "name": "docs", "cloud": "aws", "region": "us-east-1",
        "embed": {"model": MODEL, "field_map": {"text": "chunk"}, "write_parameters": {"input_type": "passage"}},
    });
    let made = world.send(&ask("POST", "/indexes/create-for-model", &body.to_string())).await;
    assert_eq!(made.status, 201, "{}", made.body);
    world
}

#[tokio::test]
async fn an_index_for_a_model_tells_which() {
    let world = for_model().await;
    let old = world.send(&ask("GET", "/indexes/docs", "")).await.json();
    assert_eq!((&old["dimension"], &old["embed"]["model"]), (&json!(4), &json!(MODEL)));
    assert_eq!(old["embed"]["field_map"], json!({"text": "chunk"}));
    let new = world.send(&of_version("GET", "/indexes/docs", "", VERSIONS[2])).await.json();
    assert_eq!(
        new["schema"]["fields"],
        json!({"chunk": {"type": "semantic_text", "model": MODEL, "metric": "cosine"}})
    );

    let body = |change: &str, to: &str| {
        json!({"name": "new", "cloud": "a", "region": "r", "embed": {"model": MODEL, "field_map": {"text": "chunk"}}})
            .to_string()
            .replace(change, to)
    };
    for (body, status, word) in [
        (body(MODEL, "multilingual-e5-large"), 404, "scripted-embedder"),
        (body(MODEL, "scripted"), 400, "embeds none"),
        (body("\"model\"", "\"dimension\": 3, \"model\""), 400, "4 values"),
        (body("\"chunk\"", "\"_id\""), 400, "field_map"),
        (body("\"text\"", "\"image\""), 400, "image"),
    ] {
        let answer = world.send(&ask("POST", "/indexes/create-for-model", &body)).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
        assert!(answer.body.contains(word), "{body}: {}", answer.body);
    }
}

#[tokio::test]
async fn texts_are_embedded_when_they_are_put_in_and_when_they_are_sought() {
    let world = for_model().await;
    let lines = "{\"_id\": \"a\", \"chunk\": \"one two\", \"n\": 1}\n{\"id\": \"b\", \"chunk\": \"three\"}\n";
    let upserted = world.send(&ask("POST", "/index/docs/records/namespaces/n/upsert", lines)).await;
    assert_eq!((upserted.status, upserted.body.as_str()), (201, ""));
    let search = json!({"query": {"inputs": {"text": "one two"}, "top_k": 1}, "fields": ["n"]});
    let found = said(&world, "/records/namespaces/n/search", search).await;
    let hit = &found["result"]["hits"][0];
    assert_eq!((&hit["_id"], &hit["fields"]), (&json!("a"), &json!({"n": 1.0})));
    assert!((hit["_score"].as_f64().unwrap() - 1.0).abs() < 1e-5, "{found}");
    assert_eq!(found["usage"], json!({"read_units": 1, "embed_total_tokens": 2}));
    let by_id =
        said(&world, "/records/namespaces/n/search", json!({"query": {"id": "b", "top_k": 5}, "fields": ["*"]})).await;
    assert_eq!(by_id["result"]["hits"][0]["fields"], json!({"chunk": "three"}));
    let call = world.calls().into_iter().find(|call| call.path.ends_with("/search")).unwrap();
    assert_eq!((call.model.as_deref(), call.prompt_tokens), (Some(MODEL), 2));

    for (lines, word) in [
        ("{\"_id\": \"a\"}", "'chunk'"),
        ("{\"chunk\": \"x\"}", "'_id'"),
        ("{\"_id\": \"a\", \"chunk\": \"x\", \"o\": {}}", "for field 'o'"),
        ("{\"_id\": \"a\",\n", "Record 0"),
        ("", "1 to 96"),
    ] {
        let answer = world.send(&ask("POST", "/index/docs/records/namespaces/n/upsert", lines)).await;
        assert_eq!(answer.status, 400, "{lines}");
        assert!(answer.json()["message"].as_str().unwrap().contains(word), "{lines}: {}", answer.body);
    }
}

#[tokio::test]
async fn embed_gives_the_vectors_of_texts() {
    let world = world().await;
    let body =
        json!({"model": MODEL, "inputs": [{"text": "a"}], "parameters": {"input_type": "query", "truncate": "END"}});
    let embedded = world.send(&ask("POST", "/embed", &body.to_string())).await.json();
    let vector = ScriptedEmbedder::vector(&inference::Input::Text("a".into()));
    let values: Vec<f64> = vector.into_iter().map(f64::from).collect();
    let data = json!([{"values": values, "vector_type": "dense"}]);
    let expected = json!({"model": MODEL, "vector_type": "dense", "data": data, "usage": {"total_tokens": 1}});
    assert_eq!(embedded, expected);
    let long = json!({"model": MODEL, "inputs": [{"text": "1 2 3 4 5 6 7 8 9"}]});
    let refused = world.send(&ask("POST", "/embed", &long.to_string())).await;
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (400, &json!("INVALID_ARGUMENT")));
}
