//! Both networks against transformers, on small files of every family (tests/fixtures/make_architectures.py).

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use candle_core::Device;
use candle_core::quantized::gguf_file::{self, Content, Value};
use serde::Deserialize;

use super::{Decoder, pages, relative_error};
use crate::engine::{Network, Span};
use crate::gguf::ModelFile;
use crate::gpu;

#[derive(Deserialize)]
struct Expected {
    tokens: Vec<u32>,
    places: Vec<usize>,
    models: Vec<Logits>,
}

#[derive(Deserialize)]
struct Logits {
    file: String,
    /// A row for each place.
    logits: Vec<Vec<f32>>,
}

fn expected() -> Expected {
    serde_json::from_str(include_str!("../../../tests/fixtures/architectures/expected.json")).unwrap()
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/architectures").join(name)
}

/// The logits after every token, the text read in passes of these lengths.
fn all_logits(network: &mut dyn Network, tokens: &[u32], passes: &[usize]) -> Vec<Vec<f32>> {
    let pages = pages(tokens.len());
    let (mut at, mut rows) = (0, Vec::new());
    for length in passes {
        let mut logits = Vec::new();
        let span = Span { tokens: &tokens[at..at + length], at, pages: &pages, logits: *length };
        assert!(network.forward(&[span], &mut logits, &|| false).unwrap());
        rows.extend(logits.chunks_exact(network.vocabulary()).map(<[f32]>::to_vec));
        at += length;
    }
    assert_eq!(rows.len(), tokens.len());
    rows
}

#[test]
fn every_family_computes_what_transformers_does() {
    let Expected { tokens, places, models } = expected();
    assert_eq!(models.len(), 9);
    let passes: [&[usize]; 2] = [&[90], &[1, 30, 16, 13, 1, 28, 1]];
    for Logits { file: name, logits } in models {
        let file = ModelFile::open(&path(&name)).unwrap();
        let mut cpu = Decoder::load(&file, 2, Some(256)).unwrap();
        let mut candle = gpu::Decoder::load(&file, &Device::Cpu, Some(256)).unwrap();
        // candle's keys and values are f32, ours f16; both round activations where weights have 8 bits, transformers never.
        let (most_cpu, most_candle) = if name == "llama-q8.gguf" { (5e-2, 5e-2) } else { (2e-3, 1e-5) };
        let networks: [(&str, &mut dyn Network, f32); 2] =
            [("cpu", &mut cpu, most_cpu), ("candle", &mut candle, most_candle)];
        for (kind, network, most) in networks {
            assert_eq!(network.vocabulary(), 261, "not a multiple of a tile's rows");
            for passes in passes {
                let actual = all_logits(network, &tokens, passes);
                let errors: Vec<f32> = places
                    .iter()
                    .zip(&logits)
                    .map(|(place, expected)| relative_error(&actual[*place], expected))
                    .collect();
                println!("{name} {kind}: {errors:?}");
                assert!(errors.iter().all(|error| *error < most), "{name} {kind}: {errors:?}");
            }
        }
    }
}

/// A copy of a file, its header changed.
fn changed(name: &str, change: impl FnOnce(&mut BTreeMap<String, Value>, &mut Vec<String>)) -> tempfile::NamedTempFile {
    let mut source = std::fs::File::open(path(name)).unwrap();
    let content = Content::read(&mut source).unwrap();
    let mut metadata: BTreeMap<String, Value> = content.metadata.clone().into_iter().collect();
    let mut names: Vec<String> = content.tensor_infos.keys().cloned().collect();
    names.sort();
    let before = names.clone();
    change(&mut metadata, &mut names);
    let tensors: Vec<_> = before.iter().map(|name| content.tensor(&mut source, name, &Device::Cpu).unwrap()).collect();
    let tensors: Vec<(&str, &_)> = names.iter().map(String::as_str).zip(&tensors).collect();
    let metadata: Vec<(&str, &Value)> = metadata.iter().map(|(key, value)| (key.as_str(), value)).collect();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    gguf_file::write(&mut file, &metadata, &tensors).unwrap();
    file.flush().unwrap();
    file
}

#[test]
fn what_would_be_computed_wrongly_is_refused_by_its_name() {
    let check = |file: tempfile::NamedTempFile, expected: &str| {
        let file = ModelFile::open(file.path()).unwrap();
        let Err(refused) = Decoder::load(&file, 1, Some(64)) else { panic!("{expected}: it was loaded") };
        let refused = refused.to_string();
        assert!(refused.contains(expected), "{refused}");
        let refused = gpu::Decoder::load(&file, &Device::Cpu, Some(64)).err().map(|error| error.to_string());
        assert!(refused.as_ref().is_some_and(|refused| refused.contains(expected)), "{refused:?}");
    };
    let rename = |name: &'static str, from: &'static str, to: &'static str| {
        changed(name, move |_, names| {
            let place = names.iter().position(|name| name == from).unwrap();
            names[place] = to.into();
        })
    };
    let set = |name: &'static str, key: &'static str, value: Value| {
        changed(name, move |metadata, _| {
            metadata.insert(key.into(), value);
        })
    };
    check(
        rename("llama-biases.gguf", "blk.1.attn_q.bias", "blk.1.attn_sinks.weight"),
        "it has `blk.1.attn_sinks.weight`, which this version does not compute with",
    );
    check(rename("qwen2.gguf", "blk.0.attn_v.bias", "output.bias"), "it has `output.bias`");
    check(
        rename("llama-q8.gguf", "blk.0.attn_q.weight", "blk.0.attn_qkv.weight"),
        "layer 0 has queries, keys and values in one",
    );
    check(rename("qwen3.gguf", "blk.0.ffn_gate.weight", "blk.2.ffn_gate.weight"), "it has `blk.2.ffn_gate.weight`");
    check(
        set("llama3.gguf", "llama.rope.scaling.type", Value::String("yarn".into())),
        "its positions are stretched by yarn, not linearly",
    );
    check(set("llama3.gguf", "llama.block_count", Value::U32(5000)), "5000 layers of 4 heads of 16 values in 2 groups");
    check(
        set("llama3.gguf", "llama.embedding_length", Value::U64(1 << 60)),
        "`llama.embedding_length` is 1152921504606846976, which is too much",
    );
    check(
        set("qwen3.gguf", "qwen3.feed_forward_length", Value::U32(128)),
        "`blk.0.ffn_gate.weight` has 96 rows of 64 values, and by its header it would have 128 of 64",
    );
    check(set("qwen3.gguf", "general.architecture", Value::String("mamba".into())), "its architecture is mamba");
}
