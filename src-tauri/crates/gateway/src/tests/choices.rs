//! Several answers to one request, and the probabilities of their tokens.

use inference::Error;
use serde_json::json;

use super::*;

#[tokio::test]
async fn several_answers_share_one_prompt() {
    let world = World::new(ScriptedModel::saying("Hello there.")).await;
    let answer = world.send(&chat_with(r#""n": 3, "seed": 5"#)).await.json();
    let texts: Vec<_> =
        (0..3).map(|choice| answer["choices"][choice]["message"]["content"].as_str().unwrap()).collect();
    assert_eq!(texts, ["Hello there."; 3]);
    let usage = &answer["usage"];
    assert_eq!(
        (&usage["prompt_tokens"], &usage["completion_tokens"], &usage["total_tokens"]),
        (&json!(1), &json!(6), &json!(7))
    );
    let seeds: Vec<_> = world.model.requests().iter().map(|request| request.sampling.seed).collect();
    assert_eq!(seeds, [Some(5), Some(6), Some(7)]);

    let stream = world.send(&chat_with(r#""n": 3, "stream": true"#)).await;
    let events = stream.events();
    assert_eq!(events[0]["choices"][0]["index"], 0);
    for choice in 0..3 {
        let of_it = events.iter().map(|event| &event["choices"][0]).filter(|said| said["index"] == choice);
        let text: String = of_it.clone().filter_map(|said| said["delta"]["content"].as_str()).collect();
        assert_eq!(text, "Hello there.");
        assert_eq!(of_it.filter(|said| said["delta"]["role"] == "assistant").count(), 1);
    }
}

#[tokio::test]
async fn the_others_wait_for_the_first_token_and_then_run_at_the_same_time() {
    let model = ScriptedModel::saying("one two three four").slowly(Duration::from_millis(100));
    let world = World::new(model).await;
    let stream = world.open(&chat_with(r#""n": 4, "stream": true"#)).await;
    let mut most = 0;
    let mut before_the_first = Vec::new();
    for _ in 0..300 {
        let (asked, active) = (world.model.requests().len(), world.model.active());
        most = most.max(active);
        before_the_first.push(asked);
        if most == 4 {
            break;
        }
        sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(most, 4, "all four at once");
    before_the_first.dedup();
    assert_eq!(before_the_first.iter().filter(|asked| **asked > 0).collect::<Vec<_>>(), [&1, &4]);
    drop(stream);
    world.model.cancelled(4).await;
    assert_eq!(world.only_call().await.status, 499);
}

#[tokio::test]
async fn an_answer_that_finds_the_model_full_waits_for_another_of_its_call() {
    let world = World::new(ScriptedModel::saying("Hello there.").with_room(2)).await;
    let answer = world.send(&chat_with(r#""n": 5"#)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.json()["choices"].as_array().unwrap().len(), 5);
    assert_eq!(answer.json()["usage"]["completion_tokens"], 10);
    // With none of its own to wait for, it is told to come back.
    let world = World::new(ScriptedModel::saying("Hello there.").with_room(0)).await;
    let answer = world.send(&chat_with(r#""n": 5"#)).await;
    assert_eq!(answer.verdict(), "429 rate_limit_exceeded");
    assert!(answer.head.contains("\r\nretry-after: 2\r\n"), "{}", answer.head);
    assert!(answer.head.contains("\r\nretry-after-ms: 1500\r\n"), "{}", answer.head);
}

#[tokio::test]
async fn one_that_fails_ends_the_call() {
    let error = Error::Model { message: "out of memory".into() };
    let world = World::new(ScriptedModel::saying("one two three").failing_after(1, error)).await;
    assert_eq!(world.send(&chat_with(r#""n": 3"#)).await.verdict(), "500 model_failed");
    let streamed = world.send(&chat_with(r#""n": 3, "stream": true"#)).await;
    assert_eq!(streamed.events().last().unwrap()["error"]["code"], "model_failed");
    assert_eq!(world.calls().iter().map(|call| call.status).collect::<Vec<_>>(), [500, 500]);
}

#[tokio::test]
async fn a_prompt_that_was_read_before_is_told() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    for cached in [0, 1] {
        let usage = world.send(&chat_with(r#""n": 2"#)).await.json()["usage"].clone();
        assert_eq!(usage["prompt_tokens_details"]["cached_tokens"], cached);
    }
}

#[tokio::test]
async fn probabilities_are_told_when_asked() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    let answer = world.send(&chat_with(r#""logprobs": true, "top_logprobs": 2"#)).await.json();
    insta::assert_snapshot!("logprobs", answer["choices"][0]["logprobs"].to_string());
    let events = world.send(&chat_with(r#""logprobs": true, "top_logprobs": 2, "stream": true"#)).await.events();
    assert_eq!(events[1]["choices"][0]["logprobs"], answer["choices"][0]["logprobs"]);
    assert_eq!(world.model.requests()[0].logprobs, Some(2));

    let plain = world.send(&chat_with(r#""logprobs": true"#)).await.json();
    assert_eq!(plain["choices"][0]["logprobs"]["content"][0]["top_logprobs"], json!([]));
    let none = world.send(&Ask::post(CHAT, HELLO)).await.json();
    assert_eq!(none["choices"][0]["logprobs"], json!(null));
}
