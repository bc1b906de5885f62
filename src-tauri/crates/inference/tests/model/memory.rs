//! Several engines within one bound of memory, on small files (tests/fixtures/make_architectures.py).

use std::path::{Path, PathBuf};

use inference::{Engine, EngineOptions, Event, Finish, Generator, Manifest, Memory, Prompt, Request, try_out};
use sha2::{Digest, Sha256};
use task::{Cancellation, Fault};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/architectures").join(name)
}

fn engine(name: &str, memory: &Memory, state: &Path) -> Engine {
    let bytes = std::fs::read(file(name)).unwrap();
    let manifest = Manifest {
        id: name.into(),
        kind: inference::ModelKind::Text,
        title: name.into(),
        architecture: String::new(),
        file: name.into(),
        bytes: bytes.len() as u64,
        sha256: Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
        licence: "CC0-1.0".into(),
        context: 256,
        parameters: String::new(),
        quantization: String::new(),
        source: String::new(),
        bundled: false,
        packages: Vec::new(),
        tokenizer: None,
    };
    let options = EngineOptions {
        memory: Some(memory.clone()),
        positions: Some(4096),
        ..EngineOptions::new(manifest, file(name), state.join("verified.json"))
    };
    Engine::start(options).unwrap()
}

async fn say(engine: &Engine) -> Result<Finish, inference::Error> {
    let request = Request { max_tokens: Some(3), ..Request::greedy(Prompt::Text("Hello".into())) };
    let mut said = engine.generate(request, Cancellation::new());
    loop {
        match said.recv().await.unwrap() {
            Event::Done { finish, .. } => return Ok(finish),
            Event::Failed(error) => return Err(error),
            Event::Token { .. } | Event::ToolCall { .. } => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_that_is_not_used_makes_room_for_the_one_that_is() {
    let state = tempfile::tempdir().unwrap();
    // Each takes about a megabyte and a half.
    let memory = Memory::new(3_500_000);
    let [a, b, c] = ["qwen2.gguf", "llama3.gguf", "phi3.gguf"].map(|name| engine(name, &memory, state.path()));
    let loaded = || [&a, &b, &c].map(|engine| engine.status().loaded);
    say(&a).await.unwrap();
    say(&b).await.unwrap();
    assert_eq!(loaded(), [true, true, false]);
    say(&a).await.unwrap();
    say(&c).await.unwrap();
    assert_eq!(loaded(), [true, false, true], "the second was used longest ago");
    assert!(a.unload().await && !a.status().loaded);
    drop(c);
    say(&b).await.unwrap();
    say(&a).await.unwrap();
    assert!(a.status().loaded && b.status().loaded);

    // A file that is tried takes part: 450,000 bytes, and only while it is.
    let memory = Memory::new(1_500_000);
    let loaded = engine("qwen2.gguf", &memory, state.path());
    say(&loaded).await.unwrap();
    let tried = tokio::task::spawn_blocking(move || try_out(&file("llama3.gguf"), &memory, &Cancellation::new()));
    assert_eq!(tried.await.unwrap().unwrap().architecture, "llama");
    assert!(!loaded.status().loaded, "it made room");
    say(&loaded).await.unwrap();

    let small = engine("llama3.gguf", &Memory::new(500_000), state.path());
    let error = say(&small).await.unwrap_err();
    assert_eq!(error.code(), "inference.too_large");
    assert!(error.to_string().ends_with("MB of memory, and models may take 0 MB on this machine"), "{error}");
}
