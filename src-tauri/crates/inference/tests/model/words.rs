//! Tokenizer and chat template against the references that made the fixtures (tests/fixtures/make_tokens.py).

use inference::{ChatTemplate, Message, ModelFile, Role, Tokenizer, Tool};
use serde::Deserialize;

use crate::real;

#[derive(Deserialize)]
struct Encoded {
    text: String,
    ids: Vec<u32>,
}

#[derive(Deserialize)]
struct Chat {
    messages: Vec<Message>,
    prompt: String,
}

#[test]
fn token_ids_equal_llama_cpp_s() {
    let tokenizer = Tokenizer::from_gguf(&ModelFile::open(&real::file()).unwrap()).unwrap();
    let strings: Vec<Encoded> = serde_json::from_str(include_str!("../fixtures/tokens.json")).unwrap();
    assert!(strings.len() >= 200);
    let wrong = strings.iter().filter_map(|Encoded { text, ids }| {
        let actual = tokenizer.encode(text).unwrap();
        (actual != *ids).then(|| format!("{text:?}: {actual:?}, llama.cpp {ids:?}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), strings.len(), wrong.join("\n"));
}

#[test]
fn tokens_say_the_text_they_came_from() {
    let tokenizer = Tokenizer::from_gguf(&ModelFile::open(&real::file()).unwrap()).unwrap();
    let strings: Vec<Encoded> = serde_json::from_str(include_str!("../fixtures/tokens.json")).unwrap();
    // Special tokens (the first 17) say nothing, and the vocabulary has no token for some bytes that text hardly holds.
    let sayable = |encoded: &&Encoded| encoded.ids.iter().all(|id| *id > 16) && !encoded.text.contains('\u{1d}');
    for Encoded { text, ids } in strings.iter().filter(sayable) {
        let bytes: Vec<u8> = ids.iter().flat_map(|id| tokenizer.bytes(*id)).copied().collect();
        assert_eq!(String::from_utf8_lossy(&bytes), *text);
    }
    assert!(tokenizer.is_end(2) && tokenizer.is_end(0) && !tokenizer.is_end(1));
    assert!(tokenizer.bytes(1).is_empty() && tokenizer.bytes(u32::MAX).is_empty());
}

#[test]
fn the_chat_template_renders_as_jinja_does() {
    let template = ChatTemplate::from_gguf(&ModelFile::open(&real::file()).unwrap()).unwrap();
    let chats: Vec<Chat> = serde_json::from_str(include_str!("../fixtures/greedy.json")).unwrap();
    for Chat { messages, prompt } in &chats {
        assert_eq!(template.render(messages, &[]).unwrap(), *prompt);
    }
    // The model's own default, where the conversation brings no system message.
    let expected = concat!(
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n",
        "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n",
    );
    assert_eq!(template.render(&chats[0].messages, &[]).unwrap(), expected);
}

#[test]
fn tools_are_told_of_in_the_system_message() {
    let template = ChatTemplate::from_gguf(&ModelFile::open(&real::file()).unwrap()).unwrap();
    let parameters = serde_json::json!({ "type": "object", "properties": {} });
    let tools = [Tool { name: "now".into(), description: None, parameters }];
    let messages = [Message::new(Role::System, "Be brief."), Message::new(Role::User, "What time is it?")];
    let prompt = template.render(&messages, &tools).unwrap();
    assert!(prompt.starts_with("<|im_start|>system\nBe brief.\n\nYou can call these functions"), "{prompt}");
    assert!(prompt.ends_with("<|im_start|>user\nWhat time is it?<|im_end|>\n<|im_start|>assistant\n"), "{prompt}");
}
