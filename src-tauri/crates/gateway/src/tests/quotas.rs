//! What a deployment's quota lets through, and what is told of it.

use super::*;

const BOUND: &str = r#"{"model": "bound", "messages": [{"role": "user", "content": "Hi"}]}"#;
const NOTHING: Quota = Quota { tokens_per_minute: None, requests_per_minute: None };

async fn bound(quota: Quota) -> World {
    World::deploying("bound", ScriptedModel::saying("Hello there."), quota, None).await
}

#[tokio::test]
async fn requests_over_the_quota_are_told_when_to_come_back() {
    let world = bound(Quota { requests_per_minute: Some(12), ..NOTHING }).await;
    for remaining in ["1", "0"] {
        let answer = world.send(&Ask::post(CHAT, BOUND)).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-ratelimit-limit-requests"), Some("12"));
        assert_eq!(answer.header("x-ratelimit-remaining-requests"), Some(remaining));
        assert_eq!(answer.header("x-ratelimit-limit-tokens"), None);
    }
    let refused = world.send(&Ask::post(CHAT, BOUND)).await;
    assert_eq!(refused.verdict(), "429 rate_limit_exceeded");
    assert_eq!(refused.json()["error"]["type"], "requests");
    let millis: u64 = refused.header("retry-after-ms").unwrap().parse().unwrap();
    assert!((1..=10_000).contains(&millis), "{millis}");
    assert_eq!(refused.header("retry-after"), Some(millis.div_ceil(1000).to_string().as_str()));
    assert_eq!(refused.header("x-ratelimit-remaining-requests"), Some("0"));
    let azure = world.send(&Ask::post(&AZURE_CHAT.replace("scripted", "bound"), HELLO)).await;
    assert_eq!(azure.verdict(), "429 429", "as Azure words it");
    // The record has one word for both.
    let codes: Vec<_> = world.calls().iter().map(|call| call.error.clone()).collect();
    assert_eq!(codes[2..], [Some("rate_limit_exceeded".into()), Some("rate_limit_exceeded".into())]);
    // The model's own name has no quota.
    let own = world.send(&Ask::post(CHAT, HELLO)).await;
    assert_eq!((own.status, own.header("x-ratelimit-limit-requests")), (200, None));
}

#[tokio::test]
async fn tokens_are_estimated_before_and_settled_after() {
    let world = bound(Quota { tokens_per_minute: Some(300), ..NOTHING }).await;
    // The prompt is taken to be 5 tokens; it is 1, and the answer 2.
    let answer = world.send(&with(CHAT, BOUND, r#""max_tokens": 290"#)).await;
    assert_eq!((answer.status, answer.header("x-ratelimit-remaining-tokens")), (200, Some("297")));
    let streamed = world.send(&with(CHAT, BOUND, r#""max_tokens": 200, "stream": true"#)).await;
    assert_eq!((streamed.status, streamed.header("x-ratelimit-limit-tokens")), (200, Some("300")));
    let after = world.send(&with(CHAT, BOUND, r#""max_tokens": 1"#)).await;
    assert_eq!(after.header("x-ratelimit-remaining-tokens"), Some("292"), "3 + 3 + 2 were taken");
    let refused = world.send(&with(CHAT, BOUND, r#""max_tokens": 290"#)).await;
    assert_eq!(
        (refused.verdict().as_str(), &refused.json()["error"]["type"]),
        ("429 rate_limit_exceeded", &"tokens".into())
    );
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((50..=60).contains(&seconds), "{seconds}");
    let embedded = world.send(&Ask::post(EMBEDDINGS, r#"{"model": "bound-embedder", "input": ["a b", "c"]}"#)).await;
    assert_eq!(embedded.header("x-ratelimit-remaining-tokens"), Some("297"), "a deployment of its own");
}

#[tokio::test]
async fn a_refused_request_costs_nothing() {
    let world = bound(Quota { tokens_per_minute: Some(5000), requests_per_minute: Some(6) }).await;
    let long = BOUND.replace("Hi", &"word ".repeat(2048));
    let table = vec![
        (with(CHAT, BOUND, r#""temperature": 9"#), "400 decimal_above_max_value temperature"),
        (with(CHAT, BOUND, r#""max_tokens": 5000"#), "429 rate_limit_exceeded"),
        (Ask::post(CHAT, &long), "400 context_length_exceeded messages"),
        (Ask::post(CHAT, BOUND), "200"),
        (Ask::post(CHAT, BOUND), "429 rate_limit_exceeded"),
    ];
    check(&world, table).await;
}

#[tokio::test]
async fn a_request_that_can_never_fit_is_told_not_to_come_back() {
    let world = bound(Quota { tokens_per_minute: Some(100), ..NOTHING }).await;
    let refused = world.send(&with(CHAT, BOUND, r#""max_tokens": 50, "n": 2"#)).await;
    assert_eq!(refused.verdict(), "429 rate_limit_exceeded");
    assert_eq!((refused.header("x-should-retry"), refused.header("retry-after")), (Some("false"), None));
    let message = refused.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("105 tokens") && message.contains("100 a minute"), "{message}");
    assert!(message.contains("max_tokens") && message.contains("groundwork deployment add"), "{message}");
    assert_eq!(world.send(&with(CHAT, BOUND, r#""max_tokens": 90"#)).await.status, 200);
}

#[tokio::test]
async fn a_hang_up_is_settled_by_what_the_model_did() {
    let quota = Quota { tokens_per_minute: Some(1000), ..NOTHING };
    let model = ScriptedModel::saying(&"word ".repeat(500)).slowly(Duration::from_millis(20));
    let world = World::deploying("bound", model, quota, None).await;
    let stream = world.open(&with(CHAT, BOUND, r#""max_tokens": 900, "stream": true"#)).await;
    while world.model.requests().is_empty() {
        sleep(Duration::from_millis(5)).await;
    }
    drop(stream);
    assert_eq!(world.only_call().await.status, 499);
    let next = world.send(&with(CHAT, BOUND, r#""max_tokens": 1"#)).await;
    let remaining: u64 = next.header("x-ratelimit-remaining-tokens").unwrap().parse().unwrap();
    assert!(remaining > 500, "{remaining}");
}
