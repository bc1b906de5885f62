//! Embeddings.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use inference::Input;
use serde_json::json;

use super::*;

const EMBED: &str = r#"{"model": "scripted-embedder", "input": "one two"}"#;

fn embed(input: &str) -> Ask {
    Ask::post(EMBEDDINGS, &EMBED.replace("\"one two\"", input))
}

fn embed_with(more: &str) -> Ask {
    with(EMBEDDINGS, EMBED, more)
}

#[tokio::test]
async fn each_request_has_its_status_and_code() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    let azure = "/openai/deployments/scripted-embedder/embeddings?api-version=2024-10-21";
    let own = |input: &str| with(EMBEDDINGS, &EMBED.replace("\"one two\"", input), r#""token_ids": "own""#);
    let table = vec![
        (embed("\"a\""), "200"),
        (embed(r#"["a", "b"]"#), "200"),
        (embed_with(r#""encoding_format": "float", "dimensions": 4, "user": "me""#), "200"),
        (embed_with(r#""encoding_format": "base64""#), "200"),
        (own("[1, 2]"), "200"),
        (own("[[1], [2, 3]]"), "200"),
        (Ask::post(azure, EMBED), "200"),
        (Ask::post("/openai/v1/embeddings", EMBED), "200"),
        (embed("null"), "400 missing_required_parameter input"),
        (embed("\"\""), "400 invalid_value input"),
        (embed("[]"), "400 invalid_value input"),
        (embed("[[]]"), "400 invalid_value input[0]"),
        (embed("{}"), "400 invalid_type input"),
        (embed("[1, 2]"), "400 unsupported_value input"),
        (embed("[[1], [2]]"), "400 unsupported_value input"),
        (embed(&format!("[{}]", vec!["\"a\""; 2049].join(","))), "400 array_above_max_length input"),
        (embed("\"1 2 3 4 5 6 7 8 9\""), "400 context_length_exceeded input"),
        (embed_with(r#""token_ids": "other""#), "400 invalid_value token_ids"),
        (embed_with(r#""encoding_format": "hex""#), "400 invalid_value encoding_format"),
        (embed_with(r#""dimensions": 2"#), "400 invalid_value dimensions"),
        (embed_with(r#""dimensions": 0"#), "400 integer_below_min_value dimensions"),
        (embed_with(r#""temperature": 0"#), "400 unknown_parameter temperature"),
        (Ask::post(EMBEDDINGS, &EMBED.replace("-embedder", "")), "400 unsupported_model model"),
        (Ask::post(EMBEDDINGS, &EMBED.replace("scripted-embedder", "ada")), "404 model_not_found model"),
        (Ask::post(&azure.replace("-embedder", ""), EMBED), "400 OperationNotSupported model"),
    ];
    check(&world, table).await;
    let advice = world.send(&embed("[1, 2]")).await.body;
    assert!(advice.contains("check_embedding_ctx_length=False"), "{advice}");
}

#[tokio::test]
async fn figures_and_base64_are_the_same_bits() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    let vector = ScriptedEmbedder::vector(&Input::Text("one two".into()));
    let figures = world.send(&embed_with(r#""encoding_format": "float""#)).await.json();
    let read: Vec<f64> = serde_json::from_value(figures["data"][0]["embedding"].clone()).unwrap();
    assert_eq!(read, vector.iter().map(|value| f64::from(*value)).collect::<Vec<_>>());

    let packed = world.send(&embed_with(r#""encoding_format": "base64""#)).await.json();
    let bytes = STANDARD.decode(packed["data"][0]["embedding"].as_str().unwrap()).unwrap();
    let read: Vec<f32> = bytes.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect();
    assert_eq!(read, vector);
    assert_eq!(packed["usage"], json!({"prompt_tokens": 2, "total_tokens": 2}));
    assert_eq!((&packed["object"], &packed["model"]), (&json!("list"), &json!("scripted-embedder")));
}

#[tokio::test]
async fn inputs_are_embedded_together_and_in_order() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    let data = world.send(&embed(r#"["a", "b c", "a"]"#)).await.json()["data"].clone();
    let texts = ["a", "b c", "a"].map(|text| Input::Text(text.into()));
    assert_eq!(world.embedder.requests(), [texts.to_vec()]);
    for (index, input) in texts.iter().enumerate() {
        let read: Vec<f32> = serde_json::from_value(data[index]["embedding"].clone()).unwrap();
        assert_eq!(read, ScriptedEmbedder::vector(input));
        assert_eq!((&data[index]["index"], &data[index]["object"]), (&json!(index), &json!("embedding")));
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_stops_the_work_and_is_recorded() {
    let embedder = ScriptedEmbedder::default().slowly(Duration::from_secs(60));
    let world = World::serving(Limits::default(), ScriptedModel::saying("Hello."), embedder).await;
    let stream = world.open(&embed("\"a\"")).await;
    while world.embedder.requests().is_empty() {
        sleep(Duration::from_millis(5)).await;
    }
    drop(stream);
    assert_eq!(world.only_call().await.status, 499);
    for _ in 0..500 {
        if world.embedder.cancelled() > 0 {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("the embedder works on");
}

#[tokio::test]
async fn an_answer_has_a_longest_life() {
    let limits = Limits { lifetime: Duration::from_millis(100), ..Limits::default() };
    let embedder = ScriptedEmbedder::default().slowly(Duration::from_secs(60));
    let world = World::serving(limits, ScriptedModel::saying("Hello."), embedder).await;
    assert_eq!(world.send(&embed("\"a\"")).await.verdict(), "504 answer_timeout");
    assert_eq!(world.only_call().await.status, 504);
}
