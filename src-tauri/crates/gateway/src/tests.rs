//! The gateway as a client meets it: bytes over a bound socket, a scripted model behind it.

mod answers;
mod bounds;
mod doors;
mod faults;
mod records;
mod telemetry;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use testkit::scripted_model::ScriptedModel;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};
use uuid::Uuid;

use crate::{Call, Gateway, Keys, Limits, Recorder, Running, Settings};

const KEY: &str = "gw-right";
const WORKSPACE: Uuid = Uuid::from_u128(7);
const CHAT: &str = "/v1/chat/completions";
const AZURE_CHAT: &str = "/openai/deployments/scripted/chat/completions?api-version=2024-10-21";
const HELLO: &str = r#"{"model": "scripted", "messages": [{"role": "user", "content": "Hi"}]}"#;

struct OneKey;

impl Keys for OneKey {
    fn workspace(&self, key: &str) -> Option<Uuid> {
        (key == KEY).then_some(WORKSPACE)
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
    ledger: Arc<Ledger>,
    running: Running,
}

impl World {
    async fn new(model: ScriptedModel) -> Self {
        Self::within(Limits::default(), model).await
    }

    async fn within(limits: Limits, model: ScriptedModel) -> Self {
        let (model, ledger) = (Arc::new(model), Arc::new(Ledger::default()));
        let settings = Settings { address: any_port(), identity: "me".into(), limits };
        let running = Gateway::start(settings, model.clone(), Arc::new(OneKey), ledger.clone()).await.unwrap();
        Self { model, ledger, running }
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
    Ask::post(CHAT, &HELLO.replacen('{', &format!("{{{more}, "), 1))
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

    /// `400 invalid_type temperature`, or the status alone.
    fn verdict(&self) -> String {
        let error = if self.body.starts_with('{') { self.json()["error"].clone() } else { Value::Null };
        let words = [error["code"].as_str(), error["param"].as_str()];
        words.into_iter().flatten().fold(self.status.to_string(), |verdict, word| verdict + " " + word)
    }

    /// The body without what differs from run to run.
    fn stable_body(&self) -> String {
        let first = self.body.strip_prefix("data: ").and_then(|body| body.lines().next()).unwrap_or(&self.body);
        let first: Value = serde_json::from_str(first).unwrap();
        let (id, created) = (first["id"].as_str().unwrap(), first["created"].to_string());
        self.body.replace(id, "chatcmpl-ID").replace(&created, "0")
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
