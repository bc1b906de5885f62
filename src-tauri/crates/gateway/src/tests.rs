//! The gateway as a client meets it: bytes over a bound socket, a scripted model behind it.

mod answers;
mod bounds;
mod choices;
mod completions;
mod doors;
mod embeddings;
mod exchanges;
mod faults;
mod hang_ups;
mod malformed;
mod metrics;
mod models;
mod pinecone;
mod qdrant;
mod quotas;
mod records;
mod responses;
mod structure;
mod telemetry;
mod tools;
mod upstreams;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use retrieval::Collections;
use serde_json::Value;
use tempfile::TempDir;
use testkit::{scripted_embedder::ScriptedEmbedder, scripted_model::ScriptedModel};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};
use uuid::Uuid;

use crate::{
    Call, Caller, Deployment, Error, Gateway, Keys, Limits, Model, Price, Quota, Recorder, Running, Served, Settings,
};

const KEY: &str = "gw-right";
/// The same workspace's, in a program that its owner started.
const BY_HAND: &str = "gw-right-by-hand";
const WORKSPACE: Uuid = Uuid::from_u128(7);
const CHAT: &str = "/v1/chat/completions";
const COMPLETIONS: &str = "/v1/completions";
const EMBEDDINGS: &str = "/v1/embeddings";
const RESPONSES: &str = "/v1/responses";
const AZURE_CHAT: &str = "/openai/deployments/scripted/chat/completions?api-version=2024-10-21";
const HELLO: &str = r#"{"model": "scripted", "messages": [{"role": "user", "content": "Hi"}]}"#;

struct OneKey;

impl Keys for OneKey {
    fn caller(&self, key: &str) -> Option<Caller> {
        [KEY, BY_HAND].contains(&key).then_some(Caller { workspace: WORKSPACE, started: key == KEY })
    }
}

#[derive(Default)]
struct Ledger(Mutex<Vec<Call>>, AtomicUsize);

impl Recorder for Ledger {
    fn record(&self, workspace: Uuid, call: Call) {
        assert_eq!(workspace, WORKSPACE);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    }

    fn exported(&self, workspace: Uuid) {
        assert_eq!(workspace, WORKSPACE);
        self.1.fetch_add(1, Ordering::Relaxed);
    }
}

/// A gateway on a free port, with everything a test may look at.
struct World {
    model: Arc<ScriptedModel>,
    embedder: Arc<ScriptedEmbedder>,
    ledger: Arc<Ledger>,
    running: Running,
    /// Where its collections lie.
    _folder: TempDir,
}

async fn start(settings: Settings, served: Served, ledger: &Arc<Ledger>) -> Result<(Running, TempDir), Error> {
    let folder = tempfile::tempdir().unwrap();
    let collections = Collections::open(folder.path()).unwrap();
    let running = Gateway::start(settings, served, collections, Arc::new(OneKey), ledger.clone()).await?;
    Ok((running, folder))
}

impl World {
    async fn new(model: ScriptedModel) -> Self {
        Self::within(Limits::default(), model).await
    }

    async fn within(limits: Limits, model: ScriptedModel) -> Self {
        Self::serving(limits, model, ScriptedEmbedder::default()).await
    }

    async fn serving(limits: Limits, model: ScriptedModel, embedder: ScriptedEmbedder) -> Self {
        let (model, embedder, ledger) = (Arc::new(model), Arc::new(embedder), Arc::new(Ledger::default()));
        let settings = Settings { address: any_port(), identity: "me".into(), wheels: None, limits };
        let served = Served::default().with(Model::Text(model.clone())).with(Model::Embedding(embedder.clone()));
        let (running, _folder) = start(settings, served, &ledger).await.unwrap();
        Self { model, embedder, ledger, running, _folder }
    }

    /// The model and the embedding model are served as `name` too, with a quota and a price.
    async fn deploying(name: &str, model: ScriptedModel, quota: Quota, price: Option<Price>) -> Self {
        let (model, embedder, ledger) = (Arc::new(model), Arc::<ScriptedEmbedder>::default(), Arc::default());
        let settings = Settings { address: any_port(), identity: "me".into(), wheels: None, limits: Limits::default() };
        let deployment = |model| Deployment { quota, price: price.clone(), ..Deployment::new(name, model) };
        let embedding =
            Deployment { name: format!("{name}-embedder"), ..deployment(Model::Embedding(embedder.clone())) };
        let served = Served::default()
            .with(Model::Text(model.clone()))
            .with_deployment(deployment(Model::Text(model.clone())))
            .with_deployment(embedding);
        let (running, _folder) = start(settings, served, &ledger).await.unwrap();
        Self { model, embedder, ledger, running, _folder }
    }

    /// Sends `ask` on a connection of its own and reads all that comes back.
    async fn send(&self, ask: &Ask) -> Answer {
        let mut stream = self.open(ask).await;
        let mut bytes = Vec::new();
        let read = timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes)).await;
        read.expect("the gateway left the connection open").unwrap();
        Answer::parse(&bytes)
    }

    /// Sends `ask` and leaves the answer unread.
    async fn open(&self, ask: &Ask) -> TcpStream {
        let mut stream = TcpStream::connect(self.running.address).await.unwrap();
        stream.write_all(ask.text().as_bytes()).await.unwrap();
        stream
    }

    fn calls(&self) -> Vec<Call> {
        self.ledger.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until the recorder has heard of the one export that came in.
    async fn told_of_an_export(&self) {
        for _ in 0..500 {
            if self.ledger.1.load(Ordering::Relaxed) > 0 {
                break;
            }
            sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(self.ledger.1.load(Ordering::Relaxed), 1);
    }

    /// The only record there is, or soon will be.
    async fn only_call(&self) -> Call {
        for _ in 0..500 {
            if !self.calls().is_empty() {
                break;
            }
            sleep(Duration::from_millis(10)).await;
        }
        let calls = self.calls();
        assert_eq!(calls.len(), 1, "{calls:?}");
        calls[0].clone()
    }
}

fn any_port() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

#[derive(Clone)]
struct Ask {
    start: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Ask {
    fn get(path: &str) -> Self {
        Self::new("GET", path, "")
    }

    fn post(path: &str, body: &str) -> Self {
        Self::new("POST", path, body)
    }

    fn new(method: &str, path: &str, body: &str) -> Self {
        let headers = vec![
            ("Host", "127.0.0.1".into()),
            ("Authorization", format!("Bearer {KEY}")),
            ("Content-Length", body.len().to_string()),
            ("Connection", "close".into()),
        ];
        Self { start: format!("{method} {path} HTTP/1.1"), headers, body: body.into() }
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn text(&self) -> String {
        let headers: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("{}\r\n{headers}\r\n{}", self.start, self.body)
    }
}

/// A chat with `more` fields beside the usual ones: `"n": 2`.
fn chat_with(more: &str) -> Ask {
    with(CHAT, HELLO, more)
}

/// A request of `body` with `more` fields.
fn with(path: &str, body: &str, more: &str) -> Ask {
    Ask::post(path, &body.replacen('{', &format!("{{{more}, "), 1))
}

/// Asserts what each request is answered with.
async fn check(world: &World, table: Vec<(Ask, &str)>) {
    for (ask, expected) in table {
        assert_eq!(world.send(&ask).await.verdict(), expected, "{}: {}", ask.start, ask.body);
    }
}

struct Answer {
    status: u16,
    /// In lower case.
    head: String,
    body: String,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer, but {text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let head = head.to_lowercase();
        let body = if head.contains("transfer-encoding: chunked") { unchunk(body) } else { body.into() };
        Self { status, head, body }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {:?}", self.body))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// `400 invalid_type temperature`, or the status alone.
    fn verdict(&self) -> String {
        let error = if self.body.starts_with('{') { self.json()["error"].clone() } else { Value::Null };
        let words = [error["code"].as_str(), error["param"].as_str()];
        words.into_iter().flatten().fold(self.status.to_string(), |verdict, word| verdict + " " + word)
    }

    /// The body without what differs from run to run: ids are numbered as they come, and times are 0.
    fn stable_body(&self) -> String {
        let mut body = self.body.clone();
        for prefix in ["chatcmpl-", "cmpl-", "call_", "resp_", "msg_", "fc_"] {
            let start = format!("\"{prefix}");
            let mut ids: Vec<String> = Vec::new();
            for (at, _) in self.body.match_indices(&start) {
                let id = self.body[at + 1..].split('"').next().unwrap().to_owned();
                let is_random = id.len() == prefix.len() + 24;
                if is_random && !ids.contains(&id) {
                    ids.push(id);
                }
            }
            for (number, id) in ids.iter().enumerate() {
                body = body.replace(id, &format!("{prefix}{}", number + 1));
            }
        }
        for time in ["\"created\":", "\"created_at\":", "\"completed_at\":"] {
            let mut parts = body.split(time);
            let first = parts.next().unwrap_or_default().to_owned();
            body = parts.fold(first, |body, part| {
                format!("{body}{time}0{}", part.trim_start_matches(|letter: char| letter.is_ascii_digit()))
            });
        }
        body
    }

    /// Of a stream, the data of each event that is JSON.
    fn events(&self) -> Vec<Value> {
        let data = self.body.lines().filter_map(|line| line.strip_prefix("data: "));
        data.filter(|data| *data != "[DONE]").map(|data| serde_json::from_str(data).unwrap()).collect()
    }
}

fn unchunk(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        body += &after[..size];
        rest = &after[size + 2..];
    }
    body
}
