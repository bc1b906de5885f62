//! The embedding model beside ONNX Runtime, in turn in one run, and how far its vectors are from those of
//! sentence-transformers. The example `embeddings` of `inference` embeds; peers.py beside it runs the rounds.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{Figures, percentile, workspace::Home};
use crate::places::Places;
use crate::{setup, shell};

const EXAMPLE: &str = "src-tauri/crates/inference/examples/embeddings";
const MODEL: &str = "all-MiniLM-L6-v2";

pub fn measure(places: &Places) -> Result<Figures> {
    let environment = setup::environment(places, "bench-embeddings", &format!("{EXAMPLE}/requirements.txt"))?;
    let home = Home::new("embeddings")?;
    let threads = std::thread::available_parallelism()?.get().to_string();
    let models = places.models();
    shell::announce("texts and questions, in turn with ONNX Runtime");
    let mut peers = shell::command(places, setup::interpreter(&environment));
    peers.arg(places.root.join(EXAMPLE).join("peers.py"));
    peers.arg(models.join(format!("{MODEL}.safetensors"))).arg(models.join(format!("{MODEL}.tokenizer.json")));
    peers.arg(&threads).arg(places.release_binary("examples/embeddings"));
    peers.arg(places.root.join("assets/models/all-minilm-l6-v2.toml")).arg(&models);
    peers.arg(home.folder().join("verified.json")).arg(&threads);
    let said = shell::read(&mut peers)?;
    let found: Value = serde_json::from_str(said.lines().next_back().unwrap_or_default())?;
    figures(&found)
}

fn figures(found: &Value) -> Result<Figures> {
    let mut figures = Figures::default();
    let texts = found["texts"].as_f64().context("peers.py named no number of texts")?;
    let (ours, peer) = rounds(&found["batch"])?;
    let rate = |times: &[f64]| texts / percentile(times, 50.0);
    figures.figure("texts_per_second", "texts of 4 to 250 words, ours", rate(&ours), "texts/s");
    let what = format!("the same, ONNX Runtime in batches of {}", found["size"]);
    figures.figure("peer_texts_per_second", &what, rate(&peer), "texts/s");
    let faster = ours.iter().zip(&peer).map(|(ours, peer)| peer / ours).collect::<Vec<_>>();
    ratio(&mut figures, "batch_ratio", "ours over ONNX Runtime, texts a second", &faster);
    let (ours, peer) = rounds(&found["query"])?;
    let milliseconds = |times: &[f64]| percentile(times, 50.0) * 1e3;
    figures.rows.push(format!("{:<52} {:>11.2} ms", "one question of 5 to 12 words, ours", milliseconds(&ours)));
    figures.rows.push(format!("{:<52} {:>11.2} ms", "the same, ONNX Runtime", milliseconds(&peer)));
    let longer = ours.iter().zip(&peer).map(|(ours, peer)| ours / peer).collect::<Vec<_>>();
    ratio(&mut figures, "query_ratio", "ours over ONNX Runtime, time of a question", &longer);
    for (key, what) in [
        ("max_abs_diff", "furthest from sentence-transformers, ours"),
        ("peer_max_abs_diff", "furthest from sentence-transformers, ONNX Runtime"),
    ] {
        let difference = found[key].as_f64().with_context(|| format!("peers.py said no {key}"))?;
        figures.rows.push(format!("{what:<52} {difference:>11.1e}"));
        figures.keys.insert(key.to_owned(), json!(difference));
    }
    Ok(figures)
}

/// The middle of the rounds' ratios.
fn ratio(figures: &mut Figures, key: &str, what: &str, rounds: &[f64]) {
    let [least, middle, most] = [0.0, 50.0, 100.0].map(|percent| percentile(rounds, percent));
    figures.rows.push(format!("{what:<52} {middle:>11.2}    {least:.2} to {most:.2}, {} rounds", rounds.len()));
    figures.keys.insert(key.to_owned(), json!((middle * 1e3).round() / 1e3));
}

/// Seconds of each round: ours, and the peer's.
fn rounds(list: &Value) -> Result<(Vec<f64>, Vec<f64>)> {
    let list = list.as_array().context("peers.py named no rounds")?;
    let pair = |round: &Value| Some((round[0].as_f64()?, round[1].as_f64()?));
    list.iter().map(|round| pair(round).context("a round without its two times")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn ratios_are_the_middle_of_the_rounds() {
        let found = json!({
            "texts": 100, "size": 8, "max_abs_diff": 9.5e-7, "peer_max_abs_diff": 1e-6,
            "batch": [[1.0, 2.0], [1.0, 1.5], [2.0, 2.5]], "query": [[0.002, 0.004], [0.003, 0.004], [0.001, 0.004]],
        });
        let keys = super::figures(&found).unwrap().keys;
        let expected = [
            ("batch_ratio", 1.5),
            ("query_ratio", 0.5),
            ("max_abs_diff", 9.5e-7),
            ("texts_per_second", 100.0),
            ("peer_texts_per_second", 50.0),
        ];
        for (key, value) in expected {
            assert_eq!(keys[key], json!(value), "{key}");
        }
        assert!(super::figures(&json!({ "texts": 1, "batch": [[1.0]] })).is_err());
    }
}
