//! Filters of metadata.

use super::*;

#[tokio::test]
async fn each_operator_finds_what_it_says() {
    let world = filled("cosine").await;
    for (filter, expected) in [
        (json!({}), "abc"),
        (json!({"genre": "drama"}), "a"),
        (json!({"genre": {"$eq": "comedy"}}), "b"),
        (json!({"year": 2020}), "a"),
        (json!({"year": 2020.0}), "a"),
        (json!({"good": true}), "a"),
        (json!({"good": false}), ""),
        (json!({"tags": "y"}), "a"),
        (json!({"genre": {"$ne": "drama"}}), "bc"),
        (json!({"tags": {"$ne": "y"}}), "bc"),
        (json!({"year": {"$gt": 2019.5}}), "a"),
        (json!({"year": {"$gte": 2019.5}}), "ab"),
        (json!({"year": {"$lt": 2020}}), "b"),
        (json!({"year": {"$lte": 2020}}), "ab"),
        (json!({"year": {"$gte": 2019, "$lt": 2020}}), "b"),
        (json!({"genre": {"$in": ["drama", "horror"]}}), "a"),
        (json!({"tags": {"$in": ["z", "x"]}}), "a"),
        (json!({"genre": {"$in": []}}), ""),
        (json!({"genre": {"$nin": ["drama", "horror"]}}), "bc"),
        (json!({"genre": {"$exists": true}}), "ab"),
        (json!({"genre": {"$exists": false}}), "c"),
        (json!({"genre": "drama", "year": 2019.5}), ""),
        (json!({"$and": [{"genre": "drama"}, {"year": {"$gt": 2000}}]}), "a"),
        (json!({"$or": [{"genre": "drama"}, {"year": {"$lt": 2020}}]}), "ab"),
        (json!({"$or": [{"$and": [{"genre": "drama"}, {"good": true}]}, {"genre": {"$exists": false}}]}), "ac"),
        (json!({"a.b": 1}), ""),
    ] {
        let mut ids = found(&world, json!({"vector": [1, 1], "topK": 10, "filter": filter})).await;
        ids.sort();
        assert_eq!(ids.concat(), expected, "{filter}");
    }
}

#[tokio::test]
async fn a_filter_that_means_nothing_is_refused_by_what_is_wrong_with_it() {
    let world = filled("cosine").await;
    for (filter, word) in [
        (json!({"genre": {"$regex": "x"}}), "$regex"),
        (json!({"$not": [{"genre": "x"}]}), "$not"),
        (json!({"$and": []}), "$and"),
        (json!({"$or": {"genre": "x"}}), "$or"),
        (json!({"$or": ["x"]}), "$or"),
        (json!({"$or": [{}]}), "$or"),
        (json!({"genre": ["drama"]}), "genre"),
        (json!({"genre": null}), "genre"),
        (json!({"genre": {}}), "genre"),
        (json!({"genre": {"$eq": ["drama"]}}), "$eq"),
        (json!({"genre": {"$in": "drama"}}), "$in"),
        (json!({"genre": {"$in": [null]}}), "$in"),
        (json!({"year": {"$gt": "2020"}}), "$gt"),
        (json!({"year": {"$exists": 1}}), "$exists"),
        (json!({"year": {"lt": 1}}), "lt is not a valid operator"),
    ] {
        let answer = world.send(&of_docs("/query", &json!({"vector": [1, 1], "topK": 1, "filter": filter}))).await;
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!(3)), "{filter}");
        assert!(answer.json()["message"].as_str().unwrap().contains(word), "{filter}: {}", answer.body);
    }
}
