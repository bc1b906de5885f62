//! Lays faults: in this process, or in the other one of ours that holds the port.

use std::{io, net::SocketAddr, time::Duration};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use uuid::Uuid;

use super::{InForce, Injection, door};
use crate::Running;

/// For the other process to say that the faults are in force.
const PATIENCE: Duration = Duration::from_secs(2);
/// Its answer is shorter than this.
const ANSWER_BYTES: usize = 4 << 10;

/// Faults that last as long as this does.
#[must_use]
pub struct Laid {
    _held: Held,
}

#[expect(dead_code, reason = "held for what their end does")]
enum Held {
    Here(InForce),
    There(TcpStream),
}

impl std::fmt::Debug for Laid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Laid").finish_non_exhaustive()
    }
}

impl Running {
    /// Lays `faults` on the workspace's calls, one a call, in place of those laid before.
    pub fn inject(&self, workspace: Uuid, faults: &[Injection]) -> Laid {
        Laid { _held: Held::Here(self.faults.lay(workspace, faults.iter().cloned())) }
    }
}

/// As [`Running::inject`], at the gateway of another process, for the workspace that `key` belongs to.
pub async fn inject(address: SocketAddr, key: &str, faults: &[Injection]) -> io::Result<Laid> {
    let line = timeout(PATIENCE, ask(address, key, faults)).await.map_err(io::Error::other)??;
    Ok(Laid { _held: Held::There(line) })
}

async fn ask(address: SocketAddr, key: &str, faults: &[Injection]) -> io::Result<TcpStream> {
    let body = json!({"faults": faults}).to_string();
    let mut line = TcpStream::connect(address).await?;
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\nContent-Length: {}\r\n\r\n",
        door::PATH,
        body.len()
    );
    line.write_all(format!("{head}{body}").as_bytes()).await?;
    let mut answer = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&answer);
        if text.starts_with("HTTP/1.1 200 ") && text.contains(door::LAID) {
            return Ok(line);
        }
        let refused = text.contains("\r\n") && !text.starts_with("HTTP/1.1 200 ");
        if refused || answer.len() > ANSWER_BYTES || line.read_buf(&mut answer).await? == 0 {
            let said = text_of(&answer);
            return Err(io::Error::other(format!("it answered {said:?}")));
        }
    }
}

/// The status line.
fn text_of(answer: &[u8]) -> String {
    String::from_utf8_lossy(answer).lines().next().unwrap_or_default().to_owned()
}
