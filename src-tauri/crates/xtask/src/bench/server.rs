//! A server that a bench talks to, ours or a peer's, until it is dropped.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::workspace::Home;
use crate::places::Places;
use crate::shell;

pub struct Server {
    pub process: Child,
    /// Where it speaks OpenAI's interface, `/v1` at its end.
    pub url: String,
    pub key: String,
}

impl Server {
    /// `groundwork serve`, once it serves.
    pub fn groundwork(places: &Places, home: &Home) -> Result<Self> {
        let mut command = shell::command(places, places.release_binary("groundwork"));
        home.of(places, command.args(["--json", "serve"])).env("GROUNDWORK_MODELS", places.models());
        let mut server = Self::start(command.stdout(Stdio::piped()), "", "")?;
        let pipe = server.process.stdout.take().context("no pipe")?;
        let mut lines = BufReader::new(pipe).lines();
        for line in lines.by_ref() {
            let said: Value = serde_json::from_str(&line?)?;
            if said["type"] == "serving" {
                said["url"].as_str().unwrap_or_default().clone_into(&mut server.url);
                said["key"].as_str().unwrap_or_default().clone_into(&mut server.key);
                // It says each call too, and must not wait for somebody to read that.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(server);
            }
        }
        bail!("`groundwork serve` ended before it served")
    }

    /// Does not wait until it serves.
    pub fn start(command: &mut Command, url: &str, key: &str) -> Result<Self> {
        let shown = shell::shown(command);
        let process = command.stderr(Stdio::null()).spawn().with_context(|| format!("could not start `{shown}`"))?;
        Ok(Self { process, url: url.to_owned(), key: key.to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
