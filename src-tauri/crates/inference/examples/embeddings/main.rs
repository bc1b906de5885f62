//! Embeds what it is asked for and says how long each answer took: a line of JSON in, a line of JSON out. The peers of
//! `cargo xtask bench embeddings` (peers.py) run it in turn with themselves.
//!
//! `embeddings MANIFEST MODELS STATE THREADS`; asked `{"texts": [...], "vectors": true}`, it says
//! `{"seconds": 0.1, "vectors": [[...]]}`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::time::Instant;

use inference::{Embedder, Embeddings, EmbeddingsOptions, Input, Manifest};
use serde::Deserialize;
use task::Cancellation;

#[derive(Deserialize)]
struct Asked {
    texts: Vec<String>,
    vectors: bool,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [manifest, models, state, threads] = arguments.as_slice() else { panic!("MANIFEST MODELS STATE THREADS") };
    let manifest = Manifest::load(manifest.as_ref()).unwrap();
    let options = EmbeddingsOptions::new(manifest, models.into(), state.into());
    let embeddings =
        Embeddings::start(EmbeddingsOptions { threads: Some(threads.parse().unwrap()), ..options }).unwrap();
    for line in std::io::stdin().lines() {
        let Asked { texts, vectors } = serde_json::from_str(&line.unwrap()).unwrap();
        let inputs = texts.into_iter().map(Input::Text).collect();
        let started = Instant::now();
        let embedded = embeddings.embed(inputs, Cancellation::new()).blocking_recv().unwrap().unwrap();
        let seconds = started.elapsed().as_secs_f64();
        let vectors = if vectors { embedded.vectors } else { Vec::new() };
        println!("{}", serde_json::json!({ "seconds": seconds, "vectors": vectors }));
    }
}
