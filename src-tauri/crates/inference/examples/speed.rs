//! How quick the model is on this machine: `cargo run --release -p inference --example speed`. Prints the median of
//! five rounds; compare only what an idle machine says.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::path::{Path, PathBuf};

use inference::{Engine, EngineOptions, Event, Generator, Manifest, Message, Prompt, Request, Role, Timings, Usage};
use task::Cancellation;

const ROUNDS: usize = 5;

#[tokio::main]
async fn main() {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../assets/models");
    let manifest = Manifest::load(&assets.join("smollm2-135m-instruct.toml")).unwrap();
    let home = || std::env::home_dir().unwrap().join(".cache/groundwork/models");
    let file = std::env::var_os("GROUNDWORK_MODELS").map_or_else(home, PathBuf::from).join(&manifest.file);
    let engine =
        Engine::start(EngineOptions::new(manifest, file, std::env::temp_dir().join("speed-verified.json"))).unwrap();
    engine.load().await.unwrap();
    let device = engine.device();
    println!("{} ({}): {}", device.name, device.kind.name(), device.reason);
    println!("load     {:8.0} ms", engine.status().load_time.unwrap().as_secs_f64() * 1e3);

    let (mut prefill, mut decode) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        // 512 tokens: 31 of the template, and one a word. Another first word each time: what was read is kept.
        let (usage, timings) = ask(&engine, &format!("{round}{}", " word".repeat(480)), 1).await;
        prefill.push(f64::from(usage.prompt_tokens - usage.cached_tokens) / timings.prefill.as_secs_f64());
        let (usage, timings) = ask(&engine, "Write a long story about a river.", 128).await;
        decode.push(f64::from(usage.completion_tokens - 1) / timings.decode.as_secs_f64());
    }
    for (name, mut rates) in [("prefill", prefill), ("decode", decode)] {
        rates.sort_by(f64::total_cmp);
        println!("{name:8} {:8.1} tokens/s", rates[ROUNDS / 2]);
    }
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        println!("memory at its peak {}", peak.trim());
    }
}

async fn ask(engine: &Engine, prompt: &str, max_tokens: u32) -> (Usage, Timings) {
    let messages = vec![Message::new(Role::User, prompt)];
    let request = Request { max_tokens: Some(max_tokens), ..Request::greedy(Prompt::chat(messages)) };
    let mut generation = engine.generate(request, Cancellation::new());
    loop {
        match generation.recv().await.unwrap() {
            Event::Token { .. } | Event::ToolCall { .. } => {}
            Event::Done { usage, timings, .. } => return (usage, timings),
            Event::Failed(error) => panic!("{error}"),
        }
    }
}
