//! Requests to a server that speaks JSON. Never follows a redirect, which would carry the key along, and never asks twice.

use std::time::Duration;

use futures::StreamExt;
use reqwest::{Client, Method, Response, StatusCode, Url, redirect::Policy};
use serde_json::Value;

use super::REMOVAL;
use crate::{Address, Error, Key};

const CONNECT: Duration = Duration::from_secs(10);
/// A server that says nothing for so long has gone.
const SILENCE: Duration = Duration::from_secs(60);
/// Bytes of an answer at most: ten results are a thousandth of it.
const MOST: usize = 16 << 20;
/// Letters of a refusal that are shown.
const SHOWN: usize = 300;

pub struct Http {
    /// What is shown of it.
    pub address: String,
    base: Url,
    key: Option<Key>,
    client: Client,
    /// Beside the key: names and values.
    headers: &'static [(&'static str, &'static str)],
}

impl Http {
    /// `kind` names the server in an error, as `Qdrant`.
    pub fn new(
        kind: &'static str,
        address: &Address,
        headers: &'static [(&'static str, &'static str)],
    ) -> Result<Self, Error> {
        let wrong = |reason: &str| Error::Address { kind, reason: reason.to_owned() };
        let base: Url = address.url.trim_end_matches('/').parse().map_err(|error| wrong(&format!("{error}")))?;
        if !["http", "https"].contains(&base.scheme()) || !base.has_host() {
            return Err(wrong("it does not begin with http:// or https:// and a host"));
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(wrong("it holds a name or a password, and command lines are seen by everybody on the machine"));
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(wrong("it has a part after '?' or '#'"));
        }
        let plain = |key: &Key| !key.secret().is_empty() && key.secret().bytes().all(|byte| byte.is_ascii_graphic());
        if address.key.as_ref().is_some_and(|key| !plain(key)) {
            return Err(Error::Keys { reason: "a key has letters that no header may carry" });
        }
        // Of several in one program, the first is kept.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().redirect(Policy::none()).connect_timeout(CONNECT);
        let client = client.build().map_err(|error| wrong(&why(&error)))?;
        Ok(Self { address: address.shown(), base, key: address.key.clone(), client, headers })
    }

    /// The same key for another base: an index has a host of its own.
    pub fn at(&self, kind: &'static str, url: &str) -> Result<Self, Error> {
        let address = Address { url: url.to_owned(), key: self.key.clone() };
        if self.base.scheme() == "https" && !url.starts_with("https://") {
            let reason = format!("{url} is not https, and the key would be seen on the way");
            return Err(Error::Address { kind, reason });
        }
        Self::new(kind, &address, self.headers)
    }

    pub async fn get(&self, path: &str) -> Result<Value, Error> {
        self.send(Method::GET, path, None).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Result<Value, Error> {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Error> {
        self.send(Method::POST, path, Some(body)).await
    }

    /// What is not there is deleted already.
    pub async fn delete(&self, path: &str) -> Result<(), Error> {
        let answer = self.exchange(Method::DELETE, path, None, REMOVAL).await?;
        match answer.status() {
            StatusCode::NOT_FOUND => Ok(()),
            _ => self.read(answer).await.map(drop),
        }
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Error> {
        let answer = self.exchange(method, path, body, SILENCE).await?;
        self.read(answer).await
    }

    /// `path` begins with `/` and may have a query.
    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        patience: Duration,
    ) -> Result<Response, Error> {
        let url = format!("{}{path}", self.base.as_str().trim_end_matches('/'));
        let mut asked = self.client.request(method, url).timeout(patience);
        for (name, value) in self.headers {
            asked = asked.header(*name, *value);
        }
        if let Some(key) = &self.key {
            // Both services take it so.
            asked = asked.header("api-key", key.secret());
        }
        if let Some(body) = body {
            asked = asked.json(body);
        }
        asked.send().await.map_err(|error| self.broken(&error))
    }

    async fn read(&self, answer: Response) -> Result<Value, Error> {
        let status = answer.status();
        let (mut bytes, mut parts) = (Vec::new(), answer.bytes_stream());
        while let Some(part) = parts.next().await {
            bytes.extend_from_slice(&part.map_err(|error| self.broken(&error))?);
            if bytes.len() > MOST {
                return Err(Error::Broke { address: self.address.clone(), reason: "its answer does not end".into() });
            }
        }
        let address = self.address.clone();
        match (status, &self.key) {
            (status, _) if status.is_success() => {}
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, None) => return Err(Error::NoKey { address }),
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, Some(_)) => return Err(Error::Key { address }),
            (status, _) => {
                let told = self.key.as_ref().map_or_else(|| message(&bytes), |key| key.hidden_in(&message(&bytes)));
                return Err(Error::Refused { address, told: format!("{} ({told})", status.as_u16()) });
            }
        }
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).map_err(|_| Error::Broke { address, reason: "its answer is no JSON".into() })
    }

    fn broken(&self, error: &reqwest::Error) -> Error {
        let (address, reason) = (self.address.clone(), why(error));
        match error.is_connect() {
            true => Error::Unreachable { address, reason },
            false => Error::Broke { address, reason },
        }
    }
}

/// What a refusal says, in the shapes of both services.
fn message(body: &[u8]) -> String {
    let told: Value = serde_json::from_slice(body).unwrap_or_default();
    let places = [&told["status"]["error"], &told["error"]["message"], &told["message"], &told["error"]];
    let text = places.into_iter().find_map(Value::as_str).map(str::to_owned);
    let text = text.unwrap_or_else(|| String::from_utf8_lossy(body).into_owned());
    let text = text.trim().trim_end_matches('.');
    if text.is_empty() { "it says nothing more".into() } else { text.chars().take(SHOWN).collect() }
}

/// The innermost reason, which alone says what happened.
fn why(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it does not answer".into();
    }
    let mut reason: &dyn std::error::Error = error;
    while let Some(inner) = reason.source() {
        reason = inner;
    }
    reason.to_string()
}
