use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener},
    time::Duration,
};

use checks::{Answer, Probe, Request};

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
