//! The few WebDriver commands that a bench needs, over plain HTTP to this machine's own WebKitWebDriver.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::processes;
use crate::shell;

/// A window under a driver's control, until dropped.
pub struct Session {
    driver: Child,
    port: u16,
    id: String,
}

impl Session {
    /// Starts a driver by `command` (its environment is the window's) and a window from `program`.
    pub fn open(command: &mut Command, program: &std::path::Path) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        command.args([format!("--port={port}"), "--host=127.0.0.1".to_owned()]).env("TAURI_WEBVIEW_AUTOMATION", "true");
        let driver = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("could not start `{}`", shell::shown(command)))?;
        let mut session = Self { driver, port, id: String::new() };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if started.elapsed() > Duration::from_secs(10) {
                bail!("WebKitWebDriver did not listen within 10 s");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let options = json!({ "binary": program, "args": [] });
        let wanted = json!({ "capabilities": { "alwaysMatch": { "webkitgtk:browserOptions": options } } });
        let value = session.send("POST", "/session", &wanted)?;
        session.id = value["sessionId"].as_str().context("the driver gave no session")?.to_owned();
        Ok(session)
    }

    /// The process of the window, which runs `program`.
    pub fn window(&self, program: &std::path::Path) -> Result<u32> {
        let runs = |process: &u32| {
            let executable = std::fs::read_link(format!("/proc/{process}/exe"));
            executable.is_ok_and(|executable| executable.file_name() == program.file_name())
        };
        processes::tree(self.driver.id()).into_iter().find(runs).context("the driver has no window")
    }

    /// Runs a function body in the page and gives what it returns.
    pub fn run(&self, script: &str, arguments: &Value) -> Result<Value> {
        let path = format!("/session/{}/execute/sync", self.id);
        self.send("POST", &path, &json!({ "script": script, "args": arguments }))
    }

    /// Runs a function body until it returns something true.
    pub fn wait(&self, what: &str, script: &str, arguments: &Value) -> Result<Value> {
        let started = Instant::now();
        loop {
            let value = self.run(script, arguments)?;
            if !matches!(value, Value::Null | Value::Bool(false)) {
                return Ok(value);
            }
            if started.elapsed() > Duration::from_secs(30) {
                bail!("waited 30 s for {what}");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let body = body.to_string();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.port,
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(body.as_bytes())?;
        let answer: Value = serde_json::from_slice(&read_body(BufReader::new(stream))?)?;
        let value = answer["value"].clone();
        if let Some(error) = value["error"].as_str() {
            bail!("{path}: {error}: {}", value["message"].as_str().unwrap_or_default());
        }
        Ok(value)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if !self.id.is_empty() {
            let _ = self.send("DELETE", &format!("/session/{}", self.id), &json!({}));
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The body of an answer whose head names its length.
fn read_body(mut answer: impl BufRead) -> Result<Vec<u8>> {
    let (mut line, mut length) = (String::new(), None);
    while answer.read_line(&mut line)? > 2 {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok();
        }
        line.clear();
    }
    let mut body = vec![0; length.context("the driver's answer has no length")?];
    answer.read_exact(&mut body)?;
    Ok(body)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_body_is_read_to_its_length() {
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nA: b\r\n\r\n{}rest";
        assert_eq!(super::read_body(answer.as_bytes()).unwrap(), b"{}");
        assert!(super::read_body("HTTP/1.1 200 OK\r\n\r\n{}".as_bytes()).is_err());
    }
}
