//! How quick the text model is on this machine, as one JSON object: the side of `cargo xtask bench inference` that is
//! ours. `speed spin` keeps one core busy until it is ended.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;

use inference::{Engine, EngineOptions, Event, Generator, Manifest, Prompt, Request, Timings, read_bandwidth};
use serde_json::json;
use task::{Cancellation, Silent};

/// Tokens read, and tokens written.
const PROMPT: u32 = 512;
const ANSWER: u32 = 128;

#[tokio::main]
async fn main() {
    if std::env::args().nth(1).is_some_and(|argument| argument == "spin") {
        let mut turns = 0_u64;
        loop {
            turns = black_box(turns.wrapping_add(1));
        }
    }
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../assets/models");
    let manifest = Manifest::load(&assets.join("smollm2-135m-instruct.toml")).unwrap();
    let home = || std::env::home_dir().unwrap().join(".cache/groundwork/models");
    let file = std::env::var_os("GROUNDWORK_MODELS").map_or_else(home, PathBuf::from).join(&manifest.file);
    let bytes = manifest.bytes;
    let verified = std::env::temp_dir().join("groundwork-speed-verified.json");
    // The check of the file is done once, not with every load: it must not be measured.
    let options = EngineOptions::new(manifest, file, verified);
    let manifest = options.manifest.clone();
    manifest.verify_cached(&options.file, &options.verified, &Silent, &Cancellation::new()).unwrap();

    let before = memory("VmRSS:");
    let engine = Engine::start(options).unwrap();
    engine.load().await.unwrap();
    let load = engine.status().load_time.unwrap();
    let prefill = f64::from(PROMPT) / ask(&engine, PROMPT, 1).await.prefill.as_secs_f64();
    let decode = decode(&engine).await;
    let peak = memory("VmHWM:").zip(before).map(|(peak, before)| peak - before);
    let mut neighbour = Command::new(std::env::current_exe().unwrap()).arg("spin").spawn().unwrap();
    let beside = self::decode(&engine).await;
    neighbour.kill().unwrap();
    neighbour.wait().unwrap();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let found = json!({
        "device": engine.device().name,
        "load_ms": load.as_secs_f64() * 1e3,
        "prefill": prefill,
        "decode": decode,
        "decode_beside": beside,
        "peak_mb": peak,
        "bandwidth": read_bandwidth(cores, 1 << 27),
        "bytes": bytes,
    });
    println!("{found}");
}

/// Tokens a second, after the first.
async fn decode(engine: &Engine) -> f64 {
    f64::from(ANSWER) / ask(engine, 3, ANSWER + 1).await.decode.as_secs_f64()
}

async fn ask(engine: &Engine, prompt: u32, most: u32) -> Timings {
    let tokens = (0..prompt).map(|place| 1000 + place * 61 % 40_000).collect();
    // Whatever it says, it goes on to the end.
    let mut request = Request { max_tokens: Some(most), ..Request::greedy(Prompt::Tokens(tokens)) };
    request.sampling.bias = vec![(0, -1e9), (2, -1e9)];
    let mut generation = engine.generate(request, Cancellation::new());
    loop {
        match generation.recv().await.unwrap() {
            Event::Token { .. } | Event::ToolCall { .. } => {}
            Event::Done { usage, timings, .. } => {
                assert_eq!((usage.completion_tokens, usage.cached_tokens), (most, 0));
                return timings;
            }
            Event::Failed(error) => panic!("{error}"),
        }
    }
}

/// Megabytes that this process holds, or held at most; of Linux only.
fn memory(line: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let value = status.lines().find_map(|other| other.strip_prefix(line))?;
    value.trim().strip_suffix("kB")?.trim().parse().ok().map(|kilobytes: f64| kilobytes / 1e3)
}
