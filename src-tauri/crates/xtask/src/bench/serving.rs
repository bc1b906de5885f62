//! `groundwork serve` beside llama.cpp's server: the same file, the same questions, as many threads, in turn. The example
//! `clients` of the black-box tests is the load.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::llama_cpp::LlamaCpp;
use super::{Figures, percentile, server::Server, workspace::Home};
use crate::places::Places;
use crate::shell;

const MODEL: &str = "smollm2-135m-instruct";
const FILE: &str = "SmolLM2-135M-Instruct.Q4_1.gguf";
const CLIENTS: [usize; 3] = [1, 4, 16];
const ROUNDS: usize = 5;
/// Tokens that each of the peer's places for an answer holds; ours shares all of its memory.
const CONTEXT: usize = 2048;
const PATIENCE: Duration = Duration::from_secs(60);

pub fn measure(places: &Places) -> Result<Figures> {
    let peer = LlamaCpp::ready(places)?;
    let home = Home::new("serving")?;
    let servers = [Server::groundwork(places, &home)?, theirs(places, &peer)?];
    let load = |server: &Server, arguments: &[String]| -> Result<Value> {
        let mut clients = shell::command(places, places.release_binary("examples/clients"));
        let (kind, rest) = arguments.split_first().context("no load")?;
        clients.arg(kind).args([&server.url, &server.key, MODEL]).args(rest);
        Ok(serde_json::from_str(&shell::read(&mut clients)?)?)
    };
    let many = |server: &Server, clients: usize, seed: usize| -> Result<[f64; 2]> {
        let found = load(server, &["many".to_owned(), clients.to_string(), seed.to_string()])?;
        let first: Vec<f64> = found["first_ms"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
        let rate = found["tokens_per_second"].as_f64().context("the clients printed no rate")?;
        Ok([rate, percentile(&first, 95.0)])
    };
    // Both load what they load when first asked.
    for server in &servers {
        many(server, 1, 0)?;
    }

    let mut figures = Figures::default();
    for clients in CLIENTS {
        shell::announce(&format!("{clients} clients, {ROUNDS} rounds"));
        let mut rounds = Vec::new();
        for round in 1..=ROUNDS {
            rounds.push([many(&servers[0], clients, round)?, many(&servers[1], clients, round)?]);
        }
        for (place, name, what, unit) in
            [(0, "throughput", "tokens of all", "tokens/s"), (1, "ttft_p95", "first token, p95", "ms")]
        {
            let [ours, theirs] = [0, 1].map(|side| rounds.iter().map(|round| round[side][place]).collect::<Vec<_>>());
            let what = format!("{clients} clients, {what}");
            figures.ratio(&format!("{name}_{clients}_ratio"), &what, [&ours, &theirs], unit);
        }
    }
    shell::announce("a long beginning, known and not");
    for (side, key, what) in [
        (0, "cached_ttft", "first token after a known beginning, of a new one"),
        (1, "peer_cached_ttft", "the same, llama.cpp's server"),
    ] {
        let mut shares = Vec::new();
        for round in 1..=ROUNDS {
            let found = load(&servers[side], &["cached".to_owned(), (1000 + round).to_string()])?;
            let time = |key: &str| found[key].as_f64().context("the clients printed no time");
            shares.push(time("cached_ms")? / time("cold_ms")?);
        }
        figures.share(key, what, percentile(&shares, 50.0));
    }
    Ok(figures)
}

fn theirs(places: &Places, peer: &LlamaCpp) -> Result<Server> {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    let threads = std::thread::available_parallelism()?.to_string();
    let most = CLIENTS.into_iter().max().unwrap_or(1);
    let mut command = peer.server(places);
    command.arg("--model").arg(places.models().join(FILE)).args(["--host", "127.0.0.1", "--log-disable"]);
    command.args(["--port", &port.to_string(), "--threads", &threads, "--threads-batch", &threads]);
    command.args(["--parallel", &most.to_string(), "--ctx-size", &(most * CONTEXT).to_string()]);
    let url = format!("http://127.0.0.1:{port}/v1");
    let mut server = Server::start(command.stdout(Stdio::null()), &url, "none")?;
    let started = Instant::now();
    while !healthy(port) {
        ensure!(server.process.try_wait()?.is_none(), "llama.cpp's server ended before it served");
        ensure!(started.elapsed() < PATIENCE, "llama.cpp's server did not serve within a minute");
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(server)
}

/// Whether its model is loaded.
fn healthy(port: u16) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map(|_| answer)
    };
    ask().is_ok_and(|answer: String| answer.starts_with("HTTP/1.1 200"))
}
