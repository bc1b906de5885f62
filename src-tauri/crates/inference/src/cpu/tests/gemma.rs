//! A real model with near layers, norms around its sublayers and weights of several kinds, against llama.cpp
//! (tests/fixtures/make_gemma.py).

use serde::Deserialize;

use super::{DOUBT, Decoder, forward, pages};
use crate::gguf::ModelFile;
use crate::{ChatTemplate, Message, Role, Tokenizer, real};
use task::{Cancellation, Silent};

#[derive(Deserialize)]
struct Expected {
    texts: Vec<Text>,
    answers: Vec<Answer>,
}

#[derive(Deserialize)]
struct Text {
    text: String,
    ids: Vec<u32>,
}

#[derive(Deserialize)]
struct Answer {
    prompt: String,
    ids: Vec<u32>,
    margins: Vec<f32>,
}

fn expected() -> Expected {
    serde_json::from_str(include_str!("../../../tests/fixtures/gemma.json")).unwrap()
}

#[test]
fn gemma_says_what_llama_cpp_says() {
    let (manifest, path) = real::gemma();
    manifest.verify(&path, &Silent, &Cancellation::new()).unwrap();
    let file = ModelFile::open(&path).unwrap();
    let tokenizer = Tokenizer::from_gguf(&file).unwrap();
    let mut decoder = Decoder::load(&file, 2, Some(1024)).unwrap();
    let (mut compared, mut equal, mut all) = (0, 0, 0);
    for answer in expected().answers {
        let mut tokens = tokenizer.encode_prompt(&answer.prompt).unwrap();
        let mut at = 0;
        for (place, (expected, margin)) in answer.ids.iter().zip(&answer.margins).enumerate() {
            let logits = forward(&mut decoder, &tokens, at, &pages(1000));
            let likeliest = (0..).zip(&logits).max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0;
            all += 1;
            equal += u32::from(likeliest == *expected);
            if *margin >= DOUBT {
                compared += 1;
                assert_eq!(likeliest, *expected, "place {place} after {:?}", answer.prompt);
            }
            at += tokens.len();
            tokens = vec![*expected];
        }
    }
    println!("equal at {equal} of {all} places, at all {compared} where llama.cpp is not in doubt");
    assert!(compared > 90, "{compared}");
}

#[test]
fn gemma_cuts_text_as_llama_cpp_does() {
    let (_, path) = real::gemma();
    let file = ModelFile::open(&path).unwrap();
    let tokenizer = Tokenizer::from_gguf(&file).unwrap();
    let texts = expected().texts;
    assert!(texts.len() > 300);
    let wrong = texts.iter().filter_map(|Text { text, ids }| {
        let actual = tokenizer.encode(text).unwrap();
        (actual != *ids).then(|| format!("{text:?}: {actual:?}, llama.cpp {ids:?}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), texts.len(), wrong.join("\n"));

    // It was trained to go on with text: its file has no template.
    let template = ChatTemplate::from_gguf(&file).unwrap();
    let refused = template.render(&[Message::new(Role::User, "Hi.")], &[]).unwrap_err().to_string();
    assert!(refused.contains("no chat template: it goes on with plain text only"), "{refused}");
}
