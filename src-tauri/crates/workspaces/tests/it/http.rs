use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener},
    sync::mpsc,
    time::Duration,
};

use checks::{Answer, Piece, Probe, Request, StreamEnd, Streamed};

use crate::support::{ground, probe};

/// Answers one connection with `reply`, after the request has come; then closes, or waits if `reply` is empty.
fn server(reply: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        if reply.is_empty() {
            std::thread::sleep(Duration::from_secs(20));
        }
        stream.write_all(reply).unwrap();
        let _ = stream.shutdown(Shutdown::Both);
    });
    url
}

async fn get(url: &str, timeout: Duration) -> String {
    let ground = ground(&[("a", "")]);
    let request = Request { method: "GET".into(), url: url.into(), headers: vec![], body: None, timeout };
    match probe(&ground.start().folder).http(&request).await {
        Ok(Answer::Response { status, headers, body, .. }) => {
            format!("{status} {} {}", headers.len(), String::from_utf8_lossy(&body))
        }
        Ok(Answer::TimedOut { after }) => format!("timed out after {after:?}"),
        Ok(Answer::NotHttp { .. }) => "not HTTP".into(),
        Ok(other) => format!("{other:?}"),
        Err(_) => "obstacle".into(),
    }
}

#[tokio::test]
async fn each_way_to_fail_is_told_apart() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (url, expected) in [
        (server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), "200 1 hi"),
        (server(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"), "302 2 "),
        (server(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"), "500 1 "),
        (format!("http://{closed}/"), "Refused"),
        (server(b""), "timed out after 1s"),
        (server(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi"), "Reset"),
        (server(b"HTTP/1.1 200 OK\r\n"), "Reset"),
        (server(b"SSH-2.0-OpenSSH_9.2\r\n"), "not HTTP"),
        ("no address".into(), "obstacle"),
        ("ftp://127.0.0.1/".into(), "obstacle"),
    ] {
        assert_eq!(get(&url, Duration::from_secs(1)).await, expected, "{url}");
    }
}

/// Sends the head of a stream and then each piece after a pause; tells whether the client took them all.
fn dripping(pieces: &'static [&'static str]) -> (String, mpsc::Receiver<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (sender, taken) = mpsc::channel();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
        for piece in pieces {
            std::thread::sleep(Duration::from_millis(100));
            let chunk =
                if *piece == "END" { "0\r\n\r\n".to_owned() } else { format!("{:x}\r\n{piece}\r\n", piece.len()) };
            if stream.write_all(chunk.as_bytes()).is_err() {
                sender.send(false).unwrap();
                return;
            }
        }
        sender.send(true).unwrap();
        // A stream that hangs, for longer than the client waits.
        if pieces.last() == Some(&"...") {
            std::thread::sleep(Duration::from_secs(20));
        }
        let _ = stream.shutdown(Shutdown::Both);
    });
    (url, taken)
}

async fn streamed(url: &str, enough: usize) -> (Streamed, Vec<Piece>) {
    let ground = ground(&[("a", "")]);
    let timeout = Duration::from_secs(1);
    let request = Request { method: "GET".into(), url: url.into(), headers: vec![], body: None, timeout };
    let mut pieces = Vec::new();
    let mut take = |piece: &Piece| {
        pieces.push(piece.clone());
        pieces.len() == enough
    };
    let ended = probe(&ground.start().folder).stream(&request, &mut take).await.unwrap();
    (ended, pieces)
}

#[tokio::test]
async fn pieces_come_with_their_times_and_each_end_is_told_apart() {
    let end_of = |ended: &Streamed| match ended {
        Streamed::Begun { status: 200, end, .. } => *end,
        other => panic!("{other:?}"),
    };
    let (ended, pieces) = streamed(&dripping(&["one", "two", "END"]).0, 9).await;
    assert_eq!(end_of(&ended), StreamEnd::Whole);
    assert_eq!(pieces.iter().map(|piece| piece.bytes.as_slice()).collect::<Vec<_>>(), [b"one", b"two"]);
    assert!(pieces[1].at - pieces[0].at >= Duration::from_millis(50), "{pieces:?}");
    assert_eq!(end_of(&streamed(&dripping(&["one"]).0, 9).await.0), StreamEnd::Broken);
    assert_eq!(end_of(&streamed(&dripping(&["one", "..."]).0, 9).await.0), StreamEnd::TimedOut);

    const MANY: &[&str] = &["piece"; 40];
    let (url, taken) = dripping(MANY);
    let (ended, pieces) = streamed(&url, 2).await;
    assert_eq!((end_of(&ended), pieces.len()), (StreamEnd::HungUp, 2));
    let took_all = tokio::task::spawn_blocking(move || taken.recv()).await.unwrap().unwrap();
    assert!(!took_all, "the connection stayed open after we had enough");

    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (ended, _) = streamed(&format!("http://{closed}/"), 1).await;
    assert!(matches!(ended, Streamed::Nothing(Answer::Refused)), "{ended:?}");
}
