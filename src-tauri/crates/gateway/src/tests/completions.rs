//! Text completions.

use inference::{Prompt, Sampling};
use serde_json::json;

use super::*;

const SAY: &str = r#"{"model": "scripted", "prompt": "one two"}"#;

fn say_with(more: &str) -> Ask {
    with(COMPLETIONS, SAY, more)
}

fn say(prompt: &str) -> Ask {
    Ask::post(COMPLETIONS, &SAY.replace("\"one two\"", prompt))
}

#[tokio::test]
async fn each_request_has_its_status_and_code() {
    let world = World::new(ScriptedModel::saying("Hello there.").with_context(8)).await;
    let azure = "/openai/deployments/scripted/completions?api-version=2024-10-21";
    let table = vec![
        (say("\"a\""), "200"),
        (say(r#"["a", "b"]"#), "200"),
        (say("[1, 2]"), "200"),
        (say("[[1, 2], [3]]"), "200"),
        (say(r#"["a", [1]]"#), "200"),
        (say_with(r#""best_of": 2, "n": 2, "echo": true, "logprobs": null, "suffix": null"#), "200"),
        (say_with(r#""guided_regex": "a+", "top_k": 3, "seed": 1, "logprobs": 5"#), "200"),
        (Ask::post(azure, SAY), "200"),
        (Ask::post("/openai/v1/completions", SAY), "200"),
        (say("null"), "400 missing_required_parameter prompt"),
        (say("1"), "400 invalid_type prompt"),
        (say("\"\""), "400 invalid_value prompt"),
        (say("[]"), "400 invalid_value prompt"),
        (say("[[]]"), "400 invalid_value prompt[0]"),
        (say("[\"a\", \"\"]"), "400 invalid_value prompt[1]"),
        (say("[\"a\", 1]"), "400 invalid_type prompt[1]"),
        (say("[1, \"a\"]"), "400 invalid_type prompt[1]"),
        (say("[-1]"), "400 invalid_type prompt[0]"),
        (say("[[4294967296]]"), "400 invalid_type prompt[0][0]"),
        (say("[true]"), "400 invalid_type prompt[0]"),
        (say(&format!("[{}]", vec!["\"a\""; 129].join(","))), "400 array_above_max_length prompt"),
        (say("\"1 2 3 4 5 6 7 8 9\""), "400 context_length_exceeded prompt"),
        (say_with(r#""suffix": "b""#), "400 unsupported_parameter suffix"),
        (say_with(r#""best_of": 2"#), "400 unsupported_parameter best_of"),
        (say_with(r#""logprobs": 6"#), "400 integer_above_max_value logprobs"),
        (say_with(r#""logprobs": true"#), "400 invalid_type logprobs"),
        (say_with(r#""echo": true, "logprobs": 1"#), "400 invalid_parameter_combination echo"),
        (
            with(COMPLETIONS, r#"{"model": "scripted", "prompt": [1]}"#, r#""echo": true"#),
            "400 invalid_parameter_combination echo",
        ),
        (say_with(r#""tools": []"#), "400 unknown_parameter tools"),
        (say_with(r#""messages": []"#), "400 unknown_parameter messages"),
        (Ask::post(COMPLETIONS, &SAY.replace("scripted", "gpt")), "404 model_not_found model"),
        (Ask::post(COMPLETIONS, &SAY.replace("scripted", "scripted-embedder")), "400 unsupported_model model"),
        (Ask::post(&azure.replace("scripted", "gpt"), SAY), "404 DeploymentNotFound"),
        (Ask::post(&azure.replace("scripted", "scripted-embedder"), SAY), "400 OperationNotSupported model"),
    ];
    check(&world, table).await;
}

#[tokio::test]
async fn the_model_reads_the_prompt_as_it_stands() {
    let world = World::new(ScriptedModel::saying("Hello there.")).await;
    world.send(&say_with(r#""temperature": 0.5, "n": 2, "seed": 3"#)).await;
    world.send(&Ask::post(COMPLETIONS, r#"{"model": "scripted", "prompt": [[7], [8, 9]], "max_tokens": 1}"#)).await;
    let asked: Vec<_> = world
        .model
        .requests()
        .into_iter()
        .map(|request| (request.prompt, request.max_tokens, request.sampling.seed))
        .collect();
    let text = || Prompt::Text("one two".into());
    assert_eq!(
        asked,
        [
            (text(), Some(16), Some(3)),
            (text(), Some(16), Some(4)),
            (Prompt::Tokens(vec![7]), Some(1), None),
            (Prompt::Tokens(vec![8, 9]), Some(1), None),
        ]
    );
    assert_eq!(world.model.requests()[0].sampling, Sampling { temperature: 0.5, seed: Some(3), ..Sampling::default() });
}

#[tokio::test]
async fn an_answer_is_one_object() {
    let world = World::new(ScriptedModel::saying("Hello there.")).await;
    let answer = world.send(&say_with(r#""logprobs": 2"#)).await;
    insta::assert_snapshot!("completion_whole", answer.stable_body());
    let events = world.send(&say_with(r#""logprobs": 2, "stream": true"#)).await.events();
    let offsets: Vec<_> = events[..2].iter().map(|event| &event["choices"][0]["logprobs"]["text_offset"]).collect();
    assert_eq!(offsets, [&json!([0]), &json!([5])]);
}

#[tokio::test]
async fn a_stream_is_exactly_these_bytes() {
    let world = World::new(ScriptedModel::saying("Hello there.")).await;
    let stream =
        world.send(&say_with(r#""stream": true, "stream_options": {"include_usage": true}, "echo": true"#)).await;
    insta::assert_snapshot!("completion_streamed", stream.stable_body());
}

#[tokio::test]
async fn answers_are_numbered_through_the_prompts() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    let body = r#"{"model": "scripted", "prompt": ["one", "two three"], "n": 2, "echo": true}"#;
    let answer = world.send(&Ask::post(COMPLETIONS, body)).await.json();
    let texts: Vec<_> = answer["choices"].as_array().unwrap().iter().map(|choice| choice["text"].clone()).collect();
    assert_eq!(texts, ["oneHello.", "oneHello.", "two threeHello.", "two threeHello."]);
    let usage = &answer["usage"];
    assert_eq!((&usage["prompt_tokens"], &usage["completion_tokens"]), (&json!(3), &json!(4)));
    let call = world.only_call().await;
    assert_eq!((call.prompt_tokens, call.completion_tokens), (3, 4));
}
