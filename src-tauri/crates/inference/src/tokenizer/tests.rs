//! Tokenizers of every kind, from small files with vocabularies that Hugging Face's tokenizers trained
//! (tests/fixtures/make_tokenizers.py), against the ids that these give.

use std::io::Write;

use candle_core::quantized::gguf_file::{self, Value};
use serde::Deserialize;

use super::Tokenizer;
use crate::{FileError, ModelFile};

#[derive(Deserialize)]
struct Trained {
    model: String,
    pre: String,
    tokens: Vec<String>,
    kinds: Vec<i32>,
    merges: Vec<String>,
    scores: Vec<f32>,
    /// Of each text of tokens.json.
    ids: Vec<Vec<u32>>,
}

fn trained() -> Vec<Trained> {
    serde_json::from_str(include_str!("../../tests/fixtures/tokenizers.json")).unwrap()
}

fn texts() -> Vec<String> {
    #[derive(Deserialize)]
    struct Row {
        text: String,
    }
    let rows: Vec<Row> = serde_json::from_str(include_str!("../../tests/fixtures/tokens.json")).unwrap();
    rows.into_iter().map(|row| row.text).collect()
}

impl Trained {
    /// As a model file says it, with `more` in place of or beside what it says.
    fn load(&self, more: &[(&str, Value)]) -> Result<Tokenizer, FileError> {
        let text = |text: &String| Value::String(text.clone());
        let end = self.tokens.iter().position(|token| token == "<|endoftext|>" || token == "</s>").unwrap();
        let mut metadata = vec![
            ("tokenizer.ggml.model", text(&self.model)),
            ("tokenizer.ggml.pre", text(&self.pre)),
            ("tokenizer.ggml.tokens", Value::Array(self.tokens.iter().map(text).collect())),
            ("tokenizer.ggml.token_type", Value::Array(self.kinds.iter().copied().map(Value::I32).collect())),
            ("tokenizer.ggml.merges", Value::Array(self.merges.iter().map(text).collect())),
            ("tokenizer.ggml.scores", Value::Array(self.scores.iter().copied().map(Value::F32).collect())),
            ("tokenizer.ggml.eos_token_id", Value::U32(end as u32)),
            ("tokenizer.ggml.bos_token_id", Value::U32(1)),
            ("tokenizer.ggml.unknown_token_id", Value::U32(0)),
        ];
        metadata.retain(|(key, _)| more.iter().all(|(other, _)| key != other));
        metadata.extend(more.iter().map(|(key, value)| (*key, value.clone())));
        let metadata: Vec<(&str, &Value)> = metadata.iter().map(|(key, value)| (*key, value)).collect();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        gguf_file::write(&mut file, &metadata, &[]).unwrap();
        file.flush().unwrap();
        Tokenizer::from_gguf(&ModelFile::open(file.path()).unwrap())
    }
}

fn of(pre: &str, model: &str) -> Trained {
    trained().into_iter().find(|trained| trained.pre == pre && trained.model == model).unwrap()
}

#[test]
fn ids_equal_hugging_face_s() {
    for trained in trained() {
        let tokenizer = trained.load(&[]).unwrap();
        let texts = texts();
        assert_eq!(texts.len(), trained.ids.len());
        let wrong = texts.iter().zip(&trained.ids).filter_map(|(text, ids)| {
            let actual = tokenizer.encode(text).unwrap();
            (actual != *ids).then(|| format!("{text:?}: {actual:?}, expected {ids:?}"))
        });
        let wrong: Vec<String> = wrong.collect();
        let (model, pre) = (&trained.model, &trained.pre);
        assert!(wrong.is_empty(), "{model} {pre}: {} of {}:\n{}", wrong.len(), texts.len(), wrong.join("\n"));
    }
}

#[test]
fn tokens_say_the_text_they_came_from() {
    for trained in trained() {
        let tokenizer = trained.load(&[("tokenizer.ggml.add_space_prefix", Value::Bool(false))]).unwrap();
        // Composing changes text, and special tokens say nothing.
        let same = |text: &&String| trained.pre != "qwen2" && !text.contains("<|") && !text.contains("<s>");
        for text in texts().iter().filter(same) {
            let bytes: Vec<u8> =
                tokenizer.encode(text).unwrap().iter().flat_map(|id| tokenizer.bytes(*id)).copied().collect();
            assert_eq!(String::from_utf8_lossy(&bytes), *text, "{} {}", trained.model, trained.pre);
        }
    }
}

#[test]
fn begins_and_ends_as_the_file_says() {
    let llama = of("default", "llama");
    let begins = |add: Option<bool>, trained: &Trained| {
        let add = add.map(|add| ("tokenizer.ggml.add_bos_token", Value::Bool(add)));
        let tokenizer = trained.load(add.as_slice()).unwrap();
        assert_eq!(tokenizer.encode_prompt("<s>a").unwrap().iter().filter(|id| **id == 1).count(), 1);
        tokenizer.encode_prompt("a").unwrap().first() == Some(&1)
    };
    assert!(begins(None, &llama) && begins(Some(true), &llama) && !begins(Some(false), &llama));
    let tokenizer = llama.load(&[]).unwrap();
    assert_eq!((tokenizer.ends(), tokenizer.is_end(2)), (&[2][..], true));

    let qwen = of("qwen2", "gpt2").load(&[("tokenizer.ggml.eot_token_id", Value::U32(7))]).unwrap();
    // The end of a document, what the file calls the end of a turn, and what is known by its name.
    assert_eq!(qwen.ends(), [0, 7, 2]);
    assert_eq!(qwen.encode_prompt("a").unwrap(), qwen.encode("a").unwrap());
    assert_eq!(of("llama-bpe", "gpt2").load(&[]).unwrap().encode_prompt("a").unwrap()[0], 1);
}

#[test]
fn tokens_of_users_say_themselves() {
    let mut qwen = of("qwen2", "gpt2");
    qwen.tokens.push("<tool_call>".into());
    qwen.kinds.push(4);
    let tokenizer = qwen.load(&[]).unwrap();
    let id = tokenizer.count() - 1;
    let ids = tokenizer.encode("a<tool_call>b").unwrap();
    assert_eq!((ids.len(), ids[1]), (3, id));
    // A name that ends an answer is never part of it.
    qwen.tokens.push("<end_of_turn>".into());
    qwen.kinds.push(4);
    let ended = qwen.load(&[]).unwrap();
    assert_eq!((ended.is_end(id + 1), ended.bytes(id + 1)), (true, b"".as_slice()));
    assert_eq!((tokenizer.bytes(id), tokenizer.bytes(1)), (b"<tool_call>".as_slice(), b"".as_slice()));
    assert_eq!((tokenizer.name(id), tokenizer.name(1)), (b"<tool_call>".to_vec(), b"<|im_start|>".to_vec()));
}

#[test]
fn spaces_around_pieces() {
    let llama = of("default", "llama");
    let say = |tokenizer: &Tokenizer, text: &str| {
        let said: Vec<u8> = tokenizer.encode(text).unwrap().iter().flat_map(|id| tokenizer.name(*id)).collect();
        String::from_utf8(said).unwrap()
    };
    let first = llama.load(&[]).unwrap();
    assert_eq!(say(&first, "a</s>b"), " a</s> b");
    let none = llama.load(&[("tokenizer.ggml.add_space_prefix", Value::Bool(false))]).unwrap();
    assert_eq!(say(&none, "a</s> b"), "a</s> b");
    let phi = llama.load(&[("general.architecture", Value::String("phi3".into()))]).unwrap();
    assert_eq!(say(&phi, "a</s>\n b<s>\nc"), " a</s> b<s> \nc");
}

#[test]
fn a_tokenizer_that_is_not_known_is_named() {
    let refused = |key: &str, value: &str| {
        let more = [(key, Value::String(value.into()))];
        of("gpt-2", "gpt2").load(&more).unwrap_err().to_string()
    };
    let message = refused("tokenizer.ggml.model", "bert");
    assert!(message.contains("its tokenizer is bert, not gpt2 or llama"), "{message}");
    let message = refused("tokenizer.ggml.pre", "viking");
    assert!(message.contains("it cuts text to words as `viking` does"), "{message}");
}
