//! Clients of an OpenAI-compatible server, all at once: the load of `cargo xtask bench serving`.
//!
//!     clients many URL KEY MODEL CLIENTS SEED
//!     clients cached URL KEY MODEL SEED
//!
//! The first asks for so many streams at a time and prints tokens a second and the milliseconds to each first token. The
//! second asks one question with a long beginning, then another with the same beginning, and prints the milliseconds to
//! the first token of both.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::time::Instant;

use reqwest::Client;
use serde_json::{Value, json};

/// Words of a question, and tokens of its answer.
const QUESTION: usize = 120;
const ANSWER: u64 = 64;
/// Questions that each client asks, one after the other.
const TURNS: usize = 3;
/// Words of a long beginning; about as many tokens.
const BEGINNING: usize = 1000;

const WORDS: [&str; 16] = [
    "river", "cloud", "engine", "paper", "market", "garden", "signal", "window", "bridge", "copper", "winter",
    "letter", "harbor", "mirror", "forest", "ticket",
];

struct Server {
    client: Client,
    url: String,
    key: String,
    model: String,
}

/// Seconds to the first token, and tokens of the answer.
struct Heard {
    first: f64,
    tokens: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, url, key, model, rest @ ..] = arguments.as_slice() else { panic!("name the load and the server") };
    let (url, key, model) = (url.clone(), key.clone(), model.clone());
    // llama.cpp's server closes a connection after a stream without a word, so every question has its own.
    // A client is made for TLS even where the address is plain.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().pool_max_idle_per_host(0).build().unwrap();
    let server: &Server = Box::leak(Box::new(Server { client, url, key, model }));
    let numbers: Vec<u64> = rest.iter().map(|number| number.parse().unwrap()).collect();
    let found = match (kind.as_str(), numbers.as_slice()) {
        ("many", [clients, seed]) => many(server, *clients, *seed).await,
        ("cached", [seed]) => cached(server, *seed).await,
        _ => panic!("no such load"),
    };
    println!("{found}");
}

async fn many(server: &'static Server, clients: u64, seed: u64) -> Value {
    let started = Instant::now();
    let clients: Vec<_> = (0..clients)
        .map(|client| {
            tokio::spawn(async move {
                let mut heard = Vec::new();
                for turn in 0..TURNS as u64 {
                    let question = words(seed * 10_007 + client * 101 + turn, QUESTION);
                    heard.push(server.ask(&question, ANSWER).await);
                }
                heard
            })
        })
        .collect();
    let mut heard = Vec::new();
    for client in clients {
        heard.extend(client.await.unwrap());
    }
    let seconds = started.elapsed().as_secs_f64();
    let tokens: u64 = heard.iter().map(|heard| heard.tokens).sum();
    assert_eq!(tokens, heard.len() as u64 * ANSWER, "an answer was cut short");
    let first: Vec<f64> = heard.iter().map(|heard| heard.first * 1e3).collect();
    json!({ "tokens_per_second": tokens as f64 / seconds, "first_ms": first })
}

async fn cached(server: &Server, seed: u64) -> Value {
    let beginning = words(seed, BEGINNING);
    let cold = server.ask(&format!("{beginning} Sum this up."), 4).await;
    let cached = server.ask(&format!("{beginning} Name its first word."), 4).await;
    json!({ "cold_ms": cold.first * 1e3, "cached_ms": cached.first * 1e3 })
}

/// Words that look random, the same for the same seed.
fn words(seed: u64, count: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let words = (0..count).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        WORDS[(state >> 60) as usize]
    });
    words.collect::<Vec<_>>().join(" ")
}

impl Server {
    async fn ask(&self, question: &str, answer: u64) -> Heard {
        let body = json!({
            "model": self.model,
            "messages": [{ "role": "user", "content": question }],
            "max_tokens": answer,
            "temperature": 0,
            "stream": true,
            "stream_options": { "include_usage": true },
            // Whatever it says, it goes on to the end.
            "logit_bias": { "0": -100, "2": -100 },
        });
        let started = Instant::now();
        let request = self.client.post(format!("{}/chat/completions", self.url)).bearer_auth(&self.key).json(&body);
        let mut response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{}", response.text().await.unwrap());
        let (mut line, mut first, mut tokens) = (Vec::new(), None, 0);
        while let Some(chunk) = response.chunk().await.unwrap() {
            for byte in chunk {
                if byte != b'\n' {
                    line.push(byte);
                    continue;
                }
                let line = std::mem::take(&mut line);
                let Some(data) = line.strip_prefix(b"data: ").filter(|data| data.starts_with(b"{")) else { continue };
                let data: Value = serde_json::from_slice(data).unwrap();
                let said = data["choices"][0]["delta"]["content"].as_str().is_some_and(|text| !text.is_empty());
                if said && first.is_none() {
                    first = Some(started.elapsed().as_secs_f64());
                }
                tokens = data["usage"]["completion_tokens"].as_u64().unwrap_or(tokens);
            }
        }
        Heard { first: first.unwrap(), tokens }
    }
}
