//! An engine that is made up: no test can let a real one's images go at the moment at which a build looks at them.

use task::{Cancellation, Silent};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use super::*;
use crate::Surroundings;

const GONE: &str = "{\"errorDetail\": {\"message\": \"unable to find image \\\"sha256:0a\\\"\"}}\n";
const WRONG: &str = "{\"errorDetail\": {\"message\": \"unknown instruction: FLY\"}}\n";
const MADE: &str = "{\"aux\": {\"ID\": \"sha256:1b\"}}\n";

/// An engine whose builds say this, one after the other.
async fn engine(folder: &Path, builds: Vec<&'static str>) -> Engine {
    let socket = folder.join("engine.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let mut builds = builds.into_iter();
    tokio::spawn(async move {
        while let Ok((mut line, _)) = listener.accept().await {
            let asked = asked(&mut line).await;
            let (status, body) = match asked.split(' ').nth(1).unwrap_or_default() {
                path if path.contains("/build?") => ("200 OK", builds.next().unwrap()),
                path if path.contains("/images/") => ("404 Not Found", r#"{"message": "no such image"}"#),
                path if path.ends_with("/version") => ("200 OK", r#"{"Version": "24.0.7", "ApiVersion": "1.43"}"#),
                _ => ("200 OK", "{}"),
            };
            let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close");
            let answer = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            // Whoever only knocked is gone.
            let _ = line.write_all(answer.as_bytes()).await;
        }
    });
    let host = format!("unix://{}", socket.display());
    Engine::find(&Surroundings { host: Some(host), ..Surroundings::default() }).await.unwrap()
}

/// A whole request: its head, and its body where that comes in pieces.
async fn asked(line: &mut UnixStream) -> String {
    let (mut asked, mut piece) = (Vec::new(), [0; 64 * 1024]);
    loop {
        let read = line.read(&mut piece).await.unwrap_or_default();
        asked.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&asked);
        let end = if text.contains("transfer-encoding: chunked") { "0\r\n\r\n" } else { "\r\n\r\n" };
        if read == 0 || text.ends_with(end) {
            return text.into_owned();
        }
    }
}

#[tokio::test]
async fn a_build_is_tried_again_when_an_image_went_that_it_looked_at() {
    for (builds, expected) in [
        (vec![GONE, GONE, MADE], Ok("sha256:1b")),
        (vec![WRONG, MADE], Err("unknown instruction: FLY")),
        (vec![GONE; TRIES], Err("unable to find image \"sha256:0a\"")),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("Dockerfile"), "FROM a:1\n").unwrap();
        let engine = engine(folder.path(), builds).await;
        let done = engine.build(&Build::new("made", folder.path()), &Silent, &Cancellation::new()).await;
        let told = done.as_deref().map_err(|error| match error {
            Error::Build { detail, .. } => detail.as_str(),
            other => panic!("{other:?}"),
        });
        assert_eq!(told, expected);
    }
}
