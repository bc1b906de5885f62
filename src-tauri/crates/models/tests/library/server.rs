//! A server that does to each request what it is told to, in turn; then it serves well.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[derive(Debug, Clone, Copy)]
pub enum Deed {
    /// Sends this many bytes of the body, then hangs up.
    Cut(usize),
    /// Sends this many bytes of the body, then nothing for good.
    Stall(usize),
    /// Sends the whole file whatever was asked for.
    IgnoreRange,
    /// Sends the wrong part of the file as if it were the right one.
    WrongPart,
    Status(u16),
    /// Says nothing for good.
    Hang,
}

#[derive(Clone)]
pub struct Server {
    pub address: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    files: HashMap<String, (Vec<u8>, String)>,
    deeds: VecDeque<Deed>,
    /// The path of each request, and its range.
    asked: Vec<(String, Option<String>)>,
}

impl Server {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = Self { address, state: Arc::default() };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = serving.clone();
                tokio::spawn(async move { server.answer(stream).await });
            }
        });
        server
    }

    /// An empty tag sends none.
    pub fn put(&self, path: &str, body: &[u8], tag: &str) {
        self.state.lock().unwrap().files.insert(path.into(), (body.into(), tag.into()));
    }

    pub fn will(&self, deeds: &[Deed]) {
        self.state.lock().unwrap().deeds.extend(deeds);
    }

    /// The ranges that were asked for since the last time.
    pub fn ranges(&self) -> Vec<Option<String>> {
        std::mem::take(&mut self.state.lock().unwrap().asked).into_iter().map(|(_, range)| range).collect()
    }

    async fn answer(&self, mut stream: TcpStream) -> Option<()> {
        let (reading, mut to) = stream.split();
        let mut lines = BufReader::new(reading).lines();
        let path = lines.next_line().await.ok()??.split(' ').nth(1)?.to_owned();
        let mut headers = HashMap::new();
        while let Some(line) = lines.next_line().await.ok()?.filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(": ")?;
            headers.insert(name.to_lowercase(), value.to_owned());
        }
        let range = headers.get("range").cloned();
        let (file, deed) = {
            let mut state = self.state.lock().unwrap();
            state.asked.push((path.clone(), range.clone()));
            let file = state.files.get(&path).cloned();
            (file, state.deeds.pop_front())
        };
        let head = |status: &str, more: &str, length: usize| {
            format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{more}\r\n")
        };
        if let Some(Deed::Status(status)) = deed {
            return to.write_all(head(&format!("{status} Told To"), "", 0).as_bytes()).await.ok();
        }
        if let Some(Deed::Hang) = deed {
            std::future::pending::<()>().await;
        }
        let Some((body, tag)) = file else {
            return to.write_all(head("404 Not Found", "", 0).as_bytes()).await.ok();
        };
        let first = range.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
        let same = headers.get("if-range").is_none_or(|version| *version == tag);
        let tagged = if tag.is_empty() { String::new() } else { format!("ETag: {tag}\r\n") };
        let kind =
            if path.starts_with("/simple") { "Content-Type: application/vnd.pypi.simple.v1+json\r\n" } else { "" };
        let (head, mut part) = match first.filter(|_| same && !matches!(deed, Some(Deed::IgnoreRange))) {
            Some(first) if first >= body.len() => (head("416 No", &tagged, 0), &body[..0]),
            Some(first) => {
                let range = format!("Content-Range: bytes {first}-{}/{}\r\n", body.len() - 1, body.len());
                let from = if matches!(deed, Some(Deed::WrongPart)) { first / 2 } else { first };
                let part = &body[from..from + body.len() - first];
                (head("206 Partial Content", &format!("{tagged}{range}"), part.len()), part)
            }
            None => (head("200 OK", &format!("{tagged}{kind}"), body.len()), &body[..]),
        };
        if let Some(Deed::Cut(bytes) | Deed::Stall(bytes)) = deed {
            part = &part[..bytes.min(part.len())];
        }
        to.write_all(head.as_bytes()).await.ok()?;
        to.write_all(part).await.ok()?;
        to.flush().await.ok()?;
        if let Some(Deed::Stall(_)) = deed {
            std::future::pending::<()>().await;
        }
        Some(())
    }
}
