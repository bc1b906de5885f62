//! What `/metrics` tells.

use super::*;

async fn told(world: &World) -> String {
    let answer = world.send(&Ask::get("/metrics")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/plain; version=0.0.4")));
    answer.body
}

fn price() -> Option<Price> {
    Some(Price { input: 1e6, cached_input: 5e5, output: 2e6, currency: "EUR".into() })
}

#[tokio::test]
async fn answers_refusals_and_costs_are_counted_by_deployment() {
    let quota = Quota { requests_per_minute: Some(12), ..Quota::default() };
    let world = World::deploying("bound", ScriptedModel::saying("Hello there."), quota, price()).await;
    let ask = Ask::post(CHAT, &HELLO.replace("scripted", "bound"));
    for status in [200, 200, 429] {
        assert_eq!(world.send(&ask).await.status, status);
    }
    world.send(&Ask::post(EMBEDDINGS, r#"{"model": "bound-embedder", "input": "a b c"}"#)).await;
    world.send(&Ask::post(CHAT, &HELLO.replace("scripted", "a stranger's word"))).await;
    let told = told(&world).await;
    let chat = r#"gen_ai_operation_name="chat",gen_ai_provider_name="groundwork",gen_ai_request_model="bound",gen_ai_response_model="scripted""#;
    for line in [
        &format!(r#"gen_ai_server_request_duration_seconds_count{{error_type="",{chat}}} 2"#),
        &format!(r#"gen_ai_server_request_duration_seconds_count{{error_type="rate_limit_exceeded",{chat}}} 1"#),
        &format!("gen_ai_server_time_to_first_token_seconds_count{{{chat}}} 2"),
        &format!("gen_ai_server_time_per_output_token_seconds_count{{{chat}}} 2"),
        &format!(r#"gen_ai_client_token_usage_sum{{{},gen_ai_token_type="output"}} 4"#, chat),
        // A prompt of one token, then the same again; and three tokens that were embedded.
        r#"groundwork_cost_total{currency="EUR",deployment="bound"} 9.5"#,
        r#"groundwork_cost_total{currency="EUR",deployment="bound-embedder"} 3"#,
        r#"groundwork_quota_refusals_total{deployment="bound",quota="requests"} 1"#,
        r#"groundwork_prompt_cache_requests_total{deployment="bound",result="hit"} 1"#,
        r#"groundwork_prompt_cache_requests_total{deployment="bound",result="miss"} 1"#,
        r#"groundwork_prompt_cache_tokens_total{deployment="bound"} 1"#,
        r#"groundwork_answers{state="waiting"} 0"#,
        "groundwork_streams_active 0",
    ] {
        assert!(told.lines().any(|known| known == line), "{line} is not in\n{told}");
    }
    assert!(!told.contains("stranger"), "{told}");
    // Looking is no call, and the calls have their costs.
    let costs: Vec<_> = world.calls().iter().map(|call| call.cost.as_ref().map(|cost| cost.amount)).collect();
    assert_eq!(costs, [Some(5.0), Some(4.5), Some(0.0), Some(3.0), None]);
}

#[tokio::test]
async fn answers_under_way_are_told() {
    let world = World::new(ScriptedModel::saying("one two").slowly(Duration::from_millis(300))).await;
    let stream = world.open(&chat_with(r#""stream": true"#)).await;
    while world.model.requests().is_empty() {
        sleep(Duration::from_millis(5)).await;
    }
    let waiting = told(&world).await;
    assert!(waiting.contains("groundwork_answers{state=\"waiting\"} 1\n"), "{waiting}");
    assert!(waiting.contains("groundwork_streams_active 1\n"), "{waiting}");
    drop(stream);
    world.only_call().await;
    assert!(told(&world).await.contains("groundwork_streams_active 0\n"));
}

#[tokio::test]
async fn the_measures_need_a_key() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    assert_eq!(world.send(&Ask::get("/metrics").without("Authorization")).await.verdict(), "401 missing_api_key");
}
