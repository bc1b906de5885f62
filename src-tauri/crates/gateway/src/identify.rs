//! Whose gateway holds a port: asked before a taken port is called an error.

use std::{net::SocketAddr, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// For the whole question, so that a stranger who accepts and says nothing costs little.
const PATIENCE: Duration = Duration::from_secs(2);
/// Our own greeting is shorter than this.
const GREETING_BYTES: u64 = 8 << 10;

/// The identity of the Groundwork gateway at `address`; `None` where something else listens, or nothing.
pub async fn identify(address: SocketAddr) -> Option<String> {
    let greeting = timeout(PATIENCE, ask(address)).await.ok()?.ok()?;
    let (_, body) = greeting.split_once("\r\n\r\n")?;
    let body: Value = serde_json::from_str(body).ok()?;
    (body["service"] == "groundwork").then(|| body["identity"].as_str().map(str::to_owned))?
}

async fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes()).await?;
    let mut greeting = String::new();
    stream.take(GREETING_BYTES).read_to_string(&mut greeting).await?;
    Ok(greeting)
}
