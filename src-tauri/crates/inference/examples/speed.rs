//! How quick the model is on this machine: `cargo run --release -p inference --example speed`. Prints the median of
//! five rounds; compare only what an idle machine says.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::path::{Path, PathBuf};

use inference::{Engine, EngineOptions, Event, Generator, Manifest, Message, Request, Role};
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
    for _ in 0..ROUNDS {
        // 512 tokens: 31 of the template, and one a word.
        let messages = vec![Message { role: Role::User, content: "word ".repeat(480) }];
        let request =
            Request { messages, max_tokens: Some(128), temperature: 1.0, top_p: 1.0, seed: Some(1), stop: vec![] };
        let mut generation = engine.generate(request, Cancellation::new());
        while let Some(event) = generation.recv().await {
            if let Event::Done { usage, timings, .. } = event {
                prefill.push(f64::from(usage.prompt_tokens) / timings.prefill.as_secs_f64());
                decode.push(f64::from(usage.completion_tokens.saturating_sub(1)) / timings.decode.as_secs_f64());
            }
        }
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
