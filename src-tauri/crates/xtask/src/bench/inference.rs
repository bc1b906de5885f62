//! The text model beside llama.cpp: the same file, the same tokens, as many threads, in turn. The example `speed` of
//! `inference` is our side.

use anyhow::{Context, Result};
use serde_json::Value;

use super::llama_cpp::LlamaCpp;
use super::{Figures, percentile};
use crate::places::Places;
use crate::shell;

const EXAMPLE: &str = "src-tauri/crates/inference/examples/speed";
const MODEL: &str = "SmolLM2-135M-Instruct.Q4_1.gguf";
const ROUNDS: usize = 5;

pub fn measure(places: &Places) -> Result<Figures> {
    let peer = LlamaCpp::ready(places)?;
    let threads = std::thread::available_parallelism()?.to_string();
    let mut rounds = Vec::new();
    for round in 1..=ROUNDS {
        shell::announce(&format!("round {round} of {ROUNDS}: our side, then llama.cpp's"));
        let mut ours = shell::command(places, places.release_binary("examples/speed"));
        ours.env("GROUNDWORK_MODELS", places.models());
        let mut theirs = peer.python(places)?;
        theirs.arg(places.root.join(EXAMPLE).join("llama_cpp_side.py")).arg(places.models().join(MODEL)).arg(&threads);
        let ours: Value = serde_json::from_str(&shell::read(&mut ours)?)?;
        let theirs: Value = serde_json::from_str(&shell::read(&mut theirs)?)?;
        rounds.push((ours, theirs));
    }

    let mut figures = Figures::default();
    for (key, what, unit) in [
        ("decode", "128 tokens written", "tokens/s"),
        ("prefill", "512 tokens read", "tokens/s"),
        ("load_ms", "load", "ms"),
        ("peak_mb", "memory at its peak", "MB"),
    ] {
        let number = |side: &Value| side[key].as_f64().with_context(|| format!("one side prints no {key}"));
        let ours = rounds.iter().map(|round| number(&round.0)).collect::<Result<Vec<_>>>()?;
        let theirs = rounds.iter().map(|round| number(&round.1)).collect::<Result<Vec<_>>>()?;
        let name = key.trim_end_matches("_ms").replace("peak_mb", "peak_memory");
        figures.ratio(&format!("{name}_ratio"), what, [&ours, &theirs], unit);
    }
    let share = |over: fn(&Value) -> Option<f64>| {
        let shares = rounds.iter().map(|(ours, _)| over(ours).context("our side leaves a number out"));
        Ok::<_, anyhow::Error>(percentile(&shares.collect::<Result<Vec<_>>>()?, 50.0))
    };
    let of_bandwidth =
        share(|ours| Some(ours["decode"].as_f64()? * ours["bytes"].as_f64()? / ours["bandwidth"].as_f64()?))?;
    figures.share("decode_of_bandwidth", "writing, of what memory could feed", of_bandwidth);
    let beside = share(|ours| Some(ours["decode_beside"].as_f64()? / ours["decode"].as_f64()?))?;
    figures.share("busy_neighbour", "writing beside a busy process, of writing alone", beside);
    Ok(figures)
}
