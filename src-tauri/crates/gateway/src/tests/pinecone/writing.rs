//! Upserts, updates and deletes.

use super::*;

async fn fetched(world: &World, id: &str) -> Value {
    got(world, &format!("/vectors/fetch?ids={id}")).await["vectors"][id].clone()
}

#[tokio::test]
async fn an_upsert_takes_the_place_of_the_whole_vector() {
    let world = filled("cosine").await;
    said(&world, "/vectors/upsert", json!({"vectors": [{"id": "a", "values": [5, 6]}]})).await;
    assert_eq!(fetched(&world, "a").await, json!({"id": "a", "values": [5.0, 6.0]}));
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_keeps_the_rest() {
    let world = filled("cosine").await;
    for (update, expected) in [
        (
            json!({"id": "b", "values": [1, 2]}),
            json!({"id": "b", "values": [1.0, 2.0], "metadata": {"genre": "comedy", "year": 2019.5}}),
        ),
        (
            json!({"id": "b", "setMetadata": {"year": 1}}),
            json!({"id": "b", "values": [1.0, 2.0], "metadata": {"genre": "comedy", "year": 1.0}}),
        ),
        (
            json!({"id": "b", "values": [2, 1], "setMetadata": {"new": ["x"]}}),
            json!({"id": "b", "values": [2.0, 1.0], "metadata": {"genre": "comedy", "year": 1.0, "new": ["x"]}}),
        ),
        (
            json!({"id": "none", "values": [2, 1]}),
            json!({"id": "b", "values": [2.0, 1.0], "metadata": {"genre": "comedy", "year": 1.0, "new": ["x"]}}),
        ),
    ] {
        assert_eq!(said(&world, "/vectors/update", update.clone()).await, json!({}), "{update}");
        assert_eq!(fetched(&world, "b").await, expected, "{update}");
    }
    assert_eq!(fetched(&world, "none").await, Value::Null);
}

#[tokio::test]
async fn an_update_by_filter_says_how_many_it_concerned_and_a_dry_run_changes_none() {
    let world = filled("cosine").await;
    let update = |dry: bool| json!({"filter": {"year": {"$gt": 0}}, "setMetadata": {"seen": true}, "dryRun": dry});
    assert_eq!(said(&world, "/vectors/update", update(true)).await, json!({"matchedRecords": 2}));
    assert!(fetched(&world, "a").await["metadata"]["seen"].is_null());
    assert_eq!(said(&world, "/vectors/update", update(false)).await, json!({"matchedRecords": 2}));
    assert_eq!(fetched(&world, "a").await["metadata"]["seen"], true);
    assert!(fetched(&world, "c").await["metadata"].is_null());
}

#[tokio::test]
async fn a_delete_takes_ids_a_filter_or_all() {
    for (delete, left) in [
        (json!({"ids": ["a", "none"]}), "bc"),
        (json!({"filter": {"genre": {"$exists": true}}}), "c"),
        (json!({"deleteAll": true}), ""),
        (json!({"ids": ["a"], "deleteAll": false}), "bc"),
    ] {
        let world = filled("cosine").await;
        assert_eq!(said(&world, "/vectors/delete", delete.clone()).await, json!({}));
        let mut ids = found(&world, json!({"vector": [1, 1], "topK": 10})).await;
        ids.sort();
        assert_eq!(ids.concat(), left, "{delete}");
    }
}

#[tokio::test]
async fn writes_of_an_index_that_answers_late_stay_out_of_sight_until_it_no_longer_does() {
    let world = with_index("cosine").await;
    let late = r#"{"tags": {"groundwork-delay-ms": "60000"}}"#;
    assert_eq!(world.send(&ask("PATCH", "/indexes/docs", late)).await.status, 200);
    let query = json!({"vector": [1, 1], "topK": 10});
    let written = said(&world, "/vectors/upsert", json!({"vectors": [{"id": "a", "values": [1, 1]}]})).await;
    assert_eq!(written, json!({"upsertedCount": 1}));
    assert!(found(&world, query.clone()).await.is_empty());
    // Turned off again, a write is seen at once, and all that were acknowledged before it.
    let prompt = r#"{"tags": {"groundwork-delay-ms": ""}}"#;
    assert_eq!(world.send(&ask("PATCH", "/indexes/docs", prompt)).await.status, 200);
    said(&world, "/vectors/upsert", json!({"vectors": [{"id": "b", "values": [1, 1]}]})).await;
    assert_eq!(found(&world, query).await, ["a", "b"]);
}
